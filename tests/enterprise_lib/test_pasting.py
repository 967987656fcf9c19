"""Text copied from Excel: cut into cells as Excel means them, no row lost, whatever was pasted."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from enterprise_lib.checking.columns import find_columns
from enterprise_lib.checking.intake import IntakeRefused, take_paste
from enterprise_lib.checking.pasting import split_cells


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a\tb\nc\td", [["a", "b"], ["c", "d"]]),
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ("a\t\t\n", [["a", "", ""]]),
        ("a\n\nb", [["a"], [""], ["b"]]),
        ('a\t"b\nc"\td\ne', [["a", "b\nc", "d"], ["e"]]),
        ('"say ""hi""\nthere"\tb', [['say "hi"\nthere', "b"]]),
        ('10"管\tb', [['10"管', "b"]]),
        ('"A"牌\tb\nc', [['"A"牌', "b"], ["c"]]),
        ('"ON"\tb', [['"ON"', "b"]]),
        ('"left open\tb\nc\td', [['"left open', "b"], ["c", "d"]]),
        ("", [[""]]),
    ],
)
def test_cells_are_those_that_excel_means(text, cells):
    assert split_cells(text) == cells


CELL = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
PLAIN_CELL = CELL.map(lambda t: "".join(c for c in t if c not in '\t\r\n"'))


def quoted(cell: str) -> str:
    """As Excel copies a cell."""
    return '"' + cell.replace('"', '""') + '"' if "\n" in cell else cell


@given(
    st.lists(st.lists(PLAIN_CELL | PLAIN_CELL.map(lambda t: f"{t}\n甲"), min_size=1), min_size=1)
)
def test_a_table_as_excel_copies_it_comes_back_cell_by_cell(table):
    text = "".join("\t".join(map(quoted, row)) + "\r\n" for row in table)
    assert split_cells(text) == table


@given(st.text(alphabet=st.sampled_from('ab"\t\r\n|'), max_size=60) | st.text())
@example('"\n"' * 50)
def test_any_text_is_cut_and_nothing_visible_is_lost(text):
    rows = split_cells(text)
    kept = "".join("".join(row) for row in rows)
    for sign in set(text) - set('"\t\r\n'):
        assert kept.count(sign) == text.count(sign)


@given(st.text(alphabet=st.sampled_from('8542399000|"\t\n商品编码规格型号IE '), max_size=200))
def test_no_pasted_row_is_lost(text):
    try:
        taken = take_paste(text)
    except IntakeRefused as refused:
        assert str(refused).endswith("。")
        return
    rows = [n for n, row in enumerate(split_cells(text), 1) if any(c.strip() for c in row)]
    columns = find_columns([(n, split_cells(text)[n - 1]) for n in rows])
    assert [line.number for line in taken.lines] == [n for n in rows if n >= columns.first_row]


def test_a_long_run_of_quotation_marks_takes_no_time():
    text = '"' * 200_000 + "\n" + ('"""\n' * 50_000)
    assert len(split_cells(text)) > 1
