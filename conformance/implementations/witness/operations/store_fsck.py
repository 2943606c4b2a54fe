"""store.fsck: the findings in a store."""

from request import Answer
from store.check import Check
from store.lists import list_text
from store.repository import Repository


def answer(request):
    return Answer(files={"findings": list_text(Check(Repository.unpack(request.data("store"))).run())})
