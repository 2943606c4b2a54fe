"""ddi.write: the disk image of an EROFS image, signed if the request names a key."""

from ddi.disk_image import write_disk_image
from signatures.private_keys import read_signer
from request import Answer


def answer(request):
    signer = read_signer(request.optional_data("key"), request.optional_data("certificate"))
    disk_image, root_hash = write_disk_image(request.data("image"), signer)
    return Answer(values={"rootHash": root_hash.hex()}, files={"ddi": disk_image})
