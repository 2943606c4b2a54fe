"""The files of an image layout (LAYER-001, LAYER-002, and spec/layers.md, "Blobs")."""

import hashlib
import pathlib
import re

from errors import Rejected
from files import read_file
from oci import documents

DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")  # LAYER-009


def check_digest_form(digest):
    """LAYER-009."""
    if not DIGEST.fullmatch(digest):
        raise Rejected("IMAGE_DIGEST_FORM", f"digest {digest!r}")


def digest_of(data, like="sha256:"):
    """The OCI digest of some bytes, with the hash function of another digest."""
    name = like.partition(":")[0]
    return f"{name}:{hashlib.new(name, data).hexdigest()}"


class Layout:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        if not self.path.is_dir():
            raise Rejected("REQUEST_FILE", f"{path} is not a directory")
        if not (self.path / "oci-layout").is_file():
            raise Rejected("IMAGE_LAYOUT", "no file oci-layout")  # LAYER-001
        value = documents.parse(read_file(self.path / "oci-layout"))
        documents.check_names(value, documents.LAYOUT)
        if documents.member(value, "imageLayoutVersion", str) != "1.0.0":
            raise Rejected("IMAGE_LAYOUT", "imageLayoutVersion is not 1.0.0")  # LAYER-001
        if not (self.path / "index.json").is_file():
            raise Rejected("IMAGE_LAYOUT", "no file index.json")  # LAYER-002
        self.index_text = read_file(self.path / "index.json")
        self.index = documents.read_index(self.index_text)

    def blob(self, descriptor):
        """The bytes of a blob, which match its descriptor (LAYER-009 to LAYER-012)."""
        digest = descriptor["digest"]
        check_digest_form(digest)
        path = self.path.joinpath("blobs", *digest.split(":"))
        if not path.is_file():
            raise Rejected("IMAGE_BLOB", f"{digest} is not a regular file")  # LAYER-010
        size = descriptor["size"].whole()
        if path.stat().st_size != size:
            raise Rejected("IMAGE_SIZE", f"{digest} does not have {size} bytes")  # LAYER-011
        data = read_file(path)
        if digest_of(data, digest) != digest:
            raise Rejected("IMAGE_DIGEST", digest)  # LAYER-012
        return data

    def index_at(self, descriptor):
        return documents.read_index(self.blob(descriptor), descriptor["mediaType"])

    def manifest_at(self, descriptor):
        return documents.read_manifest(self.blob(descriptor), descriptor["mediaType"])

    def config_at(self, descriptor):
        return documents.read_config(self.blob(descriptor))

    def has_digest(self, descriptor, digest):
        """LAYER-115: whether the blob of a descriptor has a digest, which can be of the other hash function."""
        if descriptor["digest"] == digest:
            return True
        if descriptor["digest"].partition(":")[0] == digest.partition(":")[0]:
            return False
        try:
            data = self.blob(descriptor)
        except Rejected:
            return False
        return len(data) <= documents.SIZE_LIMIT and digest_of(data, digest) == digest
