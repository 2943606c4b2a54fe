"""The digests that an image has (spec/sealing.md, SEAL-003 to SEAL-006), computed when they are asked for."""

from decompression import SizeLimits
from errors import Rejected
from fsverity import fsverity_digest
from oci.image import image_digest
from toc import check_layer
from toc_annotations import has_annotations

WITHOUT_IMAGE = ("MERGE_LINK_LOWER", "MERGE_DEVICE")  # SEAL-006, VERIFY-070


class ComputedDigests:
    """The layers are read to their ends before a tree is built of them (VERIFY-002, VERIFY-070)."""

    def __init__(self, image):
        self.image = image
        self.layers = image.read_layers(SizeLimits())
        self.known = {}

    def compute(self, role, algorithm, format_name="v1", layer=None):
        """A digest in hexadecimal; None for a layer that has no image of its own."""
        wanted = role, algorithm, format_name, layer
        if wanted not in self.known:
            self.known[wanted] = self.compute_now(*wanted)
        return self.known[wanted]

    def compute_now(self, role, algorithm, format_name, layer):
        if role == "config":
            return fsverity_digest(self.image.config_text, algorithm).hex()  # SEAL-005
        if role == "manifest":
            return fsverity_digest(self.image.manifest_text, algorithm).hex()
        if role == "layer":
            return self.layer_digest(self.layers[layer], algorithm)
        return image_digest(self.layers, role, "oci", "allowlist-only", format_name, algorithm)  # SEAL-003

    def layer_digest(self, layer, algorithm):
        """SEAL-004, SEAL-006."""
        try:
            return image_digest([layer], "layer", "none", "allowlist-only", "v1", algorithm)
        except Rejected as rejection:
            if rejection.code in WITHOUT_IMAGE:
                return None
            raise

    def matches(self, published):
        """Whether a published digest is that of the image, in one of the formats that it can be of."""
        return any(self.matches_format(published, format_name) for format_name in published.formats)

    def matches_format(self, published, format_name):
        try:
            computed = self.compute(published.role, published.algorithm, format_name, published.layer)
        except Rejected as rejection:
            if format_name == "v2" and rejection.stage == "erofs":
                return False  # VERIFY-073
            raise
        return computed == published.digest  # A layer without an image matches nothing: VERIFY-008.

    def compare(self, published):
        """VERIFY-005, VERIFY-008, VERIFY-046, VERIFY-048."""
        for digest in published:
            if not self.matches(digest):
                code = "VERIFY_CMDLINE_DIGEST" if digest.on_command_line else "VERIFY_DIGEST"
                raise Rejected(code, f"{digest.name}: {digest.digest} is not the digest of the image")

    def check_tables(self):
        """VERIFY-080."""
        for descriptor in self.image.layer_descriptors:
            annotations = descriptor.get("annotations") or {}
            if has_annotations(annotations):
                check_layer(self.image.layout.blob(descriptor), descriptor["mediaType"], annotations)
