"""Random trees as README.md beside this file describes them, written from that text alone.

    python3 random_tree.py common 7          prints the dumpfile of seed 7
    python3 random_tree.py common 0 10       prints the SHA-256 of the dumpfiles of the seeds 0 to 9
"""

import hashlib, re, sys

MODES = [0o644, 0o755, 0o777]
IDS = [0, 0, 1, 1000, 65534, 65535, 65536, 2**32 - 1]
SECONDS = [0, 1, 99, 1700000000, 2**32 - 1, 2**32, 2**63 - 1]
NANOSECONDS = [0, 4, 999999999]
NAMES = [b"00", b"01", b"7f", b"a0", b"ff", b"FF", b"0", b"000", b"-", b"!", b".a", b"..a", b"..."]
CONTENTS = [0, 1, 2, 63, 64, 65, 100, 255, 400, 511, 512, 513, 2047, 2048, 2049, 4095, 4096, 4097, 5000]
TARGETS = [1, 2, 10, 31, 32, 33, 60, 500, 1000, 1023, 1024, 1025, 2048, 4000, 4031, 4032, 4063, 4064, 4095]
SIZES = [1, 2, 65, 4095, 4096, 4097, 8191, 8192, 8193, 2**20, 2**32 - 1, 2**32, 2**43, 2**43 + 1, 2**50, 2**53]
DEVICES = [0, 1, 255, 256, 0x501, 2**20, 2**32 - 1]
PATHS = [b"a", b"objects/a b", b"00/" + b"q" * 1000, b"q" * 4095]
DIRECTORIES = [42, 2047, 2048, 2049, 4095, 4096, 4097]
MARKERS = [b"trusted.overlay.opaque", b"trusted.overlay.whiteout", b"trusted.overlay.whiteouts",
           b"user.overlay.opaque", b"user.overlay.whiteout", b"user.overlay.whiteouts"]
XATTRS = [b"user.a", b"user.", b"user.overlay.opaque", b"user.overlay.whiteout", b"user.overlay.whiteouts",
          b"trusted.x", b"trusted.overlayx", b"trusted.overlay.", b"trusted.overlay.opaque",
          b"trusted.overlay.whiteout", b"trusted.overlay.whiteouts", b"trusted.overlay.metacopy",
          b"trusted.overlay.redirect", b"trusted.overlay.overlay.opaque", b"security.selinux",
          b"security.selinux", b"security.capability", b"security.", b"system.posix_acl_access",
          b"system.posix_acl_default", b"system.posix_acl_accessX", b"lustre.lov", b"other"]
PREFIXES = [b"user.", b"trusted.overlay.", b"security.", b"other"]
VALUES = [b"", b"v", b"w", b"value"]
MARKER_VALUES = [b"", b"x", b"y"]
VALUE_LENGTHS = [250, 500, 1000, 1800, 2500, 3000]


class Random:
    def __init__(self, seed):
        self.seed, self.count, self.rest = seed, 0, b""

    def bytes(self, length):
        while len(self.rest) < length:
            self.rest += hashlib.sha256(b"composefs-oci random tree 1 %d %d" % (self.seed, self.count)).digest()
            self.count += 1
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def number(self):
        return int.from_bytes(self.bytes(4), "little")

    def below(self, bound):
        return self.number() % bound

    def once(self, times):
        return self.below(times) == 0

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def text(self, length):
        narrow = self.once(2)
        drawn = self.bytes(length)
        if narrow:
            return bytes(b"!-.0ab"[byte % 6] for byte in drawn)
        return drawn.replace(b"\0", b"\1").replace(b"/", b".")


class Inode:
    def __init__(self, kind, attributes):
        self.kind = kind
        self.mode, self.uid, self.gid, self.time, self.xattrs = attributes
        self.size = self.rdev = 0
        self.payload = self.content = self.digest = None
        self.children = {}

    def is_whiteout(self):
        return self.kind == "character" and self.rdev == 0


class Forester:
    def __init__(self, seed):
        self.r = Random(seed)

    def tree(self):
        r = self.r
        self.same_times, self.leaves = r.once(3), []
        root = Inode("directory", self.attributes())
        directories = [root]
        steps = r.below(150) if r.once(6) else r.below(25)
        for _ in range(steps):
            parent = r.pick(directories) if r.once(2) else directories[-1]
            name = self.name()
            if name in (b".", b"..") or name in parent.children:
                continue
            kind = r.below(16)
            inode = self.directory() if kind < 4 else self.leaf(kind)
            parent.children[name] = inode
            (directories if inode.kind == "directory" else self.leaves).append(inode)
        return root

    def name(self):
        r = self.r
        choice = r.below(16)
        if choice < 2:
            return r.pick(NAMES)
        return r.text(200 + r.below(56) if choice == 2 else 1 + r.below(12))

    def directory(self):
        r = self.r
        full = r.once(12)
        directory = Inode("directory", self.attributes())
        if not full:
            return directory
        choice = r.below(9)
        room = (DIRECTORIES[choice] if choice < 7 else 6000 + r.below(4300)) - 27
        plain = (directory.mode, directory.uid, directory.gid, directory.time, {})
        make = lambda: Inode("inline", plain)
        one = make() if r.once(2) else None
        number = 0
        while room > 0:
            length = 3 + r.below(77)
            if room - 12 - length < 15:
                length = room - 12
            directory.children[(b"%03d" % number).ljust(length, b"x")] = one or make()
            room -= 12 + length
            number += 1
        return directory

    def leaf(self, kind):
        r = self.r
        if kind < 7 and self.leaves:
            return r.pick(self.leaves)
        attributes = self.attributes()
        if kind in (9, 10):
            inode = Inode("external", attributes)
            inode.size = r.pick(SIZES)
            self.object(inode)
        elif kind in (11, 12):
            inode = Inode("symlink", attributes)
            inode.payload = r.text(r.pick(TARGETS))
        elif kind == 13:
            inode = Inode("character" if r.once(2) else "block", attributes)
            inode.rdev = r.number() if r.once(4) else r.pick(DEVICES)
        elif kind == 14:
            inode = Inode("character", attributes)
        elif kind == 15:
            inode = Inode("fifo" if r.once(2) else "socket", attributes)
        else:
            inode = Inode("inline", attributes)
            inode.content = r.bytes(r.pick(CONTENTS) if kind in (7, 8) else r.below(65))
        return inode

    def object(self, inode):
        r = self.r
        choice = r.below(8)
        if choice == 0:
            return
        few = r.below(8)
        digest = bytes([few]) * 32 if few < 6 else r.bytes(32)
        inode.payload = object_path(digest) if choice < 6 else r.pick(PATHS)
        if choice not in (1, 2, 6):
            inode.digest = digest

    def attributes(self):
        r = self.r
        mode = r.below(0o10000) if r.once(3) else r.pick(MODES)
        uid = r.pick(IDS)
        gid = r.pick(IDS) if r.once(3) else 0
        return mode, uid, gid, self.time(), self.xattrs()

    def time(self):
        r = self.r
        if self.same_times or r.once(2):
            return 100, 5
        seconds = r.pick(SECONDS)
        choice = r.below(4)
        return seconds, NANOSECONDS[choice] if choice < 3 else r.below(10**9)

    def xattrs(self):
        r = self.r
        choice = r.below(24)
        if choice < 8:
            return {}
        if choice == 8:
            return {b"user.n%d" % (i + 1): b"v" for i in range(r.below(260))}
        xattrs = {}
        for _ in range(1 + r.below(4)):
            name = self.xattr_name()
            xattrs[name] = self.xattr_value(name)
        return xattrs

    def xattr_name(self):
        r = self.r
        choice = r.below(32)
        if choice > 4:
            return r.pick(XATTRS)
        if choice > 0:
            return b"user." + r.text(r.below(40))
        prefix = r.pick(PREFIXES)
        return prefix + r.text(255 - len(prefix))

    def xattr_value(self, name):
        r = self.r
        if name in MARKERS:
            return r.pick(MARKER_VALUES)
        choice = r.below(8)
        if choice < 5:
            return r.pick(VALUES)
        return r.bytes(r.below(20) if choice < 7 else r.pick(VALUE_LENGTHS))


def object_path(digest):
    return digest.hex()[:2].encode() + b"/" + digest.hex()[2:].encode()


def walk(directory, path=b""):
    """Every name below, in the order of the dumpfile: (parent, name, path, inode)."""
    for name in sorted(directory.children):
        inode = directory.children[name]
        yield directory, name, path + b"/" + name, inode
        yield from walk(inode, path + b"/" + name)


def make_common(root):
    """Takes out the points on which implementations are known to differ."""
    whiteouts = set()
    for parent, name, _, inode in list(walk(root)):
        if inode.is_whiteout():
            if inode in whiteouts:
                del parent.children[name]
            whiteouts.add(inode)
    for inode in [root] + [inode for _, _, _, inode in walk(root)]:
        if inode.is_whiteout() or any(child.is_whiteout() for child in inode.children.values()):
            inode.xattrs = {name: value for name, value in inode.xattrs.items() if name not in MARKERS}
    for name, inode in root.children.items():
        if inode.is_whiteout() and inode.mode == 0o644 and re.fullmatch(rb"[0-9a-f]{2}", name):
            inode.mode = 0o600
    for inode in [root] + [inode for _, _, _, inode in walk(root)]:
        names = sorted(n for n in inode.xattrs if not re.match(rb"(?s)system\.posix_acl_(access|default).", n))
        inode.xattrs = {name: inode.xattrs[name] for name in names[:120]}
        if inode.kind == "inline" and inode.content is not None:
            inode.content = inode.content[:512]
        if inode.kind == "symlink":
            inode.payload = inode.payload[:1024]
        if inode.kind == "external" and inode.payload is not None:
            if inode.digest is not None:
                inode.payload = object_path(inode.digest)
            elif not re.fullmatch(rb"[0-9a-f]{2}/[0-9a-f]{62}", inode.payload):
                inode.payload = None


TYPES = {"directory": 0o040000, "inline": 0o100000, "external": 0o100000, "symlink": 0o120000,
         "character": 0o020000, "block": 0o060000, "fifo": 0o010000, "socket": 0o140000}
SHORT = {0x5C: "\\\\", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}


def escape(field, equals=False):
    def one(byte):
        if byte in SHORT:
            return SHORT[byte]
        if 0x21 <= byte <= 0x7E and not (equals and byte == 0x3D):
            return chr(byte)
        return "\\x%02x" % byte
    return "".join(map(one, field))


def optional(field):
    return "-" if not field else "\\x2d" if field == b"-" else escape(field)


def dumpfile(root):
    """The canonical dumpfile, as spec/dumpfile.md has it."""
    names = {}
    for _, _, _, inode in walk(root):
        names[inode] = names.get(inode, 0) + 1
    first, lines = {}, []
    for path, inode in [(b"/", root)] + [(path, inode) for _, _, path, inode in walk(root)]:
        mode = "%o" % (TYPES[inode.kind] | inode.mode)
        if inode in first:
            lines.append("%s 0 @%s - - - - 0.0 %s - -" % (escape(path), mode, escape(first[inode])))
            continue
        first[inode] = path
        links = names.get(inode)
        if inode.kind == "directory":
            links = 2 + sum(child.kind == "directory" for child in inode.children.values())
        size = {"inline": len(inode.content or b""), "symlink": len(inode.payload or b"")}.get(inode.kind, inode.size)
        fields = [escape(path), size, mode, links, inode.uid, inode.gid, inode.rdev, "%d.%d" % inode.time,
                  optional(inode.payload), optional(inode.content), inode.digest.hex() if inode.digest else "-"]
        fields += [escape(name, True) + "=" + escape(inode.xattrs[name], True) for name in sorted(inode.xattrs)]
        lines.append(" ".join(map(str, fields)))
    return ("\n".join(lines) + "\n").encode("ascii")


def random_tree(stream, seed):
    root = Forester(seed).tree()
    if stream == "common":
        make_common(root)
    return dumpfile(root)


if __name__ == "__main__":
    stream, seed = sys.argv[1], int(sys.argv[2])
    if len(sys.argv) == 3:
        sys.stdout.buffer.write(random_tree(stream, seed))
    else:
        for each in range(seed, seed + int(sys.argv[3])):
            print(each, hashlib.sha256(random_tree(stream, each)).hexdigest())
