"""toc.id: the local ids of an image and of its layers."""

from local_ids import image_id, layer_ids
from request import Answer


def answer(request):
    layers = [] if request.params["layers"] == "none" else request.params["layers"].split(",")
    image = image_id(request.params["config"], layers, request.params["formula"])
    return Answer(values={"image": image, "layers": ",".join(layer_ids(layers)) or "none"})
