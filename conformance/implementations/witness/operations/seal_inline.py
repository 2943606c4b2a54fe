"""seal.inline: the manifests of the images with their digests, and index.json."""

import re

from errors import Rejected
from oci.layout import digest_of
from oci.selection import select
from request import Answer
from sealing.check import Wanted
from sealing.indexes import IndexChanges, needs_copy
from sealing.manifest import SealedManifest


def answer(request):
    params = request.params
    wanted = Wanted.of(request)
    tag, replace, convert = params.get("tag"), "replace" in params, "convert" in params
    if tag is not None and not re.fullmatch(r"[A-Za-z0-9\-._:@/+]+", tag):
        raise Rejected("SEAL_TAG", f"tag {tag!r}")  # SEAL-024
    selection = select(request.inputs["layout"], params)
    images = selection.all_platforms()
    # SEAL-051: all of them or none.
    manifests = [SealedManifest(selection, image, len(images) > 1, wanted, replace, convert) for image in images]
    sealed = {image.digest: manifest.text for image, manifest in zip(images, manifests)}
    changes = IndexChanges(selection.layout, sealed, convert)
    index = changes.index_json_with_tag(images, tag) if needs_copy(images, tag) else changes.index_json(selection)
    digests = [digest_of(sealed[image.digest], image.digest) for image in images]
    files = {numbered("manifest", number): manifest.text for number, manifest in enumerate(manifests)}
    left_out = [",".join(map(str, manifest.left_out)) or "none" for manifest in manifests]
    values = {"manifest": "/".join(digests), "leftOut": "/".join(left_out)}
    return Answer(values=values, files={**files, "index": index})


def numbered(name, number):
    """The name of the file of an image: those of the second and later ones have a number."""
    return name if number == 0 else f"{name}-{number + 1}"
