"""Each check alone: what passes all others but this one is refused. Without a database."""

import base64
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from asn1crypto import core, keys, x509

from authorization.cards import sm2
from authorization.cards.certificates import (
    EPORT_ARC,
    BadCertificate,
    PublicKey,
    from_base64,
    parse,
)
from authorization.cards.chain import MAX_LINKS, TrustStore, find_chain
from authorization.cards.making import issue, make_crl, sm2_key
from authorization.cards.proving import (
    Policy,
    Proof,
    Sent,
    Source,
    examine,
    gather,
    prove,
    read_sent,
)
from authorization.cards.refusals import Refusal, Refused
from authorization.cards.signatures import MAX_RSA_BITS, Scheme, Strength, sm2_numbers, verifies
from tests.cards import ALGORITHMS, as_base64, cached_key, cached_rsa_key, make_world, signed

USCC = "91210200123456789X"
TEXT = "网站：https://portal.example\n用途：授权本企业"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=ALGORITHMS)
def authority(request):
    return make_world()[request.param]


def key_of(authority, name):
    return cached_key(authority.algorithm, name)


def authority_of(authority, name, issuer=None, key=None, **changes):
    """Issue an authority's certificate, self-signed without an issuer."""
    wish = replace(authority.authority_wish(name), **changes)
    return issue(wish, key or key_of(authority, name), issuer)


def chain_of(card, roots, *links, **strength):
    store = TrustStore(
        tuple(root.certificate for root in roots),
        tuple(link.certificate for link in links),
        Strength(**strength),
    )
    return find_chain(card.certificate, store, NOW)


def no_chain(refusal, card, roots, *links, **strength):
    with pytest.raises(Refused) as caught:
        chain_of(card, roots, *links, **strength)
    assert caught.value.refusal is refusal, caught.value.detail


class TestTheChain:
    def under(self, authority, root, **changes):
        """Issue an authority under a root, and a card under it."""
        link = authority_of(authority, "一个管理中心", root, **changes)
        return link, authority.card(USCC, issuer=link)

    @pytest.mark.parametrize(
        ("flaw", "refusal"),
        [
            ({}, None),
            # Old roots lack the extension; whoever configured one vouches for it.
            ({"key_usage": None}, None),
            ({"key_usage": frozenset({"crl_sign"})}, Refusal.NO_CHAIN),
            ({"is_ca": False}, Refusal.NO_CHAIN),
            ({"not_before": NOW + DAY}, Refusal.NO_CHAIN),
            ({"not_after": NOW - DAY}, Refusal.NO_CHAIN),
            ({"path_length": 0}, Refusal.NO_CHAIN),
            ({"path_length": 1}, None),
        ],
    )
    def test_the_root_itself_must_be_an_authority_of_this_time(self, authority, flaw, refusal):
        root = authority_of(authority, "一个根", **flaw)
        link, card = self.under(authority, root)
        if refusal is None:
            assert chain_of(card, [root], link)[-1] == root.certificate
        else:
            no_chain(refusal, card, [root], link)

    @pytest.mark.parametrize(
        ("flaw", "refusal"),
        [
            ({}, None),
            ({"key_usage": None}, Refusal.NO_CHAIN),
            ({"key_usage": frozenset({"crl_sign"})}, Refusal.NO_CHAIN),
            ({"is_ca": False}, Refusal.NO_CHAIN),
            ({"not_before": NOW + DAY}, Refusal.NO_CHAIN),
            ({"not_after": NOW - DAY}, Refusal.NO_CHAIN),
        ],
    )
    def test_so_must_each_link(self, authority, flaw, refusal):
        root = authority_of(authority, "一个根")
        link, card = self.under(authority, root, **flaw)
        if refusal is None:
            assert len(chain_of(card, [root], link)) == 3
        else:
            no_chain(refusal, card, [root], link)

    def test_a_weak_key_or_sha_1_anywhere_needs_its_setting(self):
        authority = make_world()["rsa"]
        weak, strong = cached_rsa_key("weak root", 1024), cached_rsa_key("一个根")
        root = authority_of(authority, "一个根", key=weak)
        link, card = self.under(authority, root)
        no_chain(Refusal.KEY_TOO_WEAK, card, [root], link)
        assert chain_of(card, [root], link, allow_rsa_1024=True)

        root = authority_of(authority, "一个根", key=strong)
        link, card = self.under(authority, root, key=weak)
        no_chain(Refusal.KEY_TOO_WEAK, card, [root], link)
        assert chain_of(card, [root], link, allow_rsa_1024=True)

        link, card = self.under(authority, root, scheme=Scheme.RSA_SHA1)
        no_chain(Refusal.ALGORITHM_NOT_ALLOWED, card, [root], link)
        assert chain_of(card, [root], link, allow_sha1=True)
        # A root's own signature proves nothing: by whatever algorithm it is.
        root = authority_of(authority, "一个根", key=strong, scheme=Scheme.RSA_SHA1)
        link, card = self.under(authority, root)
        assert chain_of(card, [root], link)

    def test_an_authoritys_new_key_signed_by_its_old_one_counts_for_no_length(self, authority):
        root = authority_of(authority, "一个根", path_length=1)
        old = authority_of(authority, "一个管理中心", root, path_length=0)
        new = authority_of(authority, "一个管理中心", old, key=key_of(authority, "new"))
        card = authority.card(USCC, issuer=new)
        assert chain_of(card, [root], old, new) == (
            card.certificate,
            new.certificate,
            old.certificate,
            root.certificate,
        )
        other = authority_of(authority, "另一个管理中心", old, key=key_of(authority, "new"))
        no_chain(Refusal.NO_CHAIN, authority.card(USCC, issuer=other), [root], old, other)

    def test_it_has_an_end(self, authority):
        links = [authority_of(authority, "一个根")]
        for number in range(MAX_LINKS - 1):
            key = key_of(authority, "一个管理中心")
            links.append(authority_of(authority, f"第 {number} 级", links[-1], key=key))
        root, *others = links
        card = authority.card(USCC, issuer=others[-2])
        assert len(chain_of(card, [root], *others)) == MAX_LINKS
        no_chain(Refusal.NO_CHAIN, authority.card(USCC, issuer=others[-1]), [root], *others)

    def test_authorities_that_sign_one_another_lead_nowhere_and_soon(self, authority):
        key = key_of(authority, "一个管理中心")
        first = authority_of(authority, "甲", key=key)
        links = [first]
        for number in range(4):
            links.append(authority_of(authority, "甲", first, key=key, serial=100 + number))
        root = authority_of(authority, "一个根")
        began = time.perf_counter()
        no_chain(Refusal.NO_CHAIN, authority.card(USCC, issuer=first), [root], *links)
        assert time.perf_counter() - began < 5


class TestProving:
    def policy(self, authority):
        link = authority.intermediate.certificate
        return Policy(TrustStore((authority.root.certificate,), (link,)))

    def sent(self, card, text=TEXT):
        signature = base64.b64decode(signed(card, text))
        return Sent(text.encode(), signature, card.certificate)

    def proofs(self, authority):
        return [Proof(0, Source.CRL, authority.crls[1]), Proof(1, Source.CRL, authority.crls[0])]

    def refused(self, refusal, *how):
        with pytest.raises(Refused) as caught:
            prove(*how)
        assert caught.value.refusal is refusal, caught.value.detail

    def test_a_card_without_a_code_belongs_to_nobody_not_even_to_who_has_none(self, authority):
        card = authority.card(USCC, eport={"5.11": None})
        how = (self.sent(card), self.proofs(authority), self.policy(authority))
        for uscc in ("", USCC, USCC[:8]):
            self.refused(Refusal.OTHER_ENTERPRISE, *how, uscc, NOW)

    def test_an_answer_counts_for_its_own_link_only(self, authority):
        sent, policy = self.sent(authority.card(USCC)), self.policy(authority)
        good = self.proofs(authority)
        assert prove(sent, good, policy, USCC, NOW).unanswered == ()
        swapped = [Proof(1 - proof.place, proof.source, proof.content) for proof in good]
        self.refused(Refusal.REVOCATION_UNKNOWN, sent, swapped, policy, USCC, NOW)
        for one in good:
            self.refused(Refusal.REVOCATION_UNKNOWN, sent, [one], policy, USCC, NOW)

    def test_once_a_link_is_known_to_be_revoked_nobody_is_asked_any_more(self, authority):
        card = authority.card(USCC)
        policy = self.policy(authority)
        at = NOW.replace(microsecond=0) - timedelta(hours=1)
        revoked = make_crl(authority.intermediate, {card.certificate.serial: at}, at)
        asked = []
        proofs, _ = gather(
            examine(self.sent(card), policy, NOW),
            policy,
            NOW,
            crls=[revoked],
            responders=["http://ocsp.example/"],
            fetch=lambda url, question: asked.append(url),
        )
        assert [proof.place for proof in proofs] == [0] and asked == []

    def test_too_much_is_not_read(self, authority):
        card = authority.card(USCC)
        der, signature = as_base64(card.certificate.der), signed(card, TEXT)
        assert read_sent(TEXT, signature, der, [der] * 4).others
        for text, sent, others in (
            ("x" * 4097, signature, []),
            (TEXT, signature, [der] * 5),
            (TEXT, signature + "\n" * 2049, []),
        ):
            with pytest.raises(Refused) as caught:
                read_sent(text, sent, der, others)
            assert caught.value.refusal is Refusal.MALFORMED


def altered(made, change, issuer=None):
    """Change a certificate's signed part and sign it anew, so that it is right but for this."""
    loaded = x509.Certificate.load(made.certificate.der)
    change(loaded)
    key = (issuer or made).key
    loaded["signature_value"] = key.sign(loaded["tbs_certificate"].dump(force=True))
    return loaded.dump(force=True)


def refused_at_once(der, words):
    began = time.perf_counter()
    with pytest.raises(BadCertificate, match=words):
        parse(der)
    assert time.perf_counter() - began < 2


class TestReading:
    @pytest.fixture
    def card(self, authority):
        return authority.card(USCC)

    def test_a_version_1_certificate_is_none(self, card):
        def make_v1(loaded):
            loaded["tbs_certificate"]["version"] = "v1"
            loaded["tbs_certificate"]["extensions"] = None

        refused_at_once(altered(card, make_v1), "version")

    def test_two_algorithms_are_none(self, card):
        def name_another(loaded):
            loaded["signature_algorithm"] = {"algorithm": "sha512_rsa"}

        refused_at_once(altered(card, name_another), "two signature algorithms")

    @pytest.mark.parametrize("serial", [0, -1, 1 << 160, 1 << 2000])
    def test_a_serial_number_out_of_range_is_none(self, card, serial):
        def number(loaded):
            loaded["tbs_certificate"]["serial_number"] = serial

        refused_at_once(altered(card, number), "serial")

    @pytest.mark.parametrize("which", ["key_usage", "1.3.6.1.4.1.5315.100.5.11"])
    def test_an_extension_twice_is_refused(self, card, which):
        """Else one reader would take the first, another the last."""

        def double(loaded):
            extensions = loaded["tbs_certificate"]["extensions"]
            extensions.append(next(e for e in extensions if e["extn_id"].native == which).copy())

        refused_at_once(altered(card, double), "twice")

    def test_an_extension_that_is_not_der_inside_is_refused(self, authority):
        """Extended key usages in a SEQUENCE of no said length: BER."""
        inner = bytes.fromhex("3080 0608 2b06010505070302 0000")
        body = bytes.fromhex("0603551d25 04") + bytes([len(inner)]) + inner
        loose = x509.Extension.load(b"\x30" + bytes([len(body)]) + body)
        with pytest.raises(BadCertificate, match="not DER"):
            authority.card(USCC, extended_key_usage=(), more_extensions=(loose,))

    def test_a_certificate_in_ber_is_refused(self, card):
        """The same certificate by other bytes: its length in one byte more than it needs."""
        der = card.certificate.der
        assert der[:2] == b"\x30\x82"
        refused_at_once(b"\x30\x83\x00" + der[2:], "not DER")
        refused_at_once(b"\x30\x80" + der[4:] + b"\x00\x00", "not DER")

    def test_a_large_one_is_refused(self, card):
        def pad(loaded):
            loaded["tbs_certificate"]["extensions"].append(
                {"extn_id": "1.2.3.4", "extn_value": core.ParsableOctetString(b"x" * 16_384)}
            )

        refused_at_once(altered(card, pad), "too large")
        with pytest.raises(BadCertificate, match="too large"):
            from_base64("A" * 40_000)

    @pytest.mark.parametrize(
        ("modulus", "exponent"),
        [
            (lambda n: n, 1),
            (lambda n: n, 65536),
            (lambda n: n, 2),
            (lambda n: n, -65537),
            (lambda n: n, 2**32 + 1),
            (lambda n: n - 1, 65537),
            (lambda n: -n, 65537),
            (lambda n: 0, 65537),
        ],
    )
    def test_an_rsa_key_out_of_range_is_none(self, modulus, exponent):
        card = make_world()["rsa"].card(USCC)

        def weaken(loaded):
            info = loaded["tbs_certificate"]["subject_public_key_info"]
            key = info["public_key"].parsed
            key["modulus"] = modulus(key["modulus"].native)
            key["public_exponent"] = exponent

        refused_at_once(altered(card, weaken), "RSA key out of range|malformed")

    @pytest.mark.parametrize(
        "point",
        [
            lambda p: b"\x04" + p[:-1],
            lambda p: b"\x04" + p + b"\x00",
            lambda p: b"\x02" + p[:32],
            lambda p: b"\x06" + p,
            lambda p: b"\x04" + p[:63] + bytes([p[63] ^ 1]),
            lambda p: b"\x04" + bytes(64),
            lambda p: b"\x00",
        ],
    )
    def test_an_sm2_key_that_is_no_point_is_none(self, point):
        card = make_world()["sm2"].card(USCC)
        refused_at_once(_with_key(card, point(card.key.point)), "no point|malformed|DER")

    def test_a_key_of_another_number_of_bits_is_none(self):
        """The same point, the last bits of it said to be none."""
        card = make_world()["sm2"].card(USCC)
        while card.key.point[-1] & 1:
            card = make_world()["sm2"].card(USCC, key=sm2_key())
        der, bits = card.certificate.der, b"\x04" + card.key.point
        assert der.count(b"\x03\x42\x00" + bits) == 1
        refused_at_once(der.replace(b"\x00" + bits, b"\x01" + bits), "unused bits")

    def test_e_ports_own_extensions_may_be_critical(self, authority):
        extension = x509.Extension(
            {
                "extn_id": f"{EPORT_ARC}.5.99",
                "critical": True,
                "extn_value": core.ParsableOctetString(core.UTF8String("01").dump()),
            }
        )
        card = authority.card(USCC, more_extensions=(extension,))
        assert card.certificate.unknown_critical == ()
        assert chain_of(card, [authority.root], authority.intermediate)

    @pytest.mark.parametrize("critical", ["name_constraints", "policy_constraints", "1.2.3.4"])
    def test_what_a_critical_extension_says_and_is_not_understood_refuses(
        self, authority, critical
    ):
        value = {
            "name_constraints": {"permitted_subtrees": None},
            "policy_constraints": {"require_explicit_policy": 0},
            "1.2.3.4": core.ParsableOctetString(b"\x05\x00"),
        }[critical]
        extension = x509.Extension({"extn_id": critical, "critical": True, "extn_value": value})
        wish = authority.authority_wish("一个管理中心")
        link = issue(
            replace(wish, more_extensions=(extension,)),
            key_of(authority, "一个管理中心"),
            authority.root,
        )
        no_chain(Refusal.NO_CHAIN, authority.card(USCC, issuer=link), [authority.root], link)
        card = authority.card(USCC, more_extensions=(extension,))
        no_chain(Refusal.NOT_A_CARD, card, [authority.root], authority.intermediate)

    def test_names_lose_what_no_column_takes(self, authority):
        """NUL in a name, BMPString, line breaks: all read, none kept as it came."""
        card = authority.card(USCC, "大连\x00虚构\r\n用途：撤销\x85有限公司")
        said = card.certificate.subject_text["organizational_unit_name"]
        assert said == "大连 虚构 用途：撤销 有限公司"

        def as_bmp(loaded):
            for place in loaded["tbs_certificate"]["subject"].chosen:
                for one in place:
                    if one["type"].native == "common_name":
                        one["value"] = x509.DirectoryString("bmp_string", "欧阳小三")

        assert parse(altered(card, as_bmp)).subject_text["common_name"] == "欧阳小三"


def _with_key(card, point):
    """Put other bits in place of the key's, by the bytes: a library would not write them."""
    bits = b"\x03" + bytes([len(point) + 1, 0]) + point
    loaded = x509.Certificate.load(card.certificate.der)
    info = loaded["tbs_certificate"]["subject_public_key_info"]
    algorithm = info["algorithm"].dump()
    body = algorithm + bits
    made = keys.PublicKeyInfo.load(b"\x30" + bytes([len(body)]) + body)
    loaded["tbs_certificate"]["subject_public_key_info"] = made
    return loaded.dump(force=True)


class TestSignatures:
    def test_a_modulus_beyond_any_cards_verifies_nothing(self):
        """A right signature by a key of 18 primes: too large is asked before it is verified."""
        modulus, phi = 1, 1
        for number in range(MAX_RSA_BITS // 1024 + 1):
            found = cached_rsa_key(f"primes {number}", 1024).rsa_key.private_numbers()
            for prime in (found.p, found.q):
                modulus, phi = modulus * prime, phi * (prime - 1)
        info = bytes.fromhex("3031300d060960864801650304020105000420")
        size = (modulus.bit_length() + 7) // 8
        tail = b"\x00" + info + sha256(b"text").digest()
        padded = b"\x00\x01" + b"\xff" * (size - 2 - len(tail)) + tail
        secret = pow(65537, -1, phi)
        signature = pow(int.from_bytes(padded, "big"), secret, modulus).to_bytes(size, "big")
        assert size > MAX_RSA_BITS // 8
        key = PublicKey(modulus=modulus, exponent=65537)
        assert not verifies(key, Scheme.RSA_SHA256, b"text", signature)

    def test_a_coordinate_beyond_the_field_names_no_point(self):
        """x + p names the same point to who reduces it: one key would have two forms."""
        for x in range(1, 100):
            square = (x**3 + sm2.A * x + sm2.B) % sm2.P
            y = pow(square, (sm2.P + 1) // 4, sm2.P)
            if y * y % sm2.P == square:
                break
        right = x.to_bytes(32, "big") + y.to_bytes(32, "big")
        assert sm2.is_on_curve(right)
        assert not sm2.is_on_curve((x + sm2.P).to_bytes(32, "big") + y.to_bytes(32, "big"))

    def test_sm2_numbers_out_of_range_reach_no_library(self, monkeypatch):
        monkeypatch.setattr(sm2, "_verify_digest", lambda *asked: True)
        point = cached_key("sm2", "card").point
        assert sm2.verify(point, b"text", 1, 1)
        for r, s in ((0, 1), (1, 0), (sm2.N, 1), (1, sm2.N), (1, sm2.N - 1), (-1, 1)):
            assert not sm2.verify(point, b"text", r, s)
        assert not sm2.verify(bytes(64), b"text", 1, 1)

    def test_r_and_s_beside_each_other_are_never_read_as_der(self):
        """64 bytes are r‖s even where they begin like DER."""
        raw = bytes.fromhex("303e021d") + bytes(60)
        assert sm2_numbers(raw) == (int.from_bytes(raw[:32], "big"), 0)
