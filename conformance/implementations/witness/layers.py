"""From layers to a tree in a role (spec/tree.md, "Roles" and "Content of regular files")."""

from decompression import compression_of, decompress
from errors import Rejected, Unsupported
from fsverity import check_algorithm, fsverity_digest
from merge import merged_tree, standalone_layer_tree
from selinux import label_tree
from tar_archive import read_archive
from transform import KEPT_PREFIXES, make_bootable, transform
from tree import INLINE_LIMIT, External, inodes


def check_role(role, transform_name, policy, algorithm, layer_count):
    """What a request for a tree can ask for."""
    check_algorithm(algorithm)
    if role not in ("merged", "merged.bootable", "layer") or transform_name not in ("none", "oci"):
        raise Unsupported(f"role.{role}")
    if policy not in KEPT_PREFIXES:
        raise Unsupported(f"xattrs.{policy}")
    if role == "layer" and (transform_name != "none" or layer_count != 1):
        raise Rejected("REQUEST_ROLE", "role layer has exactly one layer and transform none")  # TREE-010, TREE-011
    if role == "merged.bootable" and transform_name != "oci":
        raise Rejected("REQUEST_ROLE", "role merged.bootable has transform oci")  # TREE-014


def read_layers(blobs, limits):
    """The entries of each layer, from (blob, media type), the base first (LAYER-023)."""
    for _, media_type in blobs:
        compression_of(media_type)
    return [read_archive(decompress(blob, media_type, limits)) for blob, media_type in blobs]


def build_tree(layers, role, transform_name, policy, algorithm):
    """The tree of a request; `layers` is the list of entries of each layer, which other trees can share."""
    check_role(role, transform_name, policy, algorithm, len(layers))
    if role == "layer":
        root = standalone_layer_tree(layers[0], policy)  # TREE-009
    else:
        root = merged_tree(layers)  # TREE-008
        if transform_name == "oci":
            transform(root, policy)
        if role == "merged.bootable":  # TREE-013
            make_bootable(root)
            label_tree(root)  # SELINUX-001
    store_contents(root, algorithm)
    return root


def store_contents(root, algorithm):
    """TREE-004 to TREE-006: the content of each longer file becomes an object."""
    for inode in inodes(root):
        if len(inode.content) > INLINE_LIMIT:
            digest = fsverity_digest(inode.content, algorithm)
            name = digest.hex().encode()
            inode.external = External(len(inode.content), digest, name[:2] + b"/" + name[2:])
            inode.content = b""
