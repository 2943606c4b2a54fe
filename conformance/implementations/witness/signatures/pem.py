"""PEM blocks (RFC 7468, VERIFY-052, VERIFY-071, SEAL-048)."""

import base64
import re
from dataclasses import dataclass

from signatures.der import Malformed

LINE_END = re.compile(rb"\r\n|\n|\r")
BEGIN = re.compile(rb"-----BEGIN (.*)-----")
BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


@dataclass
class Block:
    """A block; `lines` are those between its begin line and its end line, or None if it has no end line."""

    type: bytes
    lines: list

    def content(self):
        """The bytes of the block. White space is ignored, as VERIFY-072 allows; headers are not base64."""
        if self.lines is None:
            raise Malformed("a PEM block without its end line")
        text = re.sub(rb"[ \t]", b"", b"".join(self.lines))
        if not text or not BASE64.fullmatch(text):
            raise Malformed("a PEM block that is not base64")
        return base64.b64decode(text)


def read_blocks(text):
    """All blocks of a text. A begin line always begins a block (VERIFY-071)."""
    blocks = []
    open_block = None
    for line in LINE_END.split(text):
        line = line.rstrip(b" \t")
        if begin := BEGIN.fullmatch(line):
            open_block = Block(begin[1], None)
            blocks.append(open_block)
            lines = []
        elif open_block and line == b"-----END " + open_block.type + b"-----":
            open_block.lines = lines
            open_block = None
        elif open_block:
            lines.append(line)
    return blocks
