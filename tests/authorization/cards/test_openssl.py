"""What OpenSSL makes verifies here, and what is made here verifies in OpenSSL."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import pem

from authorization.cards.answers import NoAnswer, Status
from authorization.cards.certificates import from_pem_file
from authorization.cards.chain import TrustStore
from authorization.cards.crls import from_crl
from authorization.cards.making import load_key, make_crl, make_ocsp
from authorization.cards.ocsp import from_ocsp, ocsp_request
from authorization.cards.proving import Policy, Sent, decide, examine, gather
from authorization.cards.refusals import Refusal, Refused
from authorization.cards.signatures import Scheme, verifies
from tests.cards import ALGORITHMS, as_pem, cached_key, make_world

USCC = "91210200123456789X"
TEXT = "网站：https://portal.example\n用途：授权本企业".encode()
SIGNER_ID = "1234567812345678"
CARDS = {
    "legal": ("01", USCC[8:17]),
    "operator": ("02", USCC[8:17]),
    "revoked": ("01", USCC[8:17]),
}

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed: apt-get install openssl"
)


def openssl(*words, folder=None, content=None):
    done = subprocess.run(
        ["openssl", *map(str, words)], cwd=folder, input=content, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class Authority:
    """A root and cards that the openssl command made alone."""

    def __init__(self, folder, algorithm):
        self.folder, self.is_sm2 = folder, algorithm == "sm2"
        self.digest = "sm3" if self.is_sm2 else "sha256"
        self.sign_id = ["-sigopt", f"distid:{SIGNER_ID}"] if self.is_sm2 else []
        self.check_id = ["-vfyopt", f"distid:{SIGNER_ID}"] if self.is_sm2 else []
        self.configure()
        self.key("root")
        self.run(
            "req", "-x509", "-new", "-key", "root.key", f"-{self.digest}", *self.sign_id, "-utf8",
            "-subj", "/C=CN/O=虚构/CN=测试专用根", "-days", "3650", "-config", "ca.cnf",
            "-extensions", "root", "-out", "root.pem",
        )  # fmt: skip
        for name in (*CARDS, "ocsp"):
            self.issue(name)
        self.run("ca", "-config", "ca.cnf", "-revoke", "revoked.pem", *self.sign_id)
        self.run("ca", "-config", "ca.cnf", "-gencrl", "-md", self.digest, *self.sign_id,
                 "-crldays", "30", "-out", "ca.crl")  # fmt: skip

    def run(self, *words):
        return openssl(*words, folder=self.folder)

    def key(self, name):
        if self.is_sm2:
            self.run("ecparam", "-name", "SM2", "-genkey", "-noout", "-out", f"{name}.key")
        else:
            self.run("genrsa", "-out", f"{name}.key", "2048")

    def issue(self, name):
        self.key(name)
        self.run(
            "req", "-new", "-key", f"{name}.key", f"-{self.digest}", *self.sign_id, "-utf8",
            "-subj", f"/C=CN/OU=大连虚构贸易有限公司/CN=欧阳{name}", "-config", "ca.cnf",
            "-out", f"{name}.csr",
        )  # fmt: skip
        self.run(
            "ca", "-batch", "-notext", "-config", "ca.cnf", "-in", f"{name}.csr", *self.sign_id,
            *(["-vfyopt", f"distid:{SIGNER_ID}"] if self.is_sm2 else []),
            "-md", self.digest, "-days", "365", "-extensions", name, "-out", f"{name}.pem",
        )  # fmt: skip

    def configure(self):
        (self.folder / "index.txt").write_text("")
        (self.folder / "serial").write_text("00A1B2C3D4E5F601\n")
        (self.folder / "crlnumber").write_text("01\n")
        arc = "1.3.6.1.4.1.5315.100.5"
        cards = "".join(
            f"[{name}]\nbasicConstraints = CA:FALSE\nkeyUsage = digitalSignature, nonRepudiation\n"
            f"extendedKeyUsage = clientAuth, emailProtection\n"
            f"{arc}.1 = ASN1:UTF8String:大连虚构贸易有限公司\n{arc}.3 = ASN1:UTF8String:{kind}\n"
            f"{arc}.11 = ASN1:UTF8String:{code}\n"
            for name, (kind, code) in CARDS.items()
        )
        (self.folder / "ca.cnf").write_text(
            "[req]\ndistinguished_name = none\nprompt = no\n[none]\nCN = x\n"
            "[ca]\ndefault_ca = this\n[this]\ndatabase = index.txt\nserial = serial\n"
            "crlnumber = crlnumber\nnew_certs_dir = .\ncertificate = root.pem\n"
            f"private_key = root.key\ndefault_md = {self.digest}\npolicy = any\nunique_subject = no\nstring_mask = utf8only\n"
            "[any]\ncountryName = optional\norganizationName = optional\n"
            "organizationalUnitName = optional\ncommonName = supplied\n"
            "[root]\nbasicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n"
            "subjectKeyIdentifier = hash\n"
            "[ocsp]\nbasicConstraints = CA:FALSE\nkeyUsage = digitalSignature\n"
            f"extendedKeyUsage = OCSPSigning\n{cards}"
        )

    def certificate(self, name):
        (certificate,) = from_pem_file((self.folder / f"{name}.pem").read_bytes())
        return certificate

    def sign(self, name, content):
        (self.folder / "content").write_bytes(content)
        return self.run("dgst", f"-{self.digest}", "-sign", f"{name}.key", *self.sign_id, "content")

    @property
    def crl(self):
        _, _, der = pem.unarmor((self.folder / "ca.crl").read_bytes())
        return der


@pytest.fixture(scope="module", params=ALGORITHMS)
def made(request, tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("openssl"), request.param)


class TestTheirs:
    def policy(self, made):
        return Policy(TrustStore((made.certificate("root"),)))

    def prove(self, made, name, content=TEXT, signed=TEXT):
        at, policy = datetime.now(UTC), self.policy(made)
        sent = Sent(content, made.sign(name, signed), made.certificate(name))
        examined = examine(sent, policy, at)
        proofs, _ = gather(examined, policy, at, crls=[made.crl], responders=[], fetch=None)
        return decide(examined, proofs, policy, USCC, at)

    def test_a_card_its_signature_and_its_list_verify(self, made, sm2_library):
        proved = self.prove(made, "legal")
        assert proved.holder == "欧阳legal"
        assert proved.scheme is (Scheme.SM2_SM3 if made.is_sm2 else Scheme.RSA_SHA256)

    @pytest.mark.parametrize(
        ("name", "refusal"),
        [("operator", Refusal.NOT_LEGAL_PERSON), ("revoked", Refusal.REVOKED)],
    )
    def test_an_operators_and_a_revoked_card_are_refused(self, made, name, refusal):
        with pytest.raises(Refused) as caught:
            self.prove(made, name)
        assert caught.value.refusal is refusal

    def test_of_another_text_it_is_refused(self, made):
        with pytest.raises(Refused) as caught:
            self.prove(made, "legal", signed=TEXT + b".")
        assert caught.value.refusal is Refusal.SIGNATURE_WRONG

    def test_their_serial_is_written_as_the_control_writes_it(self, made):
        assert made.certificate("legal").serial_text == "00A1B2C3D4E5F601"

    def test_an_ocsp_answer_to_our_question_verifies(self, made):
        root, store = made.certificate("root"), self.policy(made).store
        nonce = b"n" * 32
        for name, status in (("legal", Status.GOOD), ("revoked", Status.REVOKED)):
            card = made.certificate(name)
            (made.folder / "question").write_bytes(ocsp_request(card, root, nonce))
            made.run(
                "ocsp", "-index", "index.txt", "-CA", "root.pem", "-rsigner", "ocsp.pem",
                "-rkey", "ocsp.key", "-rmd", made.digest, "-reqin", "question", "-respout",
                "answer", "-ndays", "1", *(["-rsigopt", f"distid:{SIGNER_ID}"] if made.is_sm2 else []),
            )  # fmt: skip
            answer = (made.folder / "answer").read_bytes()
            read = from_ocsp(answer, card, root, store, datetime.now(UTC), nonce)
            assert read.status is status
            with pytest.raises(NoAnswer):
                from_ocsp(answer, card, root, store, datetime.now(UTC), b"m" * 32)

    def test_their_private_keys_are_read(self, made):
        if made.is_sm2:
            made.run("pkcs8", "-topk8", "-nocrypt", "-in", "legal.key", "-out", "legal.p8")
            key = load_key((made.folder / "legal.p8").read_bytes())
        else:
            key = load_key((made.folder / "legal.key").read_bytes())
        assert verifies(made.certificate("legal").key, key.scheme, TEXT, key.sign(TEXT))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
class TestOurs:
    def options(self, algorithm):
        return ["-sm3", "-sigopt", f"distid:{SIGNER_ID}"] if algorithm == "sm2" else ["-sha256"]

    def distid(self, algorithm):
        return ["-vfyopt", f"distid:{SIGNER_ID}"] if algorithm == "sm2" else []

    def test_a_signature_verifies(self, algorithm, tmp_path):
        key = cached_key(algorithm, "card")
        (tmp_path / "key.pem").write_bytes(key.pem())
        openssl("pkey", "-in", "key.pem", "-pubout", "-out", "pub.pem", folder=tmp_path)
        (tmp_path / "text").write_bytes(TEXT)
        (tmp_path / "sig").write_bytes(key.sign(TEXT))
        said = openssl(
            "dgst", *self.options(algorithm), "-verify", "pub.pem", "-signature", "sig", "text",
            folder=tmp_path,
        )  # fmt: skip
        assert b"Verified OK" in said

    def test_a_chain_verifies(self, algorithm, tmp_path):
        authority = make_world()[algorithm]
        for name, certificate in {
            "root": authority.root.certificate,
            "link": authority.intermediate.certificate,
            "card": authority.card(USCC).certificate,
        }.items():
            (tmp_path / f"{name}.pem").write_bytes(as_pem(certificate))
        # -vfyopt names the signer of the last certificate only: one link after the other.
        for trusted, name in (("root", "link"), ("link", "card")):
            said = openssl(
                "verify", *self.distid(algorithm), "-CAfile", f"{trusted}.pem", "-partial_chain",
                f"{name}.pem", folder=tmp_path,
            )  # fmt: skip
            assert f"{name}.pem: OK" in said.decode()
        said = openssl(
            "verify", "-CAfile", "link.pem", "-partial_chain", *self.distid(algorithm),
            "-purpose", "smimesign", "card.pem", folder=tmp_path,
        )  # fmt: skip
        assert b"card.pem: OK" in said
        text = openssl("x509", "-in", "card.pem", "-noout", "-text", folder=tmp_path).decode()
        assert "1.3.6.1.4.1.5315.100.5.11" in text

    def test_a_list_and_an_ocsp_answer_are_read(self, algorithm, tmp_path):
        authority = make_world()[algorithm]
        card = authority.card(USCC)
        at = datetime.now(UTC).replace(microsecond=0)
        crl = make_crl(authority.intermediate, {card.certificate.serial: at}, at)
        (tmp_path / "a.crl").write_bytes(crl)
        text = openssl("crl", "-inform", "DER", "-in", "a.crl", "-noout", "-text", folder=tmp_path)
        assert f"{card.certificate.serial:X}".encode() in text
        answer = make_ocsp(
            card.certificate, authority.intermediate, authority.responder, at, revoked_at=at
        )
        (tmp_path / "answer").write_bytes(answer)
        text = openssl("ocsp", "-respin", "answer", "-noverify", "-resp_text", folder=tmp_path)
        assert b"Cert Status: revoked" in text
        store = TrustStore((authority.root.certificate,))
        link = authority.intermediate.certificate
        until = at + timedelta(minutes=1)
        for read, content in ((from_crl, crl), (from_ocsp, answer)):
            found = read(content, card.certificate, link, store, until)
            assert found.status is Status.REVOKED
