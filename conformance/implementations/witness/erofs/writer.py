"""The writer: the image of a tree (spec/erofs.md, "Writer requirements")."""

from chapters import program
from erofs.attributes import REFERENCE_LIMIT_V2, Attributes
from erofs.data import data_bytes
from erofs.image_tree import image_inodes
from erofs.structures import (
    ACLS,
    ATTRIBUTE_SUM_LIMIT,
    BLOCK_BITS,
    BLOCK_SIZE,
    COMPACT_SIZE,
    COMPATIBLE_FEATURES,
    EXTENDED_SIZE,
    HEADER_MAGIC,
    HEADER_SIZE,
    HEADER_VERSION,
    INLINE_LIMIT,
    INLINE_LIMIT_V2,
    PAYLOAD_LIMIT,
    SUPERBLOCK_AT,
    SUPERBLOCK_MAGIC,
    SUPERBLOCK_SIZE,
    TARGET_LIMIT_V2,
    VERSIONS,
    attribute_sum,
)
from errors import Rejected
from fsverity import digest_size
from tree import TYPE_BITS, inodes, is_whiteout, link_counts

_program = program("erofs", "erofs-data", "erofs-placement")
data_of, chunk_bits, place = _program["data_of"], _program["chunk_bits"], _program["place"]

LARGEST_COMPACT = {"link_count": 65535, "owner": 65535, "size": 4294967295}  # EROFS-036


def write_image(root, format_name, algorithm):
    """The bytes of the image of a tree."""
    check_tree(root, format_name, digest_size(algorithm))
    order = image_inodes(root, format_name)
    attributes = Attributes(order, format_name)
    if format_name == "v2":
        check_references(order, attributes)
    # EROFS-018, EROFS-092
    build_time = (0, 0) if format_name == "v2" else min(inode.inode.mtime for inode in order)
    for inode in order:
        inode.nblk, inode.tail = data_of(inode, format_name)
        inode.data_size = data_size(inode)
        inode.compact = format_name != "v2" and is_compact(inode, build_time)
        inode.body_size = attributes.body_size(inode)
        inode.head = (COMPACT_SIZE if inode.compact else EXTENDED_SIZE) + inode.body_size
    parts = place(order, attributes.shared_size, format_name)
    return image_bytes(order, attributes, build_time, parts, format_name)


def check_tree(root, format_name, digest_length):
    counts = link_counts(root)
    for inode in inodes(root):
        if is_whiteout(inode) and counts[inode] > 1:
            raise Rejected("EROFS_WHITEOUT_LINKED", "a whiteout with several names")  # EROFS-002
        if inode.external is not None:
            check_external(inode.external, digest_length)
        if attribute_sum(inode.xattrs) > ATTRIBUTE_SUM_LIMIT:
            raise Rejected("EROFS_LIMIT", "the attributes of an inode are too long")  # EROFS-004
        if len(inode.content) > (INLINE_LIMIT_V2 if format_name == "v2" else INLINE_LIMIT):
            raise Rejected("EROFS_LIMIT", "an inline file is too long")  # EROFS-004, EROFS-083
        if format_name == "v2" and len(inode.target) > TARGET_LIMIT_V2:
            raise Rejected("EROFS_LIMIT", "the target of a symbolic link is too long")  # EROFS-083


def check_external(external, digest_length):
    if external.digest is not None and len(external.digest) != digest_length:
        raise Rejected("EROFS_DIGEST_SIZE", f"a digest of {len(external.digest)} bytes")  # EROFS-003
    if external.payload is not None and len(external.payload) > PAYLOAD_LIMIT:
        raise Rejected("EROFS_LIMIT", "a payload is too long")  # EROFS-004


def check_references(order, attributes):
    """EROFS-083."""
    for inode in order:
        shared, _ = attributes.divide(inode)
        if len(shared) > REFERENCE_LIMIT_V2:
            raise Rejected("EROFS_LIMIT", f"an inode with {len(shared)} shared attributes")


def data_size(inode):
    """EROFS-040, before placement, which changes the size of no directory (EROFS-044)."""
    if inode.kind == "directory":
        return BLOCK_SIZE * inode.nblk + inode.tail
    return inode.size if inode.kind in ("file", "symlink") else 0


def is_compact(inode, build_time):
    """EROFS-036."""
    return (
        inode.inode.mtime == build_time
        and inode.link_count <= LARGEST_COMPACT["link_count"]
        and max(inode.inode.uid, inode.inode.gid) <= LARGEST_COMPACT["owner"]
        and inode.data_size <= LARGEST_COMPACT["size"]
    )


def image_bytes(order, attributes, build_time, parts, format_name):
    """EROFS-045, EROFS-046."""
    image = bytearray(parts["size"])
    put(image, 0, header_bytes(order, format_name))
    put(image, SUPERBLOCK_AT, superblock_bytes(order, build_time, parts))
    for number, inode in enumerate(order):
        form = form_bytes(inode, inode.nid if format_name == "v2" else number, format_name)
        blocks, tail = data_bytes(inode)
        put(image, inode.begin, form + attributes.body(inode, parts["E"]) + tail)
        put(image, BLOCK_SIZE * inode.block, blocks)
    put(image, parts["E"], attributes.shared_area())
    return bytes(image)


def put(image, at, data):
    image[at : at + len(data)] = data


def little(*fields):
    """Pairs of value and size, one after the other."""
    return b"".join(value.to_bytes(size, "little") for value, size in fields)


def header_bytes(order, format_name):
    """EROFS-048, EROFS-092."""
    has_acl = any(name in ACLS for inode in order for name, _ in inode.attributes)
    flags = int(has_acl and format_name != "v2")
    fields = (HEADER_MAGIC, 4), (HEADER_VERSION, 4), (flags, 4), (VERSIONS[format_name], 4)
    return little(*fields).ljust(HEADER_SIZE, b"\0")


def superblock_bytes(order, build_time, parts):
    """EROFS-049."""
    seconds, nanoseconds = build_time
    return little(
        (SUPERBLOCK_MAGIC, 4),
        (0, 4),
        (COMPATIBLE_FEATURES, 4),
        (BLOCK_BITS, 1),
        (0, 1),
        (order[0].nid, 2),
        (len(order), 8),
        (seconds, 8),
        (nanoseconds, 4),
        (parts["size"] // BLOCK_SIZE, 4),
        (0, 4),
        (parts["shared area block"], 4),
    ).ljust(SUPERBLOCK_SIZE, b"\0")


def form_bytes(inode, number, format_name):
    source = inode.inode
    icount = 1 + (inode.body_size - 12) // 4 if inode.body_size else 0  # EROFS-028
    layout = inode.layout + (0 if inode.compact else 1)  # EROFS-039
    mode = TYPE_BITS[inode.kind] | source.mode
    u = u_of(inode, format_name)
    beginning = (layout, 2), (icount, 2), (mode, 2)
    if inode.compact:  # EROFS-037
        sizes = (inode.link_count, 2), (inode.data_size, 4), (0, 4), (u, 4), (number, 4)
        return little(*beginning, *sizes, (source.uid, 2), (source.gid, 2), (0, 4))
    seconds, nanoseconds = source.mtime
    if format_name == "v2":
        nanoseconds = 0  # EROFS-090
    sizes = (0, 2), (inode.data_size, 8), (u, 4), (number, 4), (source.uid, 4), (source.gid, 4)
    times = (seconds, 8), (nanoseconds, 4), (inode.link_count, 4)
    return little(*beginning, *sizes, *times).ljust(EXTENDED_SIZE, b"\0")  # EROFS-038


def u_of(inode, format_name):
    """EROFS-041."""
    if inode.kind in ("character", "block"):
        return inode.inode.rdev
    if inode.type == "external file":
        return inode.block & ~0xFFFF | chunk_bits(inode, format_name) - 12
    return inode.block
