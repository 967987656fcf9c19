"""How single differences are told: what each is, what is marked, what is said. All invented.

The table beside this module has one difference a row: the element, my value, their value; then the
kind by which they are compared, the relation, both values as shown with what differs in 〔〕, and the
note beside them. Every row was judged by hand.
"""

import csv
from pathlib import Path
from typing import NamedTuple


class Case(NamedTuple):
    """One difference and what is to be said of it."""

    element: str
    mine: str
    theirs: str
    kind: str
    relation: str
    my_marks: str
    their_marks: str
    note: str


def read_cases() -> list[Case]:
    """Read the table; a quotation mark is a character like any other."""
    path = Path(__file__).with_suffix(".tsv")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return [Case(*row) for row in rows]


CASES = read_cases()
