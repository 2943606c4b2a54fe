"""ddi.read: the EROFS image in a disk image, its root hash, and whether a trusted certificate signed it."""

from signatures.certificates import check_required, read_trusted
from ddi.disk_image import read_disk_image
from request import Answer


def answer(request):
    trusted = read_trusted(request.optional_data("certificates"))
    required = "requireSignature" in request.params
    check_required(required, trusted)
    image, root_hash, signed = read_disk_image(request.data("ddi"), trusted, required)
    return Answer(values={"rootHash": root_hash.hex(), "signed": str(signed).lower()}, files={"image": image})
