"""What is trusted and who says that it was revoked, as configured: each file by itself.

Verification refuses every card where one file can't be read; here each such file is named, so that
an administrator sees which. Nothing is changed and no secret is shown.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from authorization.cards import configured
from authorization.cards.answers import CLOCK_SKEW, Fetch, NoAnswer
from authorization.cards.certificates import Certificate
from authorization.cards.chain import TrustStore, is_signed_by
from authorization.cards.crls import from_crl, speaks_of_cards
from authorization.cards.describing import (
    List,
    Unreadable,
    algorithm_words,
    grouped,
    key_words,
    read_list,
    subject_words,
)
from authorization.cards.ocsp import from_ocsp, ocsp_request

# A new certificate takes weeks to get.
CERTIFICATE_AHEAD = timedelta(days=60)
# A list is due when a quarter of its life is left, at most this long before its end.
LIST_AHEAD = timedelta(days=2)

_read_list = lru_cache(maxsize=16)(read_list)


@dataclass(frozen=True)
class Problem:
    """Something wrong with a file or a responder; `is_error`: it shuts cards out already."""

    sentence: str
    is_error: bool = True


@dataclass(frozen=True)
class Authority:
    """A configured certificate: of a root, or of an authority below one.

    `own_lists` are the files that speak of it, `card_lists` those that speak of the cards that it
    has issued.
    """

    file: str
    certificate: Certificate
    is_root: bool
    own_lists: tuple[str, ...]
    card_lists: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def subject(self) -> str:
        """Its subject in words."""
        return subject_words(self.certificate)

    @property
    def key(self) -> str:
        """Its key in words."""
        return key_words(self.certificate.key)

    @property
    def algorithm(self) -> str:
        """How it was signed, in words."""
        return algorithm_words(self.certificate.algorithm)

    @property
    def fingerprint(self) -> str:
        """Its SHA-256, to be compared by eye."""
        return grouped(self.certificate.fingerprint)


@dataclass(frozen=True)
class ListFile:
    """A configured revocation list; `said` is None where it can't be read."""

    file: str
    said: List | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Unusable:
    """A file that can't be read at all, and in which setting's folder it lies."""

    file: str
    setting: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Report:
    """All that is configured, and in `problems` what is wrong with the whole."""

    roots: list[Authority]
    intermediates: list[Authority]
    lists: list[ListFile]
    unusable: list[Unusable]
    problems: list[Problem]

    @property
    def all_problems(self) -> list[tuple[str, Problem]]:
        """Every problem with what has it; errors first."""
        found = [("", problem) for problem in self.problems]
        parts: Iterable[Authority | ListFile | Unusable] = itertools.chain(
            self.unusable, self.roots, self.intermediates, self.lists
        )
        found += [(part.file, problem) for part in parts for problem in part.problems]
        return sorted(found, key=lambda pair: not pair[1].is_error)


def report(at: datetime) -> Report:
    """Look at every configured file, as it is now; nobody is asked over the network."""
    roots, bad_roots = _certificates("CARD_ROOTS")
    below, bad_below = _certificates("CARD_INTERMEDIATES")
    lists, bad_lists = _lists("CARD_CRLS")
    store = TrustStore(
        tuple(one for _, one in roots),
        tuple(one for _, one in below),
        configured.strength(),
        settings.CARD_SM2_SIGNER_ID.encode(),
    )
    look = _Look(store, lists, at)
    return Report(
        [look.authority(name, one, is_root=True) for name, one in roots],
        [look.authority(name, one, is_root=False) for name, one in below],
        [look.list_file(name, content) for name, content in lists],
        [*bad_roots, *bad_below, *bad_lists],
        [] if roots else [Problem("没有设置可信根证书（CARD_ROOTS），任何法人卡都不能通过验证。")],
    )


def ask_responder(url: str, at: datetime, fetch: Fetch) -> tuple[bool, str]:
    """Ask a responder about the configured authorities; says whether it answered, and what not.

    Takes as long as `fetch` does.
    """
    store = configured.policy().store
    pairs = [
        (one, issuer)
        for one in store.intermediates
        for issuer in (*store.roots, *store.intermediates)
        if issuer.subject == one.issuer and is_signed_by(one, issuer, store.signer_id)
    ]
    said = "没有可用来询问的中级证书（CARD_INTERMEDIATES）"
    for certificate, issuer in pairs:
        try:
            answer = from_ocsp(
                fetch(url, ocsp_request(certificate, issuer)), certificate, issuer, store, at
            )
        except NoAnswer as none:
            said = f"没有可用的应答（{none}）"
            continue
        return (
            True,
            f"应答正常，对“{subject_words(certificate)}”的应答由 {subject_words(answer.signer)} 签名",
        )
    return False, said


class _Look:
    """One look at everything: what is trusted, and the lists."""

    def __init__(self, store: TrustStore, lists: Sequence[tuple[str, bytes]], at: datetime) -> None:
        self._store, self._lists, self._at = store, lists, at
        self._issuers = (*store.roots, *store.intermediates)

    def authority(self, name: str, one: Certificate, *, is_root: bool) -> Authority:
        """Describe a certificate, with the lists that speak of it or of its cards."""
        issuers = [issuer for issuer in self._issuers if issuer.subject == one.issuer]
        own = [
            file
            for file, content in self._lists
            if not is_root and any(self._speaks(content, one, issuer) for issuer in issuers)
        ]
        cards = [file for file, content in self._lists if self._speaks_of_cards(content, one)]
        problems = _of_time(one, self._at)
        if not one.is_ca:
            problems.append(Problem("不是证书机构的证书，不能签发法人卡"))
        elif is_root:
            pass
        elif not any(is_signed_by(one, issuer, self._store.signer_id) for issuer in issuers):
            problems.append(Problem("不是由已设置的根证书或中级证书签发的，不会被采用"))
        elif not (own and cards):
            problems += self._uncovered(own, cards)
        return Authority(name, one, is_root, tuple(own), tuple(cards), tuple(problems))

    def list_file(self, name: str, content: bytes) -> ListFile:
        """Describe a list: whether it can be used now, and how long still."""
        try:
            said = _read_list(content)
        except Unreadable:
            return ListFile(name, None, (Problem("内容不是吊销列表，不能读取"),))
        problem = self._of_list(said, content)
        return ListFile(name, said, () if problem is None else (problem,))

    def _uncovered(self, own: Sequence[str], cards: Sequence[str]) -> Iterable[Problem]:
        """Say what no list speaks of; without a responder either it is refused."""
        asks, passes = settings.CARD_OCSP_URLS, settings.CARD_ACCEPT_UNANSWERED
        for covered, what in ((own, "本证书"), (cards, "它签发的法人卡")):
            if covered or asks:
                continue
            then = "验证时按设置放行" if passes else "持卡人会被拒绝"
            yield Problem(
                f"没有可用的吊销列表或 OCSP 说明{what}是否已被吊销，{then}", is_error=not passes
            )

    def _of_list(self, said: List, content: bytes) -> Problem | None:
        at = self._at
        if said.until is None:
            return Problem("没有注明下次更新时间，不会被采用")
        if said.listed > at + CLOCK_SKEW:
            return Problem("发布时间晚于现在，请核对服务器时间")
        if at > said.until:
            return Problem("已过期，请更新为新发布的列表")
        signers = [issuer for issuer in self._issuers if issuer.subject == said.issuer]
        if not signers:
            return Problem("签发者不在已设置的证书中，不会被采用", is_error=False)
        if not any(self._reads(content, signer) for signer in signers):
            return Problem("签名与签发者不符，或是不支持的列表种类，不会被采用")
        if said.until - at < min(LIST_AHEAD, (said.until - said.listed) / 4):
            return Problem("即将过期，请更新为新发布的列表", is_error=False)
        return None

    def _reads(self, content: bytes, issuer: Certificate) -> bool:
        try:
            speaks_of_cards(content, issuer, self._store, self._at)
        except NoAnswer:
            return False
        return True

    def _speaks(self, content: bytes, one: Certificate, issuer: Certificate) -> bool:
        try:
            from_crl(content, one, issuer, self._store, self._at)
        except NoAnswer:
            return False
        return True

    def _speaks_of_cards(self, content: bytes, issuer: Certificate) -> bool:
        try:
            return speaks_of_cards(content, issuer, self._store, self._at)
        except NoAnswer:
            return False


def _of_time(one: Certificate, at: datetime) -> list[Problem]:
    if at < one.not_before:
        return [Problem("尚未生效")]
    if at > one.not_after:
        return [Problem("已过有效期，其签发的卡都不能通过验证")]
    if at > one.not_after - CERTIFICATE_AHEAD:
        return [Problem(f"将在 {(one.not_after - at).days} 天后到期", is_error=False)]
    return []


def _certificates(setting: str) -> tuple[list[tuple[str, Certificate]], list[Unusable]]:
    found: list[tuple[str, Certificate]] = []
    bad: list[Unusable] = []
    for path in _files(setting, configured.CERTIFICATE_FILES):
        try:
            found += [(path.name, one) for one in configured.certificates_of(path)]
        except (ImproperlyConfigured, OSError):
            bad.append(
                _unusable(path, setting, "不是可用的证书文件，或无权读取；任何法人卡都不能通过验证")
            )
    return found, bad


def _lists(setting: str) -> tuple[list[tuple[str, bytes]], list[Unusable]]:
    found: list[tuple[str, bytes]] = []
    bad: list[Unusable] = []
    for path in _files(setting, {".crl"}):
        try:
            found.append((path.name, configured.crl_of(path)))
        except (ImproperlyConfigured, OSError):
            bad.append(_unusable(path, setting, "不能读取；任何法人卡都不能通过验证"))
    return found, bad


def _unusable(path: Path, setting: str, sentence: str) -> Unusable:
    return Unusable(path.name, setting, (Problem(sentence),))


def _files(setting: str, endings: Iterable[str]) -> list[Path]:
    try:
        folder = Path(getattr(settings, setting))
        return [path for path in sorted(folder.iterdir()) if path.suffix in endings]
    except OSError:
        return []
