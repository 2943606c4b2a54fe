"""The frames of a zstd blob (spec/layers.md, "Compression"; RFC 8878, section 3.1): where they begin and end."""

from dataclasses import dataclass

from errors import Rejected

MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGIC_END = b"\x2a\x4d\x18"
WINDOW_LIMIT = 128 * 2**20
BLOCK_LIMIT = 131072
RAW, RLE, COMPRESSED, RESERVED = range(4)


@dataclass
class Block:
    type: int
    start: int  # of the bytes behind the header
    end: int
    size: int  # the number in the header


@dataclass
class Frame:
    start: int
    end: int
    skippable: bool
    window: int = 0
    blocks: tuple = ()

    @property
    def content(self):
        """Where the content of a skippable frame is: first byte, and first byte behind it."""
        return self.start + 8, self.end


def read_frames(blob):
    """All frames of a blob (LAYER-033)."""
    frames = []
    at = 0
    while at == 0 or at < len(blob):
        check_magic(blob, at)
        frame = read_skippable(blob, at) if blob[at] != MAGIC[0] else read_frame(blob, at)
        frames.append(frame)
        at = frame.end
    return frames


def check_magic(blob, at):
    start = blob[at : at + 4]
    skippable = bytes([0x50 | start[0] & 0x0F]) + SKIPPABLE_MAGIC_END if start else b""
    if start in (MAGIC, skippable) and len(start) == 4:
        return
    if start and (MAGIC.startswith(start) or skippable.startswith(start)):
        raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within the magic number of a zstd frame")  # LAYER-036
    if at == 0:
        raise Rejected("COMPRESSION_FORMAT", "the blob does not begin with a zstd frame")  # LAYER-034
    raise Rejected("COMPRESSION_TRAILING", f"byte {at}: not the beginning of a zstd frame")  # LAYER-035


def take(blob, at, size):
    data = blob[at : at + size]
    if len(data) < size:
        raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within a zstd frame")  # LAYER-036
    return data


def read_skippable(blob, start):
    size = int.from_bytes(take(blob, start + 4, 4), "little")
    end = start + 8 + size
    if end > len(blob):
        raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within a skippable frame")
    return Frame(start, end, skippable=True)


def read_frame(blob, start):
    descriptor = take(blob, start + 4, 1)[0]
    window, at = read_header(blob, start + 5, descriptor)
    blocks = []
    last = False
    while not last:
        header = int.from_bytes(take(blob, at, 3), "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        at += 3
        if kind == RESERVED or size > min(window, BLOCK_LIMIT):
            raise Rejected("COMPRESSION_CORRUPT", f"byte {at}: type or size of a zstd block")  # LAYER-037
        stored = 1 if kind == RLE else size
        if at + stored > len(blob):
            raise Rejected("COMPRESSION_TRUNCATED", "the blob ends within a zstd block")
        blocks.append(Block(kind, at, at + stored, size))
        at += stored
    if descriptor >> 2 & 1:  # a checksum
        take(blob, at, 4)
        at += 4
    return Frame(start, at, False, window, tuple(blocks))


def read_header(blob, at, descriptor):
    """The window of a frame, and where its blocks begin."""
    size_flag, single_segment, dictionary_flag = descriptor >> 6, descriptor >> 5 & 1, descriptor & 3
    if descriptor >> 3 & 1:
        raise Rejected("COMPRESSION_CORRUPT", f"byte {at}: the reserved bit of a zstd frame")  # LAYER-037
    window = 0
    if not single_segment:
        byte = take(blob, at, 1)[0]
        base = 1 << 10 + (byte >> 3)
        window = base + base // 8 * (byte & 7)
        at += 1
    dictionary_size = (0, 1, 2, 4)[dictionary_flag]
    if any(take(blob, at, dictionary_size)):
        raise Rejected("COMPRESSION_DICTIONARY", f"byte {at}: a zstd frame names a dictionary")  # LAYER-040
    at += dictionary_size
    content_size_size = (1 if single_segment else 0, 2, 4, 8)[size_flag]
    content_size = int.from_bytes(take(blob, at, content_size_size), "little") + (256 if content_size_size == 2 else 0)
    at += content_size_size
    if single_segment:
        window = content_size
    if window > WINDOW_LIMIT:
        raise Rejected("COMPRESSION_WINDOW", f"a zstd frame with a window of {window} bytes")  # LAYER-038, LAYER-039
    return window, at
