"""Many rows at once: the same correction, set aside and taken back, found right."""

import pytest
from django.db import transaction

from authorization.models import Role
from customs_audit.mending import aside, same
from customs_audit.mending.locking import CannotMend
from customs_audit.mending.same import SameFault, correct
from customs_audit.models import AuditUpload, UploadRow, UploadRowChange
from tests.customs_audit.mending.uploads import make_checked, row_of, states
from tests.declarations.files import audited_row, entry_id
from tests.factories import client_for, make_line, make_user

pytestmark = pytest.mark.django_db

MODE = SameFault("trade_mode.form", "trade_mode", "110")


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


@pytest.fixture
def client(officer):
    return client_for(officer)


@pytest.fixture
def upload():
    """Three rows with the same fault and value, one with another value, a clean one."""
    return make_checked(
        [
            audited_row(1, trade_mode="110"),
            audited_row(2, trade_mode="110", ie_flag=""),
            audited_row(3, trade_mode="11"),
            audited_row(4, trade_mode="110"),
            audited_row(5),
        ]
    )


def rows(upload, *numbers):
    return UploadRow.objects.filter(upload=upload, number__in=numbers)


class TestSame:
    def test_all_rows_with_the_fault_and_value_and_no_other(self, upload, officer):
        done = correct(upload, MODE, "0110", by=officer, seconds=60)
        assert (done.rows, done.refused, done.left) == (3, 0, 0)
        assert states(upload) == ["clean", "faulty", "faulty", "clean", "clean"]
        kept = UploadRowChange.objects.values_list("row__number", "how", "by")
        assert sorted(kept) == [(number, "bulk", officer.pk) for number in (1, 2, 4)]

    def test_it_goes_on_where_it_was_told_to_stop(self, upload, monkeypatch):
        monkeypatch.setattr(same, "AT_ONCE", 1)
        first = correct(upload, MODE, "0110", by=None, seconds=0)
        assert (first.rows, first.last, first.left) == (1, 1, 2)
        rest = correct(upload, MODE, "0110", by=None, seconds=60, after=first.last)
        assert (rest.rows, rest.left) == (2, 0)

    def test_a_text_that_mends_nothing_is_tried_once(self, upload):
        done = correct(upload, MODE, "110", by=None, seconds=60)
        assert (done.rows, done.left) == (0, 0)

    def test_rows_set_aside_are_left_alone(self, upload):
        rows(upload, 1).update(state="set_aside", set_aside_reason="重复")
        assert MODE.rows(upload).count() == 2

    def test_goods_take_each_its_declared_line_s_text(self, upload):
        make_line(entry_id=entry_id(1), g_no=1, name="甲轴承", g_model="0|3|甲")
        make_line(entry_id=entry_id(2), g_no=1, name="乙轴承", g_model="0|3|乙")
        UploadRow.objects.update(cells={})
        blank = make_checked([audited_row(n, g_name="") for n in (1, 2, 3)])
        fault = SameFault("field.blank", "g_name", "")
        assert same.with_declared_line(blank, fault) == 2
        done = correct(blank, fault, "轴承", by=None, seconds=60)
        assert (done.rows, done.refused) == (1, 2) and "申报" in done.why
        done = correct(blank, fault, None, by=None, seconds=60)
        assert done.rows == 2
        names = [row_of(blank, number).cells["g_name"] for number in (1, 2, 3)]
        assert names == ["甲轴承", "乙轴承", "轴承"]

    def test_the_page_previews_and_one_click_does_it(self, client, upload):
        url = f"/customs/uploads/{upload.pk}/mend/same/"
        query = {"rule": MODE.rule, "field": MODE.field, "value": MODE.value}
        page = client.get(url, query | {"next": "//evil.example/"}).content.decode()
        assert "修正这 3 行" in page and entry_id(1) in page and "evil" not in page
        assert states(upload).count("faulty") == 4, "looking changes nothing"
        page = client.post(url, query | {"text": "0110"}, follow=True).content.decode()
        assert "已修正 3 行" in page

    def test_a_long_one_goes_on_by_itself(self, client, upload, monkeypatch):
        monkeypatch.setattr(same, "AT_ONCE", 1)
        monkeypatch.setattr("customs_audit.mending.action_views.SECONDS", 0)
        url = f"/customs/uploads/{upload.pk}/mend/same/"
        form = {"rule": MODE.rule, "field": MODE.field, "value": MODE.value, "text": "0110"}
        page = client.post(url, form).content.decode()
        assert "data-goes-on" in page and "继续修正其余 2 行" in page
        client.post(url, form | {"after": "1", "rows": "1"})
        page = client.post(url, form | {"after": "2", "rows": "2"}, follow=True).content.decode()
        assert "已修正 3 行" in page

    def test_a_fault_that_is_none_is_not_found(self, client, upload):
        url = f"/customs/uploads/{upload.pk}/mend/same/"
        assert client.get(url, {"rule": "no.rule", "field": "g_no"}).status_code == 404


class TestAside:
    def test_rows_wait_with_their_reason_and_can_be_taken_back(self, upload, officer):
        count = aside.set_aside(upload, rows(upload, 1, 5), reason=" 企业  已撤单 ", by=officer)
        assert count == 2
        row = row_of(upload, 1)
        assert (row.state, row.set_aside_reason, row.set_aside_by) == (
            "set_aside", "企业 已撤单", officer,
        )  # fmt: skip
        assert aside.take_back(upload, rows(upload, 1, 2, 5), by=officer) == 2
        assert states(upload) == ["faulty", "faulty", "faulty", "faulty", "clean"]
        assert row_of(upload, 1).set_aside_reason == ""
        kept = UploadRowChange.objects.filter(row=row).order_by("pk").values_list("how", "after")
        assert list(kept) == [("set_aside", "企业 已撤单"), ("taken_back", "")]

    def test_the_other_of_two_that_repeat_each_other_is_clean_then(self):
        upload = make_checked([audited_row(1), audited_row(1)])
        assert states(upload) == ["clean", "faulty"]
        aside.set_aside(upload, rows(upload, 1), reason="重复", by=None)
        assert states(upload) == ["set_aside", "clean"]
        aside.take_back(upload, rows(upload, 1), by=None)
        assert states(upload) == ["clean", "faulty"]

    @pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
    def test_a_reason_is_asked_for(self, upload, reason):
        with pytest.raises(CannotMend, match="原因"):
            aside.set_aside(upload, rows(upload, 1), reason=reason, by=None)
        assert states(upload)[0] == "faulty"

    def test_an_upload_is_done_when_nothing_is_left_to_do(self, upload):
        aside.set_aside(upload, rows(upload, 1, 2, 3, 4, 5), reason="整批退回", by=None)
        assert AuditUpload.objects.get(pk=upload.pk).state == "done"

    def test_ticked_rows_ask_for_a_reason_first(self, client, upload):
        url = f"/customs/uploads/{upload.pk}/mend/aside/"
        page = client.post(url, {"tick": ["1", "2"]}).content.decode()
        assert "2 行暂不处理" in page and states(upload)[0] == "faulty"
        form = {"ticks": "1,2", "confirmed": "1", "reason": "重复申报"}
        assert client.post(url, form).status_code == 302
        assert states(upload)[:2] == ["set_aside", "set_aside"]
        client.post(f"/customs/uploads/{upload.pk}/mend/back/", {"tick": ["1"]})
        assert states(upload)[:2] == ["faulty", "set_aside"]

    def test_all_rows_with_a_rule_are_named_by_the_address(self, client, upload):
        url = f"/customs/uploads/{upload.pk}/mend/aside/"
        page = client.get(url, {"rule": "trade_mode.form"}).content.decode()
        assert "4 行暂不处理" in page
        form = {"query": "rule=trade_mode.form", "confirmed": "1", "reason": "监管方式待核"}
        client.post(url, form)
        assert states(upload) == ["set_aside"] * 4 + ["clean"]

    def test_another_upload_s_rows_are_out_of_reach(self, client, upload):
        other = make_checked([audited_row(9, trade_mode="110")])
        form = {"ticks": "1", "confirmed": "1", "reason": "试"}
        client.post(f"/customs/uploads/{upload.pk}/mend/aside/", form)
        assert states(other) == ["faulty"]


class TestFoundRight:
    """Rows of a withdrawn release come back without errors, and wait for somebody to look."""

    @pytest.fixture
    def withdrawn(self):
        upload = make_checked([audited_row(1), audited_row(2), audited_row(3, ie_flag="")])
        rows(upload, 1, 2).update(state="faulty")
        return upload

    def test_one_by_one_or_all(self, client, withdrawn):
        url = f"/customs/uploads/{withdrawn.pk}/mend/right/"
        client.post(url, {"tick": ["1", "3"]})
        assert states(withdrawn) == ["clean", "faulty", "faulty"], "errors are never found right"
        client.post(url, {"all": "1"})
        assert states(withdrawn) == ["clean", "clean", "faulty"]
        hows = UploadRowChange.objects.values_list("row__number", "how")
        assert sorted(hows) == [(1, "found_right"), (2, "found_right")]

    def test_a_row_that_nobody_looked_at_stays(self, withdrawn):
        """Also when another row that rules tie to it is mended."""
        with transaction.atomic():
            aside.set_aside(withdrawn, rows(withdrawn, 3), reason="重复", by=None)
        assert states(withdrawn)[:2] == ["faulty", "faulty"]


class TestRepairs:
    """What Excel did and can be proven is accepted for a column by one click."""

    def test_the_upload_s_page_offers_them_and_one_click_accepts(self, client, upload, officer):
        page = client.get(f"/customs/uploads/{upload.pk}/").content.decode()
        assert "接受 3 行" in page and "监管方式代码表" in page
        form = {"column": "trade_mode", "rule": "trade_mode.form"}
        url = f"/customs/uploads/{upload.pk}/mend/repair/"
        page = client.post(url, form, follow=True).content.decode()
        assert "已修复 3 行的“监管方式”" in page
        assert row_of(upload, 1).cells["trade_mode"] == "0110"
        kept = UploadRowChange.objects.filter(how="repair").values_list("version", "by")
        assert set(kept) == {(2, officer.pk)}
        assert "没有可以修复的行" in client.post(url, form, follow=True).content.decode()

    def test_an_upload_that_is_being_checked_is_left_alone(self, client, upload):
        AuditUpload.objects.update(state="checking")
        form = {"column": "trade_mode", "rule": "trade_mode.form"}
        client.post(f"/customs/uploads/{upload.pk}/mend/repair/", form)
        assert row_of(upload, 1).version == 1
