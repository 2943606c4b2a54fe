"""What the writer and the reader of images have in common: constants, sizes, and names of attributes."""

from chapters import program

HEADER_MAGIC = 0xD078629A
HEADER_VERSION = 1
HEADER_SIZE = 32
SUPERBLOCK_MAGIC = 0xE0F5E1E2
SUPERBLOCK_AT = 1024
SUPERBLOCK_SIZE = 128
COMPATIBLE_FEATURES = 6
BLOCK_BITS = 12
BLOCK_SIZE = 4096
SLOT_SIZE = 32
FIRST_INODE_AT = 1152
COMPACT_SIZE = 32
EXTENDED_SIZE = 64
BODY_HEADER_SIZE = 12  # of an attribute body: EROFS-025
ENTRY_SIZE = 12  # of a directory entry without its name: EROFS-030
EXTENDED, WITH_TAIL, WITH_CHUNKS = 1, 4, 8  # in the format of an image inode: EROFS-039
VERSIONS = {"v0": 0, "v1": 1, "v2": 2}  # the composefs version in the header

# EROFS-031: the type of a directory entry, of each kind of inode.
ENTRY_TYPES = {"file": 1, "directory": 2, "character": 3, "block": 4, "fifo": 5, "socket": 6, "symlink": 7}

# EROFS-019: in the order of the table; EROFS-086 adds one.
PREFIXES = {
    1: b"user.",
    2: b"system.posix_acl_access",
    3: b"system.posix_acl_default",
    4: b"trusted.",
    6: b"security.",
}
PREFIXES_V2 = {**PREFIXES, 5: b"lustre."}

INLINE_LIMIT = 5000  # EROFS-004, EROFS-053
INLINE_LIMIT_V2 = 512  # EROFS-083, EROFS-095
TARGET_LIMIT_V2 = 1024
PAYLOAD_LIMIT = 4095
ATTRIBUTE_SUM_LIMIT = 32767

OVERLAY = b"trusted.overlay."
ESCAPED_OVERLAY = b"trusted.overlay.overlay."
METACOPY = b"trusted.overlay.metacopy"
REDIRECT = b"trusted.overlay.redirect"
OPAQUE = b"trusted.overlay.opaque"
SELINUX = b"security.selinux"
ACLS = {b"system.posix_acl_access", b"system.posix_acl_default"}  # EROFS-048

WHITEOUT_ATTRIBUTES = {b"trusted.overlay.overlay.whiteout": b"", b"user.overlay.whiteout": b""}  # EROFS-009

STUB_NAMES = [b"%02x" % number for number in range(256)]  # EROFS-012
STUB_MODE = 0o644

_program = program("erofs", "xxh32")

name_filter = _program["name_filter"]  # EROFS-027, of pairs of number and suffix


def directory_attributes(format_name):
    """EROFS-010, EROFS-081: what a directory with a whiteout among its children gets."""
    names = {b"trusted.overlay.overlay.whiteouts": b"", b"user.overlay.whiteouts": b""}
    if format_name == "v1":
        names |= {b"trusted.overlay.overlay.opaque": b"x", b"user.overlay.opaque": b"x"}
    return names


def prefixes(format_name):
    return PREFIXES_V2 if format_name == "v2" else PREFIXES


def split_name(name, format_name):
    """EROFS-019: the number of the prefix of a full name, and the suffix."""
    for number, prefix in prefixes(format_name).items():
        if name.startswith(prefix):
            return number, name[len(prefix) :]
    return 0, name


def attribute_sum(xattrs):
    """EROFS-004."""
    return 12 + sum(7 + len(name) + len(value) for name, value in xattrs.items())


def up(x, n):
    """x rounded up to a multiple of n."""
    return (x + n - 1) // n * n
