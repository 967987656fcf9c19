"""What the settings say about cards: roots, CRLs, responders, strength, sealing keys."""

from functools import lru_cache
from pathlib import Path

from asn1crypto import pem
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from authorization.cards.certificates import BadCertificate, Certificate, from_pem_file
from authorization.cards.chain import TrustStore
from authorization.cards.proving import Policy
from authorization.cards.signatures import Strength

# A test root names itself in its subject: a portal in production refuses to trust one.
TEST_ROOT_WORD = "测试专用"
CERTIFICATE_FILES = frozenset({".pem", ".cer", ".crt", ".der"})


def policy() -> Policy:
    """Build the policy in force. Files are read again when one of them has changed.

    Raises ImproperlyConfigured where a file is no certificate.
    """
    store = TrustStore(
        _folder(settings.CARD_ROOTS),
        _folder(settings.CARD_INTERMEDIATES),
        strength(),
        settings.CARD_SM2_SIGNER_ID.encode(),
    )
    return Policy(
        store,
        settings.CARD_KIND_OID,
        frozenset(settings.CARD_LEGAL_PERSON_KINDS),
        settings.CARD_ACCEPT_UNANSWERED,
    )


def strength() -> Strength:
    """Say which weak keys and signatures are allowed."""
    return Strength(settings.CARD_ALLOW_SHA1, settings.CARD_ALLOW_RSA_1024)


def crls() -> list[bytes]:
    """Read the configured CRL files, as they are now."""
    folder = Path(settings.CARD_CRLS)
    if not folder.is_dir():
        return []
    return [crl_of(path) for path in sorted(folder.glob("*.crl"))]


def roots() -> tuple[Certificate, ...]:
    """List the roots that are trusted. Raises ImproperlyConfigured where a file is no certificate."""
    return _folder(settings.CARD_ROOTS)


def sealing_keys() -> list[str]:
    """List the keys that seal and open certificates; portal/environment.py has checked them."""
    keys: list[str] = settings.CARD_SEALING_KEYS
    return keys


def test_roots() -> list[Certificate]:
    """List the configured roots that are only for tests and demos."""
    return [
        root
        for root in _folder(settings.CARD_ROOTS)
        if TEST_ROOT_WORD in "".join(root.subject_text.values())
    ]


def _folder(folder: str | Path) -> tuple[Certificate, ...]:
    place = Path(folder)
    if not place.is_dir():
        return ()
    files = [path for path in sorted(place.iterdir()) if path.suffix in CERTIFICATE_FILES]
    return tuple(certificate for path in files for certificate in certificates_of(path))


def certificates_of(path: Path) -> tuple[Certificate, ...]:
    """Read a file of certificates, again when it has changed.

    Raises ImproperlyConfigured where it is none, OSError where it can't be read.
    """
    return _certificates(path, path.stat().st_mtime_ns)


def crl_of(path: Path) -> bytes:
    """Read a revocation list's file as DER, again when it has changed. Raises as above."""
    return _crl(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _certificates(path: Path, changed: int) -> tuple[Certificate, ...]:
    try:
        return tuple(from_pem_file(path.read_bytes()))
    except BadCertificate as error:
        raise ImproperlyConfigured(f"{path.name} 不是可用的证书文件：{error}。") from error


@lru_cache(maxsize=8)
def _crl(path: Path, changed: int) -> bytes:
    """Read a CRL, in DER or PEM, as DER."""
    content = path.read_bytes()
    if not content.startswith(b"-----BEGIN"):
        return content
    try:
        _, _, der = pem.unarmor(content)
    except ValueError as error:
        raise ImproperlyConfigured(f"{path.name} 不是可用的吊销列表文件。") from error
    return der
