"""CRLs and OCSP answers: which count, which are no answer, and who may give one."""

import http.server
import socket
import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import core, crl, ocsp, x509
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from authorization.cards import configured
from authorization.cards.answers import NoAnswer, Source, Status
from authorization.cards.chain import TrustStore
from authorization.cards.crls import _read, from_crl
from authorization.cards.making import Wish, issue, make_crl, make_ocsp, rsa_key
from authorization.cards.ocsp import MAX_OCSP_BYTES, from_ocsp, ocsp_request
from authorization.cards.refusals import Refusal
from authorization.cards.responders import fetch_ocsp, within
from authorization.cards.revocation import ask
from authorization.cards.signatures import Scheme, Strength
from tests.authorization.cards.trying import Trial
from tests.cards import ALGORITHMS, REVOKED_SERIALS, cached_key, make_world

USCC = "91210200123456789X"
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(params=ALGORITHMS, scope="module")
def authority(request):
    return make_world()[request.param]


@pytest.fixture(scope="module")
def store(authority):
    return TrustStore((authority.root.certificate,), (authority.intermediate.certificate,))


@pytest.fixture(scope="module")
def card(authority):
    return authority.card(USCC).certificate


def no_fetch(url, question):
    raise NoAnswer("asked")


class TestCrl:
    def read(self, proof, card, authority, store, at=NOW):
        return from_crl(proof, card, authority.intermediate.certificate, store, at)

    def test_it_says_who_is_revoked_and_who_is_not(self, authority, store, card):
        proof = authority.crls[1]
        assert self.read(proof, card, authority, store).status is Status.GOOD
        revoked = authority.card(USCC, serial=REVOKED_SERIALS[0]).certificate
        assert self.read(proof, revoked, authority, store).status is Status.REVOKED

    def test_an_entry_counts_whatever_its_date(self, authority, store, card):
        later = make_crl(authority.intermediate, {card.serial: NOW + 9 * DAY}, NOW)
        assert self.read(later, card, authority, store).status is Status.REVOKED

    def test_an_empty_list_says_good(self, authority, store, card):
        proof = make_crl(authority.intermediate, {}, NOW)
        assert self.read(proof, card, authority, store).status is Status.GOOD

    def test_before_and_after_its_time_it_is_no_answer(self, authority, store, card):
        proof = make_crl(authority.intermediate, {}, NOW, DAY)
        self.read(proof, card, authority, store, NOW + DAY)
        for at in (NOW - timedelta(minutes=6), NOW + DAY + timedelta(seconds=1)):
            with pytest.raises(NoAnswer, match="time"):
                self.read(proof, card, authority, store, at)

    def test_of_another_issuer_it_is_no_answer(self, authority, store, card):
        with pytest.raises(NoAnswer, match="issuer"):
            self.read(authority.crls[0], card, authority, store)

    def test_signed_by_another_key_of_that_name_it_is_no_answer(self, authority, store, card):
        wish = authority.authority_wish("测试专用证书管理中心")
        thief = issue(wish, cached_key(authority.algorithm, "thief"))
        with pytest.raises(NoAnswer, match="signature"):
            self.read(make_crl(thief, {}, NOW), card, authority, store)

    def test_signed_by_one_who_may_not_it_is_no_answer(self, authority, store, card):
        wish = replace(
            authority.authority_wish("测试专用证书管理中心"), key_usage=frozenset({"key_cert_sign"})
        )
        other = issue(wish, authority.intermediate.key, authority.root)
        with pytest.raises(NoAnswer, match="may not"):
            from_crl(make_crl(other, {}, NOW), card, other.certificate, store, NOW)

    def test_without_an_end_or_beyond_any_size_it_is_no_answer(
        self, authority, store, card, monkeypatch
    ):
        loaded = crl.CertificateList.load(make_crl(authority.intermediate, {}, NOW))
        tbs = loaded["tbs_cert_list"]
        del tbs["next_update"]
        loaded["signature"] = authority.intermediate.key.sign(tbs.dump(force=True))
        with pytest.raises(NoAnswer, match="without next update"):
            self.read(loaded.dump(force=True), card, authority, store)
        monkeypatch.setattr("authorization.cards.crls.MAX_CRL_BYTES", 100)
        _read.cache_clear()
        with pytest.raises(NoAnswer, match="too large"):
            self.read(make_crl(authority.intermediate, {}, NOW), card, authority, store)

    def test_a_changed_byte_anywhere_says_good_to_nobody(self, authority, store):
        revoked = authority.card(USCC, serial=REVOKED_SERIALS[0]).certificate
        proof = make_crl(authority.intermediate, {revoked.serial: NOW}, NOW)
        for place in range(len(proof)):
            changed = bytearray(proof)
            changed[place] ^= 1
            with pytest.raises(NoAnswer):
                answer = self.read(bytes(changed), revoked, authority, store)
                assert answer.status is Status.REVOKED  # the encoding, not the content
                raise NoAnswer

    @given(st.binary(max_size=300))
    def test_whatever_bytes_are_no_answer(self, content):
        world = make_world()["rsa"]
        with pytest.raises(NoAnswer):
            from_crl(
                content,
                world.card(USCC).certificate,
                world.intermediate.certificate,
                TrustStore((world.root.certificate,)),
                NOW,
            )

    def test_a_hundred_thousand_entries_are_read_once(self, store, authority, card):
        small = make_crl(authority.intermediate, {10**17 + n: NOW for n in range(2000)}, NOW)
        _read.cache_clear()
        self.read(small, card, authority, store)
        began = time.perf_counter()
        for _ in range(100):
            self.read(small, card, authority, store)
        assert _read.cache_info().misses == 1
        assert time.perf_counter() - began < 1


def with_extension(authority, number, value, critical=True):
    """A list with one more extension, signed by the real authority."""
    return _resigned_list(
        authority,
        crl.TBSCertListExtension({"extn_id": number, "critical": critical, "extn_value": value}),
    )


def _resigned_list(authority, extension):
    loaded = crl.CertificateList.load(make_crl(authority.intermediate, {}, NOW))
    tbs = loaded["tbs_cert_list"]
    tbs["crl_extensions"] = [*tbs["crl_extensions"], extension]
    loaded["signature"] = authority.intermediate.key.sign(tbs.dump(force=True))
    return loaded.dump(force=True)


def _directory(text):
    return x509.DirectoryString("utf8_string", text)


def point(**values):
    url = values.pop("url", None)
    if url:
        name = x509.GeneralName("uniform_resource_identifier", url)
        values["distribution_point"] = x509.DistributionPointName("full_name", [name])
    return crl.IssuingDistributionPoint(values)


class TestPartOfAList:
    def read(self, proof, card, authority, store):
        return from_crl(proof, card, authority.intermediate.certificate, store, NOW)

    def test_one_of_the_cards_own_point_counts(self, authority, store):
        url = "ldap://ldap.example/cn=crl17"
        proof = with_extension(authority, "issuing_distribution_point", point(url=url))
        here = authority.card(USCC, crl_url=url).certificate
        assert self.read(proof, here, authority, store).status is Status.GOOD
        for elsewhere in (
            authority.card(USCC, crl_url="ldap://ldap.example/cn=crl18").certificate,
            authority.card(USCC).certificate,
        ):
            with pytest.raises(NoAnswer, match="does not speak"):
                self.read(proof, elsewhere, authority, store)

    def test_one_of_cards_or_of_authorities_only_says_nothing_of_the_others(
        self, authority, store, card
    ):
        cards = point(only_contains_user_certs=True)
        proof = with_extension(authority, "issuing_distribution_point", cards)
        assert self.read(proof, card, authority, store).status is Status.GOOD
        authorities = point(only_contains_ca_certs=True)
        proof = with_extension(authority, "issuing_distribution_point", authorities)
        with pytest.raises(NoAnswer, match="does not speak"):
            self.read(proof, card, authority, store)

    @pytest.mark.parametrize(
        "value",
        [
            {"indirect_crl": True},
            {"only_some_reasons": {"key_compromise"}},
            {"only_contains_attribute_certs": True},
        ],
    )
    def test_one_of_some_reasons_or_several_issuers_is_no_answer(
        self, authority, store, card, value
    ):
        proof = with_extension(authority, "issuing_distribution_point", point(**value))
        with pytest.raises(NoAnswer):
            self.read(proof, card, authority, store)

    def test_one_of_a_point_by_a_relative_name_is_no_answer(self, authority, store, card):
        """Its whole name would have to be put together; taken for a list of all, it says too much."""
        relative = x509.RelativeDistinguishedName(
            [x509.NameTypeAndValue({"type": "common_name", "value": _directory("crl17")})]
        )
        name = x509.DistributionPointName("name_relative_to_crl_issuer", relative)
        proof = with_extension(
            authority, "issuing_distribution_point", point(distribution_point=name)
        )
        with pytest.raises(NoAnswer):
            self.read(proof, card, authority, store)

    def test_a_critical_extension_that_is_not_understood_is_no_answer(self, authority, store, card):
        value = core.ParsableOctetString(core.Integer(1).dump())
        with pytest.raises(NoAnswer, match=r"critical 1\.2\.3\.4"):
            self.read(with_extension(authority, "1.2.3.4", value), card, authority, store)
        loose = with_extension(authority, "1.2.3.4", value, critical=False)
        assert self.read(loose, card, authority, store).status is Status.GOOD

    @pytest.mark.parametrize("critical", [True, False])
    def test_a_delta_is_no_answer(self, authority, store, card, critical):
        proof = with_extension(authority, "delta_crl_indicator", core.Integer(1), critical)
        with pytest.raises(NoAnswer, match="delta"):
            self.read(proof, card, authority, store)


class TestOcsp:
    def read(self, proof, card, authority, store, at=NOW, nonce=b""):
        return from_ocsp(proof, card, authority.intermediate.certificate, store, at, nonce)

    def make(self, authority, card, responder=None, **how):
        how = {"at": NOW} | how
        return make_ocsp(card, authority.intermediate, responder or authority.responder, **how)

    def test_the_responder_that_the_issuer_named_answers(self, authority, store, card):
        good = self.read(self.make(authority, card), card, authority, store)
        assert (good.source, good.status) == (Source.OCSP, Status.GOOD)
        assert good.signer == authority.responder.certificate
        revoked = self.make(authority, card, revoked_at=NOW - DAY)
        assert self.read(revoked, card, authority, store).status is Status.REVOKED

    def test_the_issuer_answers_himself(self, authority, store, card):
        proof = self.make(authority, card, authority.intermediate)
        assert self.read(proof, card, authority, store).status is Status.GOOD

    def test_unknown_is_no_answer(self, authority, store, card):
        with pytest.raises(NoAnswer, match="unknown"):
            self.read(self.make(authority, card, unknown=True), card, authority, store)

    def test_on_another_card_it_is_no_answer(self, authority, store, card):
        other = authority.card(USCC).certificate
        with pytest.raises(NoAnswer, match="another certificate"):
            self.read(self.make(authority, other), card, authority, store)

    def test_before_and_after_its_time_it_is_no_answer(self, authority, store, card):
        proof = self.make(authority, card)
        for at in (NOW - timedelta(minutes=6), NOW + timedelta(minutes=66)):
            with pytest.raises(NoAnswer, match="time"):
                self.read(proof, card, authority, store, at)

    def test_none_is_good_for_longer_than_a_week(self, authority, store, card):
        proof = self.make(authority, card, life=timedelta(days=20), at=NOW - timedelta(days=8))
        with pytest.raises(NoAnswer, match="time"):
            self.read(proof, card, authority, store)

    @pytest.mark.parametrize(
        "changes",
        [
            {"extended_key_usage": ()},
            {"extended_key_usage": ("client_auth",)},
            {"key_usage": frozenset({"key_encipherment"})},
            {"is_ca": True},
            {"not_after": NOW - DAY},
        ],
    )
    def test_a_card_or_an_expired_responder_answers_nothing(self, authority, store, card, changes):
        wish = Wish(
            (("common_name", "某应答者"),),
            **{
                "not_before": NOW - 90 * DAY,
                "not_after": NOW + 90 * DAY,
                "key_usage": frozenset({"digital_signature"}),
                "extended_key_usage": ("ocsp_signing",),
                **changes,
            },
        )
        responder = issue(
            wish, cached_key(authority.algorithm, "responder"), authority.intermediate
        )
        with pytest.raises(NoAnswer, match="unknown responder"):
            self.read(self.make(authority, card, responder), card, authority, store)

    def test_a_responder_of_another_authority_answers_nothing(self, authority, store, card):
        wish = replace(
            authority.authority_wish("别家"), is_ca=False, extended_key_usage=("ocsp_signing",),
            key_usage=frozenset({"digital_signature"}),
        )  # fmt: skip
        for issuer in (authority.root, None):
            responder = issue(wish, cached_key(authority.algorithm, "thief"), issuer)
            with pytest.raises(NoAnswer, match="unknown responder"):
                self.read(self.make(authority, card, responder), card, authority, store)

    def test_a_changed_byte_says_good_to_nobody(self, authority, store, card):
        proof = self.make(authority, card, authority.intermediate, revoked_at=NOW)
        for place in range(len(proof)):
            changed = bytearray(proof)
            changed[place] ^= 1
            try:
                answer = self.read(bytes(changed), card, authority, store)
            except NoAnswer:
                continue
            assert answer.status is Status.REVOKED

    @pytest.mark.parametrize("status", ["unauthorized", "try_later", "internal_error"])
    def test_an_error_is_no_answer(self, authority, store, card, status):
        with pytest.raises(NoAnswer, match=status):
            proof = ocsp.OCSPResponse({"response_status": status}).dump()
            self.read(proof, card, authority, store)

    def test_another_nonce_than_asked_is_no_answer_but_none_is(self, authority, store, card):
        nonce = b"n" * 32
        plain = self.make(authority, card)
        assert self.read(plain, card, authority, store, nonce=nonce).status is Status.GOOD
        echoed = with_nonce(plain, nonce, authority)
        assert self.read(echoed, card, authority, store, nonce=nonce).status is Status.GOOD
        with pytest.raises(NoAnswer, match="another question"):
            self.read(echoed, card, authority, store, nonce=b"m" * 32)
        # Years later nobody knows the question any more.
        assert self.read(echoed, card, authority, store).status is Status.GOOD

    def test_sha_1_is_no_answer_unless_a_setting_allows_it(self):
        authority = make_world()["rsa"]
        card = authority.card(USCC).certificate
        store = TrustStore((authority.root.certificate,))
        proof = with_scheme(self.make(authority, card), authority, Scheme.RSA_SHA1)
        with pytest.raises(NoAnswer, match="not allowed"):
            self.read(proof, card, authority, store)
        loose = replace(store, strength=Strength(allow_sha1=True))
        assert self.read(proof, card, authority, loose).status is Status.GOOD

    @given(st.binary(max_size=300))
    def test_whatever_bytes_are_no_answer(self, content):
        authority = make_world()["rsa"]
        with pytest.raises(NoAnswer):
            self.read(content, authority.card(USCC).certificate, authority, TrustStore(()))


def _changed(proof, authority, change, scheme=None):
    outer = ocsp.OCSPResponse.load(proof)
    basic = outer["response_bytes"]["response"].parsed
    change(basic)
    key = authority.responder.key
    basic["signature"] = key.sign(basic["tbs_response_data"].dump(force=True), scheme)
    outer["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    return outer.dump(force=True)


def with_nonce(proof, nonce, authority):
    def change(basic):
        basic["tbs_response_data"]["response_extensions"] = [
            {"extn_id": "nonce", "extn_value": core.OctetString(nonce)}
        ]

    return _changed(proof, authority, change)


def with_scheme(proof, authority, scheme):
    def change(basic):
        basic["signature_algorithm"] = {"algorithm": scheme.value}

    return _changed(proof, authority, change, scheme)


class TestAsking:
    def ask(self, card, authority, store, **how):
        how = {"crls": [], "responders": [], "fetch": no_fetch} | how
        return ask(card, authority.intermediate.certificate, store, NOW, **how)

    def test_only_configured_responders_are_asked_whatever_a_certificate_names(
        self, authority, store
    ):
        card = authority.card(USCC, ocsp_url="http://169.254.169.254/latest").certificate
        asked = []

        def fetch(url, question):
            asked.append(url)
            raise NoAnswer("none")

        answer, failures = self.ask(
            card, authority, store, responders=["http://ocsp.example/"], fetch=fetch
        )
        assert answer is None and asked == ["http://ocsp.example/"]
        assert failures == ["http://ocsp.example/: none"]

    def test_those_that_the_certificate_names_come_first(self, authority, store):
        card = authority.card(USCC, ocsp_url="http://b.example/").certificate
        asked = []

        def fetch(url, question):
            asked.append(url)
            raise NoAnswer("none")

        named = ["http://a.example/", "http://b.example/"]
        self.ask(card, authority, store, responders=named, fetch=fetch)
        assert asked == ["http://b.example/", "http://a.example/"]

    def test_a_revocation_by_either_counts(self, authority, store, card):
        revoked = make_crl(authority.intermediate, {card.serial: NOW}, NOW)
        good = make_crl(authority.intermediate, {}, NOW)

        def says_good(url, question):
            return make_ocsp(card, authority.intermediate, authority.responder, NOW)

        def says_revoked(url, question):
            return make_ocsp(card, authority.intermediate, authority.responder, NOW, revoked_at=NOW)

        both = {"responders": ["http://ocsp.example/"]}
        for crls, fetch in (([good, revoked], says_good), ([good], says_revoked)):
            answer, _ = self.ask(card, authority, store, crls=crls, fetch=fetch, **both)
            assert answer.status is Status.REVOKED
        answer, _ = self.ask(card, authority, store, crls=[good], fetch=says_good, **both)
        assert (answer.status, answer.source) == (Status.GOOD, Source.OCSP)
        answer, failures = self.ask(card, authority, store, crls=[good], fetch=no_fetch, **both)
        assert (answer.status, answer.source) == (Status.GOOD, Source.CRL) and failures

    def test_a_responder_whose_own_certificate_is_revoked_is_not_believed(
        self, authority, store, card
    ):
        serial = authority.responder.certificate.serial
        bad = make_crl(authority.intermediate, {serial: NOW}, NOW)

        def fetch(url, question):
            return make_ocsp(card, authority.intermediate, authority.responder, NOW)

        answer, failures = self.ask(
            card, authority, store, crls=[bad], responders=["http://ocsp.example/"], fetch=fetch
        )
        assert answer.source is Source.CRL
        assert "responder's certificate is revoked" in failures[0]


# --- over HTTP -----------------------------------------------------------------------------------


@contextmanager
def serving(handle):
    """A real HTTP server on the loopback; `handle(handler)` answers. Gives its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.asked = self.rfile.read(int(self.headers["Content-Length"]))
            handle(self)

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/ocsp?a=1"
        server.shutdown()
        thread.join()


def answering(content, status=200, **headers):
    def handle(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return handle


class TestFetching:
    def test_it_posts_the_question_and_reads_the_answer(self):
        seen = []

        def handle(handler):
            seen.append((handler.path, handler.headers["Content-Type"], handler.asked))
            answering(b"answer")(handler)

        with serving(handle) as url:
            assert fetch_ocsp(url, b"question") == b"answer"
        assert seen == [("/ocsp?a=1", "application/ocsp-request", b"question")]

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_it_follows_no_redirect(self, status):
        hits = []
        with serving(lambda handler: hits.append(1) or answering(b"x")(handler)) as target:
            moved = answering(b"", status, Location=target)
            with serving(moved) as url, pytest.raises(NoAnswer, match=f"HTTP {status}"):
                fetch_ocsp(url, b"question")
        assert hits == []

    @pytest.mark.parametrize("status", [204, 404, 500])
    def test_any_other_status_is_no_answer(self, status):
        with serving(answering(b"", status)) as url, pytest.raises(NoAnswer, match=str(status)):
            fetch_ocsp(url, b"question")

    def test_it_reads_no_more_than_an_answer_can_be(self):
        with serving(answering(b"x" * 3_000_000)) as url:
            assert len(fetch_ocsp(url, b"question")) == MAX_OCSP_BYTES + 1

    def test_it_goes_through_no_proxy_of_the_environment(self, monkeypatch):
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
        with serving(answering(b"answer")) as url:
            assert fetch_ocsp(url, b"question") == b"answer"

    @pytest.mark.parametrize("part", ["headers", "body"])
    def test_a_byte_now_and_then_holds_it_no_longer_than_agreed(self, part):
        stop = threading.Event()

        class Drip(socketserver.BaseRequestHandler):
            def handle(self):
                if part == "body":
                    self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
                else:
                    self.request.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
                try:
                    while not stop.wait(0.1):
                        self.request.sendall(b"x")
                except OSError:
                    pass

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drip) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            began = time.monotonic()
            with pytest.raises(NoAnswer):
                fetch_ocsp(f"http://127.0.0.1:{server.server_address[1]}/", b"q", 0.7)
            assert time.monotonic() - began < 3
            stop.set()
            server.shutdown()

    def test_silence_is_no_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            began = time.monotonic()
            with pytest.raises(NoAnswer, match="no answer"):
                fetch_ocsp(url, b"q", 0.3)
            assert time.monotonic() - began < 2

    @pytest.mark.parametrize(
        "url",
        ["file:///etc/passwd", "ftp://127.0.0.1/", "", "http:///x", "http://127.0.0.1:99999/",
         "http://127.0.0.1:1/", "gopher://a", "http://[::", "http://127.0.0.1:1/\r\nX: y"],
    )  # fmt: skip
    def test_other_addresses_are_no_answer(self, url):
        with pytest.raises(NoAnswer):
            fetch_ocsp(url, b"q", 0.5)

    def test_all_of_them_together_get_so_many_seconds(self):
        fetch = within(0)
        with pytest.raises(NoAnswer, match="no time left"):
            fetch("http://127.0.0.1:1/", b"q")


@pytest.mark.django_db
@pytest.mark.parametrize("algorithm", ALGORITHMS)
class TestThroughTheWholeVerification:
    @contextmanager
    def responder(self, trial, card, settings, tmp_path, **how):
        """Only the root's list is there; of cards a responder answers over HTTP."""
        (tmp_path / "root.crl").write_bytes(trial.authority.crls[0])
        settings.CARD_CRLS = str(tmp_path)

        def handle(handler):
            at = datetime.now(UTC).replace(microsecond=0)
            content = make_ocsp(
                card.certificate, trial.authority.intermediate, trial.authority.responder, at, **how
            )
            answering(content)(handler)

        with serving(handle) as url:
            settings.CARD_OCSP_URLS = [url]
            yield

    def test_a_good_answer_lets_the_card_pass_and_is_kept(self, algorithm, settings, tmp_path):
        trial = Trial(algorithm)
        card = trial.card()
        with self.responder(trial, card, settings, tmp_path):
            kept = trial.send(card)
        assert {(proof["place"], proof["source"]) for proof in kept.proofs} == {
            (0, "ocsp"),
            (1, "crl"),
        }

    def test_a_revoked_card_is_refused(self, algorithm, settings, tmp_path):
        trial = Trial(algorithm)
        card = trial.card()
        with self.responder(trial, card, settings, tmp_path, revoked_at=NOW - DAY):
            trial.refuses(Refusal.REVOKED, card)

    def test_unknown_is_refused(self, algorithm, settings, tmp_path):
        trial = Trial(algorithm)
        card = trial.card()
        with self.responder(trial, card, settings, tmp_path, unknown=True):
            attempt = trial.refuses(Refusal.REVOCATION_UNKNOWN, card)
        assert "links [0]" in attempt.detail

    def test_a_strangers_card_makes_the_portal_ask_nobody(self, algorithm, settings, tmp_path):
        trial = Trial(algorithm)
        asked = []
        with serving(lambda handler: asked.append(1) or answering(b"")(handler)) as url:
            settings.CARD_OCSP_URLS = [url]
            fake = issue(
                trial.authority.card_wish(trial.enterprise.uscc, ocsp_url=url),
                cached_key(algorithm, "card"),
            )
            trial.refuses(Refusal.NO_CHAIN, fake)
            trial.again()
            trial.refuses(Refusal.SIGNATURE_WRONG, text="something else")
        assert asked == []


class TestConfiguredFiles:
    def test_a_list_may_be_pem(self, settings, tmp_path):
        from asn1crypto import pem

        content = make_world()["rsa"].crls[0]
        (tmp_path / "a.crl").write_bytes(content)
        (tmp_path / "b.crl").write_bytes(pem.armor("X509 CRL", content))
        settings.CARD_CRLS = str(tmp_path)
        assert configured.crls() == [content, content]

    def test_a_new_file_is_read_without_a_restart(self, settings, tmp_path):
        settings.CARD_CRLS = str(tmp_path)
        assert configured.crls() == []
        one, two = make_world()["rsa"].crls
        (tmp_path / "a.crl").write_bytes(one)
        assert configured.crls() == [one]
        (tmp_path / "a.crl").write_bytes(two)
        assert configured.crls() == [two]

    def test_a_root_that_is_none_is_an_error_that_names_the_file(self, settings, tmp_path):
        settings.CARD_ROOTS = str(tmp_path)
        (tmp_path / "wrong.pem").write_bytes(
            b"-----BEGIN CERTIFICATE-----\nAAA=\n-----END CERTIFICATE-----"
        )
        with pytest.raises(ImproperlyConfigured, match=r"wrong\.pem"):
            configured.policy()

    def test_a_test_root_is_known_by_its_name(self, settings, tmp_path):
        settings.CARD_ROOTS = str(tmp_path)
        world = make_world()["rsa"]
        (tmp_path / "a.cer").write_bytes(world.root.certificate.der)
        assert configured.test_roots() == [world.root.certificate]
        real = issue(
            replace(world.authority_wish("x"), subject=(("common_name", "根"),)), rsa_key()
        )
        (tmp_path / "a.cer").write_bytes(real.certificate.der)
        assert configured.test_roots() == []


def test_a_question_names_the_card_and_carries_a_nonce():
    authority = make_world()["rsa"]
    card = authority.card(USCC).certificate
    question = ocsp.OCSPRequest.load(
        ocsp_request(card, authority.intermediate.certificate, b"n" * 32), strict=True
    )["tbs_request"]
    assert question["request_list"][0]["req_cert"]["serial_number"].native == card.serial
    assert question["request_extensions"][0]["extn_value"].parsed.native == b"n" * 32
