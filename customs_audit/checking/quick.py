"""Checking a file's rows many at a time: a part of a row that was met before is not checked again.

A month's rows repeat a few thousand parties, goods, verdicts and days, so that nearly every part of
a row was met before, with the same cells in the same order. What the rules say of a part is kept as
the text in which it is copied (pieces.py). What is stored is just what `check_row` says of every
row; tests/customs_audit/checking hold that for any cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from customs_audit.checking.amounts import AmountCheck
from customs_audit.checking.parties import PartyNotes
from customs_audit.checking.pieces import (
    HEAD_KEY_DIGITS,
    Cells,
    EntryPiece,
    Names,
    Piece,
    amounts_piece,
    codes_piece,
    day_piece,
    goods_piece,
    mode_piece,
    number_piece,
    party_piece,
    verdict_piece,
)
from customs_audit.checking.rows import FileRow, Shape
from customs_audit.checking.storing import RowStore, encode, escaped, fault_columns
from declarations.cell_json import to_json
from declarations.cells import Cell, Finding
from declarations.checks import Context, row_check
from declarations.faults import Level
from declarations.head_checks import check_years

# Pieces of a kind that are kept: beyond that they are forgotten all at once.
MOST_KEPT = 50_000
ENTRY_LENGTH, ENTRY_START = 18, 9  # of a 报关单号: all, and up to its serial number
_NUMBERS = frozenset({int, float, bool})
_NO_HEAD_KEY = "0" * HEAD_KEY_DIGITS
_GIVEN_AT_ONCE = 100  # lines

Key = Any
# A 报关单号 as JSON and as a column, the faults that name it, how many of them are errors and warnings.
EntryText = tuple[str, str, list[str], int, int]
# A row: its 报关单号, its entry, then its other parts in the order of rows.PARTS; amounts that are
# sound at first sight are their members of the row's object alone.
Pieces = tuple[EntryText, EntryPiece, Piece, Piece, Piece, Piece, Piece, Piece, Piece | str, Piece]


class Kept:
    """The pieces of one part of a row, by its cells."""

    def __init__(self, names: Names, make: Callable[[Names, Cells, Context], Piece]) -> None:
        self.names, self._make = names, make
        self.pieces: dict[Key, Piece] = {}

    def add(self, key: Key, cells: Cells, context: Context) -> Piece:
        """Check cells that were not met before."""
        piece = self._make(self.names, cells, context)
        keep(self.pieces, key, piece)
        return piece


class QuickCheck:
    """Checks rows of one shape, and gives them to a store."""

    def __init__(
        self, shape: Shape, context: Context, parties: PartyNotes, store: RowStore
    ) -> None:
        self._context, self._notes, self._store = context, parties, store
        self._sheet, self._slices = shape.sheet, shape.parts
        names = [shape.names[part] for part in shape.parts]
        self._entry_names, self._goods_names, self._amount_names = names[0], names[5], names[7]
        self._amounts = AmountCheck(self._amount_names)
        self._entries: dict[Key, EntryPiece] = {}
        self._days = Kept(names[1], day_piece)
        self._modes = Kept(names[2], mode_piece)
        self._numbers = Kept(names[3], number_piece)
        self._parties = Kept(names[4], self._new_party)
        self._codes = Kept(names[6], codes_piece)
        self._verdicts = Kept(names[8], verdict_piece)
        # By the texts, and by these with what else goods depend on.
        self._texts: dict[Key, Piece] = {}
        self._goods: dict[Key, Piece] = {}
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
            kinds = (self._days, self._modes, self._numbers, self._parties)
            for kept in (*kinds, self._codes, self._verdicts):
                kept.pieces.clear()
            for pieces in (self._entries, self._texts, self._goods):
                pieces.clear()

    def _pieces(self, cells: Cells) -> Pieces:
        entry, day, mode, number, party, goods, codes, amounts, verdict = self._slices
        of_entry = self._entry(cells[entry])
        of_day = self._of(self._days, cells[day])
        if of_day.year != of_entry.year and of_day.year and of_entry.year:
            years = self._years(cells[0], of_entry, of_day)
        else:
            years = ()
        of_amounts: Piece | str | None = self._amounts.sound(cells[amounts])
        if of_amounts is None:
            of_amounts = amounts_piece(self._amount_names, cells[amounts], self._context)
        return (
            self._entry_text(cells[0], of_entry, years),
            of_entry,
            of_day,
            self._of(self._modes, cells[mode]),
            self._of(self._numbers, cells[number]),
            self._of(self._parties, cells[party]),
            self._goods_of(cells[goods], of_entry, of_day),
            self._of(self._codes, cells[codes]),
            of_amounts,
            self._of(self._verdicts, cells[verdict]),
        )

    def _key(self, cells: Cells) -> Key:
        return (cells, tuple(map(type, cells))) if self._is_typed else cells

    def _of(self, kept: Kept, cells: Cells) -> Piece:
        key = (cells, tuple(map(type, cells))) if self._is_typed else cells
        return kept.pieces.get(key) or kept.add(key, cells, self._context)

    # --- the 报关单号, of which only the serial number may be new ------------------------------------

    def _entry(self, cells: Cells) -> EntryPiece:
        entry = cells[0]
        if not (
            type(entry) is str
            and len(entry) == ENTRY_LENGTH
            and entry.isascii()
            and entry[ENTRY_START:].isdigit()
        ):
            return EntryPiece(self._entry_names, cells, self._context)
        key = (entry[:ENTRY_START], self._key(cells[1:]))
        known = self._entries.get(key)
        if known is None:
            known = EntryPiece(self._entry_names, cells, self._context)
            if known.entry_id in ("", entry):  # else it was not read as it stands
                keep(self._entries, key, known)
        return known

    def _entry_text(self, cell: Cell, piece: EntryPiece, years: Sequence[Finding]) -> EntryText:
        if type(cell) is str and len(cell) == ENTRY_LENGTH and cell.isalnum() and cell.isascii():
            # Of another declaration's piece all but the serial number is this one's.
            json = f'"{cell}"'
            said = piece.entry_id
            entry_id = cell if said and said[:ENTRY_START] == cell[:ENTRY_START] else said
            found = [one._replace(value=cell) for one in piece.of_entry]
        else:
            json, entry_id = escaped(encode(to_json(cell))), piece.entry_id
            found = piece.of_entry
        if not years:
            return json, entry_id, [*map(fault_columns, found)], 0, 0
        errors = sum(one.level is Level.ERROR for one in years)
        faults = [*map(fault_columns, (*found, *years))]
        return json, entry_id, faults, errors, len(years) - errors

    def _years(self, cell: Cell, entry: EntryPiece, day: Piece) -> Sequence[Finding]:
        """What is wrong with years that differ."""
        row = row_check({"entry_id": cell}, self._context)
        check_years(row, entry.entry_id, day.values["declared_on"])
        return row.findings

    # --- goods and parties ---------------------------------------------------------------------------

    def _goods_of(self, cells: Cells, entry: EntryPiece, day: Piece) -> Piece:
        text = self._key(cells)
        # Years without a catalogue are all the same to goods.
        year = day.year if day.year in self._context.editions else 0
        key = (text, entry.ie_flag, year)
        piece = self._goods.get(key)
        if piece is None:
            like = self._texts.get(text)
            names = self._goods_names
            piece = goods_piece(names, cells, entry, day, self._context, like)
            keep(self._goods, key, piece)
            if like is None:
                keep(self._texts, text, piece)
        return piece

    def _new_party(self, names: Names, cells: Cells, context: Context) -> Piece:
        piece = party_piece(names, cells, context)
        self._new_parties.append((cells, piece))
        return piece

    def _look_up_parties(self) -> None:
        """Add what is stored of parties that were met for the first time."""
        new, self._new_parties = self._new_parties, []
        self._notes.learn([piece.values for _, piece in new])
        for cells, piece in new:
            by_name = dict(zip(self._parties.names, cells, strict=True))
            piece.add(self._notes.findings(piece.values, by_name))

    # --- lines to be copied ----------------------------------------------------------------------------

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
            line, said = _line(of_row)
            lines.append(f"{row_id}\t{upload}\t{number}\t{self._sheet}\t{row_number}\t{line}")
            if said:
                faults += [f"{row_id}\t{upload}\t{fault}\n" for fault in said]
            if len(lines) == _GIVEN_AT_ONCE:
                self._store.add("".join(lines), faults)
                lines, faults = [], []
        self._store.add("".join(lines), faults)


def _line(of_row: Pieces) -> tuple[str, list[str]]:
    """A row's columns from its state on, and its faults."""
    of_entry, entry, day, mode, number, party, goods, codes, amounts, verdict = of_row
    entry_json, entry_id, entry_faults, errors, warnings = of_entry
    faults: list[str] = []
    pieces: tuple[Piece, ...]
    if isinstance(amounts, str):
        json, pieces = amounts, (entry, day, mode, number, party, goods, codes, verdict)
    else:
        json = amounts.json
        pieces = (entry, day, mode, number, party, goods, codes, verdict, amounts)
    for piece in pieces:
        if piece.errors or piece.warnings:
            errors += piece.errors
            warnings += piece.warnings
            faults += piece.faults
    if entry_faults:
        faults += entry_faults
    key = f"{entry.columns}{mode.columns}{day.columns}{party.columns}"
    key = r"\N" if key == _NO_HEAD_KEY else rf"\\x{key}"
    return (
        f"{'faulty' if errors else 'clean'}\t1\t"
        f'{{"entry_id":{entry_json}{entry.json}{day.json}{mode.json}{number.json}{party.json}'
        f"{goods.json}{codes.json}{json}{verdict.json}}}\t{errors}\t{warnings}\t"
        f"{entry_id}\t{number.columns}\t{goods.columns}\t{key}\t{verdict.columns}\t\n"
    ), faults


def keep(kept: dict[Key, Any], key: Key, piece: Piece) -> None:
    """Keep a piece, and forget all others where they are too many."""
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = piece
