"""PAX records: the content of an extended header of type `x` or `g` (spec/layers.md, "Extended headers")."""

import re

from errors import Rejected
from tar_header import MAX_NUMBER, MAX_TIME

TIME = re.compile(rb"(-?)([0-9]+)(?:\.([0-9]*))?")  # LAYER-073
SPARSE_KEYWORDS = (b"SCHILY.realsize", b"SUN.holesdata")
XATTR_PREFIX = b"SCHILY.xattr."
XATTR_NAME_LIMIT = 255
XATTR_VALUE_LIMIT = 65535


def read_records(content):
    """LAYER-068: the keywords and values, in their order."""
    records = []
    at = 0
    while at < len(content):
        space = content.find(b" ", at)
        length = content[at:space] if space >= 0 else b""
        size = decimal(length)
        record = content[at : at + size] if size else b""
        if len(record) != size or not record.endswith(b"\n") or size <= len(length) + 1:
            raise Rejected("TAR_PAX", f"byte {at}: the length of a record")
        keyword, equals, value = record[len(length) + 1 : -1].partition(b"=")
        if not equals or not keyword or b"\0" in keyword or not is_utf8(keyword):
            raise Rejected("TAR_PAX", f"byte {at}: the keyword of a record")
        records.append((keyword, value))
        at += size
    return records


def is_utf8(text):
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decimal(digits):
    """A number in decimal digits, or None; what is too long for any limit is a large number."""
    if not re.fullmatch(rb"[0-9]+", digits):
        return None
    significant = digits.lstrip(b"0") or b"0"
    return int(significant) if len(significant) < 40 else 10**39


class Records:
    """The records of a header of type `x`, after the checks that do not depend on its entry."""

    def __init__(self, records):
        self.records = records
        keywords = [keyword for keyword, _ in records]
        if any(key.startswith(b"GNU.sparse.") or key in SPARSE_KEYWORDS for key in keywords):
            raise Rejected("TAR_SPARSE", "records of a sparse file")  # LAYER-056
        if keywords.count(b"mtime") > 1:
            raise Rejected("TAR_PAX", "two records mtime")  # LAYER-071
        if any(keyword in (b"path", b"linkpath") and not value for keyword, value in records):
            raise Rejected("TAR_PAX", "an empty path or linkpath")  # LAYER-071
        self.last = dict(records)  # LAYER-070
        self.numbers = {key: read_decimal(value) for key, value in records if key in (b"size", b"uid", b"gid")}
        self.mtime = read_time(self.last[b"mtime"]) if b"mtime" in self.last else None
        self.xattrs = read_xattrs(records)

    @property
    def has_device_number(self):
        return b"SCHILY.devmajor" in self.last or b"SCHILY.devminor" in self.last


def read_decimal(value):
    """LAYER-072."""
    number = decimal(value.removeprefix(b"-"))
    if number is None:
        raise Rejected("TAR_NUMBER", "a record with a number that is not decimal digits")
    if value.startswith(b"-") or number > MAX_NUMBER:
        raise Rejected("TAR_RANGE", "a record with a number that is negative or too large")
    return number


def read_time(value):
    """LAYER-073, LAYER-074: seconds and nanoseconds."""
    written = TIME.fullmatch(value)
    if not written:
        raise Rejected("TAR_NUMBER", "a record mtime that is not a time")
    sign, seconds, fraction = written.groups()
    if sign or decimal(seconds) > MAX_TIME:
        raise Rejected("TAR_RANGE", "a record mtime that is negative or too large")
    return decimal(seconds), int((fraction or b"")[:9].ljust(9, b"0"))


def read_xattrs(records):
    """LAYER-093 to LAYER-097."""
    xattrs = {}
    for keyword, value in records:
        if not keyword.startswith(XATTR_PREFIX):
            continue  # LAYER-094
        name = keyword.removeprefix(XATTR_PREFIX)
        if not name or b"%25" in name or b"%3D" in name or name in xattrs:
            raise Rejected("TAR_XATTR", "the name of an extended attribute is empty, repeated or ambiguous")
        if len(name) > XATTR_NAME_LIMIT or len(value) > XATTR_VALUE_LIMIT:
            raise Rejected("TAR_LIMIT", "an extended attribute that is too long")
        xattrs[name] = value
    return xattrs
