"""The printer of dumpfiles: a tree as text in its canonical form (spec/dumpfile.md, DUMP-001 to DUMP-016)."""

import re

from tree import link_counts, walk

ESCAPES = {b"\\": b"\\\\", b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t"}
UNSAFE = re.compile(rb"[^\x21-\x5b\x5d-\x7e]")  # what is not written as itself: DUMP-003
UNSAFE_IN_XATTR = re.compile(rb"[^\x21-\x3c\x3e-\x5b\x5d-\x7e]")  # an equals sign as well: DUMP-005


def print_dumpfile(root):
    """The canonical dumpfile of a tree, as bytes."""
    counts = link_counts(root)
    first_paths = {}
    lines = []
    for path, inode in walk(root):
        path = escape(path)  # DUMP-006
        if inode in first_paths:
            lines.append(hard_link_line(path, inode, first_paths[inode]))
        else:
            first_paths[inode] = path
            lines.append(inode_line(path, inode, counts[inode]))
    return b"".join(lines)


def hard_link_line(path, inode, first_path):
    """DUMP-016."""
    return b"%b 0 @%o - - - - 0.0 %b - -\n" % (path, inode.full_mode, first_path)


def inode_line(path, inode, link_count):
    # DUMP-007 to DUMP-011.
    numbers = (inode.size, inode.full_mode, link_count, inode.uid, inode.gid, inode.rdev, *inode.mtime)
    fields = [path, b"%d %o %d %d %d %d %d.%d" % numbers, *content_fields(inode)]
    for name in sorted(inode.xattrs):  # DUMP-015
        fields.append(escape(name, UNSAFE_IN_XATTR) + b"=" + escape(inode.xattrs[name], UNSAFE_IN_XATTR))
    return b" ".join(fields) + b"\n"  # DUMP-002


def content_fields(inode):
    """PAYLOAD, CONTENT and DIGEST."""
    if inode.kind == "symlink":
        return optional(inode.target), b"-", b"-"  # DUMP-012
    if inode.external:
        digest = inode.external.digest
        return optional(inode.external.payload), b"-", digest.hex().encode() if digest else b"-"  # DUMP-014
    return b"-", optional(inode.content), b"-"  # DUMP-013


def optional(value):
    """DUMP-004: a field that can be unset."""
    if not value:
        return b"-"
    return b"\\x2d" if value == b"-" else escape(value)


def escape(value, unsafe=UNSAFE):
    """DUMP-003."""
    return unsafe.sub(lambda match: escape_byte(match.group()), value)


def escape_byte(byte):
    return ESCAPES.get(byte) or b"\\x%02x" % ord(byte)
