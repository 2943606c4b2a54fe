"""Times of tables of contents as nanoseconds since 1970 (spec/chunked.md, TOC-032; RFC 3339, section 5.6)."""

import re

from errors import Rejected
from pax import TIME, decimal
from tar_header import MAX_TIME, read_number

DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
SECOND = 10**9
DAY = 86400
MALFORMED = "malformed"  # equal to no instant


def read_instant(text):
    """The instant of a `date-time`, or None if the text is not one."""
    written = DATE_TIME.fullmatch(text)
    if not written:
        return None
    year, month, day, hour, minute, second = map(int, written.groups()[:6])
    fraction, sign, zone_hour, zone_minute = written.groups()[6:]
    zone = (int(zone_hour or 0), int(zone_minute or 0))
    if not (1 <= month <= 12 and 1 <= day <= days_of(year, month)):
        return None
    if hour > 23 or minute > 59 or second > 59 or zone[0] > 23 or zone[1] > 59:
        return None
    seconds = days_since_1970(year, month, day) * DAY + hour * 3600 + minute * 60 + second
    seconds -= (zone[0] * 3600 + zone[1] * 60) * (-1 if sign == "-" else 1)
    return seconds * SECOND + int((fraction or "").ljust(9, "0"))


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_of(year, month):
    return 29 if month == 2 and is_leap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def days_since_1970(year, month, day):
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    return days + sum(days_of(year, earlier) for earlier in range(1, month)) + day - 719163


YEAR_1 = days_since_1970(1, 1, 1) * DAY * SECOND


def normal(instant):
    """A time that is absent, 1970-01-01T00:00:00Z and 0001-01-01T00:00:00Z are the same."""
    return 0 if instant in (None, YEAR_1) else instant


def access_and_change_instant(entry):
    """Of an entry of an archive, from its records or else its header."""
    fields = entry.header.access_and_change_time()
    instants = []
    for keyword, field in zip((b"atime", b"ctime"), fields):
        record = entry.records.last.get(keyword)
        instants.append(instant_of_field(field) if record is None else instant_of_record(record))
    return instants


def instant_of_record(value):
    written = TIME.fullmatch(value)
    if not written:
        return MALFORMED
    sign, seconds, fraction = written.groups()
    instant = decimal(seconds) * SECOND + int((fraction or b"")[:9].ljust(9, b"0"))
    return -instant if sign else instant


def instant_of_field(field):
    if field[0] == 0:
        return None
    try:
        return read_number(field, MAX_TIME) * SECOND
    except Rejected:
        return MALFORMED
