"""From the blob of a layer to its archive (spec/layers.md, "Compression" and "Expansion")."""

from dataclasses import dataclass

from errors import Rejected
from gzip_blob import decompress_gzip
from zstd_blob import decompress_zstd

# LAYER-022. Media types are compared as they are.
COMPRESSION = {
    "application/vnd.oci.image.layer.v1.tar": "none",
    "application/vnd.oci.image.layer.v1.tar+gzip": "gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd": "zstd",
    "application/vnd.oci.image.layer.nondistributable.v1.tar": "none",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip": "gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd": "zstd",
    "application/vnd.docker.image.rootfs.diff.tar": "none",
    "application/vnd.docker.image.rootfs.diff.tar.gzip": "gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd": "zstd",
    "application/vnd.docker.image.rootfs.foreign.diff.tar": "none",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip": "gzip",
}

DEFAULT_EXPANSION = 1024  # LAYER-099
BLOB_ALLOWANCE = 1048576


def uncompressed(blob):
    yield blob


DECOMPRESSORS = {"none": uncompressed, "gzip": decompress_gzip, "zstd": decompress_zstd}


@dataclass
class SizeLimits:
    """The limits that a request sets, and the bytes that count against them so far."""

    expansion: int = DEFAULT_EXPANSION
    total: int = None
    used: int = 0

    @classmethod
    def of(cls, params):
        """From the parameters `maxExpansion` and `maxSize`."""
        total = params.get("maxSize")
        return cls(int(params.get("maxExpansion", DEFAULT_EXPANSION)), None if total is None else int(total))

    def check_layer(self, blob_size, size):
        """`size` is what has been decompressed of a layer so far."""
        if size > self.expansion * (blob_size + BLOB_ALLOWANCE):  # LAYER-100, LAYER-101
            raise Rejected("COMPRESSION_LIMIT", f"a blob of {blob_size} bytes decompresses to {size} bytes or more")
        if self.total is not None and self.used + max(blob_size, size) > self.total:  # LAYER-102
            raise Rejected("COMPRESSION_LIMIT", f"the layers together are longer than {self.total} bytes")

    def finish_layer(self, blob_size, size):
        self.used += max(blob_size, size)


def compression_of(media_type):
    """LAYER-022."""
    if media_type not in COMPRESSION:
        raise Rejected("IMAGE_MEDIA_TYPE", f"media type {media_type!r} is not that of a layer")
    return COMPRESSION[media_type]


def decompress(blob, media_type, limits):
    """The archive in a blob, decompressed as the media type says, whatever the bytes look like (LAYER-031)."""
    pieces = []
    size = 0
    limits.check_layer(len(blob), size)
    for piece in DECOMPRESSORS[compression_of(media_type)](blob):
        pieces.append(piece)
        size += len(piece)
        limits.check_layer(len(blob), size)
    limits.finish_layer(len(blob), size)
    return b"".join(pieces)
