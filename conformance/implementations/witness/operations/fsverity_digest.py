"""fsverity.digest: the digest of a file, and its formatted digest."""

from fsverity import formatted_digest, fsverity_digest
from request import Answer


def answer(request):
    algorithm = request.params["algorithm"]
    digest = fsverity_digest(request.data("data"), algorithm, request.params.get("salt", ""))
    return Answer(values={"digest": digest.hex(), "formatted": formatted_digest(digest, algorithm).hex()})
