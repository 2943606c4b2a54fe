"""store.import: a store with an image of a layout."""

from oci.selection import select
from request import Answer
from store.files import Files
from store.importing import Import
from store.meta import PATH, new_meta
from store.repository import Repository


def answer(request):
    archive = request.optional_data("store")
    if archive is None:
        files = Files()
        files.put(PATH, new_meta(request.params["algorithm"]))
    else:
        files = Files.unpack(archive)
    repository = Repository(files, writes=True)
    manifest, config, kept = Import(repository).run(select(request.inputs["layout"], request.params), request.params)
    values = {"manifest": manifest, "config": config, "keptBlobs": ",".join(map(str, kept)) or "none"}
    return Answer(values=values, files={"store": files.pack()})
