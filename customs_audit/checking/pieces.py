"""What the rules say of one part of a row, as the text in which it is copied into the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from customs_audit.checking.row_facts import goods_keys, head_key
from customs_audit.checking.storing import bytea, encode, escaped, fault_columns
from declarations.audit_checks import check_verdict
from declarations.cell_json import to_json
from declarations.cells import Cell, Finding, RowCheck
from declarations.checks import Context, Values, check_declared_goods, check_head, row_check
from declarations.faults import Level
from declarations.head_checks import check_g_no, check_parties
from declarations.value_checks import check_amounts, check_codes

# Hexadecimal digits of a head_key: all, and those before the parties'.
HEAD_KEY_DIGITS, _OWN_DIGITS = 32, 12
_AUDITOR_LENGTH = 64
_GOODS = ("hs_code", "ie_flag", "g_name", "g_model")

Names = Sequence[str]
Cells = tuple[Cell, ...]


class Piece:
    """A part of a row.

    `json` are the members of the row's object of cells, a comma before each; `faults` the columns
    of its faults; `columns` what the part decides of the row's own columns; `values` its values.
    """

    __slots__ = ("columns", "errors", "faults", "json", "values", "warnings")

    def __init__(self, values: Values, cells: Mapping[str, Cell]) -> None:
        self.values = values
        members = (f',"{name}":{encode(to_json(cell))}' for name, cell in cells.items())
        self.json = escaped("".join(members))
        self.errors = self.warnings = 0
        self.faults: tuple[str, ...] = ()
        self.columns = ""

    def add(self, findings: Sequence[Finding]) -> None:
        """Take what the rules found in the part."""
        self.faults += tuple(map(fault_columns, findings))
        self.count(findings)

    def count(self, findings: Sequence[Finding]) -> None:
        """Count what the rules found."""
        errors = sum(found.level is Level.ERROR for found in findings)
        self.errors += errors
        self.warnings += len(findings) - errors


class HeadPiece(Piece):
    """A head but for its 报关单号, whose serial number no rule looks at.

    `of_entry` are the findings whose value is the 报关单号; `entry_id` is what it was read as, "" where
    it could not be; `said` is what goods depend on: 进出口标志 and the year.
    """

    __slots__ = ("entry_id", "of_entry", "said")

    def __init__(self, names: Names, cells: Cells, context: Context) -> None:
        by_name = dict(zip(names, cells, strict=True))
        row = row_check(by_name, context)
        values = check_head(row, context)
        del by_name["entry_id"]
        super().__init__(values, by_name)
        self.of_entry = row.findings_of("entry_id")
        self.add([found for found in row.findings if found.field != "entry_id"])
        self.count(self.of_entry)
        entry_id, declared_on = values["entry_id"], values["declared_on"]
        self.entry_id = entry_id if isinstance(entry_id, str) else ""
        self.said = (values["ie_flag"], getattr(declared_on, "year", 0))
        self.columns = _key_digits(values)[:_OWN_DIGITS]


def goods_piece(names: Names, cells: Cells, head: HeadPiece, context: Context) -> Piece:
    """The goods of a row with this head; decides goods_key and content_key."""
    piece = _piece(
        names, cells, lambda row: check_declared_goods(row, head.values, context), context
    )
    values = piece.values | {"ie_flag": head.values["ie_flag"]}
    texts = [text for name in _GOODS if isinstance(text := values[name], str)]
    keys = goods_keys(*texts) if len(texts) == len(_GOODS) else (None, None)
    piece.columns = "\t".join(map(bytea, keys))
    return piece


def party_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """The parties; decides the end of head_key. What is stored of them is added later."""
    piece = _piece(names, cells, check_parties, context)
    piece.columns = _key_digits(piece.values)[_OWN_DIGITS:]
    return piece


def number_piece(names: Names, cells: Cells, context: Context) -> Piece:
    """The 项号; decides g_no."""
    piece = _piece(names, cells, lambda row: {"g_no": check_g_no(row)}, context)
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


def _piece(
    names: Names, cells: Cells, check: Callable[[RowCheck], dict[str, Any]], context: Context
) -> Piece:
    by_name = dict(zip(names, cells, strict=True))
    row = row_check(by_name, context)
    piece = Piece(check(row), by_name)
    piece.add(row.findings)
    return piece


def _key_digits(values: Values) -> str:
    key = head_key(values)
    return key.hex() if key else "0" * HEAD_KEY_DIGITS
