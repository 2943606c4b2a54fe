"""From image inodes to the tree, without what the writer added for overlayfs (EROFS-070 to EROFS-077, EROFS-094)."""

from erofs.external_file import digest_of, payload_of
from erofs.structures import (
    ATTRIBUTE_SUM_LIMIT,
    ESCAPED_OVERLAY,
    METACOPY,
    OPAQUE,
    OVERLAY,
    REDIRECT,
    SELINUX,
    STUB_MODE,
    STUB_NAMES,
    WHITEOUT_ATTRIBUTES,
    attribute_sum,
    directory_attributes,
)
from errors import Rejected
from tree import External, Inode

XATTR_NAME_LIMIT = 255


def restore_tree(found, contents, format_name):
    """The root of the tree. `found` are the image inodes, the root first; `contents` the data of files and targets."""
    root = found[0]
    inodes = {inode: Inode(inode.kind, inode.mode, inode.uid, inode.gid, inode.mtime) for inode in found}
    if format_name != "v2":
        remove_opaque(root)
        for stub in remove_stubs(root):
            del inodes[stub]
        restore_whiteouts(inodes, directory_attributes(format_name))
    for image_inode, inode in inodes.items():
        restore_inode(image_inode, inode, contents.get(image_inode, b""), format_name)
        inode.children = {name: inodes[child] for name, child in image_inode.children.items()}
    return inodes[root]


def wrong(image_inode, what):
    return Rejected("EROFS_OVERLAY", f"image inode {image_inode.nid}: {what}")


def remove_opaque(root):
    """EROFS-070."""
    if root.attributes.pop(OPAQUE, None) != b"y":
        raise wrong(root, "the root is not opaque")


def remove_stubs(root):
    """EROFS-071: takes the stubs out of the root, and returns them."""
    label = root.attributes.get(SELINUX)
    wanted = STUB_MODE, root.uid, root.gid, root.mtime, {} if label is None else {SELINUX: label}, 1
    stubs = []
    for name in STUB_NAMES:
        stub = root.children.get(name)
        if stub is None:
            raise wrong(root, f"no {name!r}")
        if stub.is_whiteout_device:
            if (stub.mode, stub.uid, stub.gid, stub.mtime, stub.attributes, stub.link_count) != wanted:
                raise wrong(stub, f"not the stub {name!r}")
            stubs.append(root.children.pop(name))
    return stubs


def restore_whiteouts(inodes, attributes_of_directory):
    """EROFS-072, EROFS-073."""
    for image_inode in inodes:
        if image_inode.is_whiteout_device:
            raise wrong(image_inode, "a character device with device number 0")
    for directory in inodes:
        if directory.kind != "directory" or not has(directory, attributes_of_directory):
            continue
        whiteouts = [child for child in directory.children.values() if is_whiteout_file(child)]
        for whiteout in whiteouts:
            inodes[whiteout].kind = "character"
            remove(whiteout, WHITEOUT_ATTRIBUTES)
        if whiteouts:
            remove(directory, attributes_of_directory)


def has(image_inode, attributes):
    return attributes.items() <= image_inode.attributes.items()


def remove(image_inode, attributes):
    for name in attributes:
        del image_inode.attributes[name]


def is_whiteout_file(image_inode):
    return (
        image_inode.kind == "file"
        and (image_inode.size, image_inode.link_count) == (0, 1)
        and has(image_inode, WHITEOUT_ATTRIBUTES)
    )


def restore_inode(image_inode, inode, content, format_name):
    """What the tree holds of an image inode, except for its children."""
    if format_name == "v2" and image_inode.is_whiteout_device and image_inode.link_count != 1:  # EROFS-094
        raise wrong(image_inode, "a whiteout with several names")
    if image_inode.is_external:
        inode.external = External(image_inode.size, digest_of(image_inode), payload_of(image_inode))
        remove(image_inode, {METACOPY, REDIRECT} & image_inode.attributes.keys())
    elif inode.kind == "file":
        inode.content = content
    elif inode.kind == "symlink":
        inode.target = content
    elif inode.kind in ("character", "block") and image_inode.kind == inode.kind:
        inode.rdev = image_inode.u
    inode.xattrs = restore_attributes(image_inode)


def restore_attributes(image_inode):
    """EROFS-074, EROFS-076, EROFS-053."""
    attributes = {}
    for name, value in image_inode.attributes.items():
        if name.startswith(ESCAPED_OVERLAY):
            name = OVERLAY + name[len(ESCAPED_OVERLAY) :]
        elif name.startswith(OVERLAY):
            raise wrong(image_inode, f"the attribute {name!r}")
        if len(name) > XATTR_NAME_LIMIT:
            raise Rejected("EROFS_LIMIT", f"an attribute with a name of {len(name)} bytes")
        attributes[name] = value
    if attribute_sum(attributes) > ATTRIBUTE_SUM_LIMIT:
        raise Rejected("EROFS_LIMIT", "the attributes of an inode are too long")
    return attributes
