"""The archive of a layer as a list of entries (spec/layers.md, "Archive structure" and "Extended headers")."""

from dataclasses import dataclass

from errors import Rejected
from pax import Records, read_records
from tar_entry import read_entry
from tar_header import BLOCK, Header

ZEROS = bytes(BLOCK)
EXTENSION_LIMIT = 1048576
ENTRY_LIMIT = 1048576
EXTENSION_TYPES = (b"x", b"L", b"K")


@dataclass
class Extensions:
    """The extended headers of type `x`, `L` and `K` that precede an entry, by type, with their content."""

    contents: dict

    def add(self, header, content):
        if header.form == "v7" or header.type in self.contents:
            raise Rejected("TAR_EXTENSION", "an extended header of form v7, or a second one")  # LAYER-060
        self.contents[header.type] = content
        if sum(map(len, self.contents.values())) > EXTENSION_LIMIT:
            raise Rejected("TAR_LIMIT", "extended headers that are too long")  # LAYER-066, LAYER-067

    def records(self):
        return Records(read_records(self.contents.get(b"x", b"")))

    def long_text(self, kind):
        """LAYER-061, LAYER-062: a long name or link target, or None."""
        if kind not in self.contents:
            return None
        text = self.contents[kind].removesuffix(b"\0")
        if not text or b"\0" in text:
            raise Rejected("TAR_EXTENSION", "an empty long name or link target, or one with NUL")
        return text


def read_archive(archive):
    """The entries of an archive, in their order."""
    entries = []
    extensions = Extensions({})
    at = 0
    while not ends_at(archive, at):
        header = Header(archive[at : at + BLOCK])
        at += BLOCK
        if header.type in EXTENSION_TYPES or header.type == b"g":
            size = header.number("size")  # LAYER-119
            if size > EXTENSION_LIMIT:
                raise Rejected("TAR_LIMIT", "an extended header that is too long")  # LAYER-067
            add_extension(extensions, header, take(archive, at, size))
        else:
            entry = read_entry(header, extensions.records(), extensions.long_text(b"L"), extensions.long_text(b"K"))
            entry.content_start, size = at, entry.size
            content = take(archive, at, size)  # LAYER-092
            if entry.kind == "file":
                entry.inode.content = content
            entries.append(entry)
            extensions = Extensions({})
            if len(entries) > ENTRY_LIMIT:
                raise Rejected("TAR_LIMIT", "too many entries")  # LAYER-103, LAYER-104
        at += padded(size)
    if extensions.contents:
        raise Rejected("TAR_EXTENSION", "the archive ends between an extended header and its entry")  # LAYER-060
    return entries


def add_extension(extensions, header, content):
    if header.type != b"g":
        extensions.add(header, content)
        return
    if extensions.contents:
        raise Rejected("TAR_EXTENSION", "a global header between another extended header and its entry")  # LAYER-065
    read_records(content)  # LAYER-064


def ends_at(archive, at):
    """Whether the archive ends instead of a header (LAYER-041 to LAYER-044)."""
    if at == len(archive):
        return True
    block, following = archive[at : at + BLOCK], archive[at + BLOCK : at + 2 * BLOCK]
    if len(block) < BLOCK:
        raise Rejected("TAR_TRUNCATED", "the archive ends within a header")
    if block != ZEROS:
        return False
    if 0 < len(following) < BLOCK:
        raise Rejected("TAR_TRUNCATED", "the archive ends within a block of zeros")
    if following not in (b"", ZEROS):
        raise Rejected("TAR_ZERO_BLOCK", "a single block of zeros")  # LAYER-042
    return True


def padded(size):
    """LAYER-045: the length with padding."""
    return -(-size // BLOCK) * BLOCK


def take(archive, at, size):
    if at + padded(size) > len(archive):
        raise Rejected("TAR_TRUNCATED", "the archive ends within a content or its padding")  # LAYER-044
    return archive[at : at + size]
