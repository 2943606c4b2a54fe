"""The data of image inodes as bytes (EROFS-029 to EROFS-035, EROFS-047)."""

from erofs.structures import BLOCK_SIZE, ENTRY_SIZE, ENTRY_TYPES

HOLE = b"\xff"  # each byte of the chunk address of a hole


def data_bytes(inode):
    """The data blocks of a placed image inode, together, and its tail."""
    if inode.type == "external file":
        return HOLE * (BLOCK_SIZE * inode.nblk), HOLE * inode.tail
    if inode.type == "directory":
        data = directory_bytes(inode)
    else:
        data = inode.inode.target if inode.type == "symbolic link" else inode.inode.content
    if not inode.tail:
        return data.ljust(BLOCK_SIZE * inode.nblk, b"\0"), b""
    return data[: BLOCK_SIZE * inode.nblk], data[BLOCK_SIZE * inode.nblk :]


def directory_bytes(directory):
    """The blocks of a directory; the last one as long as its entries."""
    blocks = [block_bytes(entries) for entries in blocks_of(directory.entries)]
    return b"".join(block.ljust(BLOCK_SIZE, b"\0") for block in blocks[:-1]) + blocks[-1]


def blocks_of(entries):
    """EROFS-029: the entries of each block."""
    blocks = [[]]
    used = 0
    for entry in entries:
        size = ENTRY_SIZE + len(entry[0])
        if used + size > BLOCK_SIZE:
            blocks.append([])
            used = 0
        blocks[-1].append(entry)
        used += size
    return blocks


def block_bytes(entries):
    """EROFS-030, EROFS-031."""
    fields = []
    name_at = ENTRY_SIZE * len(entries)
    for name, inode in entries:
        entry_type = ENTRY_TYPES[inode.kind]
        fields.append(inode.nid.to_bytes(8, "little") + name_at.to_bytes(2, "little") + bytes([entry_type, 0]))
        name_at += len(name)
    return b"".join(fields + [name for name, _ in entries])
