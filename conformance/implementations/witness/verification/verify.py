"""The verdict on one image (spec/verification.md, "Verification steps")."""

from dataclasses import dataclass

from errors import Rejected
from oci import documents
from oci.image import read_image
from oci.platform import contradicts
from verification.artifacts import find_artifacts
from verification.computed import ComputedDigests
from verification.published import read_inline, read_older_names
from verification.trust import check_groups, is_signed, signed_names


@dataclass
class Wanted:
    """What a request asks of each image."""

    role: str = "merged"
    algorithm: str = None
    trusted: tuple = ()
    signature: str = None  # "true" or "manifest"
    boot_digests: tuple = ()

    def asks_for(self, published):
        """VERIFY-006."""
        return published.role == self.role and self.algorithm in (None, published.algorithm)


@dataclass
class Verdict:
    manifest: str
    keys: list
    signed: list


def check_platforms(selection, selected, config):
    """VERIFY-054."""
    for listed in selected.entries:
        if not selection.is_pinned(listed) and contradicts(listed.platform or {}, config):
            raise Rejected("VERIFY_PLATFORM", f"the platform of an entry for {listed.digest} contradicts its config")


def read_selected_image(selection, selected, among_several):
    """The manifest and the config of an image, checked as a verifier does."""
    image = read_image(selection.layout, selected.descriptor)
    if selection.wanted or among_several:
        check_platforms(selection, selected, image.config)
    return image


def verify_image(selection, selected, among_several, wanted):
    image = read_selected_image(selection, selected, among_several)
    documents.check_sealed_members(image.manifest)  # VERIFY-014
    published = read_inline(image.manifest, image.descriptor["mediaType"])
    for artifact in find_artifacts(selection.layout, selected.digest):
        published += artifact.published
    published += read_older_names(image.manifest, image.config)
    published += wanted.boot_digests
    if not any(wanted.asks_for(digest) for digest in published):
        raise Rejected("VERIFY_UNPUBLISHED", f"no digest of role {wanted.role}")  # VERIFY-006
    signed = [digest for digest in published if is_signed(digest, wanted.trusted)]
    if wanted.signature:
        check_groups(published, signed, wanted, len(image.layer_descriptors))
    computed = ComputedDigests(image)
    computed.compare(published)
    computed.check_tables()
    if wanted.role == "layer":
        check_layers(published, computed, wanted)
    names = {digest.name for digest in published}
    return Verdict(selected.digest, sorted(names), sorted(signed_names(published, signed)))


def check_layers(published, computed, wanted):
    """VERIFY-007: a layer without a digest has no image of its own."""
    with_digest = {digest.layer for digest in published if wanted.asks_for(digest)}
    for number in range(len(computed.layers)):
        if number not in with_digest and computed.compute("layer", "fsverity-sha256-12", layer=number) is not None:
            raise Rejected("VERIFY_UNPUBLISHED", f"no digest of layer {number}")
