"""store.gc: a store without what its roots do not need."""

from request import Answer
from store.removal import remove
from store.repository import Repository


def answer(request):
    dry_run = "dryRun" in request.params
    repository = Repository.unpack(request.data("store"), writes=not dry_run)
    objects, size = remove(repository, dry_run)
    return Answer(values={"objects": str(objects), "bytes": str(size)}, files={"store": repository.files.pack()})
