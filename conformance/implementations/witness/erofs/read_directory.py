"""The entries of a directory (EROFS-064 to EROFS-067, EROFS-102)."""

from erofs.structures import BLOCK_SIZE, ENTRY_SIZE, WITH_TAIL
from errors import Rejected

NAME_LIMIT = 255


def directory_entries(image, directory):
    """The entries in their order: name, nid and type."""
    entries = [entry for region in directory.regions for entry in region_entries(image, directory, *region)]
    for (name, _, _), (following, _, _) in zip(entries, entries[1:]):
        if name >= following:  # EROFS-066
            raise wrong(directory, f"the name {following!r} after {name!r}")
    if {b".", b".."} - {name for name, _, _ in entries}:
        raise wrong(directory, "no . or no ..")  # EROFS-067
    return entries


def region_entries(image, directory, at, length):
    """EROFS-064: the entries of a block or tail."""
    if length < ENTRY_SIZE:
        raise wrong(directory, f"byte {at}: a block of {length} bytes")
    names_at = image.number(at + 8, 2)
    if names_at < ENTRY_SIZE or names_at % ENTRY_SIZE or names_at > length:
        raise wrong(directory, f"byte {at}: the first name begins at {names_at}")
    count = names_at // ENTRY_SIZE
    ends = [image.number(at + ENTRY_SIZE * i + 8, 2) for i in range(1, count)]
    ends.append(end_of_last_name(image, directory, at, length, ends[-1] if ends else names_at))
    entries = []
    begin = names_at
    for i, end in enumerate(ends):
        if not begin < end <= length:
            raise wrong(directory, f"byte {at}: the name {i} begins at {begin} and ends at {end}")
        name = image.data[at + begin : at + end]
        if b"/" in name or b"\0" in name:  # EROFS-065
            raise wrong(directory, f"the name {name!r}")
        if len(name) > NAME_LIMIT:
            raise Rejected("EROFS_LIMIT", f"a name of {len(name)} bytes")  # EROFS-053
        entry_at = at + ENTRY_SIZE * i
        entries.append((name, image.number(entry_at, 8), image.number(entry_at + 10, 1)))
        begin = end
    return entries


def end_of_last_name(image, directory, at, length, begin):
    found = image.data.find(b"\0", at + begin, at + length)
    if found >= 0:
        return found - at
    if directory.layout != WITH_TAIL and length < BLOCK_SIZE and image.data[at + length]:  # EROFS-102
        raise wrong(directory, f"byte {at + length}: no NUL after the last name")
    return length


def wrong(directory, what):
    return Rejected("EROFS_DIRECTORY", f"image inode {directory.nid}: {what}")
