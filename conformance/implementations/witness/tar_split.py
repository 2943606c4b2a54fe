"""Tar-split data, which rebuilds an archive from its files (spec/chunked.md, "Tar-split data")."""

from errors import Rejected
from json_text import NotJson, read_json
from toc_table import Wrong, number, read_base64, read_members, text

CONTENT, SEGMENT = 1, 2
LINE_LIMIT = 4194304
POLYNOMIAL = 0xD800000000000000  # x^64 + x^4 + x^3 + x + 1, with reversed bits
ALL_ONES = 2**64 - 1


def optional_base64(value):
    return None if value is None else read_base64(value)


MEMBERS = {
    "type": number,
    "name": text,
    "name_raw": read_base64,
    "size": number,
    "payload": optional_base64,
    "position": number,
}


def check_tar_split(data, archive, entries):
    """TOC-043 to TOC-045."""
    at = 0
    remaining = list(reversed(entries))
    for line in read_lines(data):
        if line["type"] == SEGMENT:
            if archive[at : at + len(line["payload"])] != line["payload"]:
                fail("a segment that differs from the archive")  # TOC-044
            at += len(line["payload"])
        else:
            if not remaining:
                fail("more contents than the archive has entries")
            check_content(line, remaining.pop(), at, archive)
            at += line["size"]
    if at != len(archive) or remaining:
        fail("it does not rebuild the whole archive")


def fail(reason):
    raise Rejected("TOC_TARSPLIT", f"tar-split data: {reason}")


def read_lines(data):
    """TOC-043: the members of each line."""
    *lines, rest = data.split(b"\n")
    if rest:
        fail("the last line has no line feed")
    for position, line in enumerate(lines):
        if len(line) > LINE_LIMIT:
            raise Rejected("TOC_LIMIT", "a line of tar-split data that is too long")  # TOC-048
        try:
            members = {"size": 0, "payload": None} | read_members(read_json(line), MEMBERS)
        except (NotJson, Wrong) as error:
            raise Rejected("TOC_TARSPLIT", f"line {position} of the tar-split data: {error}") from error
        check_line(members, position)
        yield members


def check_line(members, position):
    if members.get("type") not in (CONTENT, SEGMENT) or members.get("position") != position:
        fail(f"type or position of line {position}")
    if members["type"] == SEGMENT:
        if members["payload"] is None:
            fail(f"line {position} is a segment without bytes")
    elif ("name" in members) == ("name_raw" in members):
        fail(f"line {position} has no name, or two")


def check_content(line, entry, at, archive):
    """TOC-045."""
    name = line["name_raw"] if "name_raw" in line else line["name"].encode()
    size = entry.size if entry.kind == "file" else 0
    if (name, at, line["size"]) != (entry.name, entry.content_start, size):
        fail(f"the name, place or size of {entry.name!r}")
    checksum = crc64(archive[at : at + size]) if size else None
    if line["payload"] != checksum:
        fail(f"the checksum of {entry.name!r}")


def crc_of_byte(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


CRC_TABLE = [crc_of_byte(byte) for byte in range(256)]


def crc64(data):
    """The checksum of a content, as 8 bytes."""
    crc = ALL_ONES
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return (crc ^ ALL_ONES).to_bytes(8, "big")
