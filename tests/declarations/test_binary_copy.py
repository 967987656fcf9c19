"""Rows in the binary form of COPY are read by PostgreSQL as the values they were made of."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from declarations.binary_copy import HEADER, TRAILER, binary_rows, numeric, whole


def read_back(types, columns):
    """The rows that PostgreSQL reads of columns; `types` are those of a table's columns."""
    with connection.cursor() as cursor:
        names = [f"c{place} {kind}" for place, kind in enumerate(types)]
        cursor.execute("DROP TABLE IF EXISTS copied")
        cursor.execute(f"CREATE TEMPORARY TABLE copied ({', '.join(names)}) ON COMMIT DROP")
        with cursor.copy("COPY copied FROM STDIN (FORMAT binary)") as copy:
            for part in (HEADER, binary_rows(columns), TRAILER):
                copy.write(part)
        cursor.execute("SELECT * FROM copied")
        return cursor.fetchall()


@pytest.mark.django_db
def test_texts_numbers_days_and_truths_are_what_they_were():
    rows = read_back(
        ["text", "smallint", "integer", "bigint", "date", "boolean"],
        [
            np.array(["0901", "0102"], "S"),
            whole(np.array([1, -2]), 2),
            whole(np.array([70_000, -70_000]), 4),
            whole(np.array([2**40, 0]), 8),
            whole(np.array([0, 9_131]), 4),
            np.array([True, False]),
        ],
    )
    assert rows == [
        ("0901", 1, 70_000, 2**40, date(2000, 1, 1), True),
        ("0102", -2, -70_000, 0, date(2024, 12, 31), False),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("scale", [0, 2, 4])
def test_numerics_are_what_they_were_and_of_the_columns_scale(scale):
    @given(st.lists(st.integers(0, 10 ** (12 + scale) - 1), min_size=1, max_size=20))
    def check(units):
        rows = read_back(["numeric(19,5)", "numeric"], [numeric(np.array(units), scale)] * 2)
        for (rounded, plain), value in zip(rows, units, strict=True):
            assert str(rounded) == f"{Decimal(value).scaleb(-scale):.5f}"
            assert str(plain) == f"{Decimal(value).scaleb(-scale):.{scale}f}"

    check()


def test_a_text_shorter_than_its_column_is_refused():
    with pytest.raises(ValueError, match="column 1"):
        binary_rows([np.array([True, True]), np.array(["CHN", "CN"], "S3")])
