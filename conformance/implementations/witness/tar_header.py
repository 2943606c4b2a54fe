"""One header of an archive: its form, fields and numbers (spec/layers.md, "Headers")."""

import re

from chapters import example
from errors import Rejected

BLOCK = 512
OCTAL = re.compile(rb" *([0-7]+)[ \0]*")  # LAYER-049
MAX_NUMBER = 2**53 - 1
MAX_TIME = 2**63 - 1
GNU_TIMES = (slice(345, 357), slice(357, 369))
STAR_TIMES = (slice(476, 488), slice(488, 500))
PREFIX = slice(345, 500)
STAR_MARK = slice(508, 512)
STAR_PREFIX_SIZE = 131


def read_field_table():
    """Where each field is, from the list in the chapter."""
    rows = [line.split() for line in example("layers", "tar-header").splitlines()]
    return {name: slice(int(offset), int(offset) + int(length)) for offset, length, name in rows}


FIELDS = read_field_table()


class Header:
    """The 512 bytes of a header whose checksum is right."""

    def __init__(self, block):
        self.block = block
        check_checksum(block)
        self.type = self.bytes_of("type")
        self.form = form_of(self.bytes_of("magic"))

    def bytes_of(self, name):
        return self.block[FIELDS[name]]

    def text(self, name):
        """LAYER-076: a name, prefix or link target."""
        return self.bytes_of(name).split(b"\0")[0]

    def number(self, name):
        """A field of mode, uid, gid, size or mtime (LAYER-049 to LAYER-052)."""
        return read_number(self.bytes_of(name), MAX_TIME if name == "mtime" else MAX_NUMBER)

    def octal(self, name):
        """A field of major or minor, which cannot be base-256 (LAYER-050, LAYER-051)."""
        return read_octal(self.bytes_of(name))

    @property
    def has_star_mark(self):
        return self.form == "ustar" and self.block[STAR_MARK] == b"tar\0"

    def name(self):
        """LAYER-076, LAYER-077."""
        prefix = self.text("prefix") if self.form == "ustar" else b""
        return prefix + b"/" + self.text("name") if prefix else self.text("name")

    def check_prefix(self):
        """LAYER-047, LAYER-048: the bytes where a ustar header has the prefix."""
        if self.form == "ustar":
            if self.has_star_mark and b"\0" not in self.block[PREFIX][:STAR_PREFIX_SIZE]:
                raise Rejected("TAR_HEADER", "a prefix that is too long for the mark of star")
            return
        rest = self.block[PREFIX]
        if self.form == "GNU":
            for field in GNU_TIMES:
                if not is_time(self.block[field]):
                    raise Rejected("TAR_HEADER", "a time of a GNU header that is not a number")
            rest = self.block[GNU_TIMES[-1].stop : PREFIX.stop]
        if any(rest):
            raise Rejected("TAR_HEADER", f"a prefix in a header of form {self.form}")

    def access_and_change_time(self):
        """The fields of 12 bytes that have these times (TOC-032), or none."""
        if self.form == "GNU":
            return [self.block[field] for field in GNU_TIMES]
        return [self.block[field] for field in STAR_TIMES] if self.has_star_mark else [b"\0", b"\0"]


def form_of(magic):
    """LAYER-046."""
    if magic.startswith(b"ustar\0"):
        return "ustar"
    return "GNU" if magic == b"ustar  \0" else "v7"


def check_checksum(block):
    """LAYER-053."""
    field = FIELDS["checksum"]
    written = OCTAL.fullmatch(block[field])
    counted = block[: field.start] + b" " * 8 + block[field.stop :]
    unsigned = sum(counted)
    signed = unsigned - 256 * sum(byte >= 128 for byte in counted)
    if not written or int(written.group(1), 8) not in (unsigned, signed):
        raise Rejected("TAR_CHECKSUM", "the checksum of a header")


def read_octal(field):
    """LAYER-049."""
    if not any(field):
        return 0
    written = OCTAL.fullmatch(field)
    if not written:
        raise Rejected("TAR_NUMBER", f"{field!r} is not a number")  # LAYER-051
    return int(written.group(1), 8)


def read_number(field, largest):
    if field[0] == 0xFF:
        raise Rejected("TAR_RANGE", "a negative number")  # LAYER-052
    number = int.from_bytes(field[1:], "big") if field[0] == 0x80 else read_octal(field)  # LAYER-050
    if number > largest:
        raise Rejected("TAR_RANGE", f"{number} is too large")
    return number


def is_time(field):
    """LAYER-047: NULs, or a number of up to 2^63-1."""
    try:
        read_number(field, MAX_TIME)
    except Rejected:
        return False
    return True
