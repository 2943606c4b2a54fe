"""Disk images, written and read (spec/ddi.md)."""

from ddi import layout, signature as signature_partition
from ddi.layout import BLOCK, DATA_START, ENTRY_SIZE, SECTOR, Sizes, swapped
from erofs.reader import read_image
from errors import Rejected

TABLE_START = 1024


def write_disk_image(image, signer):
    """The disk image of an EROFS image, and its root hash (DDI-001)."""
    read_image(image)  # DDI-002
    hashes, root_hash = layout.hash_partition(image)
    signature = signature_partition.write_signature(root_hash, signer)
    sizes = Sizes(len(image), len(hashes), len(signature))
    parts = layout.head(sizes, root_hash), image, hashes, signature, layout.tail(sizes, root_hash)
    return b"".join(parts), root_hash


def read_disk_image(ddi, trusted, required):
    """The EROFS image in a disk image, its root hash, and whether it is signed; the checks in the order of DDI-024."""
    if len(ddi) < DATA_START:
        raise Rejected("DDI_SIZE", "shorter than what is before the data partition")  # DDI-014
    entries = [ddi[at : at + ENTRY_SIZE] for at in range(TABLE_START, TABLE_START + 3 * ENTRY_SIZE, ENTRY_SIZE)]
    sizes = Sizes(*map(partition_size, entries))
    table_root_hash = swapped(entries[0][16:32]) + swapped(entries[1][16:32])
    if len(ddi) != sizes.total:
        raise Rejected("DDI_SIZE", f"{len(ddi)} bytes, and the partition table needs {sizes.total}")  # DDI-014
    check_table(ddi, sizes, table_root_hash)
    hashes_start = DATA_START + sizes.data
    image = ddi[DATA_START:hashes_start]
    read_image(image)  # DDI-016
    hashes, root_hash = layout.hash_partition(image)
    if root_hash != table_root_hash or ddi[hashes_start : hashes_start + sizes.hashes] != hashes:
        raise Rejected("DDI_HASH", "the hash partition or the root hash")  # DDI-017
    signature = ddi[hashes_start + sizes.hashes : sizes.end]
    return image, root_hash, signature_partition.check_signature(signature, root_hash, trusted, required)


def partition_size(entry):
    """The size that an entry gives, without regard to the range of its fields."""
    first, last = (int.from_bytes(entry[at : at + 8], "little") for at in (32, 40))
    return (last - first + 1) * SECTOR if last else 0


def check_table(ddi, sizes, root_hash):
    """DDI-015."""
    in_blocks = all(size % BLOCK == 0 for size in (sizes.data, sizes.hashes, sizes.signature))
    if sizes.data <= 0 or sizes.signature < 0 or not in_blocks:
        raise Rejected("DDI_TABLE", "the size of a partition")
    if sizes.hashes != layout.hash_partition_size(sizes.data):
        raise Rejected("DDI_TABLE", "the size of the hash partition is not that of the data partition")
    if ddi[:DATA_START] != layout.head(sizes, root_hash) or ddi[sizes.end :] != layout.tail(sizes, root_hash):
        raise Rejected("DDI_TABLE", "a byte outside of the partitions")
