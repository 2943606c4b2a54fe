"""Merged trees and standalone layer trees: the pseudocode of spec/merge.md, as it is in the chapter."""

import dataclasses

import tree
from chapters import program_of_bytes
from errors import Rejected
from transform import apply_xattr_policy

ENTRY_AND_DIRECTORY_LIMIT = 2097152  # LAYER-106
METADATA_LIMIT = 268435456  # LAYER-108

STATES = ("ORDINARY", "OPAQUE", "WHITEOUT", "RESERVED", "MISSING", "BLOCKED")
CODES = (
    "MERGE_PARENT",
    "MERGE_LINK_TARGET",
    "MERGE_LINK_DIRECTORY",
    "MERGE_LINK_SELF",
    "MERGE_LINK_LOWER",
    "MERGE_WHITEOUT_NAME",
    "MERGE_WHITEOUT_PATH",
    "MERGE_DEVICE",
)


class Builder:
    """The pseudocode with the functions that it uses, and a count of what the tree is made of."""

    def __init__(self):
        self.entries_and_directories = -1  # The root, which new_directory makes as well, is neither.
        self.metadata = 0
        functions = [self.new_directory, new_inode, new_whiteout, is_hard_link, is_whiteout, reject]
        functions += [tree.is_directory, tree.set_attributes, apply_xattr_policy]
        given = {function.__name__: function for function in functions} | {name: name for name in STATES + CODES}
        self.program = program_of_bytes("merge", "merge-names", "merge-layers", "merge-standalone", **given)

    def count(self, entries):
        """LAYER-107, LAYER-109."""
        self.entries_and_directories += len(entries)
        self.metadata += sum(entry.metadata_size for entry in entries)
        self.check_limits()

    def new_directory(self):
        self.entries_and_directories += 1
        self.check_limits()
        return tree.new_directory()

    def check_limits(self):
        if self.entries_and_directories > ENTRY_AND_DIRECTORY_LIMIT or self.metadata > METADATA_LIMIT:
            raise Rejected("TAR_LIMIT", "the layers have too many entries, implied directories or bytes of metadata")


def merged_tree(layers):
    """The tree of all layers; each layer is the list of its entries in archive order."""
    builder = Builder()
    for layer in layers:
        builder.count(layer)
    return builder.program["merge"](layers)


def standalone_layer_tree(layer, policy):
    """The tree of one layer without the others, under an xattr policy."""
    builder = Builder()
    builder.count(layer)
    return builder.program["standalone_layer_tree"](layer, policy)


def new_inode(entry):
    """An inode of its own for each tree that the entry becomes part of (TREE-002)."""
    return dataclasses.replace(entry.inode, xattrs=dict(entry.inode.xattrs), children={})


def new_whiteout():
    """MERGE-031."""
    return tree.Inode("character", 0o644)


def is_hard_link(entry):
    return entry.kind == "hardlink"


def is_whiteout(entry):
    return entry.inode is not None and tree.is_whiteout(entry.inode)


def reject(code):
    raise Rejected(code)
