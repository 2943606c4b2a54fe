"""Signatures: detached PKCS#7 messages in the one form of SEAL-039."""

import base64
import re
from dataclasses import dataclass

from errors import Rejected
from signatures import der
from signatures.der import INTEGER, OCTET_STRING, SEQUENCE, SET
from signatures.pem import BASE64
from signatures.public_keys import HASH_OIDS, NULL, RSA

SIGNED_DATA = der.encode_oid("1.2.840.113549.1.7.2")
DATA = der.encode_oid("1.2.840.113549.1.7.1")
ECDSA = {"sha256": der.encode_oid("1.2.840.10045.4.3.2"), "sha512": der.encode_oid("1.2.840.10045.4.3.4")}
ONE = der.encode_integer(1)
SIZE_LIMIT = 16128  # VERIFY-031, SEAL-057, DDI-018


@dataclass(frozen=True)
class Signature:
    """What a message says: the issuer and the serial number of a certificate, and a value by its key."""

    issuer: bytes
    serial: bytes
    kind: str  # of the key: "rsa" or "ec"
    value: bytes

    @property
    def certificate_name(self):
        return self.issuer, self.serial

    def is_by(self, certificate, data, hash_name):
        """VERIFY-029, VERIFY-059: whether it is a signature of some bytes by the key of this certificate."""
        if self.certificate_name != certificate.name or self.kind != certificate.key.kind:
            return False
        return certificate.key.verify(data, hash_name, self.value)


def write_message(signature, hash_name):
    """SEAL-039."""
    hash_function = der.element(SEQUENCE, HASH_OIDS[hash_name], NULL)
    algorithm = RSA + NULL if signature.kind == "rsa" else ECDSA[hash_name]
    signer = der.element(
        SEQUENCE,
        ONE,
        der.element(SEQUENCE, signature.issuer, signature.serial),
        hash_function,
        der.element(SEQUENCE, algorithm),
        der.element(OCTET_STRING, signature.value),
    )
    signed_data = der.element(
        SEQUENCE, ONE, der.element(SET, hash_function), der.element(SEQUENCE, DATA), der.element(SET, signer)
    )
    return der.element(SEQUENCE, SIGNED_DATA, der.element(0xA0, signed_data))


def read_message(message, hash_name):
    """A signature, or None if the message is not byte for byte in the form (VERIFY-030, SEAL-070)."""
    try:
        signature = read_parts(message)
    except der.Malformed:
        return None
    return signature if write_message(signature, hash_name) == message else None


def read_parts(message):
    """What the form leaves open. Whether the rest is in the form is decided by writing it again."""
    content = der.Reader(message).inside(SEQUENCE)
    content.element()
    signed_data = content.inside(0xA0).inside(SEQUENCE)
    for _ in range(3):
        signed_data.element()
    signer = signed_data.inside(SET).inside(SEQUENCE)
    signer.element()
    name = signer.inside(SEQUENCE)
    issuer, serial = name.whole_element(SEQUENCE), name.whole_element(INTEGER)
    if len(serial) == 2:
        raise der.Malformed("a serial number without content")  # SEAL-070
    signer.element()
    kind = "rsa" if signer.inside(SEQUENCE).whole_element(der.OBJECT_IDENTIFIER) == RSA else "ec"
    return Signature(issuer, serial, kind, signer.element(OCTET_STRING))


def sign(signer, data, hash_name):
    """SEAL-040, SEAL-070: the message of a signature."""
    issuer, serial = signer.certificate.name
    value = signer.key.sign(data, hash_name)
    message = write_message(Signature(issuer, serial, signer.key.public.kind, value), hash_name)
    if len(message) > SIZE_LIMIT:
        raise Rejected("REQUEST_KEY", f"a signature for this certificate has {len(message)} bytes")  # SEAL-057
    return message


def encode_base64(data):
    """SEAL-043."""
    return base64.b64encode(data).decode()


def decode_base64(text):
    """The bytes, or None if the text is not base64 as in SEAL-043."""
    if not re.fullmatch(BASE64.pattern.decode(), text):
        return None
    data = base64.b64decode(text)
    return data if encode_base64(data) == text else None
