"""Test cards on disk: two test roots (RSA, SM2), what they issue, and the cards of enterprises.

Made once; what is there is kept, so that an authorization stays provable. Roots, intermediates and
CRLs go where the settings look for them; keys and cards to a folder of their own, which only its
owner may read.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import crl, pem

from authorization.cards.certificates import Certificate, from_pem_file, parse
from authorization.cards.configured import TEST_ROOT_WORD
from authorization.cards.making import (
    Key,
    Made,
    Wish,
    issue,
    load_key,
    make_crl,
    rsa_key,
    sm2_key,
)

ALGORITHMS = ("rsa", "sm2")
PIN = "88888888"
# Invented: these digits belong to no place.
IDENTITY_NUMBER = "999999190001010018"
CRL_LIFE = timedelta(days=60)
CRL_REFRESH = timedelta(days=7)
_YEAR = timedelta(days=365)
_LEGAL_PERSON, _OPERATOR = "01", "02"
_SIGNS = frozenset({"key_cert_sign", "crl_sign"})


class DeckError(Exception):
    """The test cards can't be made here; the text is a sentence."""


@dataclass(frozen=True)
class Holder:
    """An enterprise that gets cards: `word` begins their names, `holder` is written on them."""

    word: str
    uscc: str
    name: str
    holder: str = "测试法人"


@dataclass(frozen=True)
class Sort:
    """A sort of card that each enterprise gets: its word, title, algorithm, and what is odd."""

    word: str
    title: str
    algorithm: str
    kind: str = _LEGAL_PERSON
    is_expired: bool = False
    is_revoked: bool = False


SORTS = (
    Sort("rsa", "法人卡（RSA）", "rsa"),
    Sort("sm2", "法人卡（国密 SM2）", "sm2"),
    Sort("operator", "操作员卡", "sm2", kind=_OPERATOR),
    Sort("expired", "已过期的法人卡", "sm2", is_expired=True),
    Sort("revoked", "已吊销的法人卡", "sm2", is_revoked=True),
)
# A card of an enterprise that is no user of the portal; its code has right check digits.
STRANGER = Holder("stranger", "91210200MA99999967", "大连虚构旁人贸易有限公司")


@dataclass(frozen=True)
class SoftCard:
    """One card as the index keeps it; `file` holds its certificate and key."""

    name: str
    title: str
    sort: str
    algorithm: str
    uscc: str
    enterprise_name: str
    holder: str
    serial: int
    pin: str
    file: str
    folder: str = ""

    def load(self) -> Made:
        """Read the card's certificate and key."""
        return _load(Path(self.folder) / self.file)


@dataclass(frozen=True)
class Places:
    """Where everything goes: the portal's own folders, and the one of keys and cards."""

    roots: Path
    intermediates: Path
    crls: Path
    cards: Path

    @property
    def index(self) -> Path:
        """The list of the cards, as JSON."""
        return self.cards / "cards" / "index.json"


@dataclass(frozen=True)
class Authority:
    """A test root, its intermediate, and the responder that answers OCSP for the intermediate."""

    root: Made
    intermediate: Made
    responder: Made


def make_deck(
    places: Places, holders: Iterable[Holder], at: datetime | None = None, pin: str = PIN
) -> tuple[list[SoftCard], int]:
    """Make what is missing for these enterprises; returns all cards, and how many are new.

    `at` is aware, now unless given. Raises DeckError where the portal already trusts a real root.
    """
    now = (at or datetime.now(UTC)).replace(microsecond=0)
    _require_no_real_root(places.roots)
    authorities = {word: _authority(places, word, now) for word in ALGORITHMS}
    cards = read_index(places)
    known = {(card.uscc, card.sort) for card in cards}
    wanted = [(holder, sort) for holder in holders for sort in SORTS]
    wanted.append((STRANGER, SORTS[1]))
    new = [
        _card(places, authorities[sort.algorithm], holder, sort, now, pin)
        for holder, sort in wanted
        if (holder.uscc, sort.word) not in known
    ]
    cards += new
    if new:
        _write_index(places, cards)
    for word, authority in authorities.items():
        _keep_crls(places, word, authority, cards, now, is_stale=bool(new))
    return cards, len(new)


def read_index(places: Places) -> list[SoftCard]:
    """List the cards that were made; none where there are none."""
    try:
        rows = json.loads(places.index.read_text(encoding="utf-8"))["cards"]
    except FileNotFoundError:
        return []
    folder = str(places.index.parent)
    return [SoftCard(**{**row, "folder": folder}) for row in rows]


def _require_no_real_root(roots: Path) -> None:
    """A portal that trusts a real root must not come to trust a test root beside it."""
    if not roots.is_dir():
        return
    for path in roots.iterdir():
        if path.suffix not in {".pem", ".cer", ".crt", ".der"}:
            continue
        for root in from_pem_file(path.read_bytes()):
            if TEST_ROOT_WORD not in "".join(root.subject_text.values()):
                raise DeckError(
                    f"{roots} 中已有正式根证书（{path.name}），不能再放入测试根证书："
                    "请用 CARD_ROOTS 另指一个空目录。"
                )


def _authority(places: Places, word: str, now: datetime) -> Authority:
    keys = places.cards / "authority"
    root_wish = _authority_wish(f"{TEST_ROOT_WORD}根证书 {word.upper()}", now, path_length=1)
    root = _kept(keys / f"root-{word}.pem", word, root_wish)
    link_wish = _authority_wish(f"{TEST_ROOT_WORD}证书管理中心 {word.upper()}", now, path_length=0)
    link = _kept(keys / f"intermediate-{word}.pem", word, link_wish, root)
    responder_wish = Wish(
        _subject(f"{TEST_ROOT_WORD} OCSP {word.upper()}"),
        now - timedelta(days=1),
        now + 10 * _YEAR,
        key_usage=frozenset({"digital_signature"}),
        extended_key_usage=("ocsp_signing",),
    )
    responder = _kept(keys / f"responder-{word}.pem", word, responder_wish, link)
    _put(places.roots / f"test-root-{word}.pem", _armored(root.certificate))
    _put(places.intermediates / f"test-intermediate-{word}.pem", _armored(link.certificate))
    return Authority(root, link, responder)


def _subject(name: str) -> tuple[tuple[str, str], ...]:
    return (
        ("country_name", "CN"),
        ("organization_name", "虚构电子口岸"),
        ("common_name", name),
    )


def _authority_wish(name: str, now: datetime, path_length: int) -> Wish:
    return Wish(
        _subject(name),
        now - 5 * _YEAR,
        now + 15 * _YEAR,
        is_ca=True,
        path_length=path_length,
        key_usage=_SIGNS,
    )


def _card(
    places: Places, authority: Authority, holder: Holder, sort: Sort, now: datetime, pin: str
) -> SoftCard:
    wish = Wish(
        (
            ("country_name", "CN"),
            ("organizational_unit_name", holder.name),
            ("common_name", holder.holder),
        ),
        now - 3 * _YEAR,
        now - timedelta(days=1) if sort.is_expired else now + 7 * _YEAR,
        extended_key_usage=("client_auth", "email_protection"),
        eport={
            "5.1": holder.name,
            "5.3": sort.kind,
            "5.8": IDENTITY_NUMBER,
            "5.9": "03-JJ0G900000000",
            "5.11": holder.uscc[8:17],
        },
    )
    name = f"{holder.word}-{sort.word}"
    path = places.cards / "cards" / f"{name}.pem"
    made = _kept(path, sort.algorithm, wish, authority.intermediate)
    return SoftCard(
        name,
        sort.title,
        sort.word,
        sort.algorithm,
        holder.uscc,
        holder.name,
        holder.holder,
        made.certificate.serial,
        pin,
        path.name,
        str(path.parent),
    )


def _keep_crls(
    places: Places,
    word: str,
    authority: Authority,
    cards: Iterable[SoftCard],
    now: datetime,
    is_stale: bool,
) -> None:
    """Write both lists of an authority anew where they are missing, old, or lack a new card."""
    revoked = {
        card.serial: now - timedelta(days=1)
        for card in cards
        if card.sort == "revoked" and card.algorithm == word
    }
    nothing: dict[int, datetime] = {}
    lists = (("root", authority.root, nothing), ("intermediate", authority.intermediate, revoked))
    for which, issuer, serials in lists:
        path = places.crls / f"test-{which}-{word}.crl"
        number, until = _number_and_end(path)
        if until is None or is_stale or until - now < CRL_LIFE - CRL_REFRESH:
            _put(path, make_crl(issuer, serials, now, CRL_LIFE, number + 1))


def _number_and_end(path: Path) -> tuple[int, datetime | None]:
    try:
        found = crl.CertificateList.load(path.read_bytes(), strict=True)
        return found.crl_number_value.native, found["tbs_cert_list"]["next_update"].native
    except (FileNotFoundError, ValueError):
        return 0, None


def _kept(path: Path, algorithm: str, wish: Wish, issuer: Made | None = None) -> Made:
    """Read a certificate with its key, or make both and keep them in one file of mode 600."""
    if path.exists():
        return _load(path)
    key = rsa_key() if algorithm == "rsa" else sm2_key()
    made = issue(wish, key, issuer)
    _put(path, _armored(made.certificate) + key.pem(), mode=0o600)
    return made


def _load(path: Path) -> Made:
    content = path.read_bytes()
    found: dict[str, bytes] = {}
    for kind, _, der in pem.unarmor(content, multiple=True):
        found[kind] = der
    key: Key = load_key(pem.armor("PRIVATE KEY", found["PRIVATE KEY"]))
    return Made(parse(found["CERTIFICATE"]), key)


def _armored(certificate: Certificate) -> bytes:
    written: bytes = pem.armor("CERTIFICATE", certificate.der)
    return written


def _write_index(places: Places, cards: Iterable[SoftCard]) -> None:
    rows = [{k: v for k, v in asdict(card).items() if k != "folder"} for card in cards]
    text = json.dumps({"cards": rows}, ensure_ascii=False, indent=1) + "\n"
    _put(places.index, text.encode(), mode=0o600)


def _put(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all; one that holds the same is left alone."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    part.replace(path)
