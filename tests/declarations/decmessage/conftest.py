"""What the tests of DecMessages share."""

import datetime

import pytest

from declarations.checks import Context, check_row
from declarations.decmessage.rows import Messages
from declarations.faults import Fault


@pytest.fixture
def checked_faults():
    """Write a message, read and check it as an import does, and give every fault."""

    def faults(tmp_path, text):
        path = tmp_path / "报关单.xml"
        path.write_text(text, encoding="utf-8")
        context = Context(today=datetime.date(2026, 1, 1))
        found = []
        for row in Messages(path).rows():
            if isinstance(row, Fault):
                found.append(row)
            else:
                found += row.faults(check_row(row.cells, context).findings)
        return found

    return faults
