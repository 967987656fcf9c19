"""Whatever bytes arrive: a refusal, soon, and never an error or an authorization."""

import base64
import contextlib
import random
import time
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from hypothesis import given, settings
from hypothesis import strategies as st

from authorization.authorizing import accept
from authorization.cards.certificates import (
    MAX_CERTIFICATE_BYTES,
    BadCertificate,
    from_base64,
    from_pem_file,
    parse,
)
from authorization.cards.chain import TrustStore
from authorization.cards.der import MAX_DEPTH, is_der
from authorization.cards.proving import Policy, Proof, Source, prove, read_sent
from authorization.cards.refusals import Refused
from authorization.models import CardSignature
from tests.authorization.cards.trying import Trial
from tests.cards import ALGORITHMS, as_base64, make_world, signed

USCC = "91210200123456789X"
TEXT = "网站：https://portal.example\n用途：授权本企业"
NOW = datetime.now(UTC)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Change bytes as a fuzzer does: flips, lengths, spans cut, doubled, moved; never into the same."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        if not changed:
            break
        here, there = sorted(chance.randrange(len(changed) + 1) for _ in range(2))
        place = min(here, len(changed) - 1)
        match chance.randrange(8):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                changed[place] = chance.choice((0, 1, 0x7F, 0x80, 0x84, 0xFF, 0x30, 0x1F))
            case 2:
                del changed[here:there]
            case 3:
                changed[here:here] = changed[here:there][:200]
            case 4:
                changed[here:here] = chance.randbytes(chance.randrange(1, 9))
            case 5:
                del changed[there:]
            case 6:
                changed[place] = (changed[place] + chance.choice((-1, 1))) % 256
            case 7:
                changed[here:there] = bytes(reversed(changed[here:there]))
    return bytes(changed) if changed != content else mutated(content, chance)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_five_thousand_mutated_inputs_are_refused(algorithm):
    authority = make_world()[algorithm]
    card = authority.card(USCC)
    link = authority.intermediate.certificate
    proofs = [
        Proof(0, Source.CRL, authority.crls[1]),
        Proof(1, Source.CRL, authority.crls[0]),
    ]
    # Without the configured intermediate: the sent one must be whole as well.
    policy = Policy(TrustStore((authority.root.certificate,)))
    right = (base64.b64decode(signed(card, TEXT)), card.certificate.der, link.der)
    send(right, proofs, policy)
    chance = random.Random(20260302)
    refused, slowest = 0, 0.0
    while refused < 2500:
        which = chance.randrange(3)
        parts = list(right)
        parts[which] = mutated(right[which], chance)
        began = time.perf_counter()
        with pytest.raises(Refused):
            send(parts, proofs, policy)
            pytest.fail(f"accepted: {parts[which].hex()} for part {which}")
        slowest = max(slowest, time.perf_counter() - began)
        refused += 1
    assert slowest < 2


def send(parts, proofs, policy):
    signature, card, link = map(as_base64, parts)
    return prove(read_sent(TEXT, signature, card, [link]), proofs, policy, USCC, NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_mutated_inputs_leave_a_record_each_and_no_authorization(algorithm):
    chance = random.Random(7)
    trial = Trial(algorithm)
    card = trial.card()
    for _ in range(60):
        cache.clear()
        trial.again()
        signature = base64.b64decode(signed(card, trial.challenge.text))
        der = card.certificate.der
        if chance.randrange(2):
            signature = mutated(signature, chance)
        else:
            der = mutated(der, chance)
        with pytest.raises(Refused):
            accept(
                trial.asking,
                trial.purpose,
                nonce=trial.challenge.nonce,
                signature=as_base64(signature),
                card=as_base64(der),
            )
    assert trial.enterprise.card_attempts.count() == 60
    assert not CardSignature.objects.exists()


@given(st.text(max_size=200), st.text(max_size=200), st.lists(st.text(max_size=50), max_size=6))
def test_whatever_texts_are_refused(signature, card, others):
    with pytest.raises(Refused):
        read_sent(TEXT, signature, card, others)


@given(st.binary(max_size=400))
def test_whatever_bytes_are_no_certificate(content):
    for read in (parse, lambda raw: from_base64(as_base64(raw)), from_pem_file):
        with pytest.raises(BadCertificate):
            read(content)


@settings(max_examples=300)
@given(st.data())
def test_whatever_stands_in_place_of_any_part_is_no_certificate_or_another_one(data):
    der = make_world()["sm2"].intermediate.certificate.der
    start = data.draw(st.integers(0, len(der) - 1))
    end = data.draw(st.integers(start, min(len(der), start + 40)))
    changed = der[:start] + data.draw(st.binary(max_size=40)) + der[end:]
    with contextlib.suppress(BadCertificate):
        assert parse(changed).der == changed


class TestDer:
    def test_what_we_make_is_der(self):
        for algorithm in ALGORITHMS:
            assert is_der(make_world()[algorithm].card(USCC).certificate.der)

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "30",
            "3080020101 0000",  # no length
            "308103020101",  # a length in two bytes that one holds
            "30820003020101",
            "3003020101 00",  # something after
            "0500 0500",  # another value after
            "1f0100",  # the beginning of a tag of several bytes
            "3003020201",  # longer than what holds it
            "30840000000302 0101",
            "1000",  # a SEQUENCE that is primitive
            "2403040101",  # a string in pieces
            "1f8101 00",  # a tag of several bytes
            "0000",
            "30ff" + "00" * 300,
            "3085010000000002 0101",
        ],
    )
    def test_other_forms_are_not(self, content):
        assert not is_der(bytes.fromhex(content.replace(" ", "")))

    def test_depth_and_number_are_bounded(self):
        nested = b""
        for _ in range(MAX_DEPTH + 2):
            nested = b"\x30" + _length(len(nested)) + nested
        assert not is_der(nested)
        many = b"\x05\x00" * 5000
        assert not is_der(b"\x30" + _length(len(many)) + many)

    @given(st.binary(max_size=100))
    def test_whatever_bytes_get_an_answer(self, content):
        assert is_der(content) in {True, False}


def _length(size):
    if size < 0x80:
        return bytes([size])
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(raw)]) + raw


@pytest.mark.parametrize(
    "content",
    [
        b"\x30\x80" * 8000,
        b"\x30\x82\x3f\xf0" + b"\x30\x82\x3f\xf0" * 4000,
        b"\x30" * MAX_CERTIFICATE_BYTES,
        b"\x06\x82\x3f\xfa" + b"\xff" * 16_378,
        b"\x02\x82\x3f\xfa" + b"\x7f" * 16_378,
    ],
)
def test_bombs_are_refused_at_once(content):
    began = time.perf_counter()
    with pytest.raises(BadCertificate):
        parse(content)
    assert time.perf_counter() - began < 1


def test_a_certificate_of_megabytes_is_not_even_decoded():
    began = time.perf_counter()
    with pytest.raises(Refused):
        read_sent(TEXT, "AAAA", "A" * 50_000_000)
    assert time.perf_counter() - began < 1
