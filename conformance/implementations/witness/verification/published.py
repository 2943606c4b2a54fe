"""Published digests in the manifest of an image, and under older names."""

import re
from dataclasses import dataclass

from errors import Rejected
from fsverity import ALGORITHMS, formatted_digest
from oci import documents
from signatures import messages
from verification.keys import DIGEST_KEYS, SIGNATURE_KEYS, check_case, check_digest, check_places

OLDER_LABELS = ("containers.composefs.fsverity", "containers.composefs-digest")
OLDER_ANNOTATION = "containers.composefs-digest"
OLDER_VALUE = re.compile(r"(?:(?P<prefix>[a-z0-9-]+):)?(?P<digest>[0-9a-f]{64}|[0-9a-f]{128})")


@dataclass(frozen=True)
class Published:
    """A digest that is published. `formats` are those that it can be of; the first one is `v1` or the only one."""

    name: str
    role: str
    algorithm: str
    digest: str
    message: bytes = None  # its signature
    layer: int = None  # the number of the layer, for role `layer`
    formats: tuple = ("v1",)
    on_command_line: bool = False

    @property
    def hash_name(self):
        return ALGORITHMS[self.algorithm][0]

    @property
    def signed_data(self):
        """VERIFY-029."""
        return formatted_digest(bytes.fromhex(self.digest), self.algorithm)

    @property
    def signature(self):
        """The signature, whose form was checked, or None."""
        return self.message and messages.read_message(self.message, self.hash_name)


def annotations_of(value):
    return value.get("annotations") or {}


def check_message(message, algorithm):
    """VERIFY-030, VERIFY-031."""
    if len(message) > messages.SIZE_LIMIT or messages.read_message(message, ALGORITHMS[algorithm][0]) is None:
        raise Rejected("VERIFY_SIGNATURE_FORM", f"a signature of {len(message)} bytes")
    return message


def read_inline(manifest, media_type):
    """The digests in the annotations of a manifest and of its descriptors."""
    docker = media_type == documents.DOCKER_MANIFEST
    places = [
        (manifest, ("merged", "merged.bootable"), None),
        (manifest["config"], ("config",), None),
        *((layer, ("layer",), number) for number, layer in enumerate(manifest["layers"] or [])),
        (manifest.get("subject") or {}, (), None),
    ]
    found = []
    for carrier, roles, number in places:
        annotations = annotations_of(carrier)
        check_case(annotations)
        check_places(annotations, () if docker else roles)
        found += read_annotations(annotations, number)
    return found


def read_annotations(annotations, number):
    found = []
    for name, text in annotations.items():
        if name in SIGNATURE_KEYS and SIGNATURE_KEYS[name].name not in annotations:
            raise Rejected("VERIFY_KEY", f"{name} without the key of its digest")  # VERIFY-015
        if name in DIGEST_KEYS:
            key = DIGEST_KEYS[name]
            message = read_inline_signature(annotations.get(key.signature_name), key.algorithm)
            digest = check_digest(text, key.algorithm)
            found.append(Published(name, key.role, key.algorithm, digest, message, number))
    return found


def read_inline_signature(text, algorithm):
    if text is None:
        return None
    message = messages.decode_base64(text)
    if not message:
        raise Rejected("VERIFY_VALUE", "a signature that is empty or not base64")  # VERIFY-012
    return check_message(message, algorithm)


def read_older_names(manifest, config):
    """VERIFY-026: labels of the config, and an annotation of the manifest."""
    inner = config.get("config")
    labels = inner.get("Labels") if isinstance(inner, dict) else None
    labels = labels if isinstance(labels, dict) else {}
    values = [(name, labels[name]) for name in OLDER_LABELS if name in labels]
    if OLDER_ANNOTATION in annotations_of(manifest):
        values.append((OLDER_ANNOTATION, annotations_of(manifest)[OLDER_ANNOTATION]))
    return [read_older_value(name, value) for name, value in values]


def read_older_value(name, value):
    match = OLDER_VALUE.fullmatch(value) if isinstance(value, str) else None
    if match:
        hash_name = "sha256" if len(match["digest"]) == 64 else "sha512"
        algorithm = f"fsverity-{hash_name}-12"
        if match["prefix"] in (None, hash_name, algorithm):
            return Published(name, "merged", algorithm, match["digest"], formats=("v1", "v2"))  # VERIFY-027, VERIFY-047
    raise Rejected("VERIFY_VALUE", f"the value of {name}")  # VERIFY-028


def read_boot_digests(boot_digests):
    """VERIFY-050: the digests of a command line as published digests."""
    return [
        Published(
            f"composefs={boot.name}",
            "merged.bootable",
            boot.algorithm,
            boot.digest,
            formats=(boot.format,) if boot.format else ("v1", "v2"),
            on_command_line=True,
        )
        for boot in boot_digests
    ]
