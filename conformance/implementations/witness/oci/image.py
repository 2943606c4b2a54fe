"""An image: its manifest, its config and its layers (spec/layers.md, "Layers")."""

from dataclasses import dataclass

from decompression import compression_of, decompress
from erofs.writer import write_image
from errors import Rejected
from fsverity import fsverity_digest
from layers import build_tree
from oci import documents
from oci.layout import check_digest_form, digest_of
from tar_archive import read_archive

LAYER_LIMIT = 1024  # LAYER-028


@dataclass
class Image:
    layout: object
    descriptor: dict
    manifest_text: bytes
    manifest: dict
    config_text: bytes
    config: dict

    @property
    def layer_descriptors(self):
        return self.manifest["layers"] or []

    def read_archives(self, limits):
        """The archive of each layer, the base first (LAYER-023)."""
        archives = []
        for descriptor, diff_id in zip(self.layer_descriptors, self.config["rootfs"]["diff_ids"] or []):
            # The blob matches its descriptor before its content is looked at: LAYER-013.
            archive = decompress(self.layout.blob(descriptor), descriptor["mediaType"], limits)
            if digest_of(archive, diff_id) != diff_id:
                raise Rejected("IMAGE_DIFF_ID", diff_id)  # LAYER-026
            archives.append(archive)
        return archives

    def read_layers(self, limits):
        """The entries of each layer."""
        return [read_archive(archive) for archive in self.read_archives(limits)]


def read_image(layout, descriptor):
    """The manifest and the config, which agree with each other."""
    manifest_text = layout.blob(descriptor)
    manifest = documents.read_manifest(manifest_text, descriptor["mediaType"])
    config_descriptor, layers = manifest["config"], manifest["layers"] or []
    if not documents.is_config_type(config_descriptor.get("mediaType"), descriptor["mediaType"]):
        raise Rejected("IMAGE_MEDIA_TYPE", "the media type of the config")  # LAYER-021
    for layer in layers:
        compression_of(layer["mediaType"])  # LAYER-022
    if len(layers) > LAYER_LIMIT:
        raise Rejected("IMAGE_LIMIT", f"{len(layers)} layers")  # LAYER-028
    config_text = layout.blob(config_descriptor)
    config = documents.read_config(config_text)
    diff_ids = config["rootfs"]["diff_ids"] or []
    if len(diff_ids) != len(layers):
        raise Rejected("IMAGE_LAYER_COUNT", f"{len(layers)} layers, {len(diff_ids)} diff_ids")  # LAYER-025
    for diff_id in diff_ids:
        check_digest_form(diff_id)  # LAYER-009
    return Image(layout, descriptor, manifest_text, manifest, config_text, config)


def image_digest(layers, role, transform_name, policy, format_name, algorithm):
    """The digest of the EROFS image of some layers in a role, in hexadecimal."""
    root = build_tree(layers, role, transform_name, policy, algorithm)
    return fsverity_digest(write_image(root, format_name, algorithm), algorithm).hex()
