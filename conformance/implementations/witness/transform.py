"""The OCI transforms, the xattr policy, and bootable images (spec/transform.md)."""

from tree import find, inodes, is_directory, set_attributes

CAPABILITY = b"security.capability"
KEPT_PREFIXES = {"allowlist-only": (), "keep-user-xattrs": (b"user.",)}  # XFORM-006, XFORM-007


def apply_xattr_policy(root, policy):
    """XFORM-008: on every inode, the root included."""
    for inode in inodes(root):
        kept = {}
        for name, value in inode.xattrs.items():
            if name == CAPABILITY or name.startswith(KEPT_PREFIXES[policy]):
                kept[name] = value
        inode.xattrs = kept


def transform(root, policy):
    """Transform `oci`."""
    usr = find(root, b"/usr")
    if is_directory(usr):
        set_attributes(root, usr)  # XFORM-001; without it, the root stays as it is: XFORM-002
    empty(root, b"/run")  # XFORM-003 to XFORM-005
    apply_xattr_policy(root, policy)


def make_bootable(root):
    """XFORM-009 to XFORM-011, without the labels."""
    empty(root, b"/boot")
    empty(root, b"/sysroot")


def empty(root, path):
    """Removes the children of a directory and sets its mtime to that of /usr."""
    directory = find(root, path)
    if not is_directory(directory):
        return
    usr = find(root, b"/usr")
    directory.children.clear()
    directory.mtime = usr.mtime if is_directory(usr) else (0, 0)  # XFORM-004, XFORM-010
