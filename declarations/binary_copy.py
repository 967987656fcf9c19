"""Rows in PostgreSQL's binary COPY form, made of columns without an object for each value.

Every value of a column has the same number of bytes, so that rows are one numpy array. The form is
"Binary Format" of PostgreSQL's page on COPY; that of a numeric stands in its numeric.c
(numeric_recv).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
_BASE = 10_000


def binary_rows(columns: Sequence[Array]) -> bytes:
    """The rows of equally long columns: S (text of full width), bool, big-endian, or `numeric`.

    Raises ValueError where a text is shorter than its column.
    """
    layout: list[tuple[str, Any]] = [("fields", ">i2")]
    for place, column in enumerate(columns):
        if column.dtype.kind == "S" and (np.char.str_len(column) < column.dtype.itemsize).any():
            raise ValueError(f"column {place} holds texts of several lengths")
        layout += [(f"length{place}", ">i4"), (f"value{place}", column.dtype)]
    rows = np.empty(len(columns[0]), layout)
    rows["fields"] = len(columns)
    for place, column in enumerate(columns):
        rows[f"length{place}"] = column.dtype.itemsize
        rows[f"value{place}"] = column
    return rows.tobytes()


def whole(numbers: Array, size: int) -> Array:
    """Whole numbers for a smallint, integer, date (days since 2000) or bigint of `size` bytes."""
    return numbers.astype(f">i{size}")


def numeric(units: Array, scale: int) -> Array:
    """`units` (whole, not negative) / 10**scale as numerics; scale up to 4, values below 10**12."""
    number, rest = np.divmod(units, 10**scale)
    digits = [number // _BASE**2, number // _BASE % _BASE, number % _BASE]
    digits.append(rest * 10 ** (4 - scale))
    column = np.zeros(
        len(units), [("count", ">i2"), ("weight", ">i2"), ("sign", ">u2"), ("scale", ">u2"),
                     ("digits", ">i2", (len(digits),))],
    )  # fmt: skip
    column["count"], column["weight"], column["scale"] = len(digits), len(digits) - 2, scale
    for place, digit in enumerate(digits):
        column["digits"][:, place] = digit
    return column
