"""DER (X.690): what certificates, keys and signatures are made of, read strictly and written."""

INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x31
BOOLEAN, UTC_TIME, GENERALIZED_TIME = 0x01, 0x17, 0x18


class Malformed(Exception):
    """Bytes that are not what is read; the argument says what is wrong."""


class Reader:
    """Reads elements one after the other. A tag is one byte, as nothing here has a longer one."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    @property
    def next_tag(self):
        """The tag of the next element, or None at the end."""
        return self.data[self.at] if self.at < len(self.data) else None

    def element(self, tag=None):
        """The content of the next element, which has this tag."""
        return self._element(tag)[1]

    def whole_element(self, tag):
        """The next element with its tag and length."""
        start, _ = self._element(tag)
        return self.data[start : self.at]

    def inside(self, tag):
        """A reader of the content of the next element."""
        return Reader(self.element(tag))

    def integer(self):
        return read_integer(self.element(INTEGER))

    def end(self):
        if self.at != len(self.data):
            raise Malformed("bytes behind the last element")

    def _element(self, tag):
        start = self.at
        if self.next_tag is None or (tag is not None and self.next_tag != tag):
            raise Malformed(f"tag {self.next_tag}, expected {tag}")
        if self.next_tag & 0x1F == 0x1F:
            raise Malformed("a tag of several bytes")
        length, self.at = self._length(start + 1)
        content = self.data[self.at : self.at + length]
        if len(content) != length:
            raise Malformed("an element that is cut off")
        self.at += length
        return start, content

    def _length(self, at):
        """A length in the shortest form, and where the content begins."""
        first = self.data[at] if at < len(self.data) else 0x80
        if first < 0x80:
            return first, at + 1
        digits = self.data[at + 1 : at + 1 + (first & 0x7F)]
        length = int.from_bytes(digits, "big")
        if len(digits) != first & 0x7F or digits[:1] in (b"", b"\0") or length < 0x80:
            raise Malformed("a length that is not in its shortest form")
        return length, at + 1 + len(digits)


def read_integer(content):
    """The value of an INTEGER, without needless leading bytes."""
    value = int.from_bytes(content, "big", signed=True)
    if not content or encode_integer(value) != element(INTEGER, content):
        raise Malformed("an integer that is not in its shortest form")
    return value


def read_bit_string(content):
    """The bytes of a BIT STRING of whole bytes."""
    if content[:1] != b"\0":
        raise Malformed("a bit string that is not whole bytes")
    return content[1:]


def element(tag, *contents):
    """An element of these contents."""
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    digits = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def encode_integer(value):
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def encode_oid(text):
    """An OBJECT IDENTIFIER from its numbers with dots between them."""
    first, second, *rest = map(int, text.split("."))
    content = bytearray()
    for number in (40 * first + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        content += bytes(reversed(digits))
    return element(OBJECT_IDENTIFIER, bytes(content))
