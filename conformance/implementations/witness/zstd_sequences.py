"""A check of the sequences in zstd blocks (LAYER-037; RFC 8878, sections 3.1.1.3 and 4.1).

libzstd 1.5.4 accepts four things that LAYER-037 rejects: a match by a distance of 0, a block with too few bits for
its sequences, reserved bits in the modes, and bytes behind a number of sequences that is 0. This module decodes only
what it needs to find them; everything else is left to libzstd.
"""

from errors import Rejected
from zstd_frames import COMPRESSED

RAW_LITERALS, RLE_LITERALS = 0, 1
PREDEFINED, RLE, FSE, REPEAT = range(4)
FIRST_DISTANCES = (1, 4, 8)


class Code:
    """What RFC 8878 says of one of the three codes: its limits, and its predefined table."""

    def __init__(self, largest, accuracy_limit, accuracy, probabilities, extra_bits):
        self.largest = largest
        self.accuracy_limit = accuracy_limit
        self.predefined = build_table(accuracy, probabilities)
        self.extra_bits = extra_bits  # of each code: the number of bits that follow it


class Table:
    """A decoding table: of each state the code, the number of bits to read, and what they are added to."""

    def __init__(self, accuracy, rows):
        self.accuracy = accuracy
        self.rows = rows


def build_table(accuracy, probabilities):
    """RFC 8878, section 4.1.1: from probabilities to states."""
    size = 1 << accuracy
    codes = [None] * size
    end = size
    for code, probability in enumerate(probabilities):
        if probability == -1:
            end -= 1
            codes[end] = code
    at = 0
    for code, probability in enumerate(probabilities):
        for _ in range(probability):  # none for -1
            codes[at] = code
            at = (at + (size >> 1) + (size >> 3) + 3) % size
            while at >= end:
                at = (at + (size >> 1) + (size >> 3) + 3) % size
    following = [abs(probability) for probability in probabilities]
    rows = []
    for code in codes:
        number = following[code]
        following[code] += 1
        bits = accuracy - (number.bit_length() - 1)
        rows.append((code, bits, (number << bits) - size))
    return Table(accuracy, rows)


LITERAL_LENGTHS = Code(
    35,
    9,
    6,
    [4, 3] + [2] * 11 + [1] * 3 + [2] * 9 + [3, 2] + [1] * 5 + [-1] * 4,
    [0] * 16 + [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
)
OFFSETS = Code(31, 8, 5, [1] * 6 + [2] * 3 + [1] * 15 + [-1] * 5, list(range(32)))
MATCH_LENGTHS = Code(
    52,
    9,
    6,
    [1, 4, 3] + [2] * 6 + [1] * 37 + [-1] * 7,
    [0] * 32 + [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
)
CODES = (LITERAL_LENGTHS, OFFSETS, MATCH_LENGTHS)  # in the order of their modes and tables


def corrupt(reason):
    raise Rejected("COMPRESSION_CORRUPT", f"a zstd block: {reason}")


def check_sequences(blob, frame):
    """All blocks of one frame, which share tables and distances."""
    tables = [None, None, None]
    distances = list(FIRST_DISTANCES)
    for block in frame.blocks:
        if block.type == COMPRESSED and block.size > 0:
            data = blob[block.start : block.end]
            distances = check_block(data, after_literals(data), tables, distances)


def number_at(data, at, size):
    if at + size > len(data):
        corrupt("it ends too early")
    return int.from_bytes(data[at : at + size], "little")


def after_literals(data):
    """Where the sequences begin (section 3.1.1.3.1)."""
    kind, form = data[0] & 3, data[0] >> 2 & 3
    if kind in (RAW_LITERALS, RLE_LITERALS):
        header, shift = ((1, 3), (2, 4), (1, 3), (3, 4))[form]
        size = number_at(data, 0, header) >> shift
        return header + (size if kind == RAW_LITERALS else 1)
    header, bits = ((3, 10), (3, 10), (4, 14), (5, 18))[form]
    return header + (number_at(data, 0, header) >> 4 + bits & (1 << bits) - 1)


def check_block(data, at, tables, distances):
    """The sequences of one block (section 3.1.1.3.2); returns the distances that later blocks can repeat."""
    count, at = read_count(data, at)
    if count == 0:
        if at != len(data):
            corrupt("bytes behind a number of sequences that is 0")
        return distances  # LAYER-151 is left to libzstd.
    modes = number_at(data, at, 1)
    at += 1
    if modes & 3:
        corrupt("reserved bits in the modes of sequences")
    for index, code in enumerate(CODES):
        tables[index], at = read_table(data, at, modes >> 6 - 2 * index & 3, code, tables[index])
    return check_stream(data[at:], count, tables, distances)


def read_count(data, at):
    first = number_at(data, at, 1)
    if first < 128:
        return first, at + 1
    if first < 255:
        return (first - 128 << 8) + number_at(data, at + 1, 1), at + 2
    return number_at(data, at + 1, 2) + 0x7F00, at + 3


def read_table(data, at, mode, code, earlier):
    if mode == PREDEFINED:
        return code.predefined, at
    if mode == REPEAT:
        if earlier is None:
            corrupt("it repeats a table where there is none")
        return earlier, at
    if mode == RLE:
        symbol = number_at(data, at, 1)
        if symbol > code.largest:
            corrupt("a code that is too large")
        return Table(0, [(symbol, 0, 0)]), at + 1
    accuracy, probabilities, size = read_probabilities(data[at : at + 512], code)
    return build_table(accuracy, probabilities), at + size


def read_probabilities(data, code):
    """Section 4.1.1: the accuracy, the probabilities, and the number of bytes of the description of a table."""
    bits = int.from_bytes(data, "little")
    accuracy = (bits & 15) + 5
    if accuracy > code.accuracy_limit:
        corrupt("an accuracy that is too large")
    at = 4
    remaining = 1 << accuracy
    probabilities = []
    while remaining > 0:
        if at > 8 * len(data) or len(probabilities) > code.largest:
            corrupt("probabilities that do not end")
        width = (remaining + 1).bit_length()
        value = bits >> at & (1 << width) - 1
        short = (1 << width) - 1 - (remaining + 1)  # so many values are written in one bit less
        low = value & (1 << width - 1) - 1
        if low < short:
            value = low
            at += width - 1
        else:
            value -= short if value >= 1 << width - 1 else 0
            at += width
        probabilities.append(value - 1)
        remaining -= abs(value - 1)
        while value == 1:  # a probability of 0, and how many more follow
            repeats = bits >> at & 3
            at += 2
            probabilities += [0] * repeats
            if repeats < 3 or len(probabilities) > code.largest:
                break
    if remaining < 0 or len(probabilities) > code.largest + 1 or at > 8 * len(data):
        corrupt("probabilities that do not add up to the size of the table")
    return accuracy, probabilities, -(-at // 8)


class BackwardBits:
    """A stream of bits that is read from its end; the highest 1 of the last byte marks the end."""

    def __init__(self, data):
        if not data or data[-1] == 0:
            corrupt("no mark at the end of the sequences")
        self.data = data
        self.left = 8 * len(data) - (8 - data[-1].bit_length()) - 1

    def read(self, count):
        self.left -= count
        if self.left < 0:
            corrupt("too few bits for its sequences")
        start = self.left // 8
        bits = int.from_bytes(self.data[start : (self.left + count + 7) // 8], "little")
        return bits >> self.left % 8 & (1 << count) - 1


def check_stream(data, count, tables, distances):
    bits = BackwardBits(data)
    states = [bits.read(table.accuracy) for table in tables]
    for number in range(count):
        lengths, offset, match = (table.rows[state] for table, state in zip(tables, states))
        value = (1 << offset[0]) + bits.read(offset[0])
        bits.read(MATCH_LENGTHS.extra_bits[match[0]])
        bits.read(LITERAL_LENGTHS.extra_bits[lengths[0]])
        distances = next_distances(distances, value, has_literals=lengths[0] != 0)
        if number + 1 < count:
            for index in (0, 2, 1):
                _, width, base = (lengths, offset, match)[index]
                states[index] = base + bits.read(width)
    if bits.left != 0:
        corrupt("too many bits for its sequences")
    return distances


def next_distances(distances, value, has_literals):
    """Section 3.1.1.5: the last three distances after one sequence."""
    first, second, third = distances
    if value > 3:
        return [value - 3, first, second]
    repeated = value if has_literals else value + 1
    if repeated == 1:
        return distances
    if repeated == 2:
        return [second, first, third]
    if repeated == 3:
        return [third, first, second]
    if first == 1:
        corrupt("a match by a distance of 0")
    return [first - 1, first, second]
