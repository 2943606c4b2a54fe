"""The reader: the tree of an image (spec/erofs.md, "Reader requirements")."""

from erofs.image_file import ImageFile
from erofs.read_attributes import AttributeReader
from erofs.read_directory import directory_entries
from erofs.read_inode import check_chunks, data_of, locate_data, read_form, wrong
from erofs.restore import restore_tree
from erofs.structures import ENTRY_TYPES
from errors import Rejected

PATH_LIMIT = 4096


def read_image(data):
    """The root of the tree in an image, or a rejection."""
    walk = Walk(ImageFile(data))
    walk.run()
    return restore_tree(list(walk.inodes.values()), walk.contents, walk.image.format)


class Walk:
    """The walk over everything that the superblock and directory entries lead to."""

    def __init__(self, image):
        self.image = image
        self.attributes = AttributeReader(image)
        self.inodes = {}  # by nid, in the order in which they are reached
        self.contents = {}  # of inline files and symbolic links
        self.names = {}  # of each image inode that is not a directory: how many names lead to it

    def run(self):
        root = self.reach(self.image.root_nid)
        if root.kind != "directory":
            raise wrong(root.nid, "the root is not a directory")  # EROFS-057
        waiting = [(root, root, 0)]
        while waiting:
            directory, parent, path_length = waiting.pop()
            for name, child in self.read_directory(directory, parent):
                length = path_length + 1 + len(name)
                if length > PATH_LIMIT:
                    raise Rejected("EROFS_LIMIT", f"a path of {length} bytes")  # EROFS-053
                if child.kind == "directory":
                    waiting.append((child, directory, length))
        for inode, count in self.names.items():
            check_link_count(inode, count)
        self.attributes.check_overlaps()

    def reach(self, nid):
        """The image inode of a nid, which is read when it is first reached."""
        if nid not in self.inodes:
            inode = read_form(self.image, nid)
            locate_data(self.image, inode)
            inode.attributes = self.attributes.read(inode)
            if inode.is_external:
                check_chunks(self.image, inode)
            elif inode.kind in ("file", "symlink"):
                self.contents[inode] = data_of(self.image, inode)
            if inode.kind == "symlink" and b"\0" in self.contents[inode]:
                raise wrong(nid, "a NUL in the target")  # EROFS-057
            self.inodes[nid] = inode
        return self.inodes[nid]

    def read_directory(self, directory, parent):
        """Reads the entries of a directory, and returns its children."""
        special = {b".": directory, b"..": parent}
        for name, nid, entry_type in directory_entries(self.image, directory):
            if name in special:
                inode = special[name]
                if nid != inode.nid:  # EROFS-067
                    raise Rejected("EROFS_DIRECTORY", f"image inode {directory.nid}: {name!r} leads to {nid}")
            else:
                is_first = nid not in self.inodes
                inode = self.reach(nid)
                if inode.kind != "directory":
                    self.names[inode] = self.names.get(inode, 0) + 1
                elif not is_first:
                    raise Rejected("EROFS_LINKS", f"image inode {nid}: a directory with a second name")  # EROFS-069
                directory.children[name] = inode
            if entry_type != ENTRY_TYPES[inode.kind]:  # EROFS-068
                raise Rejected("EROFS_DIRECTORY", f"image inode {directory.nid}: the type of {name!r}")
        directories = sum(child.kind == "directory" for child in directory.children.values())
        check_link_count(directory, 2 + directories)
        return list(directory.children.items())


def check_link_count(inode, count):
    """EROFS-069."""
    if inode.link_count != count:
        raise Rejected("EROFS_LINKS", f"image inode {inode.nid}: the link count {inode.link_count} instead of {count}")
