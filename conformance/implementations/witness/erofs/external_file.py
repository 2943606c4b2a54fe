"""What the attributes of an external file say of its object (EROFS-006, EROFS-007, EROFS-075, EROFS-077)."""

from erofs.structures import METACOPY, PAYLOAD_LIMIT, REDIRECT
from errors import Rejected

ALGORITHM_NUMBERS = {32: 1, 64: 2}  # by the length of the digest


def external_attributes(external):
    """EROFS-006, EROFS-007."""
    attributes = {METACOPY: b"" if external.digest is None else metacopy(external.digest)}
    if external.payload is not None:
        attributes[REDIRECT] = b"/" + external.payload
    return attributes


def metacopy(digest):
    """EROFS-006."""
    return bytes([0, 4 + len(digest), 0, ALGORITHM_NUMBERS[len(digest)]]) + digest


def digest_of(image_inode):
    """EROFS-075."""
    value = image_inode.attributes.get(METACOPY)
    if value == b"":
        return None
    digest = b"" if value is None else value[4:]
    if len(digest) not in ALGORITHM_NUMBERS or value != metacopy(digest):
        raise wrong(image_inode, "no digest, or a malformed one")
    return digest


def payload_of(image_inode):
    """EROFS-077."""
    value = image_inode.attributes.get(REDIRECT)
    if value is None:
        if digest_of(image_inode) is not None:
            raise wrong(image_inode, "a digest without a payload")
        return None
    root, *names = value.split(b"/")
    if root or not names or any(name in (b"", b".", b"..") for name in names) or b"\0" in value:
        raise wrong(image_inode, "a malformed path of an object")
    if len(value) - 1 > PAYLOAD_LIMIT:
        raise Rejected("EROFS_LIMIT", f"a payload of {len(value) - 1} bytes")  # EROFS-053
    return value[1:]


def wrong(image_inode, what):
    return Rejected("EROFS_OVERLAY", f"image inode {image_inode.nid}: {what}")
