"""erofs.write: the image of the tree that a dumpfile describes, and its digest."""

from dumpfile_parser import parse_dumpfile
from erofs.structures import VERSIONS
from erofs.writer import write_image
from errors import Unsupported
from fsverity import check_algorithm, fsverity_digest
from request import Answer


def answer(request):
    format_name, algorithm = request.params["format"], request.params["algorithm"]
    check_algorithm(algorithm)
    if format_name not in VERSIONS:
        raise Unsupported(f"format.{format_name}")
    image = write_image(parse_dumpfile(request.data("dumpfile")), format_name, algorithm)
    return Answer(values={"digest": fsverity_digest(image, algorithm).hex()}, files={"image": image})
