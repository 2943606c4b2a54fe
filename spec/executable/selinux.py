"""Tests the pseudocode of spec/selinux.md with the cases of the area selinux: python3 selinux.py VECTORS

The block of the chapter is executed as it is; what it does not say is below, by the requirements of the chapter, with
the `re` of Python for the patterns. Layers are read, merged and printed as merge.py does it.
Paths, lines and labels are bytes here, and strings with one character per byte in trees.
"""

import copy
import re
from dataclasses import dataclass

from chapters import Skipped, example, test
from merge import PLAIN_TAR, apply_xattr_policy, chapter, is_directory, print_dumpfile, read_layer, reject

# SELINUX-012, SELINUX-018.
TYPES = {b"--": "file", b"-d": "directory", b"-l": "symlink", b"-c": "character", b"-b": "block", b"-p": "fifo"}
TYPES[b"-s"] = "socket"
WHITE_SPACE = b" \t\v\f\r"


def byte_set(rule):
    """The bytes in a rule of the grammar of patterns, as a class of Python; of an escape, those behind the backslash."""
    text = re.search(rf"^{rule} += (.*?)$", example("selinux-grammar"), re.MULTILINE).group(1)
    ranges = re.findall(r"%x(\w\w)(?:-(\w\w))?", text)
    signs = re.findall(r'"(.)"', text)[1:] if rule == "escape" else []
    pairs = [(int(first, 16), int(last or first, 16)) for first, last in ranges] + [(ord(sign),) * 2 for sign in signs]
    return "".join(rf"\x{first:02x}-\x{last:02x}" for first, last in pairs).encode()


# SELINUX-014: what is one byte of a path in a pattern.
ESCAPE = rb"\\[" + byte_set("escape") + rb"]"
LITERAL = rb"[" + byte_set("literal") + rb"]"
END = rb"[" + byte_set("end") + rb"]"
MEMBER = rb"(?:" + END + rb"-" + END + rb"|" + END + rb"|\^|" + ESCAPE + rb")"
CLASS = rb"\[(?:\^|(?!\^))(?:[\]-]" + MEMBER + rb"*|" + MEMBER + rb"+)-?\]"
ATOM = re.compile(ESCAPE + rb"|" + LITERAL + rb"|\.|" + CLASS)
REPEAT = re.compile(rb"[?*+]\??")
SIMPLE = re.compile(rb"(?:" + ESCAPE + rb"|" + LITERAL + rb"|[$)\]^{|}])*")
SLOW = b"(a|aa)+"


@dataclass
class Line:
    file: int
    kind: str
    label: bytes
    pattern: re.Pattern
    exact: bool
    start: bytes


def check_pattern(pattern):
    depth, at, repeatable = 0, 0, False
    while at < len(pattern):
        atom, repeat, byte = ATOM.match(pattern, at), REPEAT.match(pattern, at), pattern[at : at + 1]
        if atom:
            check_class(atom.group())
            at, repeatable = atom.end(), True
        elif repeat and repeatable:
            at, repeatable = repeat.end(), False
        elif byte == b"(" and depth < 50:
            at, depth, repeatable = at + 1, depth + 1, False
        elif byte == b")" and depth > 0:
            at, depth, repeatable = at + 1, depth - 1, True
        elif byte == b"|" and depth > 0:
            at, repeatable = at + 1, False
        else:
            reject("TRANSFORM_SELINUX")
    if depth != 0:
        reject("TRANSFORM_SELINUX")


def check_class(atom):
    if len(atom) < 3:
        return
    ranges = re.findall(rb"\\.|(" + END + rb")-(" + END + rb")|[^\\]", atom[1:-1], re.DOTALL)
    if any(first > last for first, last in ranges) or any(sign in atom for sign in (b"&&", b"~~", b"--")):
        reject("TRANSFORM_SELINUX")
    if len(atom) > 3 and atom[1] == atom[-2] and atom[1] in b":.=":
        reject("TRANSFORM_SELINUX")


def is_utf8(content):
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def lines_of(content):
    """The words of each line that is not a comment (SELINUX-011)."""
    for line in content.split(b"\n"):
        words = re.split(b"[" + WHITE_SPACE + b"]+", line.strip(WHITE_SPACE))
        if words[0][:1] in (b"", b"#"):
            if not is_utf8(line):
                reject("TRANSFORM_SELINUX")
            continue
        if not all(re.fullmatch(rb"[!-~]+", word) for word in words):
            reject("TRANSFORM_SELINUX")
        yield words


def read_contexts(number, content):
    """SELINUX-012."""
    lines = []
    for words in lines_of(content):
        if len(words) not in (2, 3) or any(each not in TYPES for each in words[1:-1]):
            reject("TRANSFORM_SELINUX")
        pattern, *types, text = words
        if len(pattern) > 4000 or len(text) > 4000 or text.startswith(b"-"):
            reject("TRANSFORM_SELINUX")
        check_pattern(pattern)
        if SLOW in pattern:
            raise Skipped("a pattern for which the engine of Python needs too long")
        simple = SIMPLE.match(pattern).group()
        start = re.sub(rb"\\(.)", rb"\1", simple)
        start = start[: start.rfind(b"/") + 1]
        kind = TYPES[types[0]] if types else None
        lines.append(Line(number, kind, text, re.compile(pattern, re.DOTALL), simple == pattern, start))
    return lines


def read_aliases(content):
    """SELINUX-013, SELINUX-028."""
    if any(len(line) > 1022 for line in content.split(b"\n")):
        reject("TRANSFORM_SELINUX")
    aliases = []
    for words in lines_of(content):
        if len(words) != 2 or words[0] == b"/":
            reject("TRANSFORM_SELINUX")
        for path in words:
            if path != b"/" and not re.fullmatch(rb"(?:/(?!\.{1,2}(?:/|$))[^/]+)+", path):
                reject("TRANSFORM_SELINUX")
        aliases.append(tuple(words))
    return aliases


def read_config(content):
    """The type of the policy, or None (SELINUX-005 to SELINUX-007)."""
    if len(content) > 65536:
        reject("TRANSFORM_LIMIT")
    if not is_utf8(content):
        reject("TRANSFORM_SELINUX")
    values = []
    for line in (line.strip(WHITE_SPACE) for line in content.split(b"\n")):
        if line.startswith(b"#"):
            continue
        if re.search(rb"[\0\x80-\xff]", line):
            reject("TRANSFORM_SELINUX")
        key = re.match(rb"SELINUXTYPE([ \t\v\f\r]*)=[ \t\v\f\r]*", line, re.IGNORECASE)
        if key:
            values.append(line[key.end() :])
            if key.group(1):
                reject("TRANSFORM_SELINUX")
    for value in values:
        if len(values) > 1 or value in (b".", b"..") or not re.fullmatch(rb"[A-Za-z0-9._\-]+", value):
            reject("TRANSFORM_SELINUX")
    return values[0].decode() if values else None


def find(root, path):
    inode = root
    for name in path.strip("/").split("/"):
        inode = (inode.children or {}).get(name)
        if inode is None:
            return None
    return inode


def require(inode, kind, optional=False):
    if inode is None and optional:
        return None
    if inode is None or inode.type != kind:
        reject("TRANSFORM_SELINUX")
    return inode


def find_policy(root):
    """The five files of the policy, or None (SELINUX-002 to SELINUX-010)."""
    for path in ("/etc", "/etc/selinux"):
        require(find(root, path), "directory", optional=True)
    config = require(find(root, "/etc/selinux/config"), "file", optional=True)
    selected = read_config(config.content) if config else None
    if selected is None:
        for folder in ("/etc/selinux/targeted", "/etc/selinux/default"):
            for path in (folder, f"{folder}/contexts", f"{folder}/contexts/files"):
                require(find(root, path), "directory", optional=True)
            if find(root, f"{folder}/contexts/files/file_contexts") is not None:
                reject("TRANSFORM_SELINUX")
        return None
    folder = f"/etc/selinux/{selected}"
    for path in (folder, f"{folder}/contexts", f"{folder}/contexts/files"):
        require(find(root, path), "directory")
    files = []
    for suffix in ("", ".local", ".homedirs", ".subs", ".subs_dist"):
        inode = require(find(root, f"{folder}/contexts/files/file_contexts{suffix}"), "file", suffix != "")
        files.append(inode.content if inode else b"")
    if any(len(content) > 4194304 for content in files):
        reject("TRANSFORM_LIMIT")
    return files


# The pseudocode, and what it uses.


def fits(line, lookup, kind):
    return line.kind in (None, kind) and line.pattern.fullmatch(lookup) is not None


def replace(path, aliases):
    """One of the two steps of SELINUX-017."""
    for alias, target in reversed(aliases):
        if path == alias:
            return target
        if path.startswith(alias + b"/"):
            return target.rstrip(b"/") + path[len(alias) :]
    return path


def label_of(line):
    return None if line is None or line.label == b"<<none>>" else line.label


program = {function.__name__: function for function in (fits, replace, label_of, reject)}
exec(example("selinux-label"), program)


def set_labels(root, files):
    main, local, homedirs = (read_contexts(number, content) for number, content in enumerate(files[:3]))
    subs, subs_dist = (read_aliases(content) for content in files[3:])
    program.update(main=main, local=local, homedirs=homedirs, subs=subs, subs_dist=subs_dist)
    aliases = dict(subs) | dict(subs_dist)
    first = {}

    def visit(path, walked, inode, parent):
        """SELINUX-016, SELINUX-024 and SELINUX-025."""
        label = program["label"](path, walked, inode.type)
        if not is_directory(inode):
            known = first.setdefault(inode, label)
            if inode in labelled and known != label:
                inode = copy.copy(inode)
                parent.children[path.rpartition(b"/")[2].decode("latin-1")] = inode
        labelled[inode] = label
        for name in sorted(inode.children or ()):
            child = name.encode("latin-1")
            below = walked.rstrip(b"/") + b"/" + child
            visit(path.rstrip(b"/") + b"/" + child, aliases.get(below, below), inode.children[name], inode)

    labelled = {}
    visit(b"/", b"/", root, None)
    for inode, label in labelled.items():
        inode.xattrs = {name: value for name, value in inode.xattrs.items() if name != "security.selinux"}
        if label is not None:
            inode.xattrs["security.selinux"] = label.decode("latin-1")


# Transform: what the cases need of it.


def transform(root, policy):
    apply_xattr_policy(root, policy)
    usr = root.children.get("usr")
    if usr is None or not is_directory(usr):
        raise Skipped("no directory /usr")
    for name in ("mode", "uid", "gid", "mtime", "xattrs"):
        setattr(root, name, copy.copy(getattr(usr, name)))
    for name in ("run", "boot", "sysroot"):
        directory = root.children.get(name)
        if directory is not None and is_directory(directory):
            directory.children.clear()
            directory.mtime = usr.mtime


def answer(folder, case):
    params, layers = case["params"], case["input"]["layers"]
    if params["role"] != "merged.bootable":
        raise Skipped(f"role {params['role']}")
    for layer in layers:
        if layer["mediaType"] != PLAIN_TAR:
            raise Skipped(f"media type {layer['mediaType']}")
    tree = chapter["merge"]([read_layer((folder / layer["path"]).read_bytes()) for layer in layers])
    transform(tree, params["xattrs"])
    files = find_policy(tree)
    if files is not None:
        set_labels(tree, files)
    return {"dumpfile": print_dumpfile(tree, params["algorithm"]).encode()}


if __name__ == "__main__":
    test("selinux", "layers.tree", answer)
