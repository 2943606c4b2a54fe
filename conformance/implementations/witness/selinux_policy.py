"""The SELinux policy of a tree: where it is, and its lines (spec/selinux.md, "The policy")."""

import re
from dataclasses import dataclass

from errors import Rejected
from pax import is_utf8
from selinux_pattern import exact_text, literal_start, parse_pattern
from tree import find, is_directory

CONFIG_LIMIT = 65536
FILE_LIMIT = 4194304
WORD_LIMIT = 4000
ALIAS_LINE_LIMIT = 1022
WHITE_SPACE = b"\x20\x09\x0b\x0c\x0d"
DEFAULT_TYPES = (b"targeted", b"default")
NO_LABEL = b"<<none>>"

# SELINUX-012.
KINDS = {
    b"--": "file",
    b"-d": "directory",
    b"-l": "symlink",
    b"-c": "character",
    b"-b": "block",
    b"-p": "fifo",
    b"-s": "socket",
}


@dataclass(eq=False)
class Line:
    """One line of file_contexts, file_contexts.local or file_contexts.homedirs."""

    file: str
    kind: str  # or None
    pattern: bytes
    label: bytes

    def __post_init__(self):
        self.start = literal_start(self.pattern)
        self.text = exact_text(self.pattern)
        self.exact = self.text is not None


@dataclass
class Policy:
    main: list
    local: list
    homedirs: list
    subs: list
    subs_dist: list


def fail(reason):
    raise Rejected("TRANSFORM_SELINUX", reason)


def find_policy(root):
    """The policy of a tree, or None (SELINUX-003)."""
    for path in (b"/etc", b"/etc/selinux"):
        if not is_directory_or_missing(find(root, path)):
            fail(f"{path.decode()} is not a directory")  # SELINUX-002
    config = regular_file(root, b"/etc/selinux/config", CONFIG_LIMIT)
    policy_type = None if config is None else read_config(config)
    if policy_type is None:
        check_no_default_policy(root)
        return None
    return read_policy(root, b"/etc/selinux/" + policy_type + b"/contexts/files")


def is_directory_or_missing(inode):
    return inode is None or is_directory(inode)


def regular_file(root, path, limit):
    """The content of a regular file, or None if there is nothing at the path (SELINUX-002, SELINUX-009)."""
    inode = find(root, path)
    if inode is None:
        return None
    if inode.kind != "file":
        fail(f"{path!r} is not a regular file")
    if len(inode.content) > limit:
        raise Rejected("TRANSFORM_LIMIT", f"{path!r} is too long")  # SELINUX-010
    return inode.content


def check_no_default_policy(root):
    """SELINUX-004."""
    for policy_type in DEFAULT_TYPES:
        path = b"/etc/selinux/" + policy_type
        for directory in (path, path + b"/contexts", path + b"/contexts/files"):
            if not is_directory_or_missing(find(root, directory)):
                fail(f"{directory!r} is not a directory")
        if find(root, path + b"/contexts/files/file_contexts") is not None:
            fail(f"the config names no policy, and there is one in {path!r}")


def read_policy(root, directory):
    """SELINUX-008, SELINUX-009."""
    parts = directory.split(b"/")
    for length in range(2, len(parts) + 1):
        if not is_directory(find(root, b"/".join(parts[:length]))):
            fail(f"{directory!r} is not a directory")
    texts = {}
    for suffix in ("", ".local", ".homedirs", ".subs", ".subs_dist"):
        texts[suffix] = regular_file(root, directory + b"/file_contexts" + suffix.encode(), FILE_LIMIT)
    if texts[""] is None:
        fail("the policy has no file_contexts")
    lines = [read_contexts(suffix, texts[suffix] or b"") for suffix in ("", ".local", ".homedirs")]
    aliases = [read_aliases(texts[suffix] or b"") for suffix in (".subs", ".subs_dist")]
    return Policy(*lines, *aliases)


def read_config(text):
    """The type of the policy, or None (SELINUX-005 to SELINUX-007)."""
    if not is_utf8(text):
        fail("the config is not UTF-8")
    types = []
    for line in text.split(b"\n"):
        line = line.strip(WHITE_SPACE)
        if line.startswith(b"#"):
            continue
        if re.search(rb"[\0\x80-\xff]", line):
            fail("a line of the config has NUL or a byte above 0x7F")
        named = re.match(rb"(?i:SELINUXTYPE)([\x20\x09\x0b-\x0d]*)=", line)
        if named:
            if named.group(1):
                fail("white space before the = of SELINUXTYPE")
            types.append(line[named.end() :].lstrip(WHITE_SPACE))
    if not types:
        return None
    if len(types) > 1 or types[0] in (b".", b"..") or not re.fullmatch(rb"[A-Za-z0-9._-]+", types[0]):
        fail("the config names several types, or one that is not a name")
    return types[0]


def words_of_lines(text):
    """The words of each line that is not a comment (SELINUX-011)."""
    for line in text.split(b"\n"):
        words = [word for word in re.split(rb"[\x20\x09\x0b-\x0d]+", line) if word]
        if not words or words[0].startswith(b"#"):
            if not is_utf8(line):
                fail("a comment is not UTF-8")
        elif not all(re.fullmatch(rb"[\x21-\x7e]+", word) for word in words):
            fail("a line has a byte that is neither white space nor printable ASCII")
        else:
            yield words


def read_contexts(suffix, text):
    """SELINUX-012."""
    lines = []
    for words in words_of_lines(text):
        if len(words) not in (2, 3) or len(words) == 3 and words[1] not in KINDS:
            fail("a line that is not a pattern, a type and a label")
        pattern, label = words[0], words[-1]
        if max(len(pattern), len(label)) > WORD_LIMIT or label.startswith(b"-"):
            fail("a pattern or label that is too long, or a label that begins with `-`")
        parse_pattern(pattern)
        lines.append(Line(suffix, KINDS[words[1]] if len(words) == 3 else None, pattern, label))
    return lines


def read_aliases(text):
    """SELINUX-013, SELINUX-028: pairs of an alias and its target."""
    if any(len(line) > ALIAS_LINE_LIMIT for line in text.split(b"\n")):
        fail("a line of a file of aliases that is too long")
    aliases = []
    for words in words_of_lines(text):
        if len(words) != 2 or not is_alias(words[0]) or words[1] != b"/" and not is_alias(words[1]):
            fail("a line that is not an alias and its target")
        aliases.append(tuple(words))
    return aliases


def is_alias(path):
    first, *names = path.split(b"/")
    return first == b"" and bool(names) and not {b"", b".", b".."} & set(names)
