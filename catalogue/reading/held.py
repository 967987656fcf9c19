"""The editions and element lists that the database holds, and reading by them.

Editions are few and change seldom; within one web request they are asked for once. A job that
reads many strings takes an ElementReader, which asks once for each code.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from asgiref.local import Local
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db.models.signals import post_delete, post_save

from catalogue.models import CatalogueCode, Edition
from catalogue.reading.model import ElementName, PartKind, Reading
from catalogue.reading.plan import Plan, plan_of
from catalogue.reading.reader import read_by_plan

HS_DIGITS = 8
_HEADING_DIGITS = 4
# How long an edition's element list may be kept in the shared cache, in seconds.
_LIST_TTL = 300
# How many other editions are tried where the one of the date does not fit.
_TRIED = 3
# By how much another edition must be surer, unless it fits wholly.
_SURER = 0.15
_request = Local()


def _forget(*, sender: object = None, **_: Any) -> None:
    if getattr(_request, "editions", None) is not None:
        _request.editions = []


def _start_request(**_: Any) -> None:
    _request.editions = []


def _end_request(**_: Any) -> None:
    _request.editions = None


request_started.connect(_start_request, dispatch_uid="catalogue.reading.start")
request_finished.connect(_end_request, dispatch_uid="catalogue.reading.end")
post_save.connect(_forget, sender=Edition, dispatch_uid="catalogue.reading.save")
post_delete.connect(_forget, sender=Edition, dispatch_uid="catalogue.reading.delete")


def forget_editions() -> None:
    """Ask the database again within this request: for whoever updates editions in bulk."""
    _forget()


def editions_in_force() -> list[Edition]:
    """List the editions in force, newest first: one query, within a request only the first time."""
    kept: list[Edition] | None = getattr(_request, "editions", None)
    if kept:
        return kept
    found = list(Edition.objects.filter(in_force=True).order_by("-effective_from"))
    if kept is not None:
        _request.editions = found
    return found


def edition_on(on_date: date | None = None) -> Edition | None:
    """Find the edition in force on a date; the nearest that is held; the newest without a date."""
    return edition_among(editions_in_force(), on_date)


def edition_among(editions: Sequence[Edition], on_date: date | None) -> Edition | None:
    """Find the edition of a date among some, newest first."""
    if not editions or on_date is None:
        return editions[0] if editions else None
    for edition in editions:
        ended = edition.effective_to is not None and edition.effective_to < on_date
        if edition.effective_from <= on_date and not ended:
            return edition
    return min(editions, key=lambda e: abs((e.effective_from - on_date).days))


def element_names(edition: Edition | None, hs_code: str) -> tuple[ElementName, ...] | None:
    """List the elements of a code in an edition; None where the edition hasn't the code."""
    if edition is None:
        return None
    hs8 = hs_code[:HS_DIGITS]
    if not (hs8.isascii() and hs8.isdigit()):
        return None
    key = f"element-names:{edition.pk}:{hs8}"
    found: tuple[ElementName, ...] | str | None = cache.get(key)
    if found is None:
        code = CatalogueCode.objects.filter(edition=edition, hs8=hs8).first()
        found = (
            "absent"
            if code is None
            else tuple(
                ElementName(e.number, e.name, e.get_category_display())
                for e in code.elements.order_by("number")
            )
        )
        cache.set(key, found, _LIST_TTL)
    return None if isinstance(found, str) else found


Lists = Mapping[str, tuple[ElementName, ...]]


class Line(NamedTuple):
    """What one reading needs: the declared text, its code (8, 10 or 13 digits), I or E, its day."""

    g_model: str
    hs_code: str
    ie_flag: str
    on_date: date | None = None


class ElementReader:
    """Reads many strings: editions are asked for once, a code's list once for each edition.

    Make one for a request or a job; it does not see editions that come into force later. `lists`
    gives editions with their lists (by eight digits) without a database, newest first.
    """

    def __init__(self, lists: Sequence[tuple[Edition, Lists]] | None = None) -> None:
        self._lists: dict[int, Lists] = {}
        if lists is None:
            self.editions = editions_in_force()
        else:
            self.editions = [edition for edition, _ in lists]
            self._lists = {id(edition): names for edition, names in lists}
        self._plans: dict[tuple[int, str], Plan | None] = {}
        self._by_date: dict[date | None, Edition | None] = {}

    def edition_on(self, on_date: date | None = None) -> Edition | None:
        """The edition of a date, as edition_on."""
        if on_date not in self._by_date:
            self._by_date[on_date] = edition_among(self.editions, on_date)
        return self._by_date[on_date]

    def names(self, edition: Edition | None, hs_code: str) -> tuple[ElementName, ...] | None:
        """The elements of a code in an edition, as element_names."""
        plan = self._plan(edition, hs_code)
        return None if plan is None else plan.names

    def read(
        self, g_model: str, hs_code: str, ie_flag: str, on_date: date | None = None
    ) -> Reading:
        """Read one string, as read."""
        edition = self.edition_on(on_date)
        reading = read_by_plan(g_model, edition, self._plan(edition, hs_code))
        if reading.confidence == 1 or on_date is None or len(self.editions) < 2:
            return reading
        return self._try_others(reading, g_model, hs_code, on_date)

    def _plan(self, edition: Edition | None, hs_code: str) -> Plan | None:
        if edition is None:
            return None
        key = id(edition), hs_code[:HS_DIGITS]
        if key not in self._plans:
            if id(edition) in self._lists:
                names = self._lists[id(edition)].get(hs_code[:HS_DIGITS])
            else:
                names = element_names(edition, hs_code)
            self._plans[key] = None if names is None else plan_of(names, hs_code[:_HEADING_DIGITS])
        return self._plans[key]

    def _try_others(self, first: Reading, g_model: str, hs_code: str, on_date: date) -> Reading:
        """Read by the other editions near the date, where the one of the date does not fit."""
        others = sorted(
            (edition for edition in self.editions if edition is not first.edition),
            key=lambda e: abs((e.effective_from - on_date).days),
        )
        best = first
        for edition in others[:_TRIED]:
            plan = self._plan(edition, hs_code)
            if plan is None or plan.names == first.names:
                continue
            reading = read_by_plan(g_model, edition, plan)
            if _fits(reading) > _fits(best) + _SURER:
                best = reading
        if best is first:
            return first
        why = "没有这个商品编码" if first.names is None else "与填报的部分不符"
        note = f"申报日期适用的{first.edition}目录{why}，改按邻近的{best.edition}目录对应。"
        return best._replace(notes=(note, *best.notes))


def _fits(reading: Reading) -> float:
    """How well a list fits: sure parts count, unexplained ones and missing elements count against."""
    unknown = sum(part.kind is PartKind.UNMATCHED for part in reading.parts)
    older = sum(part.kind is PartKind.OLDER for part in reading.parts)
    missing = len(reading.missing())
    return reading.confidence - (unknown + 0.5 * older + 0.25 * missing) / (len(reading.parts) + 1)


def read(g_model: str, hs_code: str, ie_flag: str, on_date: date | None = None) -> Reading:
    """Read a declared 规格型号 by the edition of `on_date`; the newest in force without a date.

    `hs_code` has 8, 10 or 13 digits; the first eight count. With a date, other held editions near
    it are tried where its own does not fit; the reading says so. Never raises on any text.
    """
    return ElementReader().read(g_model, hs_code, ie_flag, on_date)


def read_many(lines: Iterable[Line]) -> Iterator[Reading]:
    """Read many strings; editions are asked for once, a code's list once."""
    reader = ElementReader()
    for line in lines:
        yield reader.read(*line)
