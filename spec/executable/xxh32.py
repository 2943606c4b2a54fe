"""Tests the program `xxh32` of spec/erofs.md: python3 xxh32.py VECTORS

With published values of XXH32, with those of the example `xxh32-values`, and with the name filter of each image inode
in the expected images of the cases of erofs.write.
"""

from chapters import example
from placement import PREFIXES, Image, program, same, test_images

# https://github.com/Cyan4973/xxHash/blob/dev/tests/sanity_test_vectors.h and users of it
PUBLISHED = [
    (b"", 0, 0x02cc5d05),
    (b"", 0x9e3779b1, 0x36b78ae7),
    (b"abc", 0, 0x32d153ff),
    (b"Nobody inspects the spammish repetition", 0, 0xe2293b2f),
]


def check_values(functions):
    for data, seed, value in PUBLISHED:
        same(f"XXH32 of {data}", functions["xxh32"](data, seed), value)
    rows = [line.split() for line in example("xxh32-values").splitlines()[1:]]
    same("rows of xxh32-values", len(rows) > 0, True)
    for name, number, suffix, seed, value, bit in rows:
        number, suffix = int(number), b"" if suffix == "(empty)" else suffix.encode()
        same(f"name of {suffix}", PREFIXES[number] + suffix, name.encode())
        same(f"seed of {name}", 0x25bbe08f + number, int(seed, 16))
        same(f"hash of {name}", functions["xxh32"](suffix, int(seed, 16)), int(value, 16))
        same(f"bit of {name}", functions["filter_bit"](number, suffix), int(bit))


def check_filters(data, name_filter):
    for index, inode in enumerate(Image(data).inodes):
        if inode.filter is not None:
            names = [(number, suffix) for number, suffix, _ in inode.attributes]
            same(f"name filter of image inode {index}", name_filter(names), inode.filter)


if __name__ == "__main__":
    functions = program(example("xxh32"))

    def check_image(data):
        check_filters(data, functions["name_filter"])

    test_images(check_image, values=lambda: check_values(functions))
