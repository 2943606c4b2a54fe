"""store.export: the manifest, the config and the layers of an image in a store."""

from request import Answer
from store.export import export
from store.repository import Repository


def answer(request):
    digest, kept, files = export(Repository.unpack(request.data("store")), request.params)
    return Answer(values={"manifest": digest, "keptBlobs": ",".join(map(str, kept)) or "none"}, files=files)
