"""The file of an image: header, superblock, and which of its slots are taken (EROFS-050 to EROFS-055)."""

from erofs.structures import (
    BLOCK_BITS,
    BLOCK_SIZE,
    COMPATIBLE_FEATURES,
    FIRST_INODE_AT,
    HEADER_MAGIC,
    HEADER_VERSION,
    SLOT_SIZE,
    SUPERBLOCK_AT,
    SUPERBLOCK_MAGIC,
    VERSIONS,
    up,
)
from errors import Rejected

REST_OF_SUPERBLOCK = slice(SUPERBLOCK_AT + 84, SUPERBLOCK_AT + 128)  # "everything else"
SECONDS_LIMIT = 2**63  # EROFS-053
NANOSECONDS_LIMIT = 10**9
TAKEN = b"\1"


class ImageFile:
    def __init__(self, data):
        self.data = data
        if len(data) < FIRST_INODE_AT or len(data) != BLOCK_SIZE * self.number(SUPERBLOCK_AT + 36, 4):
            raise Rejected("EROFS_SIZE", f"a file of {len(data)} bytes")  # EROFS-050
        if (self.number(0, 4), self.number(SUPERBLOCK_AT, 4)) != (HEADER_MAGIC, SUPERBLOCK_MAGIC):
            raise Rejected("EROFS_MAGIC", "not an EROFS image of composefs")  # EROFS-051
        self.format = self.read_format()
        self.root_nid = self.number(SUPERBLOCK_AT + 14, 2)
        self.build_time = self.time(SUPERBLOCK_AT + 24)
        self.shared_area_at = BLOCK_SIZE * self.number(SUPERBLOCK_AT + 44, 4)
        self.slots = bytearray(len(data) // SLOT_SIZE)
        self.slots[: FIRST_INODE_AT // SLOT_SIZE] = TAKEN * (FIRST_INODE_AT // SLOT_SIZE)  # EROFS-055

    def number(self, at, size):
        return int.from_bytes(self.data[at : at + size], "little")

    def time(self, at):
        """Seconds and nanoseconds (EROFS-053)."""
        seconds, nanoseconds = self.number(at, 8), self.number(at + 8, 4)
        if seconds >= SECONDS_LIMIT or nanoseconds >= NANOSECONDS_LIMIT:
            raise Rejected("EROFS_LIMIT", f"byte {at}: the time {seconds}.{nanoseconds}")
        return seconds, nanoseconds

    def read_format(self):
        """EROFS-052, EROFS-100."""
        fields = {
            "version of the header": (4, 4, HEADER_VERSION),
            "compatible features": (SUPERBLOCK_AT + 8, 4, COMPATIBLE_FEATURES),
            "block size": (SUPERBLOCK_AT + 12, 1, BLOCK_BITS),
            "extra slots": (SUPERBLOCK_AT + 13, 1, 0),
            "first metadata block": (SUPERBLOCK_AT + 40, 4, 0),
            "incompatible features": (SUPERBLOCK_AT + 80, 4, 0),
        }
        for name, (at, size, wanted) in fields.items():
            if self.number(at, size) != wanted:
                raise Rejected("EROFS_FORMAT", f"the {name} at byte {at}")
        if self.number(8, 4) not in (0, 1) or any(self.data[REST_OF_SUPERBLOCK]):
            raise Rejected("EROFS_FORMAT", "an unknown flag, or a field of the superblock that is not 0")
        for name, version in VERSIONS.items():
            if version == self.number(12, 4):
                return name
        raise Rejected("EROFS_FORMAT", f"the composefs version {self.number(12, 4)}")

    def check_range(self, begin, end, what):
        """EROFS-054."""
        if begin < FIRST_INODE_AT or end > len(self.data):
            raise Rejected("EROFS_RANGE", f"{what}: bytes {begin} to {end}")

    def take(self, begin, end, what):
        """EROFS-055: marks every slot that some bytes touch, which are in the file."""
        first, after = begin // SLOT_SIZE, up(end, SLOT_SIZE) // SLOT_SIZE
        if self.slots.find(TAKEN, first, after) >= 0:
            raise Rejected("EROFS_OVERLAP", f"{what}: bytes {begin} to {end}")
        self.slots[first:after] = TAKEN * (after - first)
