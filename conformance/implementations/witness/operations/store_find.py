"""store.find: the manifests that a composefs image can come from."""

from request import Answer
from store.find import find
from store.lists import list_text
from store.repository import Repository


def answer(request):
    repository = Repository.unpack(request.data("store"))
    return Answer(files={"images": list_text(find(repository, request.params["digest"], "verify" in request.params))})
