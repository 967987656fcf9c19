"""Cells survive the way over a pipe and through the database."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.cell_json import from_json, to_json
from declarations.cells import BadCell

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(1 - 10**15, 10**15 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=())),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(datetime.timedelta(0), datetime.timedelta(days=400)),
    st.builds(BadCell, st.sampled_from(["cell.formula", "cell.error"]), st.text(max_size=5)),
)


@given(CELLS)
def test_a_cell_comes_back_as_it_went(cell):
    sent = json.loads(json.dumps(to_json(cell)))
    assert from_json(sent) == cell
    assert type(from_json(sent)) is type(cell)


@pytest.mark.parametrize("number", [290920211000002000, -(10**15), 10**300])
def test_a_large_number_is_a_float_again_that_postgresql_has_made_whole(number):
    assert repr(from_json(number)) == repr(float(number))


@pytest.mark.parametrize("text", ["\x00", "a\ud800b", "规范\x00\udfff"])
def test_what_jsonb_can_not_hold_is_escaped(text):
    assert set(to_json(text)) == {"x"}
    assert json.dumps(to_json(text), ensure_ascii=False).encode()


@pytest.mark.parametrize("value", [[1], {"z": 1}])
def test_what_was_never_a_cell_is_refused(value):
    with pytest.raises(ValueError):
        from_json(value)
