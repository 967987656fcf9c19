"""SM2 on both libraries, RSA, and what neither may take for a signature."""

import random

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from authorization.cards import sm2
from authorization.cards.certificates import PublicKey
from authorization.cards.making import Key
from authorization.cards.signatures import Scheme, sm2_numbers, verifies
from tests.cards import cached_rsa_key, cached_sm2_key

TEXT = "网站：https://portal.example\n用途：授权".encode()


def public(key: Key) -> PublicKey:
    if key.rsa_key is None:
        return PublicKey(point=key.point)
    numbers = key.rsa_key.public_key().public_numbers()
    return PublicKey(numbers.n, numbers.e)


@pytest.fixture(scope="module")
def key():
    return cached_sm2_key("card")


def test_sm3_is_that_of_the_standard():
    """GB/T 32905, appendix A."""
    assert sm2.sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert sm2.sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_a_published_signature_verifies(sm2_library):
    """GM/T 0003.5, appendix A: recommended curve, message digest, signer ALICE123@YAHOO.COM's."""
    point = bytes.fromhex(
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    )
    r = int("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3", 16)
    s = int("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA", 16)
    assert sm2.verify(point, b"message digest", r, s)
    assert not sm2.verify(point, b"message digest", r, s, b"another")
    assert not sm2.verify(point, b"message digest!", r, s)


@pytest.mark.parametrize("raw", [True, False])
def test_a_change_of_any_byte_of_an_sm2_signature_is_seen(sm2_library, key, raw):
    signature = key.sign(TEXT, raw=raw)
    assert verifies(public(key), Scheme.SM2_SM3, TEXT, signature)
    # Every byte on the fast library; the slow one takes 50 ms for each.
    step = 1 if sm2_library == "gmssl-pyx" else 16
    for place in range(0, len(signature), step):
        for flip in (1, 0x80, 0xFF) if step == 1 else (1,):
            changed = bytearray(signature)
            changed[place] ^= flip
            assert not verifies(public(key), Scheme.SM2_SM3, TEXT, bytes(changed)), (place, flip)


def test_a_change_of_any_byte_of_an_rsa_signature_is_seen():
    key = cached_rsa_key("card")
    signature = key.sign(TEXT)
    assert verifies(public(key), Scheme.RSA_SHA256, TEXT, signature)
    for place in range(len(signature)):
        for flip in (1, 0x80, 0xFF):
            changed = bytearray(signature)
            changed[place] ^= flip
            assert not verifies(public(key), Scheme.RSA_SHA256, TEXT, bytes(changed))


@pytest.mark.parametrize("algorithm", ["rsa", "sm2"])
def test_a_change_of_any_byte_of_the_text_is_seen(algorithm):
    key = cached_rsa_key("card") if algorithm == "rsa" else cached_sm2_key("card")
    signature = key.sign(TEXT)
    for place in range(len(TEXT)):
        changed = bytearray(TEXT)
        changed[place] ^= 1
        assert not verifies(public(key), key.scheme, bytes(changed), signature)
    for end in range(len(TEXT)):
        assert not verifies(public(key), key.scheme, TEXT[:end], signature)


def test_numbers_out_of_range_are_no_signature(sm2_library, key):
    r, s = sm2.sign(key.sm2_secret, TEXT)
    for wrong in (
        (0, s),
        (r, 0),
        (r + sm2.N, s),
        (r, s + sm2.N),
        (sm2.N, s),
        (r, sm2.N - r),
        (-r, s),
    ):
        assert not sm2.verify(key.point, TEXT, *wrong)


def test_a_sum_at_infinity_that_a_keys_owner_made_is_no_signature(sm2_library):
    """s·G + (r+s)·P = O where s = -t·d; the pure-Python library raises there."""
    secret, point = sm2.generate()
    t = 12345
    s = -t * secret % sm2.N
    assert not sm2.verify(point, TEXT, (t - s) % sm2.N, s)


def test_a_point_of_no_curve_is_no_key(sm2_library, key):
    r, s = sm2.sign(key.sm2_secret, TEXT)
    x, y = key.point[:32], key.point[32:]
    for wrong in (y + x, b"\0" * 64, b"\xff" * 64, key.point[:-1], b"", key.point + b"\0"):
        assert not sm2.verify(wrong, TEXT, r, s)


def test_keys_that_begin_with_any_digit_verify(sm2_library):
    """The pure-Python library strips 0s and 4s from the front of a key handed to it."""
    seen = set()
    while not {0x0, 0x4} <= seen:
        secret, point = sm2.generate()
        if point[0] >> 4 in {0x0, 0x4} - seen:
            assert sm2.verify(point, TEXT, *sm2.sign(secret, TEXT))
            seen.add(point[0] >> 4)


def test_der_has_one_form_only(key):
    r, s = 0x1234 << 200, 0x5678 << 200
    assert sm2_numbers(sm2.encode(r, s)) == (r, s)
    first, second = core.Integer(r).dump(), core.Integer(s).dump()
    padded = b"\x02" + bytes([first[1] + 1]) + b"\0" + first[2:]
    for wrong in (
        b"\x30\x80" + first + second + b"\0\0",  # without a length
        b"\x30\x81" + bytes([len(first + second)]) + first + second,  # a length of two bytes
        b"\x30" + bytes([len(padded + second)]) + padded + second,
        b"\x31" + bytes([len(first + second)]) + first + second,
        b"\x30" + bytes([len(first + second) + 3]) + first + second + b"\x02\x01\x01",
        b"\x30" + bytes([len(first)]) + first,
        sm2.encode(r, s) + b"\0",
        sm2.encode(0, s),
        sm2.encode(r, sm2.N),
    ):
        assert sm2_numbers(wrong) is None, wrong.hex()


def test_a_key_takes_no_signature_of_the_other_kind():
    rsa, sm = cached_rsa_key("card"), cached_sm2_key("card")
    assert not verifies(public(rsa), Scheme.SM2_SM3, TEXT, sm.sign(TEXT))
    assert not verifies(public(sm), Scheme.RSA_SHA256, TEXT, rsa.sign(TEXT))
    assert not verifies(public(rsa), Scheme.RSA_SHA384, TEXT, rsa.sign(TEXT))


def test_rsa_numbers_of_any_size_raise_nothing():
    chance = random.Random(5)
    for bits in (0, 1, 8, 64, 512, 1024, 2048, 4096, 5000):
        for exponent in (3, 65537, 65536, 2**64 + 1):
            key = PublicKey(chance.getrandbits(bits) | 2, exponent)
            assert not verifies(key, Scheme.RSA_SHA256, TEXT, b"x" * max(1, bits // 8))


@given(st.binary(max_size=1100))
def test_no_bytes_are_a_signature_by_chance(content):
    for key in (cached_rsa_key("card"), cached_sm2_key("card")):
        assert not verifies(public(key), key.scheme, TEXT, content)


def test_a_library_that_is_not_installed_is_an_error_that_says_so():
    with pytest.raises(ImportError, match="no library for SM2"):
        sm2.use("another")
    assert sm2.use() in {"gmssl-pyx", "gmssl"}
