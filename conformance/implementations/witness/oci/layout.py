"""An OCI image layout: a folder with index.json and blobs (LAYER-001 to LAYER-012)."""

import hashlib
import pathlib
import re

from errors import Rejected
from files import read_file
from oci.documents import DOCUMENT_LIMIT, read_config, read_index, read_layout_marker, read_manifest

DIGEST = re.compile(r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})")


def check_digest_form(digest):
    """LAYER-009, LAYER-118."""
    if not DIGEST.fullmatch(digest):
        raise Rejected("IMAGE_DIGEST_FORM", f"{digest!r} is not written as a digest")


def has_digest(data, digest):
    """Whether a digest of the form of LAYER-009 is that of some bytes."""
    name, _, hexadecimal = digest.partition(":")
    return hashlib.new(name, data).hexdigest() == hexadecimal


class Layout:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        if not self.path.is_dir():
            raise Rejected("REQUEST_FILE", f"{path} is not a folder")
        marker = read_layout_marker(self.read_file_of_layout("oci-layout"))
        if marker["imageLayoutVersion"] != "1.0.0":  # LAYER-001
            raise Rejected("IMAGE_LAYOUT", f"the version {marker['imageLayoutVersion']!r}")
        self.index = read_index(self.read_file_of_layout("index.json"))

    def read_file_of_layout(self, name):
        """LAYER-001, LAYER-002."""
        if not (self.path / name).is_file():
            raise Rejected("IMAGE_LAYOUT", f"no file {name}")
        return read_file(self.path / name)

    def read_blob(self, descriptor):
        """The bytes to which a descriptor leads."""
        digest = descriptor["digest"]
        check_digest_form(digest)
        path = self.path / "blobs" / digest.replace(":", "/")
        if not path.is_file():  # LAYER-010
            raise Rejected("IMAGE_BLOB", f"no blob {digest}")
        if path.stat().st_size != descriptor["size"]:  # LAYER-011
            raise Rejected("IMAGE_SIZE", f"the length of {digest} differs from {descriptor['size']}")
        data = read_file(path)
        if not has_digest(data, digest):  # LAYER-012
            raise Rejected("IMAGE_DIGEST", f"the bytes of {digest} have a different digest")
        return data

    def read_document(self, descriptor):
        """The same for a document (LAYER-008)."""
        if descriptor["size"] > DOCUMENT_LIMIT:
            raise Rejected("IMAGE_LIMIT", f"{descriptor['digest']} is a document of more than 4 MiB")
        return self.read_blob(descriptor)

    def manifest(self, descriptor):
        return read_manifest(self.read_document(descriptor), descriptor["mediaType"])

    def config(self, descriptor):
        return read_config(self.read_document(descriptor))
