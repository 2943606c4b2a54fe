"""The keys of published digests and of their signatures (spec/sealing.md, "Published digests")."""

from dataclasses import dataclass

from errors import Rejected
from fsverity import ALGORITHMS, digest_size
from oci.documents import fold

STEMS = {
    "manifest": "composefs.manifest",
    "config": "composefs.config",
    "merged": "composefs.merged.erofs.v1",
    "merged.bootable": "composefs.merged.bootable.erofs.v1",
    "layer": "composefs.layer.erofs.v1",
}
ARTIFACT_ORDER = ("manifest", "config", "merged", "merged.bootable")  # SEAL-030
SIGNATURE_SUFFIX = ".sig"


@dataclass(frozen=True)
class Key:
    role: str
    algorithm: str

    @property
    def name(self):
        return f"{STEMS[self.role]}.{self.algorithm}"

    @property
    def signature_name(self):
        return self.name + SIGNATURE_SUFFIX


DIGEST_KEYS = {key.name: key for key in (Key(role, algorithm) for role in STEMS for algorithm in ALGORITHMS)}
SIGNATURE_KEYS = {key.signature_name: key for key in DIGEST_KEYS.values()}
KNOWN_KEYS = DIGEST_KEYS | SIGNATURE_KEYS
FOLDED_KEYS = {fold(name) for name in KNOWN_KEYS}


def is_case_variant(name):
    """VERIFY-010."""
    return name not in KNOWN_KEYS and fold(name) in FOLDED_KEYS


def check_case(annotations):
    for name in annotations:
        if is_case_variant(name):
            raise Rejected("VERIFY_KEY", f"{name!r} is a known key in a different case")


def check_places(annotations, roles):
    """VERIFY-011, VERIFY-013, VERIFY-023: the roles whose keys are allowed in a place."""
    for name in annotations:
        if name in KNOWN_KEYS and KNOWN_KEYS[name].role not in roles:
            raise Rejected("VERIFY_PLACE", f"{name} is in a wrong place")


def check_digest(text, algorithm):
    """VERIFY-012."""
    if len(text) != 2 * digest_size(algorithm) or not set(text) <= set("0123456789abcdef"):
        raise Rejected("VERIFY_VALUE", f"{text!r} is not a digest with {algorithm}")
    return text
