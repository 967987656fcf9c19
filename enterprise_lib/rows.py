"""One row of the 企业库: what it shows, and finding rows again by the keys that pages send back."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from authorization.models import Enterprise
from comparison.models import EntryChoice, LibraryEntry, Mark, Publication
from declarations.code_tables import trade_mode_name
from declarations.models import AuditVerdict, DeclaredLine, Goods, IEFlag
from enterprise_lib.conditions import PartyRole

_KEY = re.compile(r"([LA])([1-9][0-9]{0,17})")


class UnknownRow(Exception):
    """No row of this enterprise's library has this key."""


class RowId(NamedTuple):
    """What names a row: its kind (L a line, A an audited row) and that one's id."""

    kind: str
    number: int

    @property
    def key(self) -> str:
        """How URLs and tick boxes name it, such as L12."""
        return f"{self.kind}{self.number}"


@dataclass(frozen=True)
class LibraryRow:
    """A row as this enterprise sees it.

    `goods` is the exact text: the line's, or that of the audited row where `is_audited_text`.
    `entry` is None while the content was not compared yet. `publication` only a 规范 row has.
    """

    row_id: RowId
    goods: Goods
    content_id: int
    entry_id: str
    g_no: int
    trade_mode: str
    declared_on: date
    is_agent: bool
    is_trader: bool
    audit_month: date | None
    entry: LibraryEntry | None
    publication: Publication | None

    @property
    def key(self) -> str:
        """How URLs and tick boxes name it."""
        return self.row_id.key

    @property
    def is_audited_text(self) -> bool:
        """Whether this is an audited row whose text or party is no longer the line's."""
        return self.row_id.kind == "A"

    @property
    def text_note(self) -> str:
        """审核时文本 and its month, or nothing for a line."""
        return f"审核时文本（{self.audit_month:%Y-%m}）" if self.audit_month else ""

    @property
    def trade_mode_text(self) -> str:
        """监管方式: code and name."""
        name = trade_mode_name(self.trade_mode)
        return self.trade_mode if name == self.trade_mode else f"{self.trade_mode} {name}"

    @property
    def roles(self) -> str:
        """企业类别: as what this enterprise stands on the declaration."""
        names = [PartyRole.AGENT.label] * self.is_agent + [PartyRole.TRADER.label] * self.is_trader
        return "、".join(names)

    @property
    def ie_flag(self) -> IEFlag:
        """进出口标志."""
        return IEFlag(self.goods.ie_flag)

    @property
    def mark(self) -> Mark | None:
        """标记类型; None while not compared yet."""
        return Mark(self.entry.mark) if self.entry else None

    @property
    def has_conflict(self) -> bool:
        """Whether verdicts of the deciding month disagree."""
        return bool(self.entry and self.entry.has_conflict)

    @property
    def may_be_self_selected(self) -> bool:
        """Whether 设为自选 is offered: 系统匹配 and 未标记."""
        return self.mark in {Mark.SYSTEM_MATCHED, Mark.UNMARKED}

    @property
    def is_self_selected(self) -> bool:
        """Whether 取消自选 is offered."""
        return self.mark == Mark.SELF_SELECTED


def fetch_rows(enterprise: Enterprise, row_ids: Sequence[RowId]) -> list[LibraryRow]:
    """Fetch rows in the given order: four queries, five with audited rows.

    Ids that are no row of this enterprise are left out, so that what was found a moment ago may
    be gone now.
    """
    lines = _lines(enterprise, [row.number for row in row_ids if row.kind == "L"])
    audited = _audited(enterprise, [row.number for row in row_ids if row.kind == "A"])
    found: dict[RowId, DeclaredLine | AuditVerdict] = {
        RowId("L", line.pk): line for line in lines
    } | {RowId("A", verdict.pk): verdict for verdict in audited}
    contents = {held.content_id for held in found.values()}
    of_enterprise = {"enterprise": enterprise, "content_id__in": contents}
    entries = {e.content_id: e for e in LibraryEntry.objects.filter(**of_enterprise)}
    closed = set(
        EntryChoice.objects.filter(**of_enterprise, publication=Publication.PRIVATE).values_list(
            "content_id", flat=True
        )
    )
    return [
        _row(enterprise, row_id, found[row_id], entries, closed)
        for row_id in row_ids
        if row_id in found
    ]


def find_rows(enterprise: Enterprise, keys: Iterable[str]) -> list[LibraryRow]:
    """Find the rows that these keys name; raises UnknownRow unless all are this enterprise's."""
    row_ids = []
    for key in dict.fromkeys(keys):
        match = _KEY.fullmatch(key)
        if match is None:
            raise UnknownRow(key)
        row_ids.append(RowId(match[1], int(match[2])))
    rows = fetch_rows(enterprise, row_ids)
    if len(rows) != len(row_ids):
        held = {row.row_id for row in rows}
        raise UnknownRow(next(row_id.key for row_id in row_ids if row_id not in held))
    return rows


def _of(enterprise: Enterprise) -> Q:
    return Q(agent=enterprise) | Q(trader=enterprise)


def _lines(enterprise: Enterprise, ids: Sequence[int]) -> list[DeclaredLine]:
    if not ids:
        return []
    rows = DeclaredLine.objects.filter(_of(enterprise), pk__in=ids, is_hidden=False)
    return list(rows.select_related("goods"))


def _audited(enterprise: Enterprise, ids: Sequence[int]) -> list[AuditVerdict]:
    """Fetch effective verdicts that no line of this enterprise shows any more."""
    if not ids:
        return []
    verdicts = AuditVerdict.objects.filter(_of(enterprise), pk__in=ids, is_effective=True)
    return [
        verdict
        for verdict in verdicts.select_related("goods", "line")
        if verdict.content_id != verdict.line.content_id
        or enterprise.pk not in {verdict.line.agent_id, verdict.line.trader_id}
    ]


def _row(
    enterprise: Enterprise,
    row_id: RowId,
    held: DeclaredLine | AuditVerdict,
    entries: dict[int, LibraryEntry],
    closed: set[int],
) -> LibraryRow:
    line = held.line if isinstance(held, AuditVerdict) else held
    entry = entries.get(held.content_id)
    publication = None
    if entry is not None and entry.mark == Mark.CONFORMING:
        is_closed = held.content_id in closed
        publication = Publication.PRIVATE if is_closed else Publication.PUBLIC
    return LibraryRow(
        row_id=row_id,
        goods=held.goods,
        content_id=held.content_id,
        entry_id=line.entry_id,
        g_no=line.g_no,
        trade_mode=held.trade_mode,
        declared_on=held.declared_on,
        is_agent=held.agent_id == enterprise.pk,
        is_trader=held.trader_id == enterprise.pk,
        audit_month=held.audit_month if isinstance(held, AuditVerdict) else None,
        entry=entry,
        publication=publication,
    )
