"""One entry of an archive: its name, type and attributes (spec/layers.md, "Headers" to "Extended attributes")."""

from dataclasses import dataclass, field

from errors import Rejected
from tree import PERMISSION_BITS, Inode, device_number

# LAYER-054.
KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "character",
    b"4": "block",
    b"5": "directory",
    b"6": "fifo",
}
DEVICES = ("character", "block")
NAME_LIMIT = 255
PATH_LIMIT = 4095
TARGET_LIMIT = 4095
MAX_ID = 2**32 - 1
MAX_MAJOR = 4095
MAX_MINOR = 1048575


@dataclass(eq=False)
class Entry:
    """What the archive says of one path. `path` and the `target` of a hard link are lists of names."""

    kind: str
    name: bytes
    path: list
    link: bytes = b""  # the target of a link as the archive has it
    target: list = None  # of a hard link
    inode: Inode = None  # of everything but a hard link
    size: int = 0
    content_start: int = 0  # in the archive
    raw_mode: int = 0  # with all its bits
    uid: int = 0
    gid: int = 0
    mtime: tuple = (0, 0)
    device: tuple = (0, 0)  # major, minor
    xattrs: dict = field(default_factory=dict)
    header: object = None
    records: object = None

    @property
    def metadata_size(self):
        """The bytes that count against LAYER-108."""
        xattrs = sum(64 + len(name) + len(value) for name, value in self.xattrs.items())
        return path_size(self.path) + len(self.link) + xattrs


def read_entry(header, records, long_name, long_link):
    """The entry of a header with the extended headers that belong to it; its content is not read."""
    kind = kind_of(header, records)
    header.check_prefix()
    mode, uid, gid, size, seconds = (header.number(name) for name in ("mode", "uid", "gid", "size", "mtime"))
    device = (0, 0) if header.form == "v7" else (header.octal("major"), header.octal("minor"))  # LAYER-051
    if b"path" in records.last and long_name is not None or b"linkpath" in records.last and long_link is not None:
        raise Rejected("TAR_EXTENSION", "both a record and a long name or link target")  # LAYER-063

    name = first(records.last.get(b"path"), long_name, header.name())  # LAYER-075
    entry = Entry(kind, name, read_name(name, kind, header), header=header, records=records, raw_mode=mode)
    entry.size = size_of(kind, size, records)
    entry.uid = first(records.numbers.get(b"uid"), uid)
    entry.gid = first(records.numbers.get(b"gid"), gid)
    if max(entry.uid, entry.gid) > MAX_ID:
        raise Rejected("TAR_RANGE", "an owner or group of 2^32 or more")  # LAYER-090
    entry.mtime = first(records.mtime, (seconds, 0))  # LAYER-091
    entry.xattrs = records.xattrs
    if kind in DEVICES:
        check_device(header, device, records)
        entry.device = device
    if kind in ("hardlink", "symlink"):
        entry.link = first(records.last.get(b"linkpath"), long_link, header.text("link"))  # LAYER-084
        read_link(entry)
    if kind != "hardlink":
        entry.inode = inode_of(entry)
    return entry


def first(*values):
    """The first value that is not None: a record, else an extended header, else the header (LAYER-069)."""
    return next(value for value in values if value is not None)


def kind_of(header, records):
    if header.type == b"S":
        raise Rejected("TAR_SPARSE", "type S")  # LAYER-056
    if header.type not in KINDS:
        raise Rejected("TAR_TYPE", f"type {header.type!r}")  # LAYER-055
    return KINDS[header.type]


def size_of(kind, size, records):
    if b"size" in records.numbers:
        size = records.numbers[b"size"]
    elif kind in ("hardlink", "directory"):
        size = 0  # LAYER-130
    if kind != "file" and size != 0:
        raise Rejected("TAR_SIZE", f"size {size} of an entry that is not a regular file")  # LAYER-057
    return size


def check_device(header, device, records):
    """LAYER-059."""
    major, minor = device
    if header.form == "v7" or major > MAX_MAJOR or minor > MAX_MINOR or records.has_device_number:
        raise Rejected("TAR_DEVICE", "a device number that is missing, ambiguous or too large")


def read_name(name, kind, header):
    """LAYER-078 to LAYER-083: the path of a name."""
    path = path_of(name)
    if not name or b"\0" in name or b".." in path:
        raise Rejected("TAR_NAME", "an empty name, or one with NUL or `..`")  # LAYER-079
    if kind != "directory" and is_directory_name(name):
        raise Rejected("TAR_NAME", "the name of a directory for another type")  # LAYER-080
    if header.type == b"\0" and header.text("name").endswith(b"/"):
        raise Rejected("TAR_NAME", "type NUL with a slash at the end of the name")  # LAYER-081
    check_path_limits(path)
    return path


def read_link(entry):
    """LAYER-085 to LAYER-087."""
    if not entry.link or b"\0" in entry.link:
        raise Rejected("TAR_LINK", "an empty link target, or one with NUL")
    if entry.kind == "symlink":
        if len(entry.link) > TARGET_LIMIT:
            raise Rejected("TAR_LIMIT", "a link target that is too long")  # LAYER-083
        return
    entry.target = path_of(entry.link)
    if b".." in entry.target or is_directory_name(entry.link):
        raise Rejected("TAR_LINK", "the target of a hard link is not the path of a file")
    check_path_limits(entry.target)


def path_of(name):
    """LAYER-078."""
    return [part for part in name.split(b"/") if part not in (b"", b".")]


def path_size(path):
    return max(0, sum(len(part) + 1 for part in path) - 1)


def is_directory_name(name):
    return name == b"." or name.endswith((b"/", b"/."))


def check_path_limits(path):
    if path_size(path) > PATH_LIMIT or any(len(part) > NAME_LIMIT for part in path):
        raise Rejected("TAR_LIMIT", "a path or a name in it is too long")  # LAYER-082, LAYER-083


def inode_of(entry):
    """The inode of an entry that is not a hard link, without the content of a file."""
    mode = entry.raw_mode & PERMISSION_BITS  # LAYER-088
    inode = Inode(entry.kind, mode, entry.uid, entry.gid, entry.mtime)  # LAYER-089
    inode.xattrs = entry.xattrs
    inode.target = entry.link  # LAYER-085
    if entry.kind in DEVICES:
        inode.rdev = device_number(*entry.device)
    return inode
