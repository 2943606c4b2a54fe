"""The attributes of image inodes as bytes: bodies and the shared area (EROFS-019 to EROFS-028)."""

from collections import Counter

from erofs.structures import BODY_HEADER_SIZE, name_filter, split_name, up

INLINED_AFTER = 128  # EROFS-023
REFERENCE_LIMIT_V2 = 255  # EROFS-083


class Attributes:
    """The attributes of all image inodes of an image."""

    def __init__(self, order, format_name):
        self.format_name = format_name
        self.offsets = {}  # of each shared attribute in the shared area, in the order of the area
        self.shared_size = 0
        self.filters = {}  # of names that have been hashed
        for attribute in self.sort(shared_attributes(order)):
            self.offsets[attribute] = self.shared_size
            self.shared_size += entry_size(*split_name(attribute[0], format_name), attribute[1])

    def sort(self, attributes):
        if self.format_name == "v2":  # EROFS-087
            return sorted(attributes, key=lambda attribute: (*split_name(attribute[0], "v2"), attribute[1]))
        # EROFS-022
        return sorted(attributes, key=lambda attribute: (attribute[0], len(attribute[1]), attribute[1]), reverse=True)

    def shared_area(self):
        """EROFS-022."""
        return b"".join(self.entry(attribute) for attribute in self.offsets)

    def entry(self, attribute):
        """EROFS-024."""
        name, value = attribute
        number, suffix = split_name(name, self.format_name)
        data = bytes([len(suffix), number]) + len(value).to_bytes(2, "little") + suffix + value
        return data.ljust(up(len(data), 4), b"\0")

    def divide(self, inode):
        """EROFS-023, EROFS-088: which attributes of an image inode are references, and which are in its body."""
        shared = [attribute for attribute in inode.attributes if attribute in self.offsets]
        if self.format_name != "v2":
            shared = shared[:INLINED_AFTER]
        referred = set(shared)
        return shared, [attribute for attribute in inode.attributes if attribute not in referred]

    def body_size(self, inode):
        if not inode.attributes:
            return 0
        shared, others = self.divide(inode)
        entries = sum(entry_size(*split_name(name, self.format_name), value) for name, value in others)
        return BODY_HEADER_SIZE + 4 * len(shared) + entries

    def body(self, inode, end):
        """EROFS-025. `end` is E, the end of the image inodes."""
        if not inode.attributes:
            return b""
        shared, others = self.divide(inode)
        base = end if self.format_name == "v2" else end % 4096  # EROFS-088, EROFS-026
        references = [((base + self.offsets[attribute]) // 4).to_bytes(4, "little") for attribute in shared]
        header = self.filter(inode).to_bytes(4, "little") + bytes([len(shared)]) + bytes(7)
        return b"".join([header, *references, *map(self.entry, others)])

    def filter(self, inode):
        """EROFS-027."""
        bits = 0xFFFFFFFF
        for name, _ in inode.attributes:
            if name not in self.filters:
                self.filters[name] = name_filter([split_name(name, self.format_name)])
            bits &= self.filters[name]
        return bits


def shared_attributes(order):
    """EROFS-021."""
    uses = Counter(attribute for inode in order for attribute in inode.attributes)
    return [attribute for attribute, count in uses.items() if count > 1]


def entry_size(_number, suffix, value):
    return 4 + up(len(suffix) + len(value), 4)
