"""The fast way through a sheet, the thorough way and calamine agree on whatever cells there are."""

import contextlib
import csv
import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from declarations.files import sheets
from declarations.files.refusing import Refused
from declarations.files.tables import open_table
from declarations.files.text_tables import TextTable
from tests.declarations.reading_files.packages import (
    letters,
    strings_xml,
    workbook_parts,
    write_parts,
)
from tests.declarations.reading_files.packages import sheet_xml as whole_sheet

STRINGS = ["轮毂轴承", "", " 两端 ", "<&\"'>", "a\nb", "_x000D_", "_x005F_x0041_", "\U00020bb7"]
ESCAPED = {"&": "&amp;", "<": "&lt;"}


def bad(rule, text):
    return (rule, text)


def opened(path):
    return open_table(path.open("rb"), path.suffix[1:], bad)


def in_xml(text):
    return "".join(ESCAPED.get(letter, letter) for letter in text)


PLAIN_TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=6)
NUMBERS = st.one_of(
    st.integers(-(10**9), 10**18).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["0", "1E5", "2.90920211000002E+17", "44267.446", "0.5", "1.5"]),
)
CELLS = st.one_of(
    st.integers(0, len(STRINGS) - 1).map(lambda at: f' t="s"><v>{at}</v></c>'),
    NUMBERS.map(lambda value: f"><v>{value}</v></c>"),
    st.integers(0, 80_000).map(lambda value: f' s="1"><v>{value / 2}</v></c>'),
    NUMBERS.map(lambda value: f' s="2" t="n"><v>{value}</v></c>'),
    PLAIN_TEXTS.map(
        lambda text: f' t="inlineStr"><is><t xml:space="preserve">{in_xml(text)}</t></is></c>'
    ),
    PLAIN_TEXTS.map(lambda text: f' t="str"><v>{in_xml(text)}</v></c>'),
    st.sampled_from(
        [
            ' t="b"><v>1</v></c>',
            ' t="e"><v>#REF!</v></c>',
            ' s="3"/>',
            "></c>",
            "><v></v></c>",
            "><f>1+1</f><v>2</v></c>",
            ' t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c>',
            " >\n<v>5</v>\n</c>",
        ]
    ),
)
TABLES = st.dictionaries(
    st.integers(1, 40), st.dictionaries(st.integers(0, 30), CELLS, max_size=6), max_size=8
)


def rows_xml(table):
    made = ""
    for number in sorted(table):
        cells = "".join(
            f'<c r="{letters(column)}{number}"{table[number][column]}'
            for column in sorted(table[number])
        )
        made += f'<row r="{number}">{cells}</row>'
    return made


def write(folder, table):
    parts = workbook_parts({"数据": whole_sheet(rows_xml(table))}, strings=strings_xml(STRINGS))
    return write_parts(folder / "a.xlsx", parts)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_the_fast_way_gives_what_the_thorough_way_gives(tmp_path_factory, table):
    path = write(tmp_path_factory.getbasetemp(), table)
    fast = list(opened(path).rows(0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "_read_fast", not_at_all)
        thorough = list(opened(path).rows(0))
    assert fast == thorough


def not_at_all(*_):
    raise sheets._OtherForm


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_calamine_gives_the_same_but_for_formulas_errors_and_escapes(tmp_path_factory, table):
    path = write(tmp_path_factory.getbasetemp(), table)
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    theirs = {}
    first = [""] * sheet.start[1] if sheet.start else []
    for number, cells in enumerate(sheet.iter_rows() if sheet.start else (), start=1):
        for column, cell in enumerate([*first, *cells]):
            if cell != "":
                theirs[number, column] = cell
    ours = {
        (number, column): cell
        for number, cells in opened(path).rows(0)
        for column, cell in enumerate(cells)
        if cell != ""
    }
    for place, cell in ours.items():
        if isinstance(cell, tuple) or place not in theirs:
            continue  # what calamine doesn't tell
        their = theirs[place]
        if isinstance(cell, str) and "_" in their:
            continue  # escapes that calamine leaves as they stand
        assert cell == their or near(cell, their), place
    assert all(place in ours for place in theirs)


def near(ours, theirs):
    """Moments agree to a millisecond."""
    if isinstance(ours, datetime.datetime) and isinstance(theirs, datetime.datetime):
        return abs(ours - theirs) <= datetime.timedelta(milliseconds=1)
    return False


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.binary(max_size=4), st.integers(0, 10**6))
def test_whatever_stands_in_a_sheet_is_read_or_refused(tmp_path_factory, cut, junk, at):
    """A good sheet with some bytes cut out and others put in."""
    table = {1: {0: CELLS_GOOD, 3: CELLS_GOOD}, 2: {1: CELLS_GOOD}}
    text = whole_sheet(rows_xml(table)).encode()
    at %= len(text)
    parts = workbook_parts(
        {"数据": text[:at] + junk + text[at + cut :]}, strings=strings_xml(STRINGS)
    )
    path = write_parts(tmp_path_factory.getbasetemp() / "a.xlsx", parts)
    with contextlib.suppress(Refused):
        assert all(number > 0 and cells for number, cells in opened(path).rows(0))


CELLS_GOOD = ' t="s"><v>0</v></c>'


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), min_size=1, max_size=4)),
       st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))  # fmt: skip
def test_a_csv_gives_back_what_was_written(tmp_path_factory, rows, encoding):
    path = tmp_path_factory.getbasetemp() / "a.csv"
    rows = [[cell.replace("\0", "") for cell in row] for row in rows]
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    with path.open("rb") as file:
        found = dict(TextTable(file).rows(0)) if path.stat().st_size else {}
    assert found == {at: row for at, row in enumerate(rows, start=1) if any(row)}
