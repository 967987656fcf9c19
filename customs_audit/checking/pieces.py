"""What the rules say of one part of a row, as the text in which it is copied into the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from customs_audit.checking.row_facts import goods_keys, head_key
from customs_audit.checking.storing import bytea, encode, escaped, fault_columns
from declarations.audit_checks import check_verdict
from declarations.cell_json import to_json
from declarations.cells import Cell, Finding, RowCheck
from declarations.checks import (
    Context,
    Values,
    check_day,
    check_declared_goods,
    check_entry,
    check_mode,
    check_number,
    row_check,
)
from declarations.faults import Level
from declarations.head_checks import check_parties
from declarations.value_checks import check_amounts, check_codes

# The hexadecimal digits of a head_key that each part decides.
HEAD_KEY_DIGITS = 32
_OF_ENTRY, _OF_MODE, _OF_DAY, _OF_PARTIES = slice(2), slice(2, 6), slice(6, 12), slice(12, 32)
_AUDITOR_LENGTH = 64
_GOODS = ("hs_code", "ie_flag", "g_name", "g_model")
_YEAR = slice(4, 8)  # of a 报关单号

Names = Sequence[str]
Cells = tuple[Cell, ...]
Check = Callable[[RowCheck], dict[str, Any]]


class Piece:
    """A part of a row.

    `json` are the members of the row's object of cells, a comma before each; `faults` the columns
    of its faults; `columns` what the part decides of the row's own columns; `values` its values;
    `year` that of a 报关单号 or 申报日期, 0 where there is none.
    """

    __slots__ = ("columns", "errors", "faults", "json", "values", "warnings", "year")

    def __init__(self, values: Values, json: str) -> None:
        self.values, self.json = values, json
        self.errors = self.warnings = self.year = 0
        self.faults: tuple[str, ...] = ()
        self.columns = ""

    def add(self, findings: Sequence[Finding]) -> None:
        """Take what the rules found in the part."""
        if findings:
            self.faults += tuple(map(fault_columns, findings))
            self.count(findings)

    def count(self, findings: Sequence[Finding]) -> None:
        """Count what the rules found."""
        errors = sum(found.level is Level.ERROR for found in findings)
        self.errors += errors
        self.warnings += len(findings) - errors


class EntryPiece(Piece):
    """A 报关单号 but for its serial number, which no rule looks at, and what must agree with it.

    `of_entry` are the findings whose value is the 报关单号; `entry_id` is what it was read as, "" where
    it could not be. The 报关单号 itself is not among the members of `json`.
    """

    __slots__ = ("entry_id", "ie_flag", "of_entry")

    def __init__(self, names: Names, cells: Cells, context: Context) -> None:
        by_name = dict(zip(names, cells, strict=True))
        row = row_check(by_name, context)
        values = check_entry(row, context)
        del by_name["entry_id"]
        super().__init__(values, _members(by_name))
        self.of_entry = row.findings_of("entry_id")
        self.add([found for found in row.findings if found.field != "entry_id"])
        self.count(self.of_entry)
        entry_id = values["entry_id"]
        self.entry_id = entry_id if isinstance(entry_id, str) else ""
        self.ie_flag = values["ie_flag"]
        self.year = int(self.entry_id[_YEAR]) if self.entry_id else 0
        self.columns = _key_digits(values)[_OF_ENTRY]


def day_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """The 申报日期; decides a part of head_key."""
    piece = _piece(names, cells, lambda row: check_day(row, context), context)
    piece.year = getattr(piece.values["declared_on"], "year", 0)
    piece.columns = _key_digits(piece.values)[_OF_DAY]
    return piece


def mode_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """The 监管方式; decides a part of head_key."""
    piece = _piece(names, cells, check_mode, context)
    piece.columns = _key_digits(piece.values)[_OF_MODE]
    return piece


def goods_piece(
    names: Names, cells: Cells, entry: EntryPiece, day: Piece, context: Context, like: Piece | None
) -> Piece:
    """The goods of a row with this head; decides goods_key and content_key.

    `like` is the piece of the same texts in a row with another head, where there was one.
    """
    by_name = dict(zip(names, cells, strict=True))
    row = row_check(by_name, context)
    head = entry.values | day.values
    values = check_declared_goods(row, head, context)
    piece = Piece(values, _members(by_name) if like is None else like.json)
    piece.add(row.findings)
    values = values | {"ie_flag": entry.ie_flag}
    texts = [text for name in _GOODS if isinstance(text := values[name], str)]
    keys = goods_keys(*texts) if len(texts) == len(_GOODS) else (None, None)
    piece.columns = "\t".join(map(bytea, keys))
    return piece


def party_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """The parties; decides the end of head_key. What is stored of them is added later."""
    piece = _piece(names, cells, check_parties, context)
    piece.columns = _key_digits(piece.values)[_OF_PARTIES]
    return piece


def number_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """The 项号; decides g_no."""
    piece = _piece(names, cells, check_number, context)
    g_no = piece.values["g_no"]
    piece.columns = str(g_no) if isinstance(g_no, int) else r"\N"
    return piece


def verdict_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """The verdict; decides conforming and auditor."""
    piece = _piece(names, cells, check_verdict, context)
    conforming, auditor = piece.values["conforming"], piece.values["auditor"]
    said = r"\N" if conforming is None else "t" if conforming else "f"
    name = auditor[:_AUDITOR_LENGTH] if isinstance(auditor, str) else ""
    piece.columns = f"{said}\t{escaped(name)}"
    return piece


def codes_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """Countries, currency and units."""
    return _piece(names, cells, check_codes, context)


def amounts_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """Quantities, price and total."""
    return _piece(names, cells, check_amounts, context)


def _piece(names: Names, cells: Cells, check: Check, context: Context) -> Piece:
    by_name = dict(zip(names, cells, strict=True))
    row = row_check(by_name, context)
    piece = Piece(check(row), _members(by_name))
    piece.add(row.findings)
    return piece


def _members(cells: Mapping[str, Cell]) -> str:
    """Cells as members of a row's object, a comma before each, as a column of COPY."""
    members = [f',"{name}":{encode(to_json(cell))}' for name, cell in cells.items()]
    return escaped("".join(members))


def _key_digits(values: Values) -> str:
    key = head_key(values)
    return key.hex() if key else "0" * HEAD_KEY_DIGITS
