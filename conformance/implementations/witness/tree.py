"""A tree: the file system that layers describe, and that an image is made from (spec/tree.md).

Names, targets, payloads, and names and values of extended attributes are bytes (TREE-001).
Two names are hard links of each other if they lead to the same object of class Inode.
"""

from dataclasses import dataclass, field

# DUMP-008: the file type in a mode.
TYPE_BITS = {
    "fifo": 0o010000,
    "character": 0o020000,
    "directory": 0o040000,
    "block": 0o060000,
    "file": 0o100000,
    "symlink": 0o120000,
    "socket": 0o140000,
}
KIND_OF_TYPE_BITS = {bits: kind for kind, bits in TYPE_BITS.items()}

PERMISSION_BITS = 0o7777
INLINE_LIMIT = 64  # TREE-004
OBJECT_SIZE_LIMIT = 2**53


@dataclass(eq=False)
class External:
    """Where the content of an external file is: an object in a store."""

    size: int
    digest: bytes = None
    payload: bytes = None


@dataclass(eq=False)
class Inode:
    """A file of any type with its attributes; `kind` is a key of TYPE_BITS."""

    kind: str
    mode: int = 0  # without the file type
    uid: int = 0
    gid: int = 0
    mtime: tuple = (0, 0)  # seconds, nanoseconds
    xattrs: dict = field(default_factory=dict)
    children: dict = field(default_factory=dict)  # of a directory: name to Inode
    content: bytes = b""  # of an inline file
    external: External = None  # of an external file
    target: bytes = b""  # of a symbolic link
    rdev: int = 0  # of a device

    @property
    def full_mode(self):
        return TYPE_BITS[self.kind] | self.mode

    @property
    def size(self):
        """The length of a regular file or of the target of a symbolic link, and 0 for every other type (DUMP-007)."""
        if self.kind == "symlink":
            return len(self.target)
        return self.external.size if self.external else len(self.content)


def new_directory():
    """MERGE-001, MERGE-007: the root, and an implied directory."""
    return Inode("directory", 0o755)


def is_directory(inode):
    return isinstance(inode, Inode) and inode.kind == "directory"


def set_attributes(directory, source):
    """Replaces all attributes of a directory with those of an inode; its children stay (MERGE-008, XFORM-001)."""
    directory.mode, directory.uid, directory.gid = source.mode, source.uid, source.gid
    directory.mtime, directory.xattrs = source.mtime, dict(source.xattrs)


def is_whiteout(inode):
    """A character device with device number 0, whatever its other attributes."""
    return inode.kind == "character" and inode.rdev == 0


def device_number(major, minor):
    """LAYER-058: the device number as Linux composes it."""
    return minor & 0xFF | major << 8 | (minor & ~0xFF) << 12


def walk(root):
    """Every name of a tree as (path, inode) in the order of a dumpfile (DUMP-001). Trees can be too deep to recurse."""
    waiting = [(b"/", root)]
    while waiting:
        path, inode = waiting.pop()
        yield path, inode
        for name in sorted(inode.children, reverse=True):
            waiting.append((join(path, name), inode.children[name]))


def join(path, name):
    """The path of a child of a directory."""
    return path + name if path == b"/" else path + b"/" + name


def inodes(root):
    """Every inode of a tree once."""
    return list(dict.fromkeys(inode for _, inode in walk(root)))


def find(root, path):
    """The inode at an absolute path, or None; no symbolic link is followed."""
    inode = root
    for name in path.split(b"/"):
        if name:
            inode = inode.children.get(name)
            if inode is None:
                return None
    return inode


def link_counts(root):
    """The link count of each inode: of a directory by its children, of a leaf by its names (DUMP-009)."""
    counts = {}
    for _, inode in walk(root):
        if inode.kind == "directory":
            counts[inode] = 2 + sum(child.kind == "directory" for child in inode.children.values())
        else:
            counts[inode] = counts.get(inode, 0) + 1
    return counts
