"""After any edits, checking the edited rows again gives what a full check of all cells gives."""

import random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customs_audit.checking import recheck, refresh_state
from customs_audit.models import UploadRow
from declarations.cell_json import from_json, to_json
from declarations.cells import BadCell
from declarations.headers import LABELS
from tests.customs_audit.checking.uploads import check_cells, faults_of, stored
from tests.declarations.files import OTHER_USCC, audited_row, entry_id
from tests.factories import make_audit, make_enterprise, make_line

pytestmark = pytest.mark.django_db


def edit(upload, edits):
    """Change cells as a page does, {number: {field: cell}}, and check again."""
    with transaction.atomic():
        for number, cells in edits.items():
            row = UploadRow.objects.get(upload=upload, number=number)
            row.cells |= {name: to_json(cell) for name, cell in cells.items()}
            row.save(update_fields=["cells"])
        recheck(upload, list(edits))


def full_check_of(upload):
    """What a full check of the upload's present cells gives."""
    rows = UploadRow.objects.filter(upload=upload).order_by("number")
    cells = [{name: from_json(cell) for name, cell in row.cells.items()} for row in rows]
    return stored(check_cells(cells, upload))


def test_a_mended_row_is_clean():
    upload = check_cells([audited_row(1), audited_row(2, hs_code="1")])
    edit(upload, {2: {"hs_code": "8482103000"}})
    refresh_state(upload)
    assert faults_of(upload) == set()
    assert UploadRow.objects.get(upload=upload, number=2).state == "clean"
    assert upload.state == "to_release"


def test_an_edit_changes_the_faults_of_rows_that_it_ties_and_of_those_it_tied():
    upload = check_cells([audited_row(1), audited_row(1), audited_row(2)])
    assert faults_of(upload) == {(2, "line.repeated", "g_no")}
    edit(upload, {1: {"entry_id": entry_id(2)}})
    assert faults_of(upload) == {(3, "line.repeated", "g_no")}
    assert UploadRow.objects.get(upload=upload, number=2).state == "clean"


def test_a_row_whose_release_was_withdrawn_waits_for_a_look_when_only_its_neighbour_is_edited():
    upload = check_cells([audited_row(1, 1), audited_row(1, 2)])
    UploadRow.objects.filter(upload=upload, number=1).update(state="faulty")
    edit(upload, {2: {"trade_mode": "1039"}})
    assert UploadRow.objects.get(upload=upload, number=1).state == "faulty"


# Few values, so that rows meet: the same lines, declarations, contents and parties again and again.
POOLS = {
    "entry_id": [entry_id(1), entry_id(2), entry_id(3), f" {entry_id(1)} ", "x", ""],
    "g_no": ["1", "2", 1.0, "0"],
    "trade_mode": ["0110", "1039", 110.0, "0111"],
    "declared_on": ["20250314", "2025-03-14", 45730.0, "20250315", ""],
    "ie_flag": ["I", "进口", "E"],
    "trader_uscc": [audited_row()["trader_uscc"], OTHER_USCC, ""],
    "trader_name": ["大连虚构贸易有限公司", "别的名称", ""],
    "hs_code": ["8482103000", 8482103000.0, "1"],
    "g_model": [
        "0|3|角接触球轴承|无品牌|LB5C2C300BB",
        "0|3|角接触球轴承|无品牌|LB5C2C300BB||",
        "4|3|x",
    ],
    "verdict": ["规范", "不规范", "?"],
    "reason_code": ["", "R01"],
    "g_qty": ["10", 10.0, 12.0, "-1"],
}


def drawn(rng):
    """Cells that differ from a sound row in a few fields."""
    names = rng.sample(sorted(POOLS), rng.randrange(5))
    return {name: rng.choice(POOLS[name]) for name in names}


def test_any_edits_and_a_recheck_give_what_a_full_check_gives():
    rng = random.Random(20250901)
    agent = make_enterprise("大连虚构贸易有限公司", uscc=audited_row()["trader_uscc"])
    row = audited_row()
    text = {"name": row["g_name"], "g_model": row["g_model"], "hs_code": row["hs_code"]}
    make_audit(make_line(agent, entry_id=entry_id(2), **text), conforming=False)
    for _ in range(12):
        upload = check_cells(
            [audited_row(rng.randrange(1, 4), rng.randrange(1, 3)) | drawn(rng) for _ in range(9)]
        )
        for _ in range(3):
            numbers = rng.sample(range(1, 10), rng.randrange(1, 4))
            edit(upload, {number: drawn(rng) for number in numbers})
        again = stored(upload)
        assert again == full_check_of(upload)
        upload.delete()


ANY_CELL = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="0123456789.E+|无牌<>｜\\\t\n ", max_size=20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([-0.0, 1, 1.0, True, False, 0, 2.90920211000002e17, 3.301963e86, 45730.4]),
    st.dates(),
    st.datetimes(),
    st.just(BadCell("cell.error", "#REF!")),
)
ANY_ROW = st.dictionaries(st.sampled_from(sorted(LABELS)), ANY_CELL, max_size=8)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ANY_ROW, min_size=1, max_size=8), st.booleans())
def test_whatever_cells_hold_the_quick_check_says_what_the_check_of_each_row_says(rows, is_typed):
    upload = check_cells([audited_row(n) | row for n, row in enumerate(rows, 1)], is_typed=is_typed)
    first = stored(upload)
    with transaction.atomic():
        recheck(upload, range(1, len(rows) + 1))
    assert stored(upload) == first
