"""Certificates (RFC 5280): those that a request trusts, and that of a private key."""

from dataclasses import dataclass

from errors import Rejected
from signatures import der
from signatures.pem import read_blocks
from signatures.public_keys import read_public_key


@dataclass(frozen=True)
class Certificate:
    """`issuer` and `serial` are elements of DER, as they are in the certificate (SEAL-070)."""

    data: bytes
    issuer: bytes
    serial: bytes
    key: object

    @property
    def name(self):
        """What a signature names."""
        return self.issuer, self.serial


def read_trusted(text):
    """The certificates of a request to verify, or of one that has none (VERIFY-035, VERIFY-052)."""
    if text is None:
        return []
    trusted = [read_block(block) for block in read_blocks(text) if block.type == b"CERTIFICATE"]
    if not trusted:
        raise Rejected("REQUEST_KEY", "no certificate in PEM")
    return trusted


def check_required(required, trusted):
    """VERIFY-035: a request that requires a signature."""
    if required and not trusted:
        raise Rejected("REQUEST_KEY", "a signature is required and no certificate is trusted")


def read_first(text):
    """SEAL-048: the certificate of a private key."""
    for block in read_blocks(text):
        if block.type == b"CERTIFICATE":
            return read_block(block)
    raise Rejected("REQUEST_KEY", "no certificate in PEM")


def read_block(block):
    try:
        return read_certificate(block.content())
    except der.Malformed as error:
        raise Rejected("REQUEST_KEY", f"certificate: {error}") from error


def read_certificate(data):
    """RFC 5280, section 4.1. Dates, extensions and names mean nothing here (VERIFY-036, SEAL-049)."""
    reader = der.Reader(data)
    outer = reader.inside(der.SEQUENCE)
    reader.end()
    body = outer.inside(der.SEQUENCE)
    read_any_algorithm(outer)
    read_bits(outer.element(der.BIT_STRING))
    outer.end()

    version = 0
    if body.next_tag == 0xA0:
        explicit = body.inside(0xA0)
        version = explicit.integer()
        explicit.end()
    if version not in (0, 1, 2):
        raise der.Malformed("the version")
    serial = body.whole_element(der.INTEGER)
    der.Reader(serial).integer()
    read_any_algorithm(body)
    issuer = read_name(body)
    read_validity(body.inside(der.SEQUENCE))
    read_name(body)
    key = read_public_key(body)
    for tag in (0x81, 0x82):
        if body.next_tag == tag:
            read_bits(body.element())
    if body.next_tag == 0xA3:
        read_extensions(body.inside(0xA3))
    body.end()
    return Certificate(data, issuer, serial, key)


def read_any_algorithm(reader):
    inside = reader.inside(der.SEQUENCE)
    inside.element(der.OBJECT_IDENTIFIER)
    if inside.next_tag is not None:
        inside.element()
    inside.end()


def read_bits(content):
    """A BIT STRING that need not be whole bytes."""
    if not content or content[0] > 7 or (content[0] and len(content) == 1):
        raise der.Malformed("a bit string")


def read_name(reader):
    whole = reader.whole_element(der.SEQUENCE)
    names = der.Reader(whole).inside(der.SEQUENCE)
    while names.next_tag is not None:
        relative = names.inside(der.SET)
        while relative.next_tag is not None:
            attribute = relative.inside(der.SEQUENCE)
            attribute.element(der.OBJECT_IDENTIFIER)
            attribute.element()
            attribute.end()
    return whole


def read_validity(reader):
    for _ in range(2):
        if reader.next_tag not in (der.UTC_TIME, der.GENERALIZED_TIME):
            raise der.Malformed("a time")
        reader.element()
    reader.end()


def read_extensions(reader):
    extensions = reader.inside(der.SEQUENCE)
    reader.end()
    while extensions.next_tag is not None:
        extension = extensions.inside(der.SEQUENCE)
        extension.element(der.OBJECT_IDENTIFIER)
        if extension.next_tag == der.BOOLEAN:
            extension.element()
        extension.element(der.OCTET_STRING)
        extension.end()
