"""确认表头: what is missing or twice, another heading row, headings that are kept for next time."""

import pytest

from authorization.models import Role
from customs_audit import queueing
from customs_audit.checking.sheets import heading_signature
from customs_audit.heading_forms import find_problems, read_choices
from customs_audit.models import AuditUpload, HeadingMap
from tests.customs_audit.upload_rows import found_sheet, make_upload
from tests.factories import client_for, make_user

HEADINGS = ["报关单", "项号", "商品编号", "品名", "规格型号", "进出口标志", "监管方式", "申报日期",
            "代理代码", "经营单位代码", "审核结论", "备注"]  # fmt: skip
FIELDS = ["", "g_no", "hs_code", "g_name", "g_model", "ie_flag", "trade_mode", "declared_on",
          "agent_code", "trader_code", "verdict", ""]  # fmt: skip
# What a form sends that keeps all that was found and says what the first column is.
WHOLE = {f"field-0-{n}": name for n, name in enumerate(FIELDS)} | {
    "field-0-0": "entry_id",
    "use-0": "1",
}


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(
        queueing.current_app, "send_task", lambda name, args, **options: found.append(args[0])
    )
    return found


@pytest.fixture
def client():
    return client_for(make_user(Role.OFFICER))


def waiting(*sheets, **fields) -> AuditUpload:
    found = list(sheets) or [found_sheet(HEADINGS, FIELDS)]
    return make_upload(state="to_confirm", sheets=found, **fields)


def address(upload: AuditUpload) -> str:
    return f"/customs/uploads/{upload.pk}/headings/"


def problems_of(sheets, sent) -> list[str]:
    return find_problems(read_choices(sheets, sent))


class TestProblems:
    def test_what_is_whole_has_none(self):
        assert problems_of([found_sheet(HEADINGS, FIELDS)], WHOLE) == []

    def test_what_is_missing_is_said_in_one_sentence(self):
        left_out = WHOLE | {"field-0-0": "", "field-0-9": ""}
        (said,) = problems_of([found_sheet(HEADINGS, FIELDS)], left_out)
        assert "报关单号、境内收发货人统一社会信用代码（或海关注册编码）" in said

    def test_a_field_chosen_twice_is_marked_at_both_columns(self):
        choices = read_choices([found_sheet(HEADINGS, FIELDS)], WHOLE | {"field-0-11": "g_name"})
        (said,) = find_problems(choices)
        assert "D 列“品名”和 L 列“备注”都选了“商品名称”" in said
        marked = [column.letters for column in choices[0].columns if column.problem]
        assert marked == ["D", "L"]

    def test_without_a_sheet_of_lines_there_is_nothing_to_read(self):
        unused = {name: value for name, value in WHOLE.items() if name != "use-0"}
        assert "没有选用" in problems_of([found_sheet(HEADINGS, FIELDS)], unused)[0]
        only_head = dict.fromkeys(WHOLE, "") | {"use-0": "1", "field-0-0": "entry_id"}
        assert "没有选用" in problems_of([found_sheet(HEADINGS, FIELDS)], only_head)[0]

    def test_heads_of_a_sheet_of_their_own_are_no_loss(self):
        head = found_sheet(
            ["报关单", "进出口", "贸易方式", "日期", "代理", "经营单位"],
            ["entry_id", "ie_flag", "trade_mode", "declared_on", "agent_code", "trader_code"],
            name="表头",
        )
        lines = found_sheet(
            ["报关单", "项号", "编号", "品名", "规格", "结论"],
            ["entry_id", "g_no", "hs_code", "g_name", "g_model", "verdict"],
            name="表体",
        )
        assert problems_of([head, lines], None) == []
        head["use"] = False
        (said,) = problems_of([head, lines], None)
        assert "进出口标志" in said

    def test_a_field_that_is_none_is_not_read(self):
        choices = read_choices([found_sheet(HEADINGS, FIELDS)], WHOLE | {"field-0-0": "pk"})
        assert choices[0].columns[0].field == ""


@pytest.mark.django_db
class TestPage:
    def test_it_shows_each_column_with_values_and_what_was_found(self, client):
        sheet = found_sheet(
            HEADINGS, FIELDS, doubts=["没有“报关单号”列，“报关单”列像是它；请确认。"]
        )
        html = client.get(address(waiting(sheet))).content.decode()
        assert "报关单”列像是它" in html and "值0" in html
        assert html.count("<optgroup") == 4 * len(HEADINGS)

    def test_confirmed_it_is_checked_and_its_headings_are_kept(
        self, client, sent, django_capture_on_commit_callbacks
    ):
        upload = waiting()
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(address(upload), WHOLE | {"remember": "1"})
        assert response.url == f"/customs/uploads/{upload.pk}/"
        upload.refresh_from_db()
        assert (upload.state, sent) == ("received", [upload.pk])
        (sheet,) = upload.sheets
        assert (sheet["certain"], sheet["columns"]["0"], sheet["columns"]["11"]) == (
            True,
            "entry_id",
            "",
        )
        kept = HeadingMap.objects.get()
        assert kept.signature == heading_signature(HEADINGS)
        assert kept.columns["报关单"] == "entry_id" and kept.columns["备注"] == ""

    def test_headings_are_kept_only_where_that_was_asked_for(self, client):
        client.post(address(waiting()), WHOLE)
        assert not HeadingMap.objects.exists()

    def test_what_is_wrong_changes_nothing_and_keeps_what_was_chosen(self, client, sent):
        upload = waiting()
        page = client.post(address(upload), WHOLE | {"field-0-11": "auditor", "field-0-10": ""})
        assert "还没有选出：审核结论" in page.content.decode()
        assert page.context["sheets"][0].columns[11].field == "auditor"
        upload.refresh_from_db()
        assert upload.state == "to_confirm" and sent == []

    def test_another_heading_row_is_laid_out_anew_first(self, client):
        first = [
            (1, ["三月审核", "商品编号", "品名", "项号"]),
            (2, HEADINGS),
            (3, [f"值{n}" for n in range(12)]),
        ]
        top = found_sheet(first[0][1], ["", "hs_code", "g_name", "g_no"], first=first)
        upload = waiting(top)
        page = client.post(address(upload), {"use-0": "1", "drawn-0": "1", "row-0": "2"})
        choice = page.context["sheets"][0]
        assert (choice.sheet.row, choice.columns[2].field) == (2, "hs_code")
        assert choice.columns[3].samples == ["值3"] and page.context["problems"] == []
        client.post(address(upload), WHOLE | {"drawn-0": "2", "row-0": "2"})
        upload.refresh_from_db()
        (sheet,) = upload.sheets
        assert (sheet["row"], sheet["headings"], upload.state) == (2, HEADINGS, "received")
        assert "first" not in sheet

    def test_where_nothing_waits_for_it_nothing_is_changed(self, client, sent):
        upload = make_upload(state="to_mend", sheets=[found_sheet(HEADINGS, FIELDS)])
        page = f"/customs/uploads/{upload.pk}/"
        assert client.get(address(upload)).url == page
        assert client.post(address(upload), WHOLE).url == page
        assert "没有更改任何内容" in client.get(page).content.decode()
        assert AuditUpload.objects.get().state == "to_mend" and sent == []
