"""The public keys of certificates, RSA and ECDSA, and what they verify (SEAL-040, SEAL-041, SEAL-058, VERIFY-034)."""

import hashlib
from dataclasses import dataclass

from signatures import der, elliptic_curve

RSA = der.encode_oid("1.2.840.113549.1.1.1")
EC = der.encode_oid("1.2.840.10045.2.1")
RSA_BITS = range(2048, 4097)
HASH_OIDS = {"sha256": der.encode_oid("2.16.840.1.101.3.4.2.1"), "sha512": der.encode_oid("2.16.840.1.101.3.4.2.3")}
NULL = der.element(der.NULL)


@dataclass(frozen=True)
class RsaKey:
    n: int
    e: int

    kind = "rsa"

    @property
    def size(self):
        return (self.n.bit_length() + 7) // 8

    def verify(self, data, hash_name, signature):
        """RFC 8017, section 8.2.2."""
        number = int.from_bytes(signature, "big")
        if len(signature) != self.size or number >= self.n:
            return False  # VERIFY-059
        return pow(number, self.e, self.n) == padded_hash(data, hash_name, self.size)


@dataclass(frozen=True)
class EcKey:
    curve: elliptic_curve.Curve
    point: tuple

    kind = "ec"

    def verify(self, data, hash_name, signature):
        return elliptic_curve.verify(self.curve, self.point, data, hash_name, signature)


def padded_hash(data, hash_name, size):
    """RFC 8017, section 9.2: the hash with the padding of PKCS #1 version 1.5, as a number."""
    digest = hashlib.new(hash_name, data).digest()
    algorithm = der.element(der.SEQUENCE, HASH_OIDS[hash_name], NULL)
    info = der.element(der.SEQUENCE, algorithm, der.element(der.OCTET_STRING, digest))
    return int.from_bytes(b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info, "big")


def read_algorithm(reader):
    """The AlgorithmIdentifier of a key: its object identifier and its parameters, which can be empty."""
    inside = reader.inside(der.SEQUENCE)
    return inside.whole_element(der.OBJECT_IDENTIFIER), inside.data[inside.at :]


def read_curve(parameters):
    """SEAL-041, VERIFY-034: a named curve."""
    for curve in elliptic_curve.CURVES:
        if parameters == der.encode_oid(curve.oid):
            return curve
    raise der.Malformed("a curve other than P-256 and P-384")


def read_public_key(reader):
    """A SubjectPublicKeyInfo (RFC 5280, section 4.1)."""
    inside = reader.inside(der.SEQUENCE)
    oid, parameters = read_algorithm(inside)
    key = der.read_bit_string(inside.element(der.BIT_STRING))
    inside.end()
    if oid == RSA:
        if parameters != NULL:
            raise der.Malformed("an RSA key without the parameters NULL")  # VERIFY-072
        return read_rsa_key(key)
    if oid == EC:
        return read_point(read_curve(parameters), key)
    raise der.Malformed("a key that is neither rsaEncryption nor id-ecPublicKey")


def read_rsa_key(data):
    reader = der.Reader(data)
    inside = reader.inside(der.SEQUENCE)
    reader.end()
    n, e = inside.integer(), inside.integer()
    inside.end()
    return checked_rsa_key(n, e)


def checked_rsa_key(n, e):
    if n < 0 or n.bit_length() not in RSA_BITS:
        raise der.Malformed("an RSA key that does not have 2,048 to 4,096 bits")
    if e < 3 or e % 2 == 0 or n % 2 == 0:
        raise der.Malformed("an RSA key with a modulus or an exponent that is even or too small")
    return RsaKey(n, e)


def read_point(curve, data):
    """SEAL-058, VERIFY-058."""
    if data[:1] != b"\4" or len(data) != 1 + 2 * curve.size:
        raise der.Malformed("an ECDSA key that is not an uncompressed point")
    point = int.from_bytes(data[1 : 1 + curve.size], "big"), int.from_bytes(data[1 + curve.size :], "big")
    if not elliptic_curve.is_on_curve(curve, point):
        raise der.Malformed("an ECDSA key that is not a point of its curve")
    return EcKey(curve, point)
