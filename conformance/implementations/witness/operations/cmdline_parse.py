"""cmdline.parse: the digests on a kernel command line, in the order in which a machine tries them."""

from cmdline import read_command_line
from request import Answer


def answer(request):
    found = read_command_line(request.data("cmdline"))
    return Answer(values={"digests": ",".join(f"{digest.name}:{digest.digest}" for digest in found) or "none"})
