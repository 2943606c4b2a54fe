"""One image inode: its form, and where its data is (EROFS-054 to EROFS-059, EROFS-093, EROFS-101)."""

from dataclasses import dataclass, field

from chapters import program
from erofs.external_file import digest_of
from erofs.structures import (
    BLOCK_SIZE,
    BODY_HEADER_SIZE,
    COMPACT_SIZE,
    EXTENDED,
    EXTENDED_SIZE,
    FIRST_INODE_AT,
    INLINE_LIMIT,
    INLINE_LIMIT_V2,
    SLOT_SIZE,
    TARGET_LIMIT_V2,
    WITH_CHUNKS,
    WITH_TAIL,
    up,
)
from errors import Rejected
from tree import KIND_OF_TYPE_BITS, OBJECT_SIZE_LIMIT, PERMISSION_BITS

chunk_bits = program("erofs", "erofs-data")["chunk_bits"]

LAYOUTS = {"directory": {0, 4}, "symlink": {0, 4}, "file": {0, 4, 8}}  # EROFS-056; of every other type, 0
TARGET_LIMIT = 4095
V2_TAIL = 4  # of an external file with a digest
HOLE = b"\xff"


@dataclass(eq=False)
class FoundInode:
    """An image inode as it is in the image."""

    nid: int
    kind: str  # a key of tree.TYPE_BITS
    mode: int
    uid: int
    gid: int
    mtime: tuple
    link_count: int
    size: int
    u: int
    layout: int
    head: int  # the size of the form and the attribute body
    body_at: int
    attributes: dict = field(default_factory=dict)
    regions: list = field(default_factory=list)  # where the data is: pairs of first byte and length
    children: dict = field(default_factory=dict)  # of a directory: name to FoundInode

    @property
    def begin(self):
        return SLOT_SIZE * self.nid

    @property
    def body_end(self):
        return self.begin + self.head

    @property
    def is_external(self):
        return self.layout == WITH_CHUNKS

    @property
    def is_whiteout_device(self):
        return self.kind == "character" and self.u == 0


def read_form(image, nid):
    """EROFS-037, EROFS-038."""
    at = SLOT_SIZE * nid
    image.check_range(at, at + COMPACT_SIZE, "an image inode")
    layout = image.number(at, 2)
    extended = layout & EXTENDED
    form_size = EXTENDED_SIZE if extended else COMPACT_SIZE
    icount = image.number(at + 2, 2)
    head = form_size + (BODY_HEADER_SIZE + 4 * (icount - 1) if icount else 0)  # EROFS-060
    image.check_range(at, at + head, "an image inode")
    mode = image.number(at + 4, 2)
    if extended:
        link_count, size = image.number(at + 44, 4), image.number(at + 8, 8)
        uid, gid, mtime = image.number(at + 24, 4), image.number(at + 28, 4), image.time(at + 32)
    else:
        link_count, size = image.number(at + 6, 2), image.number(at + 8, 4)
        uid, gid, mtime = image.number(at + 24, 2), image.number(at + 26, 2), image.build_time
        if image.number(at + 12, 4) != 0:  # EROFS-101
            raise wrong(nid, "bytes 12 to 15")
    kind = KIND_OF_TYPE_BITS.get(mode & ~PERMISSION_BITS)
    layout -= extended
    if kind is None or layout not in LAYOUTS.get(kind, {0}):  # EROFS-056
        raise wrong(nid, f"the format {layout} with the mode {mode:o}")
    numbers = mode & PERMISSION_BITS, uid, gid, mtime, link_count, size, image.number(at + 16, 4)
    inode = FoundInode(nid, kind, *numbers, layout, head, at + form_size)
    check_size(inode, image.format)
    return inode


def check_size(inode, format_name):
    """EROFS-053, EROFS-057, EROFS-095."""
    has_size = inode.kind in ("directory", "symlink") or inode.is_external
    if has_size and inode.size == 0 or inode.kind not in ("directory", "symlink", "file") and inode.size != 0:
        raise wrong(inode.nid, f"the size {inode.size}")
    limit = None
    if inode.is_external:
        limit = OBJECT_SIZE_LIMIT
    elif inode.kind == "file":
        limit = INLINE_LIMIT_V2 if format_name == "v2" else INLINE_LIMIT
    elif inode.kind == "symlink":
        limit = TARGET_LIMIT_V2 if format_name == "v2" else TARGET_LIMIT
    if limit is not None and inode.size > limit:
        raise Rejected("EROFS_LIMIT", f"image inode {inode.nid}: the size {inode.size}")


def locate_data(image, inode):
    """EROFS-058: finds the data, and marks what the inode and its data take (EROFS-054, EROFS-055)."""
    if inode.is_external:
        tail = tail_of_external(inode) if image.format != "v2" else 0
    else:
        tail = inode.size % BLOCK_SIZE if inode.layout == WITH_TAIL else 0
        in_blocks = inode.size - tail
        if inode.layout == WITH_TAIL and (tail == 0 or crosses_block(inode.body_end, tail)):
            raise wrong(inode.nid, f"a tail of {tail} bytes")
        if in_blocks:
            first = BLOCK_SIZE * inode.u
            end = first + up(in_blocks, BLOCK_SIZE)
            if first >= FIRST_INODE_AT:  # Data in block 0 overlaps the superblock, by EROFS-055.
                image.check_range(first, end, f"the data of image inode {inode.nid}")
            image.take(first, min(end, len(image.data)), f"the data of image inode {inode.nid}")
            for at in range(0, in_blocks, BLOCK_SIZE):
                inode.regions.append((first + at, min(BLOCK_SIZE, in_blocks - at)))
    if tail:
        inode.regions.append((inode.body_end, tail))
    image.check_range(inode.begin, inode.body_end + tail, f"image inode {inode.nid}")
    image.take(inode.begin, inode.body_end + tail, f"image inode {inode.nid}")


def crosses_block(begin, size):
    return begin // BLOCK_SIZE != (begin + size - 1) // BLOCK_SIZE


def tail_of_external(inode):
    """EROFS-059: the length of the chunk addresses, or 0 if they are not beside the inode."""
    bits = chunk_bits(inode, "v1")
    chunks = (inode.size + 2**bits - 1) // 2**bits
    return 0 if crosses_block(inode.body_end, 4 * chunks) else 4 * chunks


def check_chunks(image, inode):
    """EROFS-059, EROFS-093: needs the attributes."""
    if inode.u & 0xFFFF != chunk_bits(inode, image.format) - 12:
        raise wrong(inode.nid, f"the chunk size {inode.u & 0xFFFF}")
    if image.format == "v2" and digest_of(inode) is not None:
        begin, end = inode.body_end, inode.body_end + V2_TAIL
        image.check_range(begin, end, f"the tail of image inode {inode.nid}")
        if up(begin, SLOT_SIZE) < end:  # The slot in which the attribute body ends is taken already.
            image.take(up(begin, SLOT_SIZE), end, f"the tail of image inode {inode.nid}")
        inode.regions.append((begin, V2_TAIL))
    if data_of(image, inode).strip(HOLE):
        raise wrong(inode.nid, "a chunk address that is not that of a hole")


def data_of(image, inode):
    """The data, without what follows it in its last block."""
    return b"".join(image.data[at : at + length] for at, length in inode.regions)


def wrong(nid, what):
    return Rejected("EROFS_INODE", f"image inode {nid}: {what}")
