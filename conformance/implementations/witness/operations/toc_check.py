"""toc.check: what the table of contents of a layer says, if it agrees with the layer."""

import json

from request import Answer
from toc import check_layer


def answer(request):
    annotations = json.loads(request.data("annotations"))
    return Answer(values=check_layer(request.data("layer"), request.params["mediaType"], annotations))
