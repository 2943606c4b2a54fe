"""The signature partition of a disk image (spec/ddi.md, DDI-011 to DDI-013, DDI-018 to DDI-022)."""

import hashlib
import re

from ddi.layout import BLOCK
from errors import Rejected
from signatures import messages

CONTENT = re.compile(
    r'\{"rootHash":"([0-9a-f]{64})","certificateFingerprint":"([0-9a-f]{64})","signature":"([A-Za-z0-9+/=]*)"\}\0*'
)
HASH = "sha256"  # DDI-012


def fingerprint(certificate):
    return hashlib.sha256(certificate.data).hexdigest()


def signed_text(root_hash):
    """DDI-012: what is signed."""
    return root_hash.hex().encode()


def partition_content(root_hash, fingerprint_text, message):
    """DDI-013."""
    text = (
        f'{{"rootHash":"{root_hash.hex()}","certificateFingerprint":"{fingerprint_text}",'
        f'"signature":"{messages.encode_base64(message)}"}}'
    ).encode()
    return text + bytes(-len(text) % BLOCK)


def write_signature(root_hash, signer):
    """DDI-011: the signature partition, which is empty without a key."""
    if signer is None:
        return b""
    message = messages.sign(signer, signed_text(root_hash), HASH)
    return partition_content(root_hash, fingerprint(signer.certificate), message)


def read_signature(content, root_hash):
    """DDI-018: the fingerprint and the signature in a partition."""
    match = CONTENT.fullmatch(content.decode("latin-1"))
    message = messages.decode_base64(match[3]) if match else None
    signature = messages.read_message(message, HASH) if message else None
    if signature is None or len(message) > messages.SIZE_LIMIT:
        raise Rejected("DDI_SIGNATURE_FORM", "the text or the message in the signature partition")
    if content != partition_content(root_hash, match[2], message):
        raise Rejected("DDI_SIGNATURE_FORM", "the root hash in the signature partition, or the zeros behind its text")
    return match[2], signature


def check_signature(content, root_hash, trusted, required):
    """Whether the disk image is signed (DDI-020)."""
    if not content:
        if required:
            raise Rejected("DDI_UNSIGNED", "no signature partition")  # DDI-022
        return False
    print_in_image, signature = read_signature(content, root_hash)
    for certificate in trusted:
        if fingerprint(certificate) == print_in_image and signature.is_by(certificate, signed_text(root_hash), HASH):
            return True
    for certificate in trusted:
        if signature.certificate_name == certificate.name or fingerprint(certificate) == print_in_image:
            raise Rejected("DDI_SIGNATURE", "not a signature by the trusted certificate that it names")  # DDI-021
    if required:
        raise Rejected("DDI_SIGNER", "the signature is by no trusted certificate")  # DDI-022
    return False
