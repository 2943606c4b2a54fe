"""Everything in a disk image except the data partition and the signature (spec/ddi.md, DDI-001 to DDI-010)."""

import hashlib
import struct
import uuid
import zlib
from dataclasses import dataclass

SECTOR = 512
BLOCK = 4096
DATA_START = 1048576
TABLE_SIZE = 16384
TAIL_SIZE = TABLE_SIZE + SECTOR
ENTRY_SIZE = 128
# DDI-006: the type and the name of each partition.
TYPES = (
    ("49c61b10-7411-8fa2-99e3-cf83c4fe0b5a", "composefs"),
    ("5f03b796-7cb5-833a-9dcb-9cdff9fb4d7f", "composefs-verity"),
    ("a3e081cc-133c-807e-adab-269a790cb0b9", "composefs-verity-sig"),
)
ATTRIBUTES = 2**63 + 2**60


@dataclass(frozen=True)
class Sizes:
    """E, H and S of the chapter."""

    data: int
    hashes: int
    signature: int

    @property
    def end(self):
        """The first byte behind the partitions."""
        return DATA_START + self.data + self.hashes + self.signature

    @property
    def total(self):
        """T."""
        return -(-(self.end + TAIL_SIZE) // BLOCK) * BLOCK


def derive_uuid(purpose, root_hash):
    """DDI-007."""
    text = f"composefs-ddi {purpose} {root_hash.hex()}".encode()
    digits = bytearray(hashlib.sha256(text).digest()[:16])
    digits[6] = 0x80 | digits[6] & 0x0F
    digits[8] = 0x80 | digits[8] & 0x3F
    return bytes(digits)


def swapped(uuid_bytes):
    """A UUID as a field of the partition table has it, and back."""
    return uuid.UUID(bytes=uuid_bytes).bytes_le


def head(sizes, root_hash):
    """The bytes before the data partition."""
    table = partition_table(sizes, root_hash)
    return (protective_mbr(sizes) + header(sizes, root_hash, table, 1) + table).ljust(DATA_START, b"\0")


def tail(sizes, root_hash):
    """The bytes behind the partitions."""
    table = partition_table(sizes, root_hash)
    last = table + header(sizes, root_hash, table, sizes.total // SECTOR - 1)
    return last.rjust(sizes.total - sizes.end, b"\0")


def protective_mbr(sizes):
    """DDI-004."""
    entry = bytes.fromhex("00000200eeffffff01000000") + struct.pack("<I", min(sizes.total // SECTOR - 1, 0xFFFFFFFF))
    return bytes(446) + entry + bytes(48) + b"\x55\xaa"


def header(sizes, root_hash, table, sector):
    """DDI-005: the header in the first or the last sector that has one."""
    last = sizes.total // SECTOR - 1

    def fields(checksum):
        return struct.pack(
            "<8sIIIIQQQQ16sQIII",
            b"EFI PART",
            0x00010000,
            92,
            checksum,
            0,
            sector,
            1 + last - sector,
            2048,
            last - 33,
            swapped(derive_uuid("disk", root_hash)),
            2 if sector == 1 else last - 32,
            TABLE_SIZE // ENTRY_SIZE,
            ENTRY_SIZE,
            zlib.crc32(table),
        )

    return fields(zlib.crc32(fields(0))).ljust(SECTOR, b"\0")


def partition_table(sizes, root_hash):
    """DDI-006."""
    uuids = root_hash[:16], root_hash[16:], derive_uuid("signature", root_hash)
    start = DATA_START // SECTOR
    table = b""
    for (kind, name), unique, size in zip(TYPES, uuids, (sizes.data, sizes.hashes, sizes.signature)):
        if size:
            end = start + size // SECTOR
            fields = uuid.UUID(kind).bytes_le, swapped(unique), start, end - 1, ATTRIBUTES, name.encode("utf-16-le")
            table += struct.pack("<16s16sQQQ72s", *fields)
            start = end
    return table.ljust(TABLE_SIZE, b"\0")


def hash_partition(data):
    """DDI-008 to DDI-010: the content of the hash partition, and the root hash."""
    levels = []
    level = data
    while len(level) > BLOCK:
        hashes = b"".join(hashlib.sha256(level[at : at + BLOCK]).digest() for at in range(0, len(level), BLOCK))
        level = hashes + bytes(-len(hashes) % BLOCK)
        levels.insert(0, level)
    root_hash = hashlib.sha256(level).digest()
    superblock = struct.pack(
        "<8sII16s32sIIQH",
        b"verity",
        1,
        1,
        derive_uuid("verity", root_hash),
        b"sha256",
        BLOCK,
        BLOCK,
        len(data) // BLOCK,
        0,
    )
    return superblock.ljust(BLOCK, b"\0") + b"".join(levels), root_hash


def hash_partition_size(data_size):
    """H for E."""
    size = BLOCK
    blocks = data_size // BLOCK
    while blocks > 1:
        blocks = -(-blocks // (BLOCK // 32))
        size += blocks * BLOCK
    return size
