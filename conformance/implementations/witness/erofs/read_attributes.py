"""The attributes of image inodes (EROFS-060 to EROFS-063, EROFS-098, EROFS-099)."""

from erofs.structures import BODY_HEADER_SIZE, name_filter, prefixes, split_name, up
from errors import Rejected

EVERY_BIT = 0xFFFFFFFF


class AttributeReader:
    """Reads each shared attribute once, so that a value takes memory once (EROFS-080)."""

    def __init__(self, image):
        self.image = image
        self.shared = {}  # by byte: name, value and end
        self.shared_size = 0
        self.filters = {}  # of names that have been hashed

    def read(self, inode):
        """The attributes of an image inode: a dict of full name to value."""
        if inode.body_at == inode.body_end:
            return {}
        attributes = {}
        bits = EVERY_BIT
        for name, value in self.each_attribute(inode):
            if name in attributes:
                raise wrong(f"image inode {inode.nid}: two attributes {name!r}")  # EROFS-062
            attributes[name] = value
            bits &= self.filters[name]
        if not attributes:  # EROFS-099
            raise wrong(f"image inode {inode.nid}: an attribute body without attributes")
        if bits != self.image.number(inode.body_at, 4):  # EROFS-063
            raise wrong(f"image inode {inode.nid}: the name filter")
        return attributes

    def each_attribute(self, inode):
        """EROFS-025, EROFS-060."""
        at = inode.body_at + BODY_HEADER_SIZE
        after_references = at + 4 * self.image.number(inode.body_at + 4, 1)
        if after_references > inode.body_end:
            raise wrong(f"image inode {inode.nid}: no room for its references")
        for reference_at in range(at, after_references, 4):
            yield self.shared_attribute(self.image.shared_area_at + 4 * self.image.number(reference_at, 4))
        at = after_references
        while at < inode.body_end:
            end = self.entry_end(at)
            if end > inode.body_end:
                raise wrong(f"byte {at}: an attribute entry that ends after its body")
            yield self.attribute(at)
            at = end

    def shared_attribute(self, at):
        if at not in self.shared:
            if at + 4 > len(self.image.data) or self.entry_end(at) > len(self.image.data):
                raise Rejected("EROFS_RANGE", f"byte {at}: a shared attribute after the image")  # EROFS-054
            end = self.entry_end(at)
            self.shared_size += end - at
            if self.shared_size > len(self.image.data):
                raise Rejected("EROFS_OVERLAP", "more bytes of shared attributes than the image has")
            self.shared[at] = (*self.attribute(at), end)
        name, value, _ = self.shared[at]
        return name, value

    def entry_end(self, at):
        """EROFS-024."""
        return at + 4 + up(self.image.number(at, 1) + self.image.number(at + 2, 2), 4)

    def attribute(self, at):
        """EROFS-024, EROFS-061: the full name and the value of an attribute entry."""
        number, value_size = self.image.number(at + 1, 1), self.image.number(at + 2, 2)
        value_at = at + 4 + self.image.number(at, 1)
        suffix = self.image.data[at + 4 : value_at]
        table = {0: b"", **prefixes(self.image.format)}
        if number not in table:
            raise wrong(f"byte {at}: the prefix number {number}")
        name = table[number] + suffix
        if not name or b"\0" in name or split_name(name, self.image.format) != (number, suffix):
            raise wrong(f"byte {at}: the name {name!r}")
        if name not in self.filters:
            self.filters[name] = name_filter([(number, suffix)])
        return name, self.image.data[value_at : value_at + value_size]

    def check_overlaps(self):
        """EROFS-055, after the walk."""
        end_before = 0
        for at in sorted(self.shared):
            if at < end_before:
                raise Rejected("EROFS_OVERLAP", f"byte {at}: two shared attributes")
            end_before = self.shared[at][2]


def wrong(what):
    return Rejected("EROFS_XATTR", what)
