"""erofs.read: the canonical dumpfile of the tree in an image."""

from dumpfile import print_dumpfile
from erofs.reader import read_image
from request import Answer


def answer(request):
    return Answer(files={"dumpfile": print_dumpfile(read_image(request.data("image")))})
