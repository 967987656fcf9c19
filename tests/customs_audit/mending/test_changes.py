"""Changing cells: kept, checked again, never over somebody else's change, goods as declared."""

import pytest

from authorization.models import Role
from customs_audit.mending.changes import CellChange, change_cells
from customs_audit.mending.locking import CannotMend
from customs_audit.models import AuditUpload, UploadRow, UploadRowChange
from declarations.models import Release
from tests.customs_audit.mending.uploads import change, make_checked, row_of, states
from tests.declarations.files import audited_row, entry_id
from tests.factories import make_line, make_user

pytestmark = pytest.mark.django_db

CODE, NAME, MODEL = "8482103000", "轮毂轴承", "0|3|角接触球轴承|无品牌|LB5C2C300BB"


def declare(serial=1, g_no=1, *, hs_code=CODE, name=NAME, g_model=MODEL, **fields):
    """Store the declared line of a row of `audited_row`."""
    return make_line(
        entry_id=entry_id(serial), g_no=g_no, hs_code=hs_code, name=name, g_model=g_model, **fields
    )


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


def test_a_mended_row_is_checked_again_at_once(officer):
    upload = make_checked([audited_row(1, trade_mode="110"), audited_row(2)])
    assert states(upload) == ["faulty", "clean"]
    done = change(upload, 1, "trade_mode", "0110", by=officer)
    assert (done.numbers, done.cells, done.stopped) == ([1], 1, [])
    row = row_of(upload, 1)
    assert (row.state, row.errors, row.version, row.cells["trade_mode"]) == ("clean", 0, 2, "0110")
    assert upload.state == AuditUpload.objects.get().state == "to_release"


def test_every_change_is_kept_with_who_when_how_from_and_to(officer):
    upload = make_checked([audited_row(1, g_no=1.0, trade_mode=110.0)])
    change(upload, 1, "trade_mode", "011", by=officer)
    change(upload, 1, "trade_mode", "0110", by=officer)
    kept = UploadRowChange.objects.order_by("pk").values_list(
        "field", "before", "after", "version", "how", "by"
    )
    assert list(kept) == [
        ("trade_mode", 110.0, "011", 2, "grid", officer.pk),
        ("trade_mode", "011", "0110", 3, "grid", officer.pk),
    ]


def test_a_row_that_somebody_else_changed_is_left_alone():
    upload = make_checked([audited_row(1, trade_mode="110"), audited_row(2, trade_mode="110")])
    change(upload, 1, "auditor", "张审核")
    changes = [CellChange(1, 1, "trade_mode", "0110"), CellChange(2, 1, "trade_mode", "0110")]
    done = change_cells(upload, changes, how="grid", by=None)
    assert (done.numbers, [one.change.number for one in done.conflicts]) == ([2], [1])
    assert row_of(upload, 1).cells["trade_mode"] == "110"


def test_what_changes_nothing_leaves_no_trace():
    upload = make_checked([audited_row(1, reason_text="")])
    assert change(upload, 1, "trade_mode", "0110").cells == 0
    assert change(upload, 1, "qty_2", "").cells == 0, "a column that the file lacks stays blank"
    assert row_of(upload, 1).version == 1
    assert not UploadRowChange.objects.exists()


def test_a_number_typed_again_as_it_is_shown_becomes_text():
    upload = make_checked([audited_row(1, g_model=123456)])
    assert states(upload) == ["faulty"]
    assert change(upload, 1, "g_model", "123456").cells == 1
    assert states(upload) == ["clean"]


@pytest.mark.parametrize(
    ("state", "word"),
    [("set_aside", "恢复处理"), ("in_release", "在发布中"), ("released", "已发布")],
)
def test_rows_outside_of_mending_are_refused(state, word):
    upload = make_checked([audited_row(1)])
    fields = {"state": state}
    if state == "set_aside":
        fields["set_aside_reason"] = "重复"
    else:
        release = Release.objects.create(audit_month=upload.audit_month)
        fields["release"] = upload.releases.create(state="released", release=release)
    UploadRow.objects.update(**fields)
    done = change(upload, 1, "trade_mode", "0615")
    assert word in done.refused[0].sentence
    assert row_of(upload, 1).cells["trade_mode"] == "0110"


@pytest.mark.parametrize("state", ["received", "to_confirm", "checking", "refused"])
def test_an_upload_that_is_not_checked_cannot_be_mended(state):
    upload = make_checked([audited_row(1)])
    AuditUpload.objects.update(state=state)
    with pytest.raises(CannotMend, match="校验"):
        change(upload, 1, "trade_mode", "0615")
    assert row_of(upload, 1).cells["trade_mode"] == "0110"


def test_unknown_rows_fields_and_endless_texts_are_refused():
    upload = make_checked([audited_row(1)])
    changes = [
        CellChange(9, 1, "trade_mode", "0615"),
        CellChange(1, 1, "release", "1"),
        CellChange(1, 1, "auditor", "长" * 40_000),
    ]
    done = change_cells(upload, changes, how="grid", by=None)
    assert [one.change for one in done.refused] == changes and not done.numbers


def test_rows_that_repeat_each_other_are_told_apart_by_one_edit():
    upload = make_checked([audited_row(1, 1), audited_row(1, 1)])
    assert states(upload) == ["clean", "faulty"]
    change(upload, 1, "g_no", "2")
    assert states(upload) == ["clean", "clean"], "the other row repeats nothing any more"


class TestGoods:
    """商品编码, 商品名称 and 规格型号 say what was declared, for that is what was judged."""

    @pytest.mark.parametrize(
        ("field", "declared", "typed"),
        [
            ("hs_code", CODE, "8482102000"),
            ("g_name", NAME, "轴承"),
            ("g_model", MODEL, f"{MODEL}|新要素"),
        ],
    )
    def test_only_the_declared_text_is_taken(self, field, declared, typed):
        declare(1)
        upload = make_checked([audited_row(1, **{field: "9999"})])
        done = change(upload, 1, field, typed)
        assert "只能改为申报的文本" in done.refused[0].sentence
        assert row_of(upload, 1).cells[field] == "9999"
        assert change(upload, 1, field, declared).cells == 1
        assert row_of(upload, 1).cells[field] == declared

    def test_what_the_file_said_may_come_back(self):
        declare(1)
        upload = make_checked([audited_row(1, g_name="轮毂轴承 ")])
        change(upload, 1, "g_name", NAME)
        assert change(upload, 1, "g_name", "轮毂轴承 ").cells == 1

    def test_without_a_declared_line_they_may_be_edited(self):
        declare(1, declared=False)
        upload = make_checked([audited_row(1, g_model=""), audited_row(2, g_model="")])
        assert change(upload, 1, "g_model", MODEL).cells == 1, "audits alone brought that line"
        assert change(upload, 2, "g_model", MODEL).cells == 1

    def test_the_line_is_that_of_the_row_as_it_will_be(self):
        declare(7, name="推力轴承")
        upload = make_checked([audited_row(1, entry_id="2.909E+17", g_name="")])
        changes = [CellChange(1, 1, "entry_id", entry_id(7)), CellChange(1, 1, "g_name", "别的")]
        done = change_cells(upload, changes, how="grid", by=None)
        assert [one.change.field for one in done.refused] == ["g_name"]
        assert row_of(upload, 1).cells["entry_id"] == entry_id(7)

    def test_another_number_is_no_way_round(self):
        """Edited without a line, then given the number of one that says something else."""
        declare(7)
        upload = make_checked([audited_row(1)])
        change(upload, 1, "g_model", "0|3|编出来的")
        done = change(upload, 1, "entry_id", entry_id(7))
        assert "先改回原值" in done.refused[0].sentence
        assert row_of(upload, 1).cells["entry_id"] == entry_id(1)
        change(upload, 1, "g_model", MODEL)
        assert change(upload, 1, "entry_id", entry_id(7)).cells == 1

    def test_nor_is_another_line_s_text_in_the_same_step(self):
        declare(1)
        declare(7, name="推力轴承", g_model=MODEL)
        upload = make_checked([audited_row(1), audited_row(2)])
        change(upload, 2, "hs_code", "8482102000")
        changes = [
            CellChange(2, 2, "entry_id", entry_id(7)),
            CellChange(2, 2, "g_name", "推力轴承"),
        ]
        done = change_cells(upload, changes, how="grid", by=None)
        assert len(done.refused) == 2 and not done.numbers

    def test_other_fields_of_such_a_row_are_free(self):
        declare(1)
        upload = make_checked([audited_row(1, g_name="别的", trade_mode="110")])
        assert change(upload, 1, "trade_mode", "0110").cells == 1
