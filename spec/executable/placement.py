"""Tests the programs `erofs-data` and `erofs-placement` of spec/erofs.md: python3 placement.py VECTORS

For each case of erofs.write with an expected image, the inodes are decoded from the image and put into the order of
the standard, the programs place them, and what they say is compared with the image.
"""

import functools
import json
import pathlib
import sys

from chapters import example

BLOCK = 4096
TYPES = {0o10: "inline file", 0o4: "directory", 0o2: "character device", 0o6: "block device", 0o1: "fifo", 0o14: "socket"}
TYPES[0o12] = "symbolic link"
FORMATS = {0: "v0", 1: "v1", 2: "v2"}
METACOPY = (4, b"overlay.metacopy")


class Difference(Exception):
    """What an image has differs from what the standard says."""


class Image:
    """An image, with its image inodes in the order of its format."""

    def __init__(self, data):
        self.data = data
        self.format = FORMATS[self.number(12, 4)]
        self.shared_block = self.number(1024 + 44, 4)
        self.inodes = self.walk(self.number(1024 + 14, 2))

    def number(self, at, size):
        if at + size > len(self.data):
            raise Difference(f"the image ends before byte {at + size}")
        return int.from_bytes(self.data[at : at + size], "little")

    def walk(self, root):
        """Every inode once: by its first name, and then breadth first or, in v2, depth first."""
        found, stack = {}, [(root, None)]
        while stack:
            nid, parent = stack.pop()
            if nid in found:
                continue
            inode = found[nid] = Inode(self, nid)
            if parent is not None:
                parent.first_names_of.append(inode)
            children = [child for name, child in inode.entries if name not in (b".", b"..")]
            stack.extend((child, inode) for child in reversed(children))
        if self.format == "v2":
            return list(found.values())  # A dict keeps the order of the walk, which is depth first.
        order = [found[root]]
        for inode in order:
            order.extend(inode.first_names_of)
        return order


class Inode:
    """An image inode as it is in an image, without what the programs determine."""

    def __init__(self, image, nid):
        self.found_nid, self.first_names_of = nid, []
        at = 32 * nid
        form = image.number(at, 2)
        form_size = 64 if form & 1 else 32
        count = image.number(at + 2, 2)
        self.found_layout = form & ~1
        self.type = TYPES[image.number(at + 4, 2) >> 12]
        if self.type == "inline file" and self.found_layout == 8:
            self.type = "external file"
        self.size = self.found_size = image.number(at + 8, 8 if form & 1 else 4)
        self.found_u = image.number(at + 16, 4)
        self.found_number = image.number(at + 20, 4)
        self.head = form_size + (12 + 4 * (count - 1) if count else 0)
        self.filter, self.references, self.attributes = read_attributes(image, at + form_size, at + self.head)
        metacopy = [value for number, suffix, value in self.attributes if (number, suffix) == METACOPY]
        self.digest = metacopy[0] if metacopy and metacopy[0] else None
        self.entries = self.read_entries(image) if self.type == "directory" else []
        self.names = [name for name, _ in self.entries]

    def read_entries(self, image):
        blocks = [(BLOCK * (self.found_u + i), BLOCK) for i in range(self.size // BLOCK)]
        if self.size % BLOCK:
            blocks.append((32 * self.found_nid + self.head, self.size % BLOCK))
        return [entry for start, size in blocks for entry in read_block(image, start, size)]


def read_attributes(image, at, end):
    """The name filter, the bytes that references lead to, and each attribute as number, suffix and value."""
    if at == end:
        return None, [], []
    name_filter, count = image.number(at, 4), image.number(at + 4, 1)
    at += 12
    references = [BLOCK * image.shared_block + 4 * image.number(at + 4 * i, 4) for i in range(count)]
    attributes = [read_attribute(image, reference)[0] for reference in references]
    at += 4 * count
    while at < end:
        attribute, at = read_attribute(image, at)
        attributes.append(attribute)
    return name_filter, references, attributes


def read_attribute(image, at):
    """The attribute entry at a byte, and where it ends."""
    suffix_size, number, value_size = image.number(at, 1), image.number(at + 1, 1), image.number(at + 2, 2)
    value_at = at + 4 + suffix_size
    end = value_at + value_size
    return (number, image.data[at + 4 : value_at], image.data[value_at:end]), end + -end % 4


def read_block(image, start, size):
    """Names and nids of one block or tail of a directory."""
    count = image.number(start + 8, 2) // 12
    begins = [image.number(start + 12 * i + 8, 2) for i in range(count)]
    for i, begin in enumerate(begins):
        name = image.data[start + begin : start + (begins[i + 1] if i + 1 < count else size)]
        yield name.partition(b"\0")[0], image.number(start + 12 * i, 8)


PREFIXES = {0: b"", 1: b"user.", 2: b"system.posix_acl_access", 3: b"system.posix_acl_default", 4: b"trusted.",
            5: b"lustre.", 6: b"security."}


def shared_area(image):
    """The shared attributes and the offset of each, with the size of the area: EROFS-021, EROFS-022, EROFS-087."""
    uses = {}
    for inode in image.inodes:
        for attribute in inode.attributes:
            uses[attribute] = uses.get(attribute, 0) + 1
    shared = sorted(attribute for attribute, count in uses.items() if count > 1)  # In v2: number, suffix, value.
    if image.format != "v2":
        shared.sort(key=lambda a: (PREFIXES[a[0]] + a[1], len(a[2]), a[2]), reverse=True)
    offsets, size = {}, 0
    for attribute in shared:
        _, suffix, value = attribute
        offsets[attribute] = size
        size += 4 + len(suffix) + len(value) + -(len(suffix) + len(value)) % 4
    return offsets, size


def check(data, data_of, chunk_bits, place):
    """Raises Difference unless everything in an image is where the programs place it."""
    image = Image(data)
    for inode in image.inodes:
        inode.nblk, inode.tail = data_of(inode, image.format)
    offsets, shared_size = shared_area(image)
    file = place(image.inodes, shared_size, image.format)

    same("size of the file", file["size"], len(data))
    same("blocks in the superblock", file["size"] // BLOCK, image.number(1024 + 36, 4))
    same("shared area block", file["shared area block"], image.shared_block)
    same("first image inode", 1152 <= image.inodes[0].begin, True)
    used = [(0, 32), (1024, 1152), (file["E"], file["E"] + shared_size)]
    for index, inode in enumerate(image.inodes):
        check_inode(image, index, inode, chunk_bits)
        used.append((inode.begin, inode.begin + inode.head + inode.tail))
        used.extend([(BLOCK * inode.block, BLOCK * (inode.block + inode.nblk))] if inode.nblk else [])
        for reference, attribute in zip(inode.references, inode.attributes):
            same(f"reference of image inode {index}", reference, file["E"] + offsets[attribute])
    for attribute, offset in offsets.items():
        same(f"shared attribute at {offset}", read_attribute(image, file["E"] + offset)[0], attribute)
    check_rest(data, used, file["D"])


def check_inode(image, index, inode, chunk_bits):
    name = f"image inode {index}"
    same(f"nid of {name}", inode.nid, inode.found_nid)
    same(f"begin of {name}", inode.begin, 32 * inode.nid)
    same(f"number of {name}", inode.nid if image.format == "v2" else index, inode.found_number)
    same(f"layout of {name}", inode.layout, inode.found_layout)
    if inode.type == "directory":
        same(f"size of {name}", BLOCK * inode.nblk + inode.tail, inode.found_size)
    u = inode.found_u
    if inode.type == "external file":
        same(f"u of {name}", inode.block & 0xffff0000 | chunk_bits(inode, image.format) - 12, u)
        tail = image.data[inode.begin + inode.head :][: inode.tail]
        same(f"chunk addresses of {name}", tail, b"\xff" * inode.tail)
        block = image.data[BLOCK * inode.block :][: BLOCK * inode.nblk]
        same(f"chunk addresses of {name}", block, b"\xff" * BLOCK * inode.nblk)
    elif "device" not in inode.type:
        same(f"block of {name}", inode.block, u)
    if inode.type == "symbolic link":
        start = BLOCK * inode.block if inode.nblk else inode.begin + inode.head
        target = image.data[start : start + inode.size]
        same(f"target of {name}", (len(target), b"\0" in target), (inode.size, False))


def check_rest(data, used, blocks_begin):
    """Nothing overlaps, data blocks are where they belong, and the bytes that are left are zero (EROFS-045)."""
    at = 0
    for begin, end in sorted(used):
        if begin < at:
            raise Difference(f"two parts have byte {begin}")
        if data[at:begin].strip(b"\0"):
            raise Difference(f"bytes {at} to {begin} belong to no part and are not zero")
        at = end
    same("bytes after the last part", data[max(at, blocks_begin) :], b"")
    same("bytes before the data blocks", data[at:blocks_begin].strip(b"\0"), b"")


def same(what, placed, found):
    if placed != found:
        raise Difference(f"{what}: {placed!r:.100}, in the image {found!r:.100}")


def images(vectors):
    """Each case of erofs.write: its id, and its expected image or None."""
    for path in sorted(pathlib.Path(vectors).glob("cases/*/*/case.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if case["op"] == "erofs.write":
            expected = case["expect"].get("ifAccept", case["expect"])
            image = expected.get("files", {}).get("image")
            yield case["id"], None if image is None else (path.parent / image).read_bytes()


def test_images(check_image, **others):
    """Runs the other checks, checks every expected image, prints one line of JSON, and ends the program."""
    passed, failed, skipped = 0, [], {}
    checks = list(others.items())
    for case, data in images(sys.argv[1]):
        if data is None:
            skipped[case] = "no expected image"
        else:
            checks.append((case, functools.partial(check_image, data)))
    for name, run in checks:
        try:
            run()
            passed += 1
        except Exception as error:  # A program of the text can fail in any way.
            failed.append(f"{name}: {type(error).__name__}: {error}")
    print(json.dumps({"passed": passed, "failed": failed, "skipped": skipped}))
    sys.exit(1 if failed or passed == 0 else 0)


def program(text):
    """The functions of an example in Python."""
    functions = {}
    exec(text, functions)
    return functions


if __name__ == "__main__":
    extent, placement = program(example("erofs-data")), program(example("erofs-placement"))
    test_images(lambda data: check(data, extent["data_of"], extent["chunk_bits"], placement["place"]))
