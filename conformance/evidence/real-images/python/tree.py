"""A tree, its dumpfile and the fs-verity digests of its files, with nothing but Python's own library.

Written from the chapters, not from the reference: the two agree only where both are right.
"""

import hashlib
import stat
import struct

BLOCK = 4096
# Files up to this many bytes stand in the dumpfile itself.
INLINE = 64
# The numbers that fs-verity gives to the hash functions.
ALGORITHMS = {"sha256": 1, "sha512": 2}
ESCAPES = {0x5C: "\\\\", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}


class Inode:
    """Of any type. `mode` has the type bits; `mtime` is (seconds, nanoseconds); `xattrs` is bytes to bytes."""

    def __init__(self, mode, uid=0, gid=0, mtime=(0, 0), xattrs=None):
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.mtime = mtime
        self.xattrs = xattrs or {}
        self.children = {} if stat.S_ISDIR(mode) else None
        self.rdev = 0
        self.target = b""
        self.size = 0
        # The content of a small file, the fs-verity digests of a large one.
        self.content = b""
        self.digests = {}

    @property
    def is_directory(self):
        return self.children is not None

    def read(self, stream, size):
        """Takes the content of a regular file from `stream`."""
        self.size = size
        if size <= INLINE:
            self.content = stream.read(size)
            if len(self.content) != size:
                raise EOFError("a content is too short")
        else:
            self.digests = verity(stream, size)


def verity(stream, size):
    """The fs-verity digests, in hex, of the next `size` bytes, which are one or more."""
    levels = {name: [] for name in ALGORITHMS}
    left = size
    while left > 0:
        data = stream.read(min(left, BLOCK * 256))
        # What comes in pieces of another size is rare enough to be slow.
        while len(data) % BLOCK != 0 and len(data) < left:
            more = stream.read(min(left - len(data), BLOCK - len(data) % BLOCK))
            if not more:
                break
            data += more
        if not data:
            raise EOFError("a content is too short")
        left -= len(data)
        for name, leaves in levels.items():
            leaves.extend(block_hashes(name, data))
    return {name: descriptor(name, size, root(name, b"".join(leaves))) for name, leaves in levels.items()}


def block_hashes(name, data):
    function = getattr(hashlib, name)
    view = memoryview(data)
    for at in range(0, len(data), BLOCK):
        block = view[at : at + BLOCK]
        yield function(block if len(block) == BLOCK else bytes(block).ljust(BLOCK, b"\0")).digest()


def root(name, level):
    while len(level) > hashlib.new(name).digest_size:
        level = b"".join(block_hashes(name, level))
    return level


def descriptor(name, size, top):
    fields = struct.pack("<BBBBIQ64s32s144x", 1, ALGORITHMS[name], 12, 0, 0, size, top, b"")
    return hashlib.new(name, fields).hexdigest()


def dumpfile(top, algorithm):
    """The lines of the dumpfile, with digests of `algorithm`."""
    names = {}
    for _, inode in walk(top, b""):
        names[id(inode)] = names.get(id(inode), 0) + 1
    first = {}
    for path, inode in walk(top, b""):
        shown = escape(path or b"/")
        if id(inode) in first:
            yield f"{shown} 0 @{inode.mode:o} - - - - 0.0 {first[id(inode)]} - -\n"
            continue
        links = names[id(inode)]
        if inode.is_directory:
            links = 2 + sum(child.is_directory for child in inode.children.values())
        else:
            first[id(inode)] = shown
        digest = inode.digests.get(algorithm, "-")
        payload, size = "-", inode.size
        if stat.S_ISLNK(inode.mode):
            payload, size = field(inode.target), len(inode.target)
        elif digest != "-":
            payload = f"{digest[:2]}/{digest[2:]}"
        seconds, nanoseconds = inode.mtime
        parts = [shown, size, f"{inode.mode:o}", links, inode.uid, inode.gid, inode.rdev]
        parts += [f"{seconds}.{nanoseconds}", payload, field(inode.content), digest]
        parts += [f"{escape(key, b'=')}={escape(value, b'=')}" for key, value in sorted(inode.xattrs.items())]
        yield " ".join(map(str, parts)) + "\n"


def walk(inode, path):
    yield path, inode
    for name, child in sorted((inode.children or {}).items()):
        yield from walk(child, path + b"/" + name)


def field(data):
    """Bytes as a field that can also be unset."""
    if data == b"":
        return "-"
    return "\\x2d" if data == b"-" else escape(data)


def escape(data, more=b""):
    return "".join(
        ESCAPES.get(byte) or (chr(byte) if 0x20 < byte < 0x7F and byte not in more else f"\\x{byte:02x}")
        for byte in data
    )
