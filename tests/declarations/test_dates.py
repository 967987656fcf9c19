"""Reading dates in every form that files carry."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.dates import parse_date

DAY = datetime.date(2021, 3, 14)


@pytest.mark.parametrize(
    "cell",
    [
        "20210314",
        "20210314102030",
        "2021-03-14",
        "2021-3-14",
        "2021/3/14",
        "2021.03.14",
        "2021年3月14日",
        "2021-03-14 10:20:30",
        "2021-03-14T10:20:30.5",
        " 2021/03/14 0:00 ",
        DAY,
        datetime.datetime(2021, 3, 14, 23, 59),
        44269,
        44269.446,
        "44269",
        "44269.446",
        20210314.0,
    ],
)
def test_it_reads_a_date(cell):
    assert parse_date(cell) == DAY


@pytest.mark.parametrize(
    "cell",
    [
        "", "20210230", "2021-13-01", "2021-02-29", "14/03/2021", "三月", "2021", "２０２１０３１４",
        True, None, float("nan"), float("inf"), -1, 0, 35000, 1e12, 44269.5e3, datetime.time(10, 0),
    ],
)  # fmt: skip
def test_it_reads_no_date_where_there_is_none(cell):
    assert parse_date(cell) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes()))
def test_it_never_raises(cell):
    found = parse_date(cell)
    assert found is None or type(found) is datetime.date


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)))
def test_every_form_of_a_date_reads_the_same(day):
    serial = (day - datetime.date(1899, 12, 30)).days
    for cell in (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}", serial):
        assert parse_date(cell) == day
