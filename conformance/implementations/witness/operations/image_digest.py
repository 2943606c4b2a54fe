"""image.digest: the digest of the EROFS image of an OCI image in a role."""

from decompression import SizeLimits
from erofs.structures import VERSIONS
from erofs.writer import write_image
from errors import Unsupported
from fsverity import check_algorithm, fsverity_digest
from layers import build_tree, check_role
from oci.image import read_entries, read_image
from oci.layout import Layout
from oci.selection import Wanted, select_image
from request import Answer


def answer(request):
    params = request.params
    format_name, algorithm = params["format"], params["algorithm"]
    if format_name not in VERSIONS:
        raise Unsupported(f"format.{format_name}")
    check_algorithm(algorithm)
    wanted = Wanted.of(params)
    layout = Layout(request.inputs["layout"])
    image = read_image(layout, select_image(layout, wanted))
    role = params["role"], params["transform"], params["xattrs"], algorithm
    check_role(*role, len(image.layers))
    root = build_tree(read_entries(layout, image, SizeLimits.of(params)), *role)
    return Answer(values={"digest": fsverity_digest(write_image(root, format_name, algorithm), algorithm).hex()})
