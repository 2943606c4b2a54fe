"""image.digest: the digest of the EROFS image of an OCI image in a role."""

from decompression import SizeLimits
from erofs.structures import VERSIONS
from errors import Unsupported
from layers import check_role
from oci.image import image_digest, read_image
from oci.selection import select
from request import Answer


def answer(request):
    params = request.params
    if params["format"] not in VERSIONS:
        raise Unsupported(f"format.{params['format']}")
    selection = select(request.inputs["layout"], params)
    image = read_image(selection.layout, selection.one().descriptor)
    check_role(params["role"], params["transform"], params["xattrs"], params["algorithm"], len(image.layer_descriptors))
    layers = image.read_layers(SizeLimits.of(params))
    names = params["role"], params["transform"], params["xattrs"], params["format"], params["algorithm"]
    return Answer(values={"digest": image_digest(layers, *names)})
