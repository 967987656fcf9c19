"""The rows of the 企业库 once more, as plainly as can be: all lines and verdicts, in loops.

Nothing here is shared with enterprise_lib/ but the conditions' own classes.
"""

from dataclasses import dataclass
from datetime import date

from authorization.models import Enterprise
from comparison.models import LibraryEntry
from declarations.models import Content, DeclaredLine
from declarations.normalise import keyword_words
from enterprise_lib.conditions import Conditions, Order, PartyRole, Sort
from tests.comparison.oracle import effective_verdicts

MARKS = ["conforming", "nonconforming", "self_selected", "system_matched", "unmarked"]


@dataclass(frozen=True)
class PlainRow:
    key: str
    line_id: int
    number: int
    is_audited: bool
    content: Content
    mark: str
    trade_mode: str
    declared_on: date
    entry_id: str
    parties: frozenset[PartyRole]


def rows_of(enterprise: Enterprise) -> list[PlainRow]:
    """All rows of an enterprise, in no order."""
    marks = dict(
        LibraryEntry.objects.filter(enterprise=enterprise).values_list("content_id", "mark")
    )
    rows = []
    for line in DeclaredLine.objects.filter(is_hidden=False).select_related("content"):
        parties = parties_of(line, enterprise)
        if parties:
            rows.append(make_row("L", line, line, parties, marks))
    for verdict in effective_verdicts():
        line = verdict.line
        parties = parties_of(verdict, enterprise)
        covered = line.content_id == verdict.content_id and parties_of(line, enterprise)
        if parties and not covered:
            rows.append(make_row("A", verdict, line, parties, marks))
    return rows


def parties_of(named, enterprise: Enterprise) -> frozenset[PartyRole]:
    found = set()
    if named.agent_id == enterprise.pk:
        found.add(PartyRole.AGENT)
    if named.trader_id == enterprise.pk:
        found.add(PartyRole.TRADER)
    return frozenset(found)


def make_row(kind: str, shown, line: DeclaredLine, parties, marks) -> PlainRow:
    return PlainRow(
        key=f"{kind}{shown.pk}",
        line_id=line.pk,
        number=shown.pk,
        is_audited=kind == "A",
        content=shown.content,
        mark=marks.get(shown.content_id, ""),
        trade_mode=shown.trade_mode,
        declared_on=shown.declared_on,
        entry_id=line.entry_id,
        parties=parties,
    )


def fits(row: PlainRow, asked: Conditions) -> bool:
    return (
        (not asked.marks or row.mark in asked.marks)
        and (not asked.trade_modes or row.trade_mode in asked.trade_modes)
        and row.content.hs_code.startswith(asked.hs_prefix)
        and (asked.ie_flag is None or row.content.ie_flag == asked.ie_flag)
        and (asked.role is None or asked.role in row.parties)
        and (asked.declared_from is None or row.declared_on >= asked.declared_from)
        and (asked.declared_to is None or row.declared_on <= asked.declared_to)
        and all(word in row.content.search_text for word in asked.words)
        and all(row.entry_id == entry_id for entry_id in asked.entry_ids)
    )


def expected_keys(rows: list[PlainRow], asked: Conditions, order: Order) -> list[str]:
    """The keys of all fitting rows in the wanted order, by one stable sort after another."""
    rows = [row for row in rows if fits(row, asked)]
    newest_first = order.by != Sort.DECLARED_ON or order.descending
    rows.sort(key=lambda row: row.number, reverse=newest_first)
    rows.sort(key=lambda row: row.is_audited)
    rows.sort(key=lambda row: row.line_id, reverse=newest_first)
    rows.sort(key=lambda row: row.declared_on, reverse=newest_first)
    if order.by == Sort.HS_CODE:
        rows.sort(key=lambda row: row.content.hs_code, reverse=order.descending)
    if order.by == Sort.MARK:
        marks = MARKS[::-1] if order.descending else MARKS
        # Rows that were not compared yet come last in either direction.
        rows.sort(key=lambda row: marks.index(row.mark) if row.mark else len(marks))
    return [row.key for row in rows]


def words(text: str) -> tuple[str, ...]:
    return tuple(keyword_words(text))
