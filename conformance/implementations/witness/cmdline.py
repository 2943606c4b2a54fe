"""The digests on a kernel command line (spec/verification.md, "Kernel command line")."""

import re
from dataclasses import dataclass

from errors import Rejected
from fsverity import ALGORITHMS, digest_size

PREFIXES = (b"composefs.digest=", b"composefs=")  # VERIFY-039
WHITE_SPACE = re.compile(rb"[ \t\n\f\r]+")  # VERIFY-040
# VERIFY-040: white space within double quotes is a part of the argument.
ARGUMENT = re.compile(rb'(?:"[^"]*(?:"|\Z)|[^" \t\n\f\r])+')
FIRST_FORM = re.compile(
    r"composefs\.digest=(?P<mark>\??)(?P<format>v(?:0|[1-9][0-9]{0,8}))"
    r"-(?P<hash>[a-z0-9]{1,32})-(?P<bits>[0-9]{1,9}):(?P<digest>[0-9a-f]+)"
)
SECOND_FORM = re.compile(r"composefs=(?P<mark>\??)(?P<digest>[0-9a-f]+)")
ALGORITHM_OF_LENGTH = {64: "fsverity-sha256-12", 128: "fsverity-sha512-12"}  # VERIFY-045


@dataclass
class BootDigest:
    """A digest on a command line. `format` is None if the argument leaves it open."""

    format: str
    algorithm: str
    digest: str
    mark: str  # "?" or nothing

    @property
    def name(self):
        return f"{self.mark}{self.format or 'any'}-{self.algorithm.removeprefix('fsverity-')}"


def fail(reason):
    raise Rejected("VERIFY_CMDLINE_FORM", reason)


def read_command_line(line):
    """The digests in the order of VERIFY-045: those of the first form, then the one of the second form."""
    taken = take_arguments(line)
    first, second = [], []
    seen = set()
    for argument in taken:
        text = argument.decode("latin-1")
        if match := FIRST_FORM.fullmatch(text):
            slot = match["format"], match["hash"], match["bits"]
            digest = first_form(match)
            if digest:
                first.append(digest)
        elif match := SECOND_FORM.fullmatch(text):
            slot = "the second form"
            second.append(second_form(match))
        else:
            fail(f"{text!r} does not match the grammar")  # VERIFY-041
        if slot in seen:
            fail(f"{text!r} repeats an argument")  # VERIFY-044
        seen.add(slot)
    return first + second


def first_form(match):
    """The digest of an argument of the first form, or None for one that VERIFY-042 ignores."""
    algorithm = f"fsverity-{match['hash']}-{match['bits']}"
    if match["format"] not in ("v1", "v2") or algorithm not in ALGORITHMS:
        return None
    if len(match["digest"]) != 2 * digest_size(algorithm):
        fail(f"the length of {match['digest']!r}")  # VERIFY-041
    return BootDigest(match["format"], algorithm, match["digest"], match["mark"])


def second_form(match):
    if len(match["digest"]) not in ALGORITHM_OF_LENGTH:
        fail(f"the length of {match['digest']!r}")  # VERIFY-041
    return BootDigest(None, ALGORITHM_OF_LENGTH[len(match["digest"])], match["digest"], match["mark"])


def take_arguments(line):
    """VERIFY-039: the arguments with a digest, if every reader of command lines sees exactly these."""
    arguments = ARGUMENT.findall(line)
    taken = [argument for argument in arguments if argument.startswith(PREFIXES)]
    for argument in taken:
        if b'"' in argument:
            fail("a double quote in an argument with a digest")  # VERIFY-043
    pieces = [without_quotes(piece) for piece in WHITE_SPACE.split(line)]
    # VERIFY-056, and VERIFY-043 for an argument that begins with one of the prefixes only without its quotes.
    if any(without_quotes(argument).startswith(PREFIXES) and argument not in taken for argument in arguments):
        fail("a digest in double quotes")
    if sum(piece.startswith(PREFIXES) for piece in pieces) > len(taken):
        fail("a digest within the double quotes of another argument")
    # VERIFY-043, VERIFY-057. As no quotes hide or contain a digest, each argument taken is one of the pieces.
    ended = False
    for piece in pieces:
        ended = ended or piece == b"--"
        if ended and piece.startswith(PREFIXES):
            fail("a digest after --")
    return taken


def without_quotes(argument):
    return argument.replace(b'"', b"")
