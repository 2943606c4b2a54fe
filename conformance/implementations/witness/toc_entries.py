"""Whether the entries of a table of contents are those of the archive (spec/chunked.md, "Entries")."""

import hashlib

from errors import Rejected
from instants import SECOND, access_and_change_instant, normal

TYPE_OF_KIND = {
    "file": "reg",
    "hardlink": "hardlink",
    "symlink": "symlink",
    "character": "char",
    "block": "block",
    "directory": "dir",
    "fifo": "fifo",
}


def check_items(table, entries):
    """TOC-030, TOC-031."""
    if len(table.items) != len(entries):
        raise Rejected("TOC_ENTRY", "the archive has another number of entries")
    for item, entry in zip(table.items, entries):
        expected = members_of(entry)
        found = {name: value_of(item, name) for name in expected}
        if found != expected:
            names = ", ".join(name for name in expected if found[name] != expected[name])
            raise Rejected("TOC_ENTRY", f"entry {entry.name!r}: {names}")


def members_of(entry):
    """The members that the item of an entry of the archive has (TOC-031)."""
    accessed, changed = access_and_change_instant(entry)
    seconds, nanoseconds = entry.mtime
    members = {
        "type": TYPE_OF_KIND[entry.kind],
        "name": entry.name,
        "mode": entry.raw_mode,
        "uid": entry.uid,
        "gid": entry.gid,
        "modtime": normal(seconds * SECOND + nanoseconds),
        "accesstime": normal(accessed),
        "changetime": normal(changed),
        "xattrs": entry.xattrs,
    }
    if entry.kind in ("hardlink", "symlink"):
        members["linkName"] = entry.link
    if entry.kind == "file":
        members["size"] = entry.size
    if entry.kind in ("character", "block"):
        members["devMajor"], members["devMinor"] = entry.device
    return members


def value_of(item, name):
    """The value of a member as members_of has it: strings as the bytes of their UTF-8 (TOC-033)."""
    if name in ("modtime", "accesstime", "changetime"):
        return normal(item.get(name))  # TOC-032
    if name == "xattrs":
        return item.get(name, {})
    if name in ("name", "linkName"):
        return item[name].encode() if name in item else None
    return item[name]


def check_chunks(table, entries, lengths_before):
    """TOC-034 to TOC-038, after check_items; returns the number of chunks of all files."""
    count = 0
    for chunks, entry in zip(group_chunks(table), entries):
        if entry.kind == "file":
            content = entry.inode.content
            check_digest(chunks[0], content)
            if content:
                check_chunks_of_file(chunks, entry, lengths_before)
                count += len(chunks)
    return count


def group_chunks(table):
    """Of each item, the item and the chunks behind it (TOC-034)."""
    groups = []
    for entry in table.entries:
        if entry["type"] != "chunk":
            groups.append([entry])
            continue
        item = groups[-1][0] if groups else {"type": None}
        if item["type"] != "reg" or item["size"] == 0 or entry.get("name") != item["name"]:
            raise Rejected("TOC_CHUNK", "a chunk that is not behind its file")
        groups[-1].append(entry)
    return groups


def check_digest(item, content):
    """TOC-036."""
    if "digest" not in item and not content:
        return
    if item.get("digest") != sha256(content):
        raise Rejected("TOC_DIGEST", f"{item['name']!r}: the digest of its content")


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def check_chunks_of_file(chunks, entry, lengths_before):
    item, size = chunks[0], entry.size
    if len(chunks) == 1 and item["chunkSize"] == 0:
        sizes = [size]
    else:
        sizes = [chunk["chunkSize"] for chunk in chunks]
    ends_in_blob = [chunk["offset"] for chunk in chunks[1:]] + [item["endOffset"]]
    at = 0
    for chunk, chunk_size, end_in_blob in zip(chunks, sizes, ends_in_blob):
        if chunk["chunkOffset"] != at or chunk_size == 0 or at + chunk_size > size:
            raise Rejected("TOC_CHUNK", f"{item['name']!r}: chunks that do not cover the content")  # TOC-034
        begin_in_archive = entry.content_start + at
        check_place(item, lengths_before, chunk["offset"], begin_in_archive)
        check_place(item, lengths_before, end_in_blob, begin_in_archive + chunk_size)
        check_content(chunk, entry.inode.content[at : at + chunk_size], len(chunks))
        at += chunk_size
    if at != size:
        raise Rejected("TOC_CHUNK", f"{item['name']!r}: chunks that end before the content")  # TOC-034


def check_place(item, lengths_before, offset, place):
    """TOC-035: a frame begins there, and the frames before it decompress to what the archive has before the place."""
    if lengths_before.get(offset) != place:
        raise Rejected("TOC_CHUNK", f"{item['name']!r}: byte {offset} of the blob is not at its place in the archive")


def check_content(chunk, content, chunk_count):
    if chunk.get("chunkType") == "zeros" and any(content):
        raise Rejected("TOC_CHUNK", f"{chunk['name']!r}: a chunk of zeros that has another byte")  # TOC-038
    if "chunkDigest" not in chunk and chunk_count == 1:
        return
    if chunk.get("chunkDigest") != sha256(content):
        raise Rejected("TOC_DIGEST", f"{chunk['name']!r}: the digest of a chunk")  # TOC-037
