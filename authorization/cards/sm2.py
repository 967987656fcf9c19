"""SM2 with SM3 (GB/T 32918.2, GB/T 32905), by gmssl-pyx, or by gmssl where that has no wheel.

Both are reached through `verify`, and one set of tests runs on both (`use`). GmSSL writes a wrong
signature's place in its source to stderr ("sm2_sign.c:328:sm2_do_verify()"): no data, harmless.
"""

import secrets
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from types import ModuleType

from cryptography.hazmat.primitives import hashes

DEFAULT_SIGNER_ID = b"1234567812345678"
# The curve's field and order (GM/T 0003.5), by which points and signatures are checked here: of
# the two libraries only one does.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
SIZE = 32


Verifier = Callable[[bytes, bytes, int, int], bool]


def _by_gmssl_pyx(library: ModuleType) -> Verifier:
    def verify(point: bytes, hashed: bytes, r: int, s: int) -> bool:
        return bool(library.sm2_verify_sm3_digest(point, hashed, encode(r, s)))

    return verify


def _by_gmssl(library: ModuleType) -> Verifier:
    def verify(point: bytes, hashed: bytes, r: int, s: int) -> bool:
        checker = library.CryptSM2(private_key="", public_key="")
        # Handed to its constructor, a key that begins with 0 or 4 would lose these digits.
        checker.public_key = point.hex()
        return bool(checker.verify(f"{r:064x}{s:064x}", hashed))

    return verify


# The faster one first. By requirements.txt exactly one of them is installed.
_LIBRARIES: dict[str, tuple[str, Callable[[ModuleType], Verifier]]] = {
    "gmssl-pyx": ("gmssl_pyx", _by_gmssl_pyx),
    "gmssl": ("gmssl.sm2", _by_gmssl),
}


def use(name: str = "") -> str:
    """Choose the library by its name (for the tests of both), or the fastest installed one.

    Returns its name. Raises ImportError where it, or any, is missing.
    """
    global _verify_digest
    for found, (module, adapt) in _LIBRARIES.items():
        if name in {"", found}:
            try:
                _verify_digest = adapt(import_module(module))
            except ImportError:
                continue
            return found
    raise ImportError(f"no library for SM2 is installed: {name or ', '.join(_LIBRARIES)}")


def is_on_curve(point: bytes) -> bool:
    """Whether 64 bytes x‖y name a point of the curve (never the point at infinity)."""
    if len(point) != 2 * SIZE:
        return False
    x, y = int.from_bytes(point[:SIZE], "big"), int.from_bytes(point[SIZE:], "big")
    return x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def sm3(message: bytes) -> bytes:
    """Hash a message: 32 bytes. By cryptography, since a CRL of megabytes is hashed too."""
    hashing = hashes.Hash(hashes.SM3())
    hashing.update(message)
    return hashing.finalize()


def digest(point: bytes, message: bytes, signer_id: bytes = DEFAULT_SIGNER_ID) -> bytes:
    """Hash a message for its signature: SM3(Z ‖ message), Z naming signer and key (5.5)."""
    numbers = b"".join(value.to_bytes(SIZE, "big") for value in (A, B, GX, GY))
    z = sm3((len(signer_id) * 8).to_bytes(2, "big") + signer_id + numbers + point)
    return sm3(z + message)


def verify(
    point: bytes, message: bytes, r: int, s: int, signer_id: bytes = DEFAULT_SIGNER_ID
) -> bool:
    """Say whether (r, s) is this key's signature of the message.

    `point` is the public key as x‖y, 64 bytes. False for whatever is out of range; never raises
    on bytes from outside.
    """
    if not (0 < r < N and 0 < s < N) or (r + s) % N == 0 or not is_on_curve(point):
        return False
    try:
        return _verify_digest(point, digest(point, message, signer_id), r, s)
    except (TypeError, ValueError, ArithmeticError):
        # A sum that is the point at infinity, which the owner of a key can bring about.
        return False


def encode(r: int, s: int) -> bytes:
    """Write a signature in DER: SEQUENCE { r INTEGER, s INTEGER }."""
    body = b"".join(_integer(value) for value in (r, s))
    return b"\x30" + bytes([len(body)]) + body


def _integer(value: int) -> bytes:
    raw = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(raw)]) + raw


def generate() -> tuple[int, bytes]:
    """Make a key: the secret number and the point x‖y (64 bytes)."""
    secret = secrets.randbelow(N - 2) + 1
    return secret, point_of(secret)


def point_of(secret: int) -> bytes:
    """Give the public point of a secret number: secret · G.

    Plain additions, in no constant time: only soft cards and tests have secrets here.
    """
    total: tuple[int, int] | None = None
    for place, double in enumerate(_doubles()):
        if secret >> place & 1:
            total = _add(total, double)
    if total is None or secret >> N.bit_length():
        raise ValueError("the secret number of a key is 1 to n-1")
    return b"".join(value.to_bytes(SIZE, "big") for value in total)


@lru_cache(maxsize=1)
def _doubles() -> tuple[tuple[int, int] | None, ...]:
    """Give G, 2·G, 4·G ...: worked out once, two thirds of the work of every point."""
    doubles: list[tuple[int, int] | None] = [(GX, GY)]
    while len(doubles) < N.bit_length():
        doubles.append(_add(doubles[-1], doubles[-1]))
    return tuple(doubles)


def _add(one: tuple[int, int] | None, two: tuple[int, int] | None) -> tuple[int, int] | None:
    """Add two points of the curve; None is the point at infinity."""
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def sign(
    secret: int, message: bytes, signer_id: bytes = DEFAULT_SIGNER_ID, point: bytes = b""
) -> tuple[int, int]:
    """Sign a message: (r, s). For soft cards and tests; a card signs by itself.

    `point` is the secret's point where it is known already.
    """
    hashed = int.from_bytes(digest(point or point_of(secret), message, signer_id), "big")
    while True:
        once = secrets.randbelow(N - 1) + 1
        x = int.from_bytes(point_of(once)[:SIZE], "big")
        r = (hashed + x) % N
        if r == 0 or r + once == N:
            continue
        s = pow(1 + secret, -1, N) * (once - r * secret) % N
        if s != 0:
            return r, s


_verify_digest: Verifier
use()
