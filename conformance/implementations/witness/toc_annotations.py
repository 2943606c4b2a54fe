"""The annotations of zstd:chunked, and what is at the positions that they give (spec/chunked.md, "Format")."""

import hashlib
import re
from dataclasses import dataclass

from decompression import compression_of
from errors import Rejected

PREFIX = "io.github.containers.zstd-chunked."
CHECKSUM, POSITION = PREFIX + "manifest-checksum", PREFIX + "manifest-position"
TARSPLIT_POSITION, TARSPLIT_CHECKSUM = PREFIX + "tarsplit-position", PREFIX + "tarsplit-checksum"
KEYS = (CHECKSUM, POSITION, TARSPLIT_POSITION, TARSPLIT_CHECKSUM)
STARGZ = "containerd.io/snapshot/stargz/toc.digest"

OCI_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")  # LAYER-009
NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
LARGEST_NUMBER = 2**53 - 1
FOOTER_SIZE = 64
FOOTER_MAGIC = 0x78556E496C554E47
TYPE = 1


@dataclass
class Position:
    offset: int
    length: int
    plain: int

    @property
    def end(self):
        return self.offset + self.length


@dataclass
class Annotations:
    checksum: str
    table: Position
    tar_split: Position = None


def has_annotations(annotations):
    """TOC-008. Only the names of annotations count, not their values."""
    return any(key in annotations for key in KEYS)


def fail(reason):
    raise Rejected("TOC_ANNOTATION", reason)


def read_annotations(annotations, media_type):
    """TOC-003 to TOC-009, for a layer that has one of the annotations."""
    if STARGZ in annotations:
        fail("annotations of zstd:chunked and of eStargz")  # TOC-003
    if compression_of(media_type) != "zstd":
        fail("a layer that is not compressed with zstd")  # TOC-004
    if CHECKSUM not in annotations or POSITION not in annotations:
        fail("manifest-checksum or manifest-position is missing")  # TOC-005
    if not OCI_DIGEST.fullmatch(annotations[CHECKSUM]):
        fail("manifest-checksum is not an OCI digest")  # TOC-006
    *table, table_type = read_numbers(annotations[POSITION], 4)
    if table_type != TYPE:
        fail("the type in manifest-position is not 1")  # TOC-007
    tar_split = None
    if TARSPLIT_POSITION in annotations:
        tar_split = Position(*read_numbers(annotations[TARSPLIT_POSITION], 3))
    return Annotations(annotations[CHECKSUM], Position(*table), tar_split)


def read_numbers(text, count):
    """TOC-007."""
    parts = text.split(":")
    if len(parts) != count or not all(NUMBER.fullmatch(part) and int(part) <= LARGEST_NUMBER for part in parts):
        fail(f"position {text!r}")
    return [int(part) for part in parts]


def check_positions(blob, frames, annotations):
    """TOC-012 to TOC-014."""
    ordinary_end = max((frame.end for frame in frames if not frame.skippable), default=0)
    table = frame_at(frames, annotations.table)
    if table.start < ordinary_end:
        raise Rejected("TOC_POSITION", "an ordinary frame behind the table of contents")  # TOC-013
    if annotations.tar_split is not None and frame_at(frames, annotations.tar_split).start < table.end:
        raise Rejected("TOC_POSITION", "the tar-split data is not behind the table of contents")  # TOC-013
    check_footer(blob, frames[-1], annotations)


def frame_at(frames, position):
    """TOC-012: the skippable frame whose whole content is at a position."""
    for frame in frames:
        if frame.skippable and frame.content == (position.offset, position.end):
            return frame
    raise Rejected("TOC_POSITION", f"byte {position.offset}: not the content of a skippable frame")


def check_footer(blob, frame, annotations):
    """TOC-014."""
    content = blob[slice(*frame.content)] if frame.skippable else b""
    integers = [int.from_bytes(content[at : at + 8], "little") for at in range(0, len(content), 8)]
    if len(content) != FOOTER_SIZE or integers[-1] != FOOTER_MAGIC:
        return
    table, tar_split = annotations.table, annotations.tar_split or Position(0, 0, 0)
    expected = [table.offset, table.length, table.plain, TYPE, tar_split.offset, tar_split.length, tar_split.plain]
    if integers[:-1] != expected:
        raise Rejected("TOC_POSITION", "the footer differs from the annotations")


def matches_digest(digest, data):
    """Whether the bytes have this OCI digest."""
    name, _, digits = digest.partition(":")
    return hashlib.new(name, data).hexdigest() == digits
