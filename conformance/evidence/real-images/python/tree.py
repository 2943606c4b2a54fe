"""A tree, its dumpfile and the fs-verity digests of its files, using only Python's standard library.

It was written from the text of the standard, not from the reference, so that the two do not share errors.
"""

import hashlib
import stat
import struct

BLOCK = 4096
# The content of files of at most this many bytes is in the dumpfile itself.
INLINE = 64
# The numbers of the hash functions in fs-verity.
ALGORITHMS = {"sha256": 1, "sha512": 2}
ESCAPES = {0x5C: "\\\\", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}


class Inode:
    """An inode. `mode` has the file type bits, `mtime` is (seconds, nanoseconds), `xattrs` maps bytes to bytes."""

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
        # The whole content, if it may be that of a file of an SELinux policy.
        self.policy = None

    @property
    def is_directory(self):
        return self.children is not None

    def read(self, stream, size):
        """Reads the content of a regular file from `stream`."""
        self.size = size
        if size <= INLINE:
            self.content = stream.read(size)
            if len(self.content) != size:
                raise EOFError("unexpected end of content")
        else:
            self.digests = verity(stream, size)


def verity(stream, size):
    """The fs-verity digests, in hex, of the next `size` bytes, which are one or more."""
    levels = {name: [] for name in ALGORITHMS}
    left = size
    while left > 0:
        data = stream.read(min(left, BLOCK * 256))
        # Reads that do not end at a block boundary are rare, so this may be slow.
        while len(data) % BLOCK != 0 and len(data) < left:
            more = stream.read(min(left - len(data), BLOCK - len(data) % BLOCK))
            if not more:
                break
            data += more
        if not data:
            raise EOFError("unexpected end of content")
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
    """Bytes as a dumpfile field that can be unset."""
    if data == b"":
        return "-"
    return "\\x2d" if data == b"-" else escape(data)


def escape(data, more=b""):
    return "".join(
        ESCAPES.get(byte) or (chr(byte) if 0x20 < byte < 0x7F and byte not in more else f"\\x{byte:02x}")
        for byte in data
    )
