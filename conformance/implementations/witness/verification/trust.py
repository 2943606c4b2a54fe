"""Which published digests are signed by a trusted certificate (spec/verification.md, "Signatures")."""

from errors import Rejected


def is_signed(published, trusted):
    """VERIFY-029, VERIFY-032, VERIFY-033: whether a digest has a signature by a trusted certificate."""
    signature = published.signature
    if signature is None:
        return False
    named = [certificate for certificate in trusted if certificate.name == signature.certificate_name]
    if any(signature.is_by(certificate, published.signed_data, published.hash_name) for certificate in named):
        return True
    if named:
        raise Rejected("VERIFY_SIGNATURE", f"{published.name}: not a signature by the certificate that it names")
    return False


def check_groups(published, signed, request, layer_count):
    """VERIFY-037, VERIFY-055: the digests that need a signature; `signed` are those that have a trusted one."""
    of_request = [digest for digest in published if request.asks_for(digest)]
    groups = [of_request]
    if request.role == "layer":
        groups = [[digest for digest in of_request if digest.layer == number] for number in range(layer_count)]
        groups = [group for group in groups if group]
    groups.append([digest for digest in published if digest.role == "config"])
    if request.signature == "manifest":
        groups.append([digest for digest in published if digest.role == "manifest"])
    for group in groups:
        if not any(digest.message for digest in group):
            raise Rejected("VERIFY_UNSIGNED", "a required signature is missing")
        if not any(digest in signed for digest in group):
            raise Rejected("VERIFY_SIGNER", "no signature by a trusted certificate")


def signed_names(published, signed):
    """VERIFY-038: the keys to report as signed."""
    names = set()
    for digest in published:
        places = [other for other in published if other.name == digest.name]
        layers = {other.layer for other in places}
        if all(any(other in signed for other in places if other.layer == layer) for layer in layers):
            names.add(digest.name)
    return names
