"""The text of a table of contents (spec/chunked.md, "The table of contents")."""

import base64
import binascii
import re
from dataclasses import dataclass

from errors import Rejected
from instants import read_instant
from json_text import NotJson, Number, case_variant, read_json
from tar_entry import path_of
from toc_annotations import OCI_DIGEST

TYPES = ("reg", "hardlink", "symlink", "char", "block", "dir", "fifo", "chunk")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Wrong(Exception):
    """A value that the table of members does not allow; the argument is the name of the member."""


def text(value):
    if not isinstance(value, str):
        raise Wrong
    return value


def number(value):
    whole = value.whole() if isinstance(value, Number) else None
    if whole is None:
        raise Wrong
    return whole


def matching(pattern):
    def read(value):
        if not pattern.fullmatch(text(value)):
            raise Wrong
        return value

    return read


def time(value):
    instant = read_instant(text(value))
    if instant is None:
        raise Wrong
    return instant


def read_base64(value):
    """RFC 4648, section 4, with its padding and without other characters or bits."""
    try:
        data = base64.b64decode(text(value).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Wrong from error
    if base64.b64encode(data).decode() != value:
        raise Wrong
    return data


def xattrs(value):
    """Names in UTF-8 (TOC-033), with values."""
    if not isinstance(value, dict) or "" in value:  # TOC-021
        raise Wrong
    return {name.encode(): read_base64(each) for name, each in value.items()}


def one_of(*allowed):
    def read(value):
        if value not in allowed:
            raise Wrong
        return value

    return read


def entry_list(value):
    if not isinstance(value, list):
        raise Wrong
    return value


TABLE_MEMBERS = {"version": lambda value: value, "entries": entry_list, "tarSplitDigest": matching(OCI_DIGEST)}
NUMBERS = ("mode", "size", "uid", "gid", "devMajor", "devMinor", "offset", "endOffset", "chunkOffset", "chunkSize")
ENTRY_MEMBERS = {
    "type": one_of(*TYPES),
    **dict.fromkeys(("name", "linkName"), text),
    **dict.fromkeys(NUMBERS, number),
    **dict.fromkeys(("modtime", "accesstime", "changetime"), time),
    **dict.fromkeys(("digest", "chunkDigest"), matching(DIGEST)),
    "xattrs": xattrs,
    "chunkType": one_of("", "zeros"),
}


def read_members(value, members):
    """The members of an object, each read as its row of the table says; others are ignored (TOC-025)."""
    if not isinstance(value, dict) or "" in value or any(case_variant(name, members) for name in value):
        raise Wrong("a name that is empty or in another case")  # TOC-021
    return {name: read_member(name, read, value[name]) for name, read in members.items() if name in value}


def read_member(name, read, value):
    try:
        return read(value)
    except Wrong as error:
        raise Wrong(f"member {name}") from error


@dataclass
class Table:
    items: list  # the entries that are not chunks
    entries: list
    tar_split_digest: str = None


def read_table(data):
    """TOC-020 to TOC-025."""
    try:
        table = read_members(read_json(data), TABLE_MEMBERS)
        version = table.get("version")
        if not isinstance(version, Number) or version.text != "1":
            raise Rejected("TOC_VERSION", "the version is not 1")  # TOC-022
        if "entries" not in table:
            raise Wrong("no entries")
        entries = [read_entry(entry) for entry in table["entries"]]
    except (NotJson, Wrong) as error:
        raise Rejected("TOC_FORMAT", f"the table of contents: {error}") from error
    items = [entry for entry in entries if entry["type"] != "chunk"]
    check_duplicates(items)
    return Table(items, entries, table.get("tarSplitDigest"))


def read_entry(value):
    """The members of an entry; a number that is absent is 0 (TOC-023)."""
    members = read_members(value, ENTRY_MEMBERS)
    if "type" not in members:
        raise Wrong("an entry without type")
    return dict.fromkeys(NUMBERS, 0) | members


def check_duplicates(items):
    """TOC-024."""
    paths = [tuple(path_of(item.get("name", "").encode())) for item in items]
    if len(set(paths)) != len(paths):
        raise Rejected("TOC_DUPLICATE", "two entries have the same path")
