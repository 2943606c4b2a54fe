"""fs-verity digests (spec/fsverity.md): the program of the chapter, with its rejections."""

from chapters import program
from errors import Rejected

_program = program("fsverity", "fsverity-digest")

ALGORITHMS = _program["ALGORITHMS"]
formatted_digest = _program["formatted_digest"]


def check_algorithm(algorithm):
    """VERITY-002: every operation that takes an algorithm rejects an unknown one."""
    if algorithm not in ALGORITHMS:
        raise Rejected("REQUEST_ALGORITHM", f"algorithm {algorithm!r} is unknown")


def digest_size(algorithm):
    """The number of bytes of a digest."""
    return {"sha256": 32, "sha512": 64}[ALGORITHMS[algorithm][0]]


def fsverity_digest(data, algorithm, salt=""):
    """VERITY-001 to VERITY-010: the digest of some bytes; the salt is in hexadecimal."""
    try:
        return _program["fsverity_digest"](data, algorithm, salt)
    except ValueError as error:
        raise Rejected(str(error)) from error
