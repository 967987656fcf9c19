"""Checking a file's rows many at a time: a part of a row that was met before is not checked again.

A month's rows repeat a few thousand parties, goods, verdicts and days, so that nearly every part of
a row was met before, with the same cells in the same order. What the rules say of a part is kept as
the text in which it is copied (pieces.py). What is stored is just what `check_row` says of every
row; tests/customs_audit/checking hold that for any cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from customs_audit.checking.amounts import AmountCheck
from customs_audit.checking.parties import PartyNotes
from customs_audit.checking.pieces import (
    HEAD_KEY_DIGITS,
    Cells,
    HeadPiece,
    Piece,
    amounts_piece,
    codes_piece,
    goods_piece,
    number_piece,
    party_piece,
    verdict_piece,
)
from customs_audit.checking.rows import FileRow, Shape
from customs_audit.checking.storing import RowStore, encode, escaped, fault_columns
from declarations.cell_json import to_json
from declarations.checks import Context

# Pieces of a kind that are kept: beyond that they are forgotten all at once.
MOST_KEPT = 50_000
ENTRY_LENGTH, ENTRY_START = 18, 9  # of a 报关单号: all, and up to its serial number
_NUMBERS = frozenset({int, float, bool})
_NO_HEAD_KEY = "0" * HEAD_KEY_DIGITS
_GIVEN_AT_ONCE = 100  # lines

Key = Any
AnyPiece = TypeVar("AnyPiece", bound=Piece)
# A row's pieces: its 报关单号 as JSON and as a column, the faults that name it, and its parts.
Pieces = tuple[str, str, Sequence[str], HeadPiece, Piece, Piece, Piece, Piece, Piece | str, Piece]


class QuickCheck:
    """Checks rows of one shape, and gives them to a store."""

    def __init__(
        self, shape: Shape, context: Context, parties: PartyNotes, store: RowStore
    ) -> None:
        self._context, self._notes, self._store = context, parties, store
        self._sheet, self._slices = shape.sheet, shape.parts
        self._names = [shape.names[part] for part in shape.parts]
        self._amounts = AmountCheck(self._names[5])
        self._heads: dict[Key, HeadPiece] = {}
        self._kept: tuple[dict[Key, Piece], ...] = tuple({} for _ in range(5))
        self._new_parties: list[tuple[Cells, Piece]] = []
        self._kinds: set[type] = set()
        self._is_typed = False

    def check(self, rows: Sequence[FileRow]) -> None:
        """Check some rows and have them copied, while the next ones are checked."""
        self._look_at_types(rows)
        pieces = [self._pieces(cells) for _, cells in rows]
        self._store.wait()  # from here on the connection is needed
        self._look_up_parties()
        first, ids = self._store.begin(len(rows))
        try:
            self._give(rows, pieces, first, ids)
        finally:
            self._store.end()

    def _look_at_types(self, rows: Sequence[FileRow]) -> None:
        """1, 1.0 and True are equal and yet not the same: once a file has two, types count."""
        for _, cells in rows:
            self._kinds.update(map(type, cells))
        if not self._is_typed and len(self._kinds & _NUMBERS) > 1:
            self._is_typed = True
            self._heads.clear()
            for kept in self._kept:
                kept.clear()

    def _pieces(self, cells: Cells) -> Pieces:
        head, number, party, goods, codes, amounts, verdict = self._slices
        names = self._names
        context = self._context
        entry_json, entry_id, entry_faults, first = self._head(cells[head])

        kept_numbers, kept_parties, kept_goods, kept_codes, kept_verdicts = self._kept
        part = cells[number]
        key = self._key(part)
        of_number = kept_numbers.get(key) or _keep(
            kept_numbers, key, number_piece(names[1], part, context)
        )
        part = cells[party]
        key = self._key(part)
        of_party = kept_parties.get(key)
        if of_party is None:
            of_party = _keep(kept_parties, key, party_piece(names[2], part, context))
            self._new_parties.append((part, of_party))
        part = cells[goods]
        key = (self._key(part), first.said)
        of_goods = kept_goods.get(key) or _keep(
            kept_goods, key, goods_piece(names[3], part, first, context)
        )
        part = cells[codes]
        key = self._key(part)
        of_codes = kept_codes.get(key) or _keep(
            kept_codes, key, codes_piece(names[4], part, context)
        )
        part = cells[amounts]
        of_amounts = self._amounts.sound(part)
        part = cells[verdict]
        key = self._key(part)
        of_verdict = kept_verdicts.get(key) or _keep(
            kept_verdicts, key, verdict_piece(names[6], part, context)
        )
        return (
            entry_json,
            entry_id,
            entry_faults,
            first,
            of_number,
            of_party,
            of_goods,
            of_codes,
            of_amounts
            if of_amounts is not None
            else amounts_piece(names[5], cells[amounts], context),
            of_verdict,
        )

    def _key(self, cells: Cells) -> Key:
        return (cells, tuple(map(type, cells))) if self._is_typed else cells

    def _head(self, cells: Cells) -> tuple[str, str, Sequence[str], HeadPiece]:
        """The 报关单号 and all else of the head, of which only the serial number may be new."""
        entry = cells[0]
        if not (
            type(entry) is str
            and len(entry) == ENTRY_LENGTH
            and entry.isascii()
            and entry[ENTRY_START:].isdigit()
        ):
            piece = HeadPiece(self._names[0], cells, self._context)
            faults = [*map(fault_columns, piece.of_entry)]
            return escaped(encode(to_json(entry))), piece.entry_id, faults, piece
        key = (entry[:ENTRY_START], self._key(cells[1:]))
        known = self._heads.get(key)
        if known is None:
            known = HeadPiece(self._names[0], cells, self._context)
            if known.entry_id in ("", entry):  # else it was not read as it stands
                _keep(self._heads, key, known)
        faults = [fault_columns(found._replace(value=entry)) for found in known.of_entry]
        entry_id = entry if known.entry_id else ""
        return f'"{entry}"', entry_id, faults, known

    def _look_up_parties(self) -> None:
        """Add what is stored of parties that were met for the first time."""
        new, self._new_parties = self._new_parties, []
        self._notes.learn([piece.values for _, piece in new])
        for cells, piece in new:
            by_name = dict(zip(self._names[2], cells, strict=True))
            piece.add(self._notes.findings(piece.values, by_name))

    def _give(
        self, rows: Sequence[FileRow], pieces: Sequence[Pieces], first: int, ids: Sequence[int]
    ) -> None:
        """Give the store the lines of rows and faults."""
        lines: list[str] = []
        faults: list[str] = []
        upload = self._store.upload_id
        for number, (row_number, _), row_id, of_row in zip(
            range(first, first + len(rows)), rows, ids, pieces, strict=True
        ):
            line, said = self._line(of_row)
            place = f"{row_id}\t{upload}\t{number}\t{self._sheet}\t{row_number}\t"
            lines.append(place + line)
            if said:
                faults += [f"{row_id}\t{upload}\t{fault}\n" for fault in said]
            if len(lines) == _GIVEN_AT_ONCE:
                self._store.add("".join(lines), faults)
                lines, faults = [], []
        self._store.add("".join(lines), faults)

    def _line(self, of_row: Pieces) -> tuple[str, list[str]]:
        """A row's columns from its state on, and its faults."""
        entry_json, entry_id, entry_faults, head, number, party, goods, codes, amounts, verdict = (
            of_row
        )
        errors = head.errors + number.errors + party.errors
        errors += goods.errors + codes.errors + verdict.errors
        warnings = head.warnings + number.warnings + party.warnings
        warnings += goods.warnings + codes.warnings + verdict.warnings
        amount_faults: tuple[str, ...] = ()
        if isinstance(amounts, str):
            json = amounts
        else:
            json, amount_faults = amounts.json, amounts.faults
            errors += amounts.errors
            warnings += amounts.warnings
        key = head.columns + party.columns
        key = r"\N" if key == _NO_HEAD_KEY else rf"\\x{key}"
        line = (
            f"{'faulty' if errors else 'clean'}\t1\t"
            f'{{"entry_id":{entry_json}{head.json}{number.json}{party.json}{goods.json}'
            f"{codes.json}{json}{verdict.json}}}\t{errors}\t{warnings}\t"
            f"{entry_id}\t{number.columns}\t{goods.columns}\t{key}\t{verdict.columns}\t\n"
        )
        if not (errors or warnings):
            return line, []
        return line, [
            *entry_faults,
            *head.faults,
            *number.faults,
            *party.faults,
            *goods.faults,
            *codes.faults,
            *amount_faults,
            *verdict.faults,
        ]


def _keep(kept: dict[Key, AnyPiece], key: Key, piece: AnyPiece) -> AnyPiece:
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = piece
    return piece
