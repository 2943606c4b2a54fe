"""Gzip blobs (spec/layers.md, "Compression"; RFC 1952). zlib decompresses the deflate data of each member."""

import zlib

from errors import Rejected

MAGIC = b"\x1f\x8b"
HEADER_SIZE = 10
TRAILER_SIZE = 8
DEFLATE = 8
HAS_CHECKSUM, HAS_EXTRA, HAS_NAME, HAS_COMMENT, RESERVED = 0x02, 0x04, 0x08, 0x10, 0xE0
CHUNK = 65536


def decompress_gzip(blob):
    """The pieces of the layer: the contents of all members, one after the other (LAYER-032)."""
    at = 0
    while at == 0 or at < len(blob):
        check_magic(blob, at)
        at = yield from decompress_member(blob, at)


def check_magic(blob, at):
    start = blob[at : at + 2]
    if start == MAGIC:
        return
    if start and MAGIC.startswith(start):
        raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within the magic number of a gzip member")  # LAYER-036
    if at == 0:
        raise Rejected("COMPRESSION_FORMAT", "the blob does not begin with a gzip member")  # LAYER-034
    raise Rejected("COMPRESSION_TRAILING", f"byte {at}: not the beginning of a gzip member")  # LAYER-035


def decompress_member(blob, at):
    """Yields the content of one member, and returns where the member ends."""
    at = skip_header(blob, at)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    checksum = size = 0
    while not inflate.eof:
        if at >= len(blob):
            raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within deflate data")  # LAYER-036
        chunk = blob[at : at + CHUNK]
        try:
            content = inflate.decompress(chunk)
        except zlib.error as error:
            raise Rejected("COMPRESSION_CORRUPT", f"near byte {at}: {error}") from error  # LAYER-037, LAYER-150
        at += len(chunk) - len(inflate.unused_data)
        checksum = zlib.crc32(content, checksum)
        size += len(content)
        yield content
    trailer = blob[at : at + TRAILER_SIZE]
    if len(trailer) < TRAILER_SIZE:
        raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within the end of a gzip member")
    if trailer != checksum.to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little"):
        raise Rejected("COMPRESSION_CORRUPT", f"byte {at}: checksum or size of a gzip member")  # LAYER-037
    return at + TRAILER_SIZE


def skip_header(blob, start):
    """Where the deflate data of a member begins; the content of the optional fields is not checked (LAYER-037)."""
    header = blob[start : start + HEADER_SIZE]
    if len(header) < HEADER_SIZE:
        raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within a gzip header")
    method, flags = header[2], header[3]
    if method != DEFLATE or flags & RESERVED:
        raise Rejected("COMPRESSION_CORRUPT", f"byte {start}: method or flags of a gzip header")
    at = start + HEADER_SIZE
    if flags & HAS_EXTRA:
        at += 2 + int.from_bytes(take(blob, at, 2), "little")
    for flag in HAS_NAME, HAS_COMMENT:
        if flags & flag:
            end = blob.find(b"\0", at)
            at = end + 1 if end >= 0 else len(blob) + 1
    if at > len(blob):
        raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within a gzip header")
    if flags & HAS_CHECKSUM:
        if take(blob, at, 2) != (zlib.crc32(blob[start:at]) & 0xFFFF).to_bytes(2, "little"):
            raise Rejected("COMPRESSION_CORRUPT", f"byte {at}: checksum of a gzip header")
        at += 2
    return at


def take(blob, at, size):
    data = blob[at : at + size]
    if len(data) < size:
        raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within a gzip header")
    return data
