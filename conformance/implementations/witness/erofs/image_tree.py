"""The image inodes of a tree, with what overlayfs needs (EROFS-005 to EROFS-018, EROFS-084, EROFS-085)."""

from dataclasses import dataclass, field

from erofs.external_file import external_attributes
from erofs.structures import (
    ESCAPED_OVERLAY,
    OPAQUE,
    OVERLAY,
    SELINUX,
    STUB_MODE,
    STUB_NAMES,
    WHITEOUT_ATTRIBUTES,
    directory_attributes,
)
from tree import Inode, is_whiteout


@dataclass(eq=False)
class ImageInode:
    """What is written for an inode of the tree or for a stub. The pseudocode of the chapter says where it is written."""

    kind: str  # a key of tree.TYPE_BITS
    inode: Inode  # its mode, owner, group, mtime and content
    attributes: list = field(default_factory=list)  # pairs of full name and value, in their order
    children: dict = field(default_factory=dict)  # name to ImageInode
    entries: list = field(default_factory=list)  # of a directory: pairs of name and ImageInode, EROFS-014
    link_count: int = 0

    @property
    def external(self):
        return self.inode.external

    @property
    def type(self):
        """The name of the type in the pseudocode."""
        names = {"file": "external file" if self.external else "inline file", "symlink": "symbolic link"}
        return names.get(self.kind, self.kind)

    @property
    def size(self):
        """Of a regular file or a symbolic link."""
        return self.inode.size

    @property
    def digest(self):
        return self.external.digest

    @property
    def names(self):
        return [name for name, _ in self.entries]


def image_inodes(root, format_name):
    """All image inodes in their order."""
    image_root, order, first_names = copy_tree(root, format_name)
    if format_name != "v2":
        for name in STUB_NAMES:
            if name not in image_root.children:
                image_root.children[name] = stub(image_root)
                first_names[image_root].append((name, image_root.children[name]))
        order = breadth_first(image_root, first_names)
    for inode in order:
        if inode.kind == "directory":
            inode.link_count += 2  # EROFS-017
            for child in inode.children.values():
                if child.kind != "directory":
                    child.link_count += 1
                else:
                    inode.link_count += 1
                    child.entries.append((b"..", inode))  # EROFS-014
    image_root.entries.append((b"..", image_root))
    for inode in order:
        if inode.kind == "directory":
            inode.entries += [(b".", inode), *inode.children.items()]
            inode.entries.sort(key=lambda entry: entry[0])
    return order


def copy_tree(root, format_name):
    """The root, the image inodes depth first (EROFS-085), and those that have their first name in each directory."""
    copies = {}
    first_names = {}
    waiting = [(None, b"", root)]
    while waiting:
        parent, name, inode = waiting.pop()
        copy = copies.get(inode)
        if copy is None:
            copy = copies[inode] = image_inode(inode, format_name, is_root=inode is root)
            first_names[copy] = []
            if parent is not None:
                first_names[parent].append((name, copy))
        if parent is not None:
            parent.children[name] = copy
        for child in sorted(inode.children, reverse=True):
            waiting.append((copy, child, inode.children[child]))
    return copies[root], list(copies.values()), first_names


def breadth_first(root, first_names):
    """EROFS-015, EROFS-016."""
    order = [root]
    for inode in order:
        for _, child in sorted(first_names.get(inode, ()), key=lambda entry: entry[0]):
            order.append(child)
    return order


def image_inode(inode, format_name, is_root):
    escaped = {escape(name): value for name, value in inode.xattrs.items()}
    overlay = external_attributes(inode.external) if inode.external else {}
    if format_name == "v2":  # EROFS-084
        return ImageInode(inode.kind, inode, [*overlay.items(), *sorted(escaped.items())])
    if is_root:
        overlay[OPAQUE] = b"y"  # EROFS-011
    kind = inode.kind
    if is_whiteout(inode):  # EROFS-008
        kind = "file"
        overlay.update(WHITEOUT_ATTRIBUTES)
    if any(is_whiteout(child) for child in inode.children.values()):
        overlay.update(directory_attributes(format_name))
    return ImageInode(kind, inode, sorted({**escaped, **overlay}.items()))  # EROFS-020


def escape(name):
    """EROFS-005."""
    return ESCAPED_OVERLAY + name[len(OVERLAY) :] if name.startswith(OVERLAY) else name


def stub(root):
    """EROFS-012, EROFS-013."""
    owner = root.inode
    inode = Inode("character", STUB_MODE, owner.uid, owner.gid, owner.mtime)
    label = owner.xattrs.get(SELINUX)
    return ImageInode("character", inode, [] if label is None else [(SELINUX, label)])
