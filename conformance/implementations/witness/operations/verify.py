"""verify: whether what is published for the images of a request is true, and which of it is signed."""

from cmdline import read_command_line
from errors import Rejected
from fsverity import check_algorithm
from oci.selection import select
from request import Answer
from signatures.certificates import check_required, read_trusted
from verification.published import read_boot_digests
from verification.verify import Wanted, verify_image


def answer(request):
    params = request.params
    wanted = Wanted(params.get("role", "merged"), params.get("algorithm"))
    if wanted.algorithm is not None:
        check_algorithm(wanted.algorithm)
    wanted.trusted = read_trusted(request.optional_data("certificates"))
    wanted.signature = params.get("requireSignature")
    check_required(wanted.signature, wanted.trusted)
    command_line = request.optional_data("cmdline")
    selection = select(request.inputs["layout"], params, unlisted="VERIFY_MANIFEST")
    if command_line is None:
        images = selection.all_platforms()  # VERIFY-051
    else:
        images = [selection.one()]
        wanted.boot_digests = read_boot_digests(read_command_line(command_line))
        if not wanted.boot_digests:
            raise Rejected("VERIFY_UNPUBLISHED", "no digest on the command line")  # VERIFY-050
    verdicts = [verify_image(selection, image, len(images) > 1, wanted) for image in images]
    return Answer(
        values={
            "manifest": "/".join(verdict.manifest for verdict in verdicts),
            "keys": "/".join(",".join(verdict.keys) or "none" for verdict in verdicts),
            "signed": "/".join(",".join(verdict.signed) or "none" for verdict in verdicts),
        }
    )
