"""seal.artifact: the artifacts of the images, and index.json."""

from oci.selection import select
from operations.seal_inline import numbered
from request import Answer
from sealing.artifact import SealingArtifact, check_roles, index_with
from sealing.check import Wanted


def answer(request):
    wanted = Wanted.of(request)
    check_roles(wanted.roles)
    selection = select(request.inputs["layout"], request.params)
    images = selection.all_platforms()
    artifacts = [SealingArtifact(selection, image, len(images) > 1, wanted) for image in images]
    files = {numbered("artifact", number): artifact.text for number, artifact in enumerate(artifacts)}
    files["index"] = index_with(selection.layout, artifacts)
    return Answer(values={"artifact": "/".join(artifact.digest for artifact in artifacts)}, files=files)
