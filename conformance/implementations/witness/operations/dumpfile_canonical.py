"""dumpfile.canonical: the canonical dumpfile of the tree that a dumpfile describes."""

from dumpfile import print_dumpfile
from dumpfile_parser import parse_dumpfile
from request import Answer


def answer(request):
    return Answer(files={"dumpfile": print_dumpfile(parse_dumpfile(request.data("dumpfile")))})
