"""Media types of Docker and those of OCI that replace them (SEAL-028)."""

from oci import documents
from sealing.json_editor import quote

OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
CONVERTED = {
    "application/vnd.docker.distribution.manifest.list.v2+json": "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json": "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.container.image.v1+json": OCI_CONFIG,
    "application/vnd.docker.image.rootfs.diff.tar": "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.foreign.diff.tar": "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip": (
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
    ),
}


def media_type_of(node):
    held = node.get("mediaType")
    return None if held is None else held.value


def converted_type(node):
    """The members that convert the media type of a manifest, an index or a descriptor."""
    media_type = media_type_of(node)
    return {"mediaType": quote(CONVERTED[media_type])} if media_type in CONVERTED else {}


def converted_config_type(node, manifest_type):
    """The same for the descriptor of a config, which can have a type of LAYER-112."""
    older = manifest_type == documents.DOCKER_MANIFEST and media_type_of(node) in documents.OLDER_CONFIG_TYPES
    return {"mediaType": quote(OCI_CONFIG)} if older else converted_type(node)
