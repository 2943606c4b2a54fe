"""The private key of a request, RSA or ECDSA (SEAL-041, SEAL-048)."""

from dataclasses import dataclass

from errors import Rejected
from signatures import der, elliptic_curve
from signatures.certificates import read_first
from signatures.pem import read_blocks
from signatures.public_keys import EC, NULL, RSA, EcKey, checked_rsa_key, padded_hash
from signatures.public_keys import read_algorithm, read_curve, read_point


@dataclass(frozen=True)
class PrivateKey:
    public: object
    secret: int  # the private exponent of RSA, the scalar of ECDSA

    def sign(self, data, hash_name):
        """SEAL-040."""
        if self.public.kind == "ec":
            return elliptic_curve.sign(self.public.curve, self.secret, data, hash_name)
        number = pow(padded_hash(data, hash_name, self.public.size), self.secret, self.public.n)
        return number.to_bytes(self.public.size, "big")


@dataclass(frozen=True)
class Signer:
    key: PrivateKey
    certificate: object


def read_signer(key_text, certificate_text):
    """The key and the certificate of a request, or None for a request without both (SEAL-041)."""
    if key_text is None and certificate_text is None:
        return None
    if key_text is None or certificate_text is None:
        raise Rejected("REQUEST_KEY", "a key without a certificate, or a certificate without a key")
    certificate = read_first(certificate_text)
    key = read_private_key(key_text)
    if key.public != certificate.key:
        raise Rejected("REQUEST_KEY", "the key is not that of the certificate")
    return Signer(key, certificate)


def read_private_key(text):
    """SEAL-048: the first block counts, also if it is malformed or encrypted."""
    for block in read_blocks(text):
        if block.type in READERS:
            try:
                return READERS[block.type](block.content())
            except der.Malformed as error:
                raise Rejected("REQUEST_KEY", f"private key: {error}") from error
    raise Rejected("REQUEST_KEY", "no private key in PEM")


def only_sequence(data):
    reader = der.Reader(data)
    inside = reader.inside(der.SEQUENCE)
    reader.end()
    return inside


def encrypted(_):
    raise der.Malformed("it is encrypted")


def read_pkcs8(data):
    """RFC 5208, and RFC 5958 with a public key."""
    reader = only_sequence(data)
    version = reader.integer()
    oid, parameters = read_algorithm(reader)
    key = reader.element(der.OCTET_STRING)
    if reader.next_tag == 0xA0:
        reader.element()
    if version == 1 and reader.next_tag == 0x81:
        reader.element()
    reader.end()
    if version not in (0, 1):
        raise der.Malformed("the version")
    if oid == RSA and parameters == NULL:
        return read_pkcs1(key)
    if oid == EC:
        return read_sec1(key, read_curve(parameters))
    raise der.Malformed("a key that is neither rsaEncryption nor id-ecPublicKey")


def read_pkcs1(data):
    """RFC 8017, appendix A.1.2."""
    reader = only_sequence(data)
    version, n, e, d, p, q, d_p, d_q, inverse = [reader.integer() for _ in range(9)]
    reader.end()
    public = checked_rsa_key(n, e)
    valid = (
        version == 0
        and p > 1
        and q > 1
        and p * q == n
        and 0 < d < n
        and all(e * exponent % (prime - 1) == 1 for exponent, prime in ((d, p), (d, q), (d_p, p), (d_q, q)))
        and inverse * q % p == 1
    )
    if not valid:
        raise der.Malformed("the numbers of an RSA key do not belong together")
    return PrivateKey(public, d)


def read_sec1(data, curve=None):
    """RFC 5915; a PKCS #8 key gives the curve as well."""
    reader = only_sequence(data)
    version = reader.integer()
    octets = reader.element(der.OCTET_STRING)
    if reader.next_tag == 0xA0:
        named = read_curve(reader.element())
        if curve not in (None, named):
            raise der.Malformed("two curves")
        curve = named
    if curve is None:
        raise der.Malformed("a key without a curve")
    stated = None
    if reader.next_tag == 0xA1:
        bits = reader.inside(0xA1)
        stated = read_point(curve, der.read_bit_string(bits.element(der.BIT_STRING)))
        bits.end()
    reader.end()
    scalar = int.from_bytes(octets, "big")
    if version != 1 or len(octets) != curve.size or not 0 < scalar < curve.n:
        raise der.Malformed("the number of an ECDSA key")
    public = EcKey(curve, elliptic_curve.multiply(curve, scalar, curve.base))
    if stated not in (None, public):
        raise der.Malformed("a private key with the public key of another one")
    return PrivateKey(public, scalar)


READERS = {
    b"PRIVATE KEY": read_pkcs8,
    b"RSA PRIVATE KEY": read_pkcs1,
    b"EC PRIVATE KEY": read_sec1,
    b"ENCRYPTED PRIVATE KEY": encrypted,
}
