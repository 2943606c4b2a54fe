"""layers.tree: the canonical dumpfile of the tree of some layers in a role."""

from decompression import SizeLimits
from dumpfile import print_dumpfile
from files import read_file
from layers import build_tree, check_role, read_layers
from request import Answer


def answer(request):
    params = request.params
    wanted = params["role"], params["transform"], params["xattrs"], params["algorithm"]
    check_role(*wanted, len(request.inputs["layers"]))
    blobs = [(read_file(layer["path"]), layer["mediaType"]) for layer in request.inputs["layers"]]
    layers = read_layers(blobs, SizeLimits.of(params))
    return Answer(files={"dumpfile": print_dumpfile(build_tree(layers, *wanted))})
