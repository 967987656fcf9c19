"""What the tests of imports share: importing rows, and seeing that nothing was stored."""

import pytest

from authorization.models import CustomsCode, Enterprise
from catalogue.models import Outbox
from declarations.faults import FaultLog, ImportRefused
from declarations.loading import import_declarations
from declarations.models import Content, DeclaredLine, Goods, ImportRun
from tests.declarations.files import write_csv

STORED = (Enterprise, CustomsCode, Content, Goods, DeclaredLine, ImportRun, Outbox)


@pytest.fixture
def load(tmp_path):
    """Import rows (or a written file) and give the counts."""

    def load_rows(rows, **options):
        path = write_csv(tmp_path / "data.csv", rows, **options) if isinstance(rows, list) else rows
        with FaultLog(tmp_path / "faults", "data") as load_rows.log:
            return import_declarations(path, load_rows.log)

    return load_rows


@pytest.fixture
def refused(load):
    """Import rows that are refused, see that nothing was stored, and give (row, rule) of each
    error, the first twenty.
    """

    def load_refused(rows):
        before = [model.objects.count() for model in STORED]
        with pytest.raises(ImportRefused):
            load(rows)
        assert [model.objects.count() for model in STORED] == before
        return [(fault.row, fault.rule) for fault in load.log.first]

    return load_refused
