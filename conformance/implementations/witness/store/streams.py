"""Streams: a content as inline bytes and objects (spec/storage.md, "Streams")."""

import re
import struct
from dataclasses import dataclass, field

from decompression import DECOMPRESSORS
from errors import Rejected
from fsverity import digest_size

MAGIC = b"SplitStream"
HEADER_SIZE = 32
INFO_SIZE = 80
HASH_NUMBERS = {"fsverity-sha256-12": 1, "fsverity-sha512-12": 2}
BLOCK_BITS = 12
NAMES_LIMIT = 4194304
TYPES = {"manifest": b"ocimanif", "config": b"ociconfg", "layer": b"ocilayer", "blob": b"oci_blob"}
NAMED_REFERENCE = re.compile(rb"(?=[0-9])0*([0-9]{0,18}):([^\0]*)\0")  # No number has more digits.
FRAME_SIZE = 131072  # One raw block holds as much.


class Malformed(Exception):
    """A stream or a composefs image that is malformed; the argument says why."""


@dataclass
class Stream:
    """`records` are bytes, or the numbers of object references; digests are in hexadecimal."""

    content_type: bytes
    records: list
    stream_references: list = field(default_factory=list)
    object_references: list = field(default_factory=list)
    named: dict = field(default_factory=dict)  # a digest for each name
    total_size: int = 0

    @property
    def only_object(self):
        """The digest of the one object that is the content, or None (STORE-113)."""
        if len(self.records) == 1 and isinstance(self.records[0], int):
            return self.object_references[self.records[0]]
        return None


def read_stream(data, algorithm):
    """STORE-110 to STORE-112, STORE-114, STORE-115; the total size is compared with the content by its reader."""
    info_range = read_header(data, algorithm)
    info = cut(data, info_range)
    if len(info) < INFO_SIZE:
        raise Malformed("the info block is too short")
    numbers = struct.unpack_from("<8Q8sQ", info)
    streams, objects, records, names = (cut(data, numbers[at : at + 2]) for at in (0, 2, 4, 6))
    stream = Stream(numbers[8], [], read_digests(streams, algorithm), read_digests(objects, algorithm))
    stream.total_size = numbers[9]
    stream.records = read_records(decompress(records), len(stream.object_references))
    stream.named = read_names(decompress(names, NAMES_LIMIT), stream.stream_references)
    return stream


def read_header(data, algorithm):
    """The range of the info block. In the older header, it comes first (STORE-115)."""
    if len(data) < HEADER_SIZE:
        raise Malformed("shorter than a header")
    if data.startswith(MAGIC):
        version, number, bits = data[11], data[14], data[15]
        info_range = struct.unpack_from("<QQ", data, 16)
    elif data[18:29] == MAGIC:
        version, number, bits = data[29], data[30], data[31]
        info_range = struct.unpack_from("<QQ", data)
    else:
        raise Malformed("the magic")
    if (version, number, bits) != (0, HASH_NUMBERS[algorithm], BLOCK_BITS):
        raise Malformed("the version, the hash function or the block size")
    return info_range


def cut(data, bounds):
    start, end = bounds
    if not start <= end <= len(data):
        raise Malformed("a range that ends before it starts or behind the stream")
    return data[start:end]


def read_digests(section, algorithm):
    size = digest_size(algorithm)
    if len(section) % size:
        raise Malformed("a part of a digest")
    return [section[at : at + size].hex() for at in range(0, len(section), size)]


def decompress(section, limit=None):
    content = bytearray()
    try:
        for piece in DECOMPRESSORS["zstd"](section):
            content += piece
            if limit is not None and len(content) > limit:
                raise Malformed("named references that are too long")
    except Rejected as rejection:
        raise Malformed(str(rejection)) from rejection
    return bytes(content)


def read_records(section, object_count):
    records = []
    at = 0
    while at < len(section):
        if at + 8 > len(section):
            raise Malformed("an incomplete record")
        (number,) = struct.unpack_from("<q", section, at)
        at += 8
        if number >= 0:
            if number >= object_count:
                raise Malformed("an object reference that does not exist")
            records.append(number)
        else:
            if at - number > len(section):
                raise Malformed("an incomplete record")
            records.append(section[at : at - number])
            at -= number
    return records


def read_names(section, stream_references):
    """STORE-111: the last reference of a name counts."""
    named = {}
    at = 0
    while at < len(section):
        match = NAMED_REFERENCE.match(section, at)
        number = int(match[1] or b"0") if match else len(stream_references)
        if number >= len(stream_references):
            raise Malformed("a named reference")
        try:
            named[match[2].decode("utf-8")] = stream_references[number]
        except UnicodeDecodeError as error:
            raise Malformed("a name that is not UTF-8") from error
        at = match.end()
    return named


def write_stream(stream, algorithm):
    """STORE-100 to STORE-105."""
    named = sorted(stream.named.items(), key=lambda pair: pair[0].encode())
    references = list(dict.fromkeys(digest for _, digest in named))
    names = b"".join(b"%d:%b\0" % (references.index(digest), name.encode()) for name, digest in named)
    records = b"".join(
        struct.pack("<q", record) if isinstance(record, int) else struct.pack("<q", -len(record)) + record
        for record in stream.records
    )
    sections = [
        b"".join(map(bytes.fromhex, references)),
        b"".join(map(bytes.fromhex, stream.object_references)),
        compress(names),
        compress(records),
    ]
    ends = [HEADER_SIZE + INFO_SIZE]
    for section in sections:
        ends.append(ends[-1] + len(section))
    header = MAGIC + struct.pack("<BHBBQQ", 0, 0, HASH_NUMBERS[algorithm], BLOCK_BITS, HEADER_SIZE, ends[0])
    bounds = (ends[0], ends[1], ends[1], ends[2], ends[3], ends[4], ends[2], ends[3])
    return header + struct.pack("<8Q8sQ", *bounds, stream.content_type, stream.total_size) + b"".join(sections)


def compress(data):
    """Zstd frames of one raw block each, which satisfy STORE-104."""
    pieces = [data[at : at + FRAME_SIZE] for at in range(0, len(data), FRAME_SIZE)] or [b""]
    return b"".join(
        b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", len(piece)) + (len(piece) << 3 | 1).to_bytes(3, "little") + piece
        for piece in pieces
    )
