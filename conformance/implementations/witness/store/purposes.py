"""The composefs images of a config: their keys, and what their layers make (spec/storage.md, "Streams")."""

from dataclasses import dataclass

from erofs.writer import write_image
from errors import Rejected
from fsverity import fsverity_digest
from layers import build_tree
from tar_archive import read_archive

KEPT_XATTRS_SUFFIX = ".xattrs=keep-user-xattrs"
ROLES = {
    "composefs.image.v1": ("merged", "v1"),
    "composefs.image": ("merged", "v2"),
    "composefs.image.boot.v1": ("merged.bootable", "v1"),
    "composefs.image.boot": ("merged.bootable", "v2"),
}


@dataclass(frozen=True)
class Purpose:
    role: str
    format_name: str
    policy: str

    @property
    def key(self):
        stem = next(key for key, value in ROLES.items() if value == (self.role, self.format_name))
        return stem + (KEPT_XATTRS_SUFFIX if self.policy == "keep-user-xattrs" else "")


def purpose_of(key):
    """The purpose of a named reference, or None for one of another kind."""
    stem = key.removesuffix(KEPT_XATTRS_SUFFIX)
    if stem not in ROLES:
        return None
    return Purpose(*ROLES[stem], "allowlist-only" if stem == key else "keep-user-xattrs")


def images_of(stream):
    """The composefs images to which the stream of a config refers: pairs of a purpose and a digest."""
    return [(purpose_of(name), digest) for name, digest in stream.named.items() if purpose_of(name)]


def make_image(layers, purpose, algorithm):
    """The composefs image of some layers, each the list of its entries."""
    root = build_tree(layers, purpose.role, "oci", purpose.policy, algorithm)
    return write_image(root, purpose.format_name, algorithm)


def made_digest(archives, purpose, algorithm):
    """The digest of the image that archives make, or None if they make none."""
    try:
        image = make_image([read_archive(archive) for archive in archives], purpose, algorithm)
    except Rejected:
        return None
    return fsverity_digest(image, algorithm).hex()
