"""The parser of dumpfiles: a tree from text (spec/dumpfile.md, DUMP-017 to DUMP-055)."""

import re

from errors import Rejected
from tree import KIND_OF_TYPE_BITS, OBJECT_SIZE_LIMIT, PERMISSION_BITS, External, Inode, is_directory

LINE_LIMIT = 262144
FIELD_COUNT = 11
PATH_LIMIT = 4096
NAME_LIMIT = 255
PAYLOAD_LIMIT = 4095
TARGET_LIMIT = 4095
CONTENT_LIMIT = 5000
XATTR_NAME_LIMIT = 255
XATTR_SUM_LIMIT = 32767
MAX_32 = 2**32 - 1
MAX_63 = 2**63 - 1
MAX_64 = 2**64 - 1
MAX_NANOSECONDS = 999_999_999

ESCAPE = re.compile(rb"\\(?:([\\nrt])|x([0-9A-Fa-f]{2}))?")  # the grammar's `escape`, or a backslash that begins none
MEANING = {b"\\": b"\\", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def parse_dumpfile(text):
    """The tree that a dumpfile describes."""
    lines = text.split(b"\n")
    if lines[-1] == b"":  # DUMP-017
        lines.pop()
    if not lines:
        raise Rejected("DUMPFILE_ROOT", "no lines")
    known = {}  # every path so far, with its inode
    for number, line in enumerate(lines, 1):
        try:
            parse_line(line, known)
        except Rejected as rejection:  # DUMP-025
            raise Rejected(rejection.code, f"line {number}: {rejection.message}") from None
    return known[b"/"]


def parse_line(line, known):
    if not 1 <= len(line) <= LINE_LIMIT:
        raise Rejected("DUMPFILE_LINE", "empty or too long")  # DUMP-018
    fields = line.split(b" ")
    if len(fields) < FIELD_COUNT or b"" in fields:
        raise Rejected("DUMPFILE_FIELD", "too few fields, or an empty one")  # DUMP-019
    if re.search(rb"[^\x20-\x7e]", line):
        raise Rejected("DUMPFILE_BYTE", "a byte that has to be escaped")  # DUMP-020
    path = parse_path(fields[0])
    is_link = fields[2].startswith(b"@")
    inode = parse_hard_link(fields, known) if is_link else parse_inode(fields)
    add(path, inode, known, is_link)


def add(path, inode, known, is_link):
    """DUMP-023: the lines of children can be in any order behind that of their directory."""
    if path == b"/" or not known:
        if known or path != b"/" or is_link or not is_directory(inode):
            raise Rejected("DUMPFILE_ROOT", "the first line, and only that, is the root directory")  # DUMP-034
        known[path] = inode
        return
    parent_path, _, name = path.rpartition(b"/")
    parent = known.get(parent_path or b"/")
    if not is_directory(parent):
        raise Rejected("DUMPFILE_PARENT", "the parent is not a directory of an earlier line")  # DUMP-035
    if path in known:
        raise Rejected("DUMPFILE_DUPLICATE", "an earlier line has the same path")  # DUMP-036
    known[path] = inode
    parent.children[name] = inode


def parse_hard_link(fields, known):
    """DUMP-037: only PATH, SIZE, MODE and PAYLOAD have a form that is checked."""
    parse_number(fields[1], MAX_64)  # DUMP-053
    kind, _ = parse_mode(fields[2][1:])
    if kind == "directory" or fields[8] == b"-":
        raise Rejected("DUMPFILE_HARDLINK", "no target, or the mode of a directory")  # DUMP-038
    target = known.get(parse_path(fields[8]))
    if target is None or is_directory(target):
        raise Rejected("DUMPFILE_HARDLINK", "the target is a directory, or not on an earlier line")
    return target


def parse_inode(fields):
    _, size, mode, nlink, uid, gid, rdev, mtime, payload, content, digest, *xattrs = fields
    kind, permissions = parse_mode(mode)
    size = parse_number(size, OBJECT_SIZE_LIMIT if kind == "file" else MAX_64)  # DUMP-027
    parse_number(nlink, MAX_32)  # DUMP-031
    inode = Inode(kind, permissions, parse_number(uid, MAX_32), parse_number(gid, MAX_32), parse_mtime(mtime))
    inode.rdev = parse_number(rdev, MAX_32 if kind in ("character", "block") else 0)
    inode.xattrs = parse_xattrs(xattrs)
    set_content(inode, size, parse_optional(payload), parse_optional(content), parse_digest(digest))
    return inode


def parse_number(field, largest):
    if not re.fullmatch(rb"0|[1-9][0-9]*", field):
        raise Rejected("DUMPFILE_NUMBER", "not a decimal number")  # DUMP-026, DUMP-055
    if len(field) > len(str(largest)) or int(field) > largest:
        raise Rejected("DUMPFILE_NUMBER", f"larger than {largest}")  # DUMP-027
    return int(field)


def parse_mtime(field):
    seconds, dot, nanoseconds = field.partition(b".")
    if not dot:
        raise Rejected("DUMPFILE_NUMBER", "a time without a dot")  # DUMP-028
    return parse_number(seconds, MAX_63), parse_number(nanoseconds, MAX_NANOSECONDS)  # DUMP-029


def parse_mode(field):
    """DUMP-030: the kind and the permissions."""
    if not re.fullmatch(rb"0*[0-7]{1,6}", field):
        raise Rejected("DUMPFILE_MODE", "not an octal number up to 177777")
    mode = int(field, 8)
    kind = KIND_OF_TYPE_BITS.get(mode & ~PERMISSION_BITS)
    if kind is None:
        raise Rejected("DUMPFILE_MODE", "too large, or an unknown file type")
    return kind, mode & PERMISSION_BITS


def parse_digest(field):
    if field == b"-":
        return None
    if not re.fullmatch(rb"[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128}", field):
        raise Rejected("DUMPFILE_DIGEST", "not 64 or 128 hexadecimal digits")  # DUMP-046
    return bytes.fromhex(field.decode())


def parse_optional(field):
    """A field that can be unset, unescaped, or None."""
    return None if field == b"-" else unescape(field)


def unescape(field):
    """DUMP-021, DUMP-022."""

    def meaning(match):
        named, digits = match.groups()
        if digits:
            return bytes([int(digits, 16)])
        if named:
            return MEANING[named]
        raise Rejected("DUMPFILE_ESCAPE", "a backslash that begins no escape")

    return ESCAPE.sub(meaning, field)


def parse_path(field):
    """DUMP-032, DUMP-033."""
    path = unescape(field)
    if len(path) > PATH_LIMIT:
        raise Rejected("DUMPFILE_PATH", "longer than 4096 bytes")
    if path == b"/":
        return path
    first, *names = path.split(b"/")
    if first != b"" or not names or not all(is_name(name) and len(name) <= NAME_LIMIT for name in names):
        raise Rejected("DUMPFILE_PATH", "not an absolute path in normal form")
    return path


def is_name(name):
    return name not in (b"", b".", b"..") and b"\0" not in name


def parse_xattrs(fields):
    xattrs = {}
    for field in fields:
        key, equals, value = field.partition(b"=")  # DUMP-049
        name, value = unescape(key), unescape(value)
        if not equals or not 1 <= len(name) <= XATTR_NAME_LIMIT or b"\0" in name:
            raise Rejected("DUMPFILE_XATTR", "not a name, an equals sign and a value")  # DUMP-050
        if name in xattrs:
            raise Rejected("DUMPFILE_XATTR", "two extended attributes of one name")  # DUMP-051
        xattrs[name] = value
    if 12 + sum(7 + len(name) + len(value) for name, value in xattrs.items()) > XATTR_SUM_LIMIT:
        raise Rejected("DUMPFILE_XATTR", "too many extended attributes")  # DUMP-052
    return xattrs


def set_content(inode, size, payload, content, digest):
    if inode.kind == "file":
        set_file_content(inode, size, payload, content, digest)
    elif inode.kind == "symlink":
        if content is not None or digest is not None:
            raise Rejected("DUMPFILE_CONTENT", "a symbolic link with CONTENT or DIGEST")  # DUMP-045
        if payload is None or len(payload) > TARGET_LIMIT or b"\0" in payload:
            raise Rejected("DUMPFILE_PAYLOAD", "not the target of a symbolic link")  # DUMP-048
        inode.target = payload
    elif (payload, content, digest) != (None, None, None):
        raise Rejected("DUMPFILE_CONTENT", "PAYLOAD, CONTENT or DIGEST of a type that has none")  # DUMP-045


def set_file_content(inode, size, payload, content, digest):
    # DUMP-045, DUMP-054
    if content is not None and (payload, digest) != (None, None) or digest is not None and payload is None:
        raise Rejected("DUMPFILE_CONTENT", "PAYLOAD, CONTENT and DIGEST are not allowed together")
    if payload is not None:
        if len(payload) > PAYLOAD_LIMIT or not all(is_name(name) for name in payload.split(b"/")):
            raise Rejected("DUMPFILE_PAYLOAD", "not the path of an object")  # DUMP-047
    if content is not None:
        if len(content) != size:
            raise Rejected("DUMPFILE_CONTENT", "the length of CONTENT is not SIZE")  # DUMP-041
        if len(content) > CONTENT_LIMIT:
            raise Rejected("DUMPFILE_CONTENT", "longer than 5000 bytes")  # DUMP-042, DUMP-043, DUMP-044
        inode.content = content
    elif size > 0:  # DUMP-039, DUMP-040
        inode.external = External(size, digest, payload)
