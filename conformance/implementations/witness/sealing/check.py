"""What a sealer reads of a request and of an image before it publishes anything (spec/sealing.md, "Sealing steps")."""

from dataclasses import dataclass

from errors import Unsupported
from fsverity import check_algorithm
from oci import documents
from sealing.replacement import without_published
from signatures.private_keys import read_signer
from verification.artifacts import find_artifacts
from verification.computed import ComputedDigests
from verification.published import read_inline, read_older_names
from verification.verify import read_selected_image

ROLES = ("merged", "merged.bootable", "layer")


@dataclass
class Wanted:
    """What is published: `roles` has role merged first, which is always published (SEAL-001)."""

    algorithm: str
    roles: list
    signer: object

    @classmethod
    def of(cls, request):
        check_algorithm(request.params["algorithm"])
        listed = [] if request.params["roles"] == "none" else request.params["roles"].split(",")
        for role in listed:
            if role not in ROLES:
                raise Unsupported(f"role.{role}")
        roles = [role for role in ROLES if role == "merged" or role in listed]
        signer = read_signer(request.optional_data("key"), request.optional_data("certificate"))
        return cls(request.params["algorithm"], roles, signer)


@dataclass
class CheckedImage:
    """An image that no verifier rejects (SEAL-010), and what was found on the way."""

    image: object
    manifest_text: bytes  # without what the request replaces
    inline: list  # published in this text
    artifacts: list
    computed: object


def check_image(selection, selected, among_several, replace=False):
    image = read_selected_image(selection, selected, among_several)
    media_type = image.descriptor["mediaType"]
    # SEAL-060: the manifest as if it had never had what is replaced. Its digests stay those of the blob.
    manifest_text = without_published(image.manifest_text) if replace else image.manifest_text
    manifest = documents.read_manifest(manifest_text, media_type)
    documents.check_sealed_members(manifest)
    inline = read_inline(manifest, media_type)
    artifacts = find_artifacts(selection.layout, selected.digest)
    in_artifacts = [digest for artifact in artifacts for digest in artifact.published]
    computed = ComputedDigests(image)
    computed.compare([*inline, *in_artifacts, *read_older_names(manifest, image.config)])
    computed.check_tables()
    return CheckedImage(image, manifest_text, inline, artifacts, computed)
