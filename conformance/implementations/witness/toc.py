"""Whether the table of contents of a layer agrees with it (spec/chunked.md, TOC-060)."""

import hashlib

from decompression import SizeLimits, decompress
from errors import Rejected
from tar_archive import read_archive
from tar_split import check_tar_split
from toc_annotations import check_positions, has_annotations, matches_digest, read_annotations
from toc_entries import check_chunks, check_items
from toc_table import read_table
from zstd_blob import decompress_frames, decompress_zstd

TABLE_LIMIT = 157286400
TAR_SPLIT_LIMIT = 1073741824


def check_layer(blob, media_type, annotations):
    """The report of `toc.check`: a dict of strings. `annotations` are those of the descriptor of the blob."""
    if not has_annotations(annotations):  # TOC-008
        read_archive(decompress(blob, media_type, SizeLimits()))
        return {"toc": "none"}
    wanted = read_annotations(annotations, media_type)
    archive = decompress(blob, media_type, SizeLimits())
    entries = read_archive(archive)
    frames, lengths_before = measure_frames(blob)
    check_positions(blob, frames, wanted)
    table = read_table(table_text(blob, wanted))
    check_items(table, entries)
    chunks = check_chunks(table, entries, lengths_before)
    return {
        "toc": "zstd-chunked",
        "entries": str(len(table.items)),
        "chunks": str(chunks),
        "tarSplit": check_tar_split_data(blob, wanted, table, archive, entries),
        "diffId": "sha256:" + hashlib.sha256(archive).hexdigest(),
    }


def measure_frames(blob):
    """The frames of a blob, and where each begins: the length of what the frames before it decompress to (TOC-035)."""
    frames = []
    lengths_before = {}
    length = 0
    for frame, pieces in decompress_frames(blob):
        frames.append(frame)
        lengths_before[frame.start] = length
        length += sum(map(len, pieces))
    return frames, lengths_before


def table_text(blob, wanted):
    """TOC-010 to TOC-016."""
    check_limit(wanted.table, TABLE_LIMIT)
    compressed = blob[wanted.table.offset : wanted.table.end]
    if not matches_digest(wanted.checksum, compressed):
        raise Rejected("TOC_CHECKSUM", "the digest of the table of contents")  # TOC-015
    return decompress_exactly(compressed, wanted.table.plain, "TOC_FORMAT")  # TOC-016


def check_limit(position, limit):
    """TOC-011, TOC-047."""
    if max(position.length, position.plain) > limit:
        raise Rejected("TOC_LIMIT", "a table of contents or tar-split data that is too long")


def decompress_exactly(compressed, size, code):
    """The content of zstd frames that decompress to exactly this size."""
    content = bytearray()
    try:
        for piece in decompress_zstd(compressed):
            content += piece
            if len(content) > size:
                break
    except Rejected as rejection:
        raise Rejected(code, str(rejection)) from rejection
    if len(content) != size:
        raise Rejected(code, f"the decompressed length is not {size}")
    return bytes(content)


def check_tar_split_data(blob, wanted, table, archive, entries):
    """TOC-040 to TOC-042; returns the value `tarSplit` of the report."""
    position = wanted.tar_split
    if position is None:
        if table.tar_split_digest is not None:
            raise Rejected("TOC_ANNOTATION", "a tarSplitDigest without a tarsplit-position")  # TOC-040
        return "none"  # TOC-041
    check_limit(position, TAR_SPLIT_LIMIT)
    compressed = blob[position.offset : position.end]
    if table.tar_split_digest is not None and not matches_digest(table.tar_split_digest, compressed):
        raise Rejected("TOC_CHECKSUM", "the digest of the tar-split data")  # TOC-040
    check_tar_split(decompress_exactly(compressed, position.plain, "TOC_TARSPLIT"), archive, entries)
    return "unbound" if table.tar_split_digest is None else "digest"
