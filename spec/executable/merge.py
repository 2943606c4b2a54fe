"""Tests the pseudocode of spec/merge.md with the cases of the area merge: python3 merge.py VECTORS

The three blocks of the chapter are executed as they are.
This program adds what other chapters define: the xattr policies (spec/transform.md), a printer of dumpfiles
(spec/dumpfile.md), and a reader of tar archives (spec/layers.md).
The reader knows only the headers and defects that cases of the area have; a case with other headers is skipped.
Names, targets and extended attributes are strings with one character per byte.
"""

import re
from dataclasses import dataclass, field

from chapters import Rejected, Skipped, example, test
from fsverity import fsverity_digest

PLAIN_TAR = "application/vnd.oci.image.layer.v1.tar"
USER_XATTRS = {"allowlist-only": (), "keep-user-xattrs": ("user.",)}
TYPE_BITS = {
    "fifo": 0o10000,
    "character": 0o20000,
    "directory": 0o40000,
    "block": 0o60000,
    "file": 0o100000,
    "symlink": 0o120000,
}


@dataclass(eq=False)
class Inode:
    type: str
    mode: int
    uid: int = 0
    gid: int = 0
    mtime: tuple = (0, 0)
    xattrs: dict = field(default_factory=dict)
    children: dict = None  # of a directory alone
    content: bytes = b""
    link: str = ""
    rdev: int = 0


@dataclass(eq=False)
class Entry:
    path: list
    inode: Inode
    target: list


# What the chapter says in words.


def reject(code):
    raise Rejected(code)


def new_directory():
    return Inode("directory", 0o755, children={})


def new_inode(entry):
    return entry.inode


def new_whiteout():
    return Inode("character", 0o644)


def is_directory(inode):
    return isinstance(inode, Inode) and inode.type == "directory"


def is_hard_link(entry):
    return entry.inode.type == "hardlink"


def is_whiteout(entry):
    return entry.inode.type == "character" and entry.inode.rdev == 0


def set_attributes(directory, inode):
    for name in ("mode", "uid", "gid", "mtime", "xattrs"):
        setattr(directory, name, getattr(inode, name))


def apply_xattr_policy(inode, policy):
    for name in list(inode.xattrs):
        if name != "security.capability" and not name.startswith(USER_XATTRS[policy]):
            del inode.xattrs[name]
    for child in (inode.children or {}).values():
        apply_xattr_policy(child, policy)


STATES = "ORDINARY OPAQUE WHITEOUT RESERVED MISSING BLOCKED"
CODES = (
    "MERGE_PARENT MERGE_LINK_TARGET MERGE_LINK_DIRECTORY MERGE_LINK_SELF MERGE_LINK_LOWER "
    "MERGE_WHITEOUT_NAME MERGE_WHITEOUT_PATH MERGE_DEVICE"
)
FUNCTIONS = [reject, new_directory, new_inode, new_whiteout, is_directory]
FUNCTIONS += [is_hard_link, is_whiteout, set_attributes, apply_xattr_policy]
chapter = {name: name for name in f"{STATES} {CODES}".split()}
chapter |= {function.__name__: function for function in FUNCTIONS}
for block in (example("merge-names"), example("merge-layers"), example("merge-standalone")):
    exec(block, chapter)


def answer(folder, case):
    params, layers = case["params"], case["input"]["layers"]
    if params["role"] == "layer" and (params["transform"] != "none" or len(layers) != 1):
        reject("REQUEST_ROLE")
    if params["transform"] != "none":
        raise Skipped(f"transform {params['transform']}")
    if params["role"] not in ("merged", "layer"):
        raise Skipped(f"role {params['role']}")
    for layer in layers:
        if layer["mediaType"] != PLAIN_TAR:
            raise Skipped(f"media type {layer['mediaType']}")
    entries = [read_layer((folder / layer["path"]).read_bytes()) for layer in layers]
    if params["role"] == "layer":
        tree = chapter["standalone_layer_tree"](entries[0], params["xattrs"])
    else:
        tree = chapter["merge"](entries)
    return {"dumpfile": print_dumpfile(tree, params["algorithm"]).encode()}


# Layers, in part: ustar headers, and extended headers of type x with times and extended attributes.

TYPES = {b"1": "hardlink", b"2": "symlink", b"3": "character", b"4": "block", b"5": "directory", b"6": "fifo"}


def read_layer(archive):
    entries, records, at = [], [], 0
    while any(archive[at : at + 512]):
        header = archive[at : at + 512]
        check_header(header)
        type_flag, size, start = header[156:157], number(header[124:136]), at + 512
        if type_flag in b"15":
            size = 0  # LAYER-130
        content = archive[start : start + size]
        at = start + -(-size // 512) * 512
        if at > len(archive):
            reject("TAR_TRUNCATED")
        if type_flag == b"x":
            records = pax_records(content)
        else:
            entries.append(read_entry(header, content, records))
            records = []
    return entries


def check_header(header):
    if len(header) < 512:
        reject("TAR_TRUNCATED")
    if number(header[148:156]) != sum(header[:148]) + 8 * 32 + sum(header[156:]):
        reject("TAR_CHECKSUM")
    if header[257:265] != b"ustar\x0000":
        raise Skipped("a header that is not of form ustar")
    if header[345:500].strip(b"\0"):
        raise Skipped("a name with a prefix")
    if header[156:157] in b"LKgS":
        raise Skipped(f"a header of type {header[156:157].decode()}")


def read_entry(header, content, records):
    type_flag = header[156:157]
    if type_flag not in b"01234567\0":
        reject("TAR_TYPE")
    kind = TYPES.get(type_flag, "file")
    if content and kind != "file":
        reject("TAR_SIZE")
    mode, uid, gid = (number(header[begin : begin + 8]) for begin in (100, 108, 116))
    mtime = number(header[136:148])
    if uid >= 2**32 or gid >= 2**32:
        reject("TAR_RANGE")
    inode = Inode(kind, mode & 0o7777, uid, gid, (mtime, 0), content=content)
    if kind == "directory":
        inode.children = {}
    for keyword, value in records:
        if keyword.startswith("SCHILY.xattr."):
            inode.xattrs[keyword.removeprefix("SCHILY.xattr.")] = value
        elif keyword == "mtime":
            seconds, _, fraction = value.partition(".")
            inode.mtime = (int(seconds), int(fraction[:9].ljust(9, "0")))
        else:
            raise Skipped(f"a record {keyword}")
    target = text(header[157:257])
    if kind == "symlink":
        inode.link = target
    if kind in ("character", "block"):
        major, minor = number(header[329:337]), number(header[337:345])
        inode.rdev = minor & 0xFF | major << 8 | (minor & ~0xFF) << 12
    return Entry(path(text(header[:100])), inode, path(target))


def number(bytes_of_field):
    if bytes_of_field[0] == 0x80:
        return int.from_bytes(bytes_of_field[1:], "big")
    if not re.fullmatch(rb" *[0-7]+[ \0]*|\0+", bytes_of_field):
        reject("TAR_NUMBER")
    return int(bytes_of_field.strip(b" \0") or b"0", 8)


def text(bytes_of_field):
    return bytes_of_field.split(b"\0")[0].decode("latin-1")


def path(name):
    return [part for part in name.split("/") if part not in ("", ".")]


def pax_records(content):
    records = []
    while content:
        length = int(content.split(b" ")[0])
        if not 0 < length <= len(content):
            reject("TAR_PAX")
        _, _, record = content[: length - 1].decode("latin-1").partition(" ")
        keyword, _, value = record.partition("=")
        records.append((keyword, value))
        content = content[length:]
    return records


# Dumpfile and Tree: the canonical form.


def print_dumpfile(root, algorithm):
    names, first_names = {}, {}
    for _, inode in walk("/", root):
        names[inode] = names.get(inode, 0) + 1
    lines = []
    for name, inode in walk("/", root):
        mode = f"{TYPE_BITS[inode.type] | inode.mode:o}"
        if inode in first_names:
            lines.append(f"{name} 0 @{mode} - - - - 0.0 {first_names[inode]} - -\n")
            continue
        first_names[inode] = name
        nlink = names[inode]
        if is_directory(inode):
            nlink = 2 + sum(is_directory(child) for child in inode.children.values())
        size, payload, content, digest = content_fields(inode, algorithm)
        time = "{}.{}".format(*inode.mtime)
        fields = [name, size, mode, nlink, inode.uid, inode.gid, inode.rdev, time, payload, content, digest]
        fields += [f"{escape(key, '=')}={escape(value, '=')}" for key, value in sorted(inode.xattrs.items())]
        lines.append(" ".join(map(str, fields)) + "\n")
    return "".join(lines)


def walk(name, inode):
    """Every name in the tree with its inode, in the order of lines; names are escaped."""
    yield name, inode
    for child in sorted(inode.children or ()):
        yield from walk(f"{name.rstrip('/')}/{escape(child)}", inode.children[child])


def content_fields(inode, algorithm):
    """SIZE, PAYLOAD, CONTENT and DIGEST."""
    if inode.type == "symlink":
        return len(inode.link), optional(inode.link), "-", "-"
    if len(inode.content) <= 64:
        return len(inode.content), "-", optional(inode.content.decode("latin-1")), "-"
    digest = fsverity_digest(inode.content, algorithm).hex()
    return len(inode.content), f"{digest[:2]}/{digest[2:]}", "-", digest


def optional(value):
    return {"": "-", "-": r"\x2d"}.get(value) or escape(value)


def escape(value, also=""):
    named = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
    return "".join(
        character if "!" <= character <= "~" and character not in "\\" + also
        else named.get(character, f"\\x{ord(character):02x}")
        for character in value
    )


if __name__ == "__main__":
    test("merge", "layers.tree", answer)
