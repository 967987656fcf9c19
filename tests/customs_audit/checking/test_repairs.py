"""Excel's damage: repaired where there is one way back, with its proof; else left to be mended."""

import datetime

import pytest

from customs_audit.checking import repairs as repairing
from customs_audit.checking import sentence_of
from customs_audit.checking.repairs import accept, offered, reliable_digits
from customs_audit.models import UploadFault, UploadRow, UploadRowChange
from tests.customs_audit.checking.uploads import check_cells, faults_of
from tests.declarations.files import audited_row, entry_id
from tests.factories import Listed, make_edition, make_enterprise, make_line, make_user

pytestmark = pytest.mark.django_db

ROW = audited_row(1)
TEXT = {"name": ROW["g_name"], "g_model": ROW["g_model"], "hs_code": ROW["hs_code"]}
DAMAGED = float(entry_id(123456)[:-2] + "00")  # as Excel keeps it
DAY = datetime.date(2025, 3, 14)


def repairs_of(*rows, **fields):
    upload = check_cells(list(rows), **fields)
    return upload, {(one.column, one.rule): one for one in offered(upload)}


def cell(upload, number, field):
    return UploadRow.objects.get(upload=upload, number=number).cells[field]


@pytest.mark.parametrize(
    ("cells", "field", "rule", "after"),
    [
        ({"trade_mode": 110.0}, "trade_mode", "code.zero_padded", "0110"),
        ({"trade_mode": "110"}, "trade_mode", "trade_mode.form", "0110"),
        ({"trade_mode": 1039.0}, "trade_mode", "code.number_read", "1039"),
        ({"g_unit": 35.0}, "g_unit", "code.zero_padded", "035"),
        ({"g_unit": 7.0}, "g_unit", "code.zero_padded", "007"),
        ({"g_unit": "35"}, "g_unit", "unit.unknown", "035"),
        ({"hs_code": 306329000.0}, "hs_code", "code.zero_padded", "0306329000"),
        ({"declared_on": 45730.4}, "declared_on", "declared_on.serial", "2025-03-14"),
        ({"declared_on": "45730"}, "declared_on", "declared_on.serial", "2025-03-14"),
    ],
)
def test_what_has_one_way_back_is_offered_and_repaired(cells, field, rule, after):
    make_edition(
        2025, {"03063290": Listed("活、鲜的小虾", ["制作方法"]), "84821030": Listed("轴承")}
    )
    upload, repairs = repairs_of(audited_row(1, **cells), audited_row(2))
    repair = repairs[field, rule]
    assert (repair.rows, repair.after) == (1, after)
    assert after in repair.proof
    assert repair.proof.endswith("。")
    assert accept(upload, field, rule, None) == 1
    assert cell(upload, 1, field) == after
    assert (field, rule) not in {(name, broken) for _, broken, name in faults_of(upload)}
    assert offered(upload) == []


@pytest.mark.parametrize(
    "cells",
    [
        {"trade_mode": 111.0},  # 0111 is no code
        {"g_unit": "999"},
        {"hs_code": 306329000.0},  # no catalogue holds it
        {"declared_on": 44635.0},  # 2022: not the 报关单号's year
        {"entry_id": DAMAGED},  # no declared line
        {"trader_code": 3.301963e86},
    ],
)
def test_what_cannot_be_proven_is_not_offered(cells):
    make_edition(2025, {"84821030": Listed("轴承")})
    upload, repairs = repairs_of(audited_row(1, **cells))
    assert repairs == {}
    assert accept(upload, next(iter(cells)), "code.zero_padded", None) == 0


def test_a_lost_entry_number_is_found_as_the_only_line_of_the_same_text():
    trader = make_enterprise(uscc=ROW["trader_uscc"])
    line = make_line(trader, entry_id=entry_id(123456), declared_on=DAY, **TEXT)
    upload, repairs = repairs_of(audited_row(1, entry_id=DAMAGED))
    assert "前导零和末 2 位已丢失" in sentence_of(UploadFault.objects.get(rule="code.digits_lost"))
    repair = repairs["entry_id", "code.digits_lost"]
    assert (repair.rows, repair.after) == (1, line.entry_id)
    assert accept(upload, "entry_id", "code.digits_lost", None) == 1
    row = UploadRow.objects.get(upload=upload)
    assert (row.entry_id, row.state) == (line.entry_id, "clean")


@pytest.mark.parametrize("other", [{}, {"g_no": 2}, {"declared": False}])
def test_a_lost_entry_number_stays_lost_where_two_lines_or_none_have_that_text(other):
    trader = make_enterprise(uscc=ROW["trader_uscc"])
    make_line(trader, entry_id=entry_id(123456), declared_on=DAY, **TEXT | other)
    if not other:
        make_line(trader, entry_id=entry_id(123457), declared_on=DAY, **TEXT)
    _, repairs = repairs_of(audited_row(1, entry_id=DAMAGED))
    assert ("entry_id", "code.digits_lost") not in repairs


def test_no_code_is_put_in_the_place_of_one_that_was_declared():
    make_edition(2025, {"03063290": Listed("活、鲜的小虾", ["制作方法"])})
    trader = make_enterprise(uscc=ROW["trader_uscc"])
    texts = {"name": ROW["g_name"], "g_model": ROW["g_model"]}
    for number, code in ((1, "0306329000"), (2, "3063290000")):
        make_line(trader, entry_id=entry_id(number), declared_on=DAY, hs_code=code, **texts)
    rows = [audited_row(number, hs_code=306329000.0) for number in (1, 2, 3)]
    upload, repairs = repairs_of(*rows)
    assert repairs["hs_code", "code.zero_padded"].rows == 2
    assert accept(upload, "hs_code", "code.zero_padded", None) == 2
    assert [cell(upload, number, "hs_code") for number in (1, 2, 3)] == [
        "0306329000", 306329000.0, "0306329000",
    ]  # fmt: skip


def test_many_rows_are_repaired_in_several_goes(monkeypatch):
    monkeypatch.setattr(repairing, "MOST_AT_ONCE", 2)
    upload, _ = repairs_of(*(audited_row(n, trade_mode=110.0) for n in (1, 2, 3)))
    assert accept(upload, "trade_mode", "code.zero_padded", None) == 2
    assert [one.rows for one in offered(upload)] == [1]
    assert accept(upload, "trade_mode", "code.zero_padded", None) == 1
    assert offered(upload) == []


def test_every_repair_is_kept_as_a_change_of_the_whole_column_at_once():
    user = make_user()
    rows = [audited_row(n, trade_mode=110.0) for n in range(1, 5)]
    upload, repairs = repairs_of(*rows, audited_row(5, trade_mode=111.0))
    assert repairs["trade_mode", "code.zero_padded"].rows == 4
    UploadRow.objects.filter(upload=upload, number=4).update(
        state="set_aside", set_aside_reason="以后再说"
    )
    assert accept(upload, "trade_mode", "code.zero_padded", user) == 3
    changes = UploadRowChange.objects.filter(row__upload=upload)
    assert {(c.field, c.before, c.after, c.how, c.by, c.version) for c in changes} == {
        ("trade_mode", 110.0, "0110", "repair", user, 2)
    }
    versions = UploadRow.objects.filter(upload=upload).order_by("number")
    assert [row.version for row in versions] == [2, 2, 2, 1, 1]
    assert [row.state for row in versions] == ["clean", "clean", "clean", "set_aside", "faulty"]


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        (2.90920211000002e17, "290920211000002"),
        ("2.90920211000002E+17", "290920211000002"),
        (9.01202510001234e16, "0901202510001234"),
        ("9.01202510001234E+16", "0901202510001234"),
        (90120251000123456.0, ""),
        ("2.90920211E+17", ""),
        ("2.9092E+17", ""),
        (2.9e15, ""),
        (1e300, ""),
        (True, ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_digits_that_excel_kept_are_relied_on(cell, digits):
    assert reliable_digits(cell) == digits
