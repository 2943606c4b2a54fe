"""An image of a layout: its config and its layers (LAYER-021 to LAYER-028)."""

from dataclasses import dataclass

from decompression import compression_of, decompress
from errors import Rejected
from oci.documents import is_config_type
from oci.layout import check_digest_form, has_digest
from tar_archive import read_archive

LAYER_COUNT_LIMIT = 1024


@dataclass
class Image:
    manifest: dict
    config: dict

    @property
    def layers(self):
        """The descriptors of the layers, the base first (LAYER-023)."""
        return self.manifest["layers"]

    @property
    def diff_ids(self):
        return self.config["rootfs"]["diff_ids"]


def read_image(layout, descriptor):
    """The image of a manifest that was selected, without the blobs of its layers."""
    manifest = layout.manifest(descriptor)
    if not is_config_type(manifest["config"]["mediaType"], descriptor["mediaType"]):
        raise Rejected("IMAGE_MEDIA_TYPE", f"a config of the media type {manifest['config']['mediaType']!r}")
    if len(manifest["layers"]) > LAYER_COUNT_LIMIT:
        raise Rejected("IMAGE_LIMIT", f"{len(manifest['layers'])} layers")  # LAYER-028
    for layer in manifest["layers"]:
        compression_of(layer["mediaType"])  # LAYER-022
    image = Image(manifest, layout.config(manifest["config"]))
    for diff_id in image.diff_ids:
        check_digest_form(diff_id)  # LAYER-009
    if len(image.diff_ids) != len(image.layers):
        raise Rejected("IMAGE_LAYER_COUNT", f"{len(image.diff_ids)} diff_ids for {len(image.layers)} layers")
    return image


def read_entries(layout, image, limits):
    """The entries of each layer."""
    layers = []
    for descriptor, diff_id in zip(image.layers, image.diff_ids):
        archive = decompress(layout.read_blob(descriptor), descriptor["mediaType"], limits)  # LAYER-013
        if not has_digest(archive, diff_id):
            raise Rejected("IMAGE_DIFF_ID", f"the layer {descriptor['digest']} is not {diff_id}")  # LAYER-026
        layers.append(read_archive(archive))
    return layers
