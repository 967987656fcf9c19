"""An officer's path: drop files, one of them bad; leave and come back; confirm headings."""

import pytest
from playwright.sync_api import expect

from authorization.models import Role
from customs_audit import queueing
from customs_audit.models import AuditUpload
from tests.customs_audit.upload_rows import add_rows, found_sheet, make_upload
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Drops files on the page as a person does who drags them out of a folder.
DROP = """([names, contents]) => {
  const data = new DataTransfer();
  names.forEach((name, index) => data.items.add(new File([contents[index]], name)));
  const zone = document.getElementById("drop-zone");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture(autouse=True)
def nothing_outside(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(queueing.current_app, "send_task", lambda *args, **options: None)


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


def test_dropped_files_are_sent_one_by_one_and_a_bad_one_keeps_no_other(officer, visit, shot):
    page = visit("/customs/uploads/", officer)
    shot(page, "officer_uploads_empty")
    page.evaluate(DROP, [["三月.csv", "扫描件.pdf", "补充.csv"], ["a,b\n1,2\n", "x", "c,d\n3,4\n"]])
    sent = page.locator(".sending-row")
    expect(sent).to_have_count(3)
    expect(sent.nth(0)).to_contain_text("已收到“三月.csv”")
    expect(sent.nth(1)).to_contain_text("不是 .xlsx、.xls 或 .csv 文件")
    expect(sent.nth(2)).to_contain_text("已收到“补充.csv”")
    rows = page.locator("#result tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("排队等待校验")
    shot(page, "officer_uploads_sent")
    # Left and come back to: what the worker did meanwhile, and does, is there by itself.
    page.goto("/help/")
    first, second = AuditUpload.objects.order_by("pk")
    AuditUpload.objects.filter(pk=second.pk).update(
        state="checking", rows_done=40_000, rows_total=100_000
    )
    page.goto("/customs/uploads/")
    expect(rows.first).to_contain_text("40,000 / 100,000 行")
    shot(page, "officer_uploads_moving")
    add_rows(first, faulty=2, clean=3)
    AuditUpload.objects.update(state="to_mend")
    expect(page.locator(f"#upload-{first.pk}")).to_contain_text("待修正", timeout=8000)
    expect(page.locator("#moving[hx-get]")).to_have_count(0)


def test_the_list_and_an_upload_at_work(officer, visit, shot):
    facts = {"faulty": 64, "clean": 336}
    for number, (name, state, counts) in enumerate(
        [
            ("2026年3月规范申报审核明细.xlsx", "to_mend", facts),
            ("三月补充.csv", "refused", {}),
            ("专项_机电产品.xlsx", "done", {"released": 190, "set_aside": 12}),
            ("大连海关三月审核.xlsx", "to_confirm", {}),
        ]
    ):
        upload = make_upload(
            officer,
            state=state,
            file_name=name,
            file_size=234_567 * (number + 1),
            message="没有找到表头；请保留含“报关单号”“项号”“商品编号”等列名的一行。"
            if state == "refused"
            else "",
        )
        if counts:
            add_rows(upload, **counts)
    page = visit("/customs/uploads/", officer)
    shot(page, "officer_uploads")
    page.click("text=2026年3月规范申报审核明细.xlsx")
    expect(page.locator(".sum-bar")).to_contain_text("400")
    shot(page, "officer_upload")
    page.go_back()
    page.click("text=三月补充.csv")
    shot(page, "officer_upload_refused")


def test_headings_are_confirmed_by_keyboard(officer, visit, shot):
    headings = [
        "报关单",
        "序号",
        "税号",
        "品名",
        "商品名称",
        "要素",
        "进出口",
        "贸易方式",
        "日期",
        "报关行代码",
        "经营单位代码",
        "结论",
        "备注",
    ]
    fields = ["", "", "hs_code", "g_name", "g_name", "", "ie_flag", "trade_mode", "",
              "agent_code", "trader_code", "", ""]  # fmt: skip
    sample = [["090120261000000001", "1", "8482103000", "轴承", "轮毂轴承", "0|3|角接触球轴承|无品牌",
               "进口", "0110", "2026-03-04", "2102980001", "2102260002", "规范", ""]]  # fmt: skip
    upload = make_upload(
        officer, state="to_confirm", sheets=[found_sheet(headings, fields, sample=sample)]
    )
    page = visit(f"/customs/uploads/{upload.pk}/headings/", officer)
    expect(page.locator("[data-need=entry_id]")).to_have_class("is-missing")
    expect(page.locator("tr.has-problem")).to_have_count(2)
    shot(page, "officer_headings")
    page.click("text=确认并开始校验")
    expect(page.locator("#heading-problems")).to_contain_text("都选了“商品名称”")
    shot(page, "officer_headings_refused")
    wanted = {0: "报关单号", 1: "项号", 3: "不读取", 5: "规格型号", 8: "申报日期", 11: "审核结论"}
    for column, label in wanted.items():
        choice = page.locator(f"[name=field-0-{column}]")
        choice.focus()
        choice.select_option(label=label)
    expect(page.locator(".needs .is-missing")).to_have_count(0)
    page.keyboard.press("Tab")
    page.locator("[name=remember]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("表头已确认")
    upload.refresh_from_db()
    assert upload.state == "received" and upload.sheets[0]["certain"]
    assert upload.sheets[0]["columns"]["0"] == "entry_id"
