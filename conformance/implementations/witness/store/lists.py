"""Lists as files: lines of fields, with tabs between them (protocol, "Stores")."""

import re

ESCAPED = re.compile(rb"[\x00-\x20\x7f-\xff\\]")


def encode_field(text):
    return ESCAPED.sub(lambda match: b"\\x%02x" % match[0][0], text.encode("utf-8", "surrogateescape"))


def list_text(lines):
    return b"".join(b"\t".join(map(encode_field, line)) + b"\n" for line in lines)
