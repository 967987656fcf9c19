"""Which stored enterprises a row's codes and names contradict.

An audited row never attaches a code to an enterprise and never renames one (declarations/parties.py);
so a code that another 统一社会信用代码 holds is an error, and another name than the registered one is
told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from authorization.models import CustomsCode, Enterprise
from declarations.cells import Cell, Finding
from declarations.checks import Context
from declarations.faults import shown
from declarations.rules import RULES

PARTIES = ("agent", "trader")
_MOST_KEPT = 200_000


class Party(NamedTuple):
    """What a row says of one party; "" where it says nothing."""

    uscc: str
    code: str
    name: str


class Note(NamedTuple):
    """A rule that a party breaks: in which part of it, and what is stored instead."""

    rule: str
    part: str
    read: str


Notes = Callable[[Mapping[str, object], Mapping[str, Cell]], list[Finding]]


class PartyNotes:
    """Looks up parties many at once, each once."""

    def __init__(self, context: Context) -> None:
        self._audited = context.audited
        self._notes: dict[Party, tuple[Note, ...]] = {}

    def learn(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Look up the parties of some rows' values that are not known yet: two queries at most."""
        if len(self._notes) > _MOST_KEPT:
            self._notes.clear()
        parties = {party for row in rows for role in PARTIES if (party := _party(row, role))}
        new = [party for party in parties if party not in self._notes]
        if new:
            self._notes.update(_look_up(new))

    def findings(self, values: Mapping[str, object], cells: Mapping[str, Cell]) -> list[Finding]:
        """What a row's parties contradict; they were learned before."""
        found = []
        for role in PARTIES:
            party = _party(values, role)
            for rule, part, read in self._notes[party] if party else ():
                field = f"{role}_{part}"
                level = RULES[rule].level_for(self._audited)
                value = shown(cells.get(field) or "")
                found.append(Finding(field, value, rule, level, {"read": read}))
        return found


def _party(values: Mapping[str, object], role: str) -> Party | None:
    """A row's party; None where its codes can't be read."""
    uscc, code, name = (values.get(f"{role}_{part}") for part in ("uscc", "code", "name"))
    if not (isinstance(uscc, str) and isinstance(code, str)) or not (uscc or code):
        return None
    return Party(uscc, code, name if isinstance(name, str) else "")


def _look_up(parties: list[Party]) -> dict[Party, tuple[Note, ...]]:
    usccs = {party.uscc for party in parties if party.uscc}
    codes = {party.code for party in parties if party.code}
    named = Enterprise.objects.filter(uscc__in=usccs).values_list("uscc", "name")
    name_of_uscc = dict(named) if usccs else {}
    held = CustomsCode.objects.filter(code__in=codes)
    holders = {
        code: (uscc or "", name)
        for code, uscc, name in held.values_list("code", "enterprise__uscc", "enterprise__name")
    }
    return {party: tuple(_notes_on(party, name_of_uscc, holders)) for party in parties}


def _notes_on(
    party: Party, name_of_uscc: Mapping[str | None, str], holders: Mapping[str, tuple[str, str]]
) -> Iterable[Note]:
    holder, name_of_code = holders.get(party.code, ("", ""))
    if party.uscc and holder and holder != party.uscc:
        yield Note("party.code_held", "code", holder)
        return
    stored = name_of_uscc.get(party.uscc, "") if party.uscc else name_of_code
    if party.name and stored and stored != party.name:
        yield Note("party_name.differs", "name", stored)
