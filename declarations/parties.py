"""Which enterprise each staged row names as 申报单位 and as 境内收发货人.

The rules are the design's ("Data", Enterprise). An enterprise exists as soon as data names it. It
is known by its 统一社会信用代码, else by a customs code alone. A declared row that names both gives the
code to that enterprise: a code nobody holds is attached, an enterprise known by the code alone
becomes or joins the one with the 统一社会信用代码. An audited row never attaches or joins. A code that
another 统一社会信用代码 holds is an error on each row that says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from authorization.joining import join_enterprises, prepare_to_join
from authorization.models import CustomsCode, Enterprise
from authorization.naming import name_enterprises
from declarations.staging import Staging

_NAMED = """
SELECT uscc, code, mode() WITHIN GROUP (ORDER BY name) FILTER (WHERE name <> ''),
       min(ARRAY[sheet, row_number]) AS first_row
  FROM (SELECT sheet, row_number, agent_uscc AS uscc, agent_code AS code, agent_name AS name
          FROM import_row WHERE sound
         UNION ALL
        SELECT sheet, row_number, trader_uscc, trader_code, trader_name
          FROM import_row WHERE sound) AS parties
 GROUP BY uscc, code
 ORDER BY first_row
"""
_CREATE = """
DROP TABLE IF EXISTS import_party;
CREATE TEMPORARY TABLE import_party (
    uscc text NOT NULL, code text NOT NULL, enterprise_id bigint, held_by text NOT NULL,
    name text NOT NULL, place integer NOT NULL,
    PRIMARY KEY (uscc, code)
) ON COMMIT DROP
"""
_HELD = """
SELECT r.row_number, r.sheet, r.{party}_code, p.held_by
  FROM import_row r JOIN import_party p ON (p.uscc, p.code) = (r.{party}_uscc, r.{party}_code)
 WHERE r.sound AND p.held_by <> ''
 ORDER BY r.sheet, r.row_number
"""
_NAME_DIFFERS = """
SELECT r.row_number, r.sheet, r.{party}_name, e.name
  FROM import_row r
  JOIN import_party p ON (p.uscc, p.code) = (r.{party}_uscc, r.{party}_code)
  JOIN authorization_enterprise e ON e.id = p.enterprise_id
 WHERE r.sound AND r.{party}_name <> '' AND e.name <> '' AND r.{party}_name <> e.name
 ORDER BY r.sheet, r.row_number
"""


_NEW_NAMES = """
SELECT DISTINCT ON (p.enterprise_id) p.enterprise_id, p.name
  FROM import_party p JOIN authorization_enterprise e ON e.id = p.enterprise_id
 WHERE p.name <> '' AND e.name = '' ORDER BY p.enterprise_id, p.place
"""


class Named(NamedTuple):
    """A pair of codes that rows name a party by (either may be ""), and its commonest name."""

    uscc: str
    code: str
    name: str


@dataclass
class PartyCounts:
    """What resolving the parties did: enterprises made, codes attached, enterprises joined."""

    enterprises: int = 0
    codes: int = 0
    joined: int = 0


def resolve_parties(staging: Staging, audited: bool) -> PartyCounts:
    """Fill import_party: the enterprise of every pair of codes; make, attach and join as needed.

    A code that another 统一社会信用代码 holds becomes a fault of each row that names it so, and that
    pair is left without an enterprise. Needs the lock on declared data: two imports at once would
    make one enterprise twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NAMED)
        parties = [Named(uscc, code, name or "") for uscc, code, name, _ in cursor]
    register = _Register(parties)
    if not audited:
        prepare_to_join(register.meeting(parties))
        register.name_code_only(parties)
    register.create_by_uscc(parties)
    if not audited:
        register.attach_and_join(parties)
    register.create_by_code(parties)
    _store(register, parties)
    for party in ("agent", "trader"):
        staging.report("party.code_held", f"{party}_code", _HELD.format(party=party))
        staging.report("party_name.differs", f"{party}_name", _NAME_DIFFERS.format(party=party))
    return register.counts


def _store(register: _Register, parties: list[Named]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        with cursor.copy("COPY import_party FROM STDIN") as copy:
            for place, party in enumerate(parties):
                held_by = register.held_by(party)
                pk = None if held_by else register.enterprise_of(party)
                copy.write_row((party.uscc, party.code, pk, held_by, party.name, place))
        cursor.execute("ANALYZE import_party")
        cursor.execute(_NEW_NAMES)
        name_enterprises(cursor.fetchall())


class _Register:
    """The enterprises that the file's codes lead to: as stored, then as the file changes them."""

    def __init__(self, parties: list[Named]) -> None:
        self.counts = PartyCounts()
        self._by_uscc: dict[str, int] = {}
        self._by_code: dict[str, int] = {}
        self._uscc_of: dict[int, str] = {}
        usccs = sorted({party.uscc for party in parties if party.uscc})
        codes = sorted({party.code for party in parties if party.code})
        for pk, uscc in Enterprise.objects.filter(uscc__in=usccs).values_list("pk", "uscc"):
            self._know(str(uscc), pk)
        holders = CustomsCode.objects.filter(code__in=codes)
        for code, pk, uscc in holders.values_list("code", "enterprise_id", "enterprise__uscc"):
            self._by_code[code] = pk
            if uscc:
                self._uscc_of[pk] = uscc

    def _know(self, uscc: str, pk: int) -> None:
        self._by_uscc[uscc], self._uscc_of[pk] = pk, uscc

    def held_by(self, party: Named) -> str:
        """The 统一社会信用代码 that holds the party's customs code if it is another's, else ""."""
        holder = self._uscc_of.get(self._by_code.get(party.code, 0), "")
        return holder if party.uscc and holder != party.uscc else ""

    def enterprise_of(self, party: Named) -> int:
        """The enterprise's id: by the 统一社会信用代码, else by the customs code."""
        return self._by_uscc[party.uscc] if party.uscc else self._by_code[party.code]

    def meeting(self, parties: list[Named]) -> list[int]:
        """The enterprises known by code alone that the file names, if it joins any of them."""
        named = {
            (party.uscc, holder)
            for party in parties
            if party.uscc
            and (holder := self._by_code.get(party.code))
            and holder not in self._uscc_of
        }
        usccs = {uscc for uscc, _ in named}
        joins = len(usccs) < len(named) or any(uscc in self._by_uscc for uscc in usccs)
        return sorted({holder for _, holder in named}) if joins else []

    def name_code_only(self, parties: list[Named]) -> None:
        """Give an enterprise known by its code alone a 统一社会信用代码 that nobody bears yet."""
        for party in parties:
            holder = self._by_code.get(party.code)
            if not (party.uscc and holder) or holder in self._uscc_of:
                continue
            if party.uscc not in self._by_uscc:
                Enterprise.objects.filter(pk=holder).update(uscc=party.uscc)
                self._know(party.uscc, holder)
                self.counts.joined += 1

    def create_by_uscc(self, parties: list[Named]) -> None:
        """Make the enterprises whose 统一社会信用代码 is new."""
        new = dict.fromkeys(
            party.uscc for party in parties if party.uscc and party.uscc not in self._by_uscc
        )
        for made in Enterprise.objects.bulk_create([Enterprise(uscc=uscc) for uscc in new]):
            self._know(str(made.uscc), made.pk)
        self.counts.enterprises += len(new)

    def attach_and_join(self, parties: list[Named]) -> None:
        """Give each customs code that rows name beside a 统一社会信用代码 to that enterprise."""
        attached: list[CustomsCode] = []
        joins: dict[int, int] = {}
        for party in parties:
            if not (party.uscc and party.code):
                continue
            own = self._by_uscc[party.uscc]
            holder = self._by_code.get(party.code)
            if holder is None:
                attached.append(CustomsCode(code=party.code, enterprise_id=own))
                self._by_code[party.code] = own
            elif holder not in self._uscc_of:
                joins[holder] = own
                self._by_code |= {code: own for code, pk in self._by_code.items() if pk == holder}
        CustomsCode.objects.bulk_create(attached)
        join_enterprises(list(joins.items()))
        self.counts.codes += len(attached)
        self.counts.joined += len(joins)

    def create_by_code(self, parties: list[Named]) -> None:
        """Make the enterprises that are known by a customs code alone, as yet held by nobody."""
        new = [p.code for p in parties if not p.uscc and p.code not in self._by_code]
        made = Enterprise.objects.bulk_create([Enterprise(uscc=None) for _ in new])
        codes = [
            CustomsCode(code=code, enterprise=enterprise)
            for code, enterprise in zip(new, made, strict=True)
        ]
        CustomsCode.objects.bulk_create(codes)
        self._by_code |= {code.code: code.enterprise_id for code in codes}
        self.counts.enterprises += len(made)
        self.counts.codes += len(codes)
