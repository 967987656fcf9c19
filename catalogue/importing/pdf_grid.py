"""A page's rules and characters → the rows of its ruled tables and the text lines between them.

No PDF library here: geometry only. Coordinates as in pdf_content.py.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from catalogue.importing.pdf_content import Character, OversizedPage, PageContent, Rule

_NEAR = 3.0  # points: rules nearer than this are one
_SAME_LINE = 0.4  # of a character's size: baselines nearer than this are one line
_OVERFLOW = 0.2  # of a character's size: the gap below which a run of characters goes on
MAX_COLUMNS, MAX_ROWS = 40, 2_000  # of one table on a page
SPLIT = "\n"  # parts a cell's text where a rule that doesn't cross the first column divides it


class GridRow(NamedTuple):
    """A row of a ruled table: where its columns' borders are, and each cell's text.

    Text lines of one cell are joined without a break; `SPLIT` parts cells that stand above one
    another in the row (the head's 申报要素 over 归类要素). `merged` names the columns, from 0, whose
    cell goes on in the row below.
    """

    edges: tuple[float, ...]
    cells: tuple[str, ...]
    merged: tuple[int, ...] = ()


class TextLine(NamedTuple):
    """A line outside tables: its text, edges, and height on the page (0 bottom to 1 top)."""

    text: str
    left: float
    right: float
    height: float


Block = GridRow | TextLine


class _Table(NamedTuple):
    """A ruled region: column borders left to right; row borders top down; per column its rules."""

    edges: tuple[float, ...]
    rows: tuple[float, ...]
    cuts: tuple[tuple[float, ...], ...]


def page_blocks(content: PageContent) -> list[Block]:
    """Give the table rows and text lines of a page, from top to bottom. Raises OversizedPage."""
    tables = list(_tables(content.horizontals, content.verticals))
    inside: list[list[Character]] = [[] for _ in tables]
    outside: list[Character] = []
    for character in content.characters:
        for table, held in zip(tables, inside, strict=True):
            if _holds(table, character):
                held.append(character)
                break
        else:
            outside.append(character)
    placed: list[tuple[float, Block]] = []
    for table, held in zip(tables, inside, strict=True):
        rows = _rows(table, held)
        placed += [(top, row) for top, row in zip(table.rows, rows, strict=False)]
    for line in _lines(outside):
        text = "".join(character.text for character in line).strip()
        if text:
            height = line[0].baseline
            block = TextLine(text, line[0].left, line[-1].right, height / (content.height or 1))
            placed.append((height, block))
    placed.sort(key=lambda pair: -pair[0])
    return [block for _, block in placed]


def _tables(horizontals: Sequence[Rule], verticals: Sequence[Rule]) -> Iterable[_Table]:
    """Find the ruled regions: where vertical rules stand, taken together by their heights."""
    for bottom, top in _joined((rule.start, rule.end) for rule in verticals):
        edges = _clusters(
            rule.place for rule in verticals if rule.start < top and rule.end > bottom
        )
        across = [rule for rule in horizontals if bottom - _NEAR <= rule.place <= top + _NEAR]
        if len(edges) < 2 or not across:
            continue
        places = _clusters(rule.place for rule in across)
        if len(edges) > MAX_COLUMNS or len(places) > MAX_ROWS:
            raise OversizedPage
        cuts = tuple(
            tuple(sorted((p for p in places if _crosses(across, p, middle)), reverse=True))
            for middle in ((left + right) / 2 for left, right in pairwise(edges))
        )
        # The first column's rules part the rows; the region's own ends close them.
        rows = sorted({*cuts[0], max(top, *places), min(bottom, *places)}, reverse=True)
        kept = [rows[0]] + [low for high, low in pairwise(rows) if high - low > _NEAR]
        yield _Table(edges, tuple(kept), cuts)


def _crosses(rules: Iterable[Rule], place: float, x: float) -> bool:
    return any(abs(r.place - place) <= _NEAR and r.start <= x <= r.end for r in rules)


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join spans that touch or overlap."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + _NEAR:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _clusters(places: Iterable[float]) -> tuple[float, ...]:
    """Give one place for each group of near ones, in rising order."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _NEAR:
            found.append(place)
    return tuple(found)


def _middle(character: Character) -> tuple[float, float]:
    # A baseline lies low in its line; a third of the size above it is the middle of the glyph.
    return (character.left + character.right) / 2, character.baseline + character.size / 3


def _holds(table: _Table, character: Character) -> bool:
    x, y = _middle(character)
    return table.rows[-1] <= y <= table.rows[0] and table.edges[0] <= x <= table.edges[-1]


def _rows(table: _Table, characters: Sequence[Character]) -> list[GridRow]:
    """Put characters into cells and give the rows from top to bottom."""
    count = len(table.edges) - 1
    falling = [-place for place in table.rows]
    cells: list[list[list[Character]]] = [[[] for _ in range(count)] for _ in table.rows[1:]]
    for line in _lines(characters):
        for column, character in _by_column(table.edges, line):
            row = bisect_right(falling, -_middle(character)[1]) - 1
            cells[min(max(row, 0), len(cells) - 1)][column].append(character)
    rows = []
    for (top, bottom), row_cells in zip(pairwise(table.rows), cells, strict=True):
        texts, merged = [], []
        for column, held in enumerate(row_cells):
            inner = [p for p in table.cuts[column] if bottom + _NEAR < p < top - _NEAR]
            texts.append(_cell_text(held, inner))
            closed = any(abs(cut - bottom) <= _NEAR for cut in table.cuts[column])
            if not closed and bottom > table.rows[-1]:
                merged.append(column)
        rows.append(GridRow(table.edges, tuple(texts), tuple(merged)))
    return rows


def _by_column(
    edges: Sequence[float], line: Sequence[Character]
) -> Iterable[tuple[int, Character]]:
    """Give each character of a line its column; one that runs over the border stays in its own."""
    before: tuple[int, Character] | None = None
    for character in line:
        column = min(max(bisect_right(edges, _middle(character)[0]) - 1, 0), len(edges) - 2)
        if before is not None and column > before[0]:
            border = edges[column]
            gap = character.left - before[1].right
            # A cell's own text begins behind its border and some padding.
            runs_over = character.left <= border or before[1].right > border
            if runs_over and gap < _OVERFLOW * character.size:
                column = before[0]
        before = column, character
        yield before


def _cell_text(characters: Sequence[Character], cuts: Sequence[float]) -> str:
    parts: list[list[Character]] = [[] for _ in range(len(cuts) + 1)]
    for character in characters:
        y = _middle(character)[1]
        parts[sum(1 for cut in cuts if y < cut)].append(character)
    return SPLIT.join(
        "".join(character.text for line in _lines(part) for character in line).strip()
        for part in parts
    )


def _lines(characters: Iterable[Character]) -> list[list[Character]]:
    """Sort characters into lines from top to bottom, each from left to right."""
    lines: list[list[Character]] = []
    for character in sorted(characters, key=lambda c: -c.baseline):
        near = _SAME_LINE * character.size
        if lines and lines[-1][0].baseline - character.baseline < near:
            lines[-1].append(character)
        else:
            lines.append([character])
    for line in lines:
        line.sort(key=lambda c: c.left)
    return lines
