"""ECDSA on P-256 and P-384 with integers (FIPS 186-5). It takes no care of secrets: for tests only."""

import hashlib
import secrets
from dataclasses import dataclass

from signatures import der


@dataclass(frozen=True)
class Curve:
    """y^2 = x^3 - 3x + b over the integers modulo `p`, with a base point of order `n`."""

    oid: str
    p: int
    b: int
    n: int
    base: tuple

    @property
    def size(self):
        """The length of a coordinate in bytes."""
        return (self.p.bit_length() + 7) // 8


P256 = Curve(
    "1.2.840.10045.3.1.7",
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    (
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
)
P384 = Curve(
    "1.3.132.0.34",
    2**384 - 2**128 - 2**96 + 2**32 - 1,
    0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    (
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
)
CURVES = (P256, P384)


def is_on_curve(curve, point):
    x, y = point
    return x < curve.p and y < curve.p and (y * y - x * x * x + 3 * x - curve.b) % curve.p == 0


def add(curve, left, right):
    """The sum of two points; None is the point at infinity."""
    if left is None or right is None:
        return left or right
    if left[0] == right[0]:
        if (left[1] + right[1]) % curve.p == 0:
            return None
        slope = (3 * left[0] ** 2 - 3) * pow(2 * left[1], -1, curve.p)
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, curve.p)
    x = (slope * slope - left[0] - right[0]) % curve.p
    return x, (slope * (left[0] - x) - left[1]) % curve.p


def multiply(curve, factor, point):
    result = None
    while factor:
        if factor & 1:
            result = add(curve, result, point)
        point = add(curve, point, point)
        factor >>= 1
    return result


def hash_number(curve, data, hash_name):
    """The leftmost bits of a hash, as many as the order of the curve has."""
    digest = hashlib.new(hash_name, data).digest()
    return int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())


def sign(curve, scalar, data, hash_name):
    """SEAL-040: the DER sequence of r and s."""
    while True:
        k = secrets.randbelow(curve.n - 1) + 1
        r = multiply(curve, k, curve.base)[0] % curve.n
        s = pow(k, -1, curve.n) * (hash_number(curve, data, hash_name) + r * scalar) % curve.n
        if r and s:
            return der.element(der.SEQUENCE, der.encode_integer(r), der.encode_integer(s))


def verify(curve, point, data, hash_name, signature):
    try:
        r, s = read_signature(signature)
    except der.Malformed:
        return False  # VERIFY-059
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    inverse = pow(s, -1, curve.n)
    base = multiply(curve, hash_number(curve, data, hash_name) * inverse % curve.n, curve.base)
    total = add(curve, base, multiply(curve, r * inverse % curve.n, point))
    return total is not None and total[0] % curve.n == r


def read_signature(signature):
    reader = der.Reader(signature)
    inside = reader.inside(der.SEQUENCE)
    reader.end()
    r, s = inside.integer(), inside.integer()
    inside.end()
    return r, s
