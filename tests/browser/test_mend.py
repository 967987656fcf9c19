"""修正 in a real browser: keys, paste, undo, save, a conflict, the same correction, no JavaScript."""

import re
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from authorization.models import Role
from customs_audit.models import UploadRow
from tests.customs_audit.mending.uploads import change, make_checked, row_of, states
from tests.declarations.files import audited_row, entry_id, nonconforming_row
from tests.factories import make_line, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOODS = [
    ("8482103000", "轮毂轴承", "4|3|角接触球轴承|汽车用|滚珠|NSK牌|LB5C2C300BB"),
    ("9401619000", "布沙发", "0|3|家居用|布作面|多层板框架 非单一材质|装软垫|无中文及外文品牌"),
    ("8542399000", "集成电路", "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产"),
    ("3924100000", "塑料沥水篮", "0|3|厨房用|聚乙烯|无品牌|无型号"),
    ("0303540000", "冻马鲛鱼", "0|3|制作或保存方法:冷冻|拉丁名称:Scomberomorus|规格:300-500克/条"),
    ("8708299000", "汽车用密封条", "4|3|车身用|丰田牌|适用于RAV4|W/75741-0R040"),
]


def rows():
    """Rows with the faults that Excel and haste bring."""
    found = []
    for serial in range(1, 25):
        hs_code, name, model = GOODS[serial % len(GOODS)]
        row = audited_row(serial, hs_code=hs_code, g_name=name, g_model=model)
        if serial % 4 == 0:
            row = nonconforming_row(serial, hs_code=hs_code, g_name=name, g_model=model)
        found.append(row | {"trade_mode": "110" if serial % 3 else "0999"})
    found[1] |= {"unit_1": "35", "entry_id": 2.90920211e17}
    found[2] |= {"declared_on": "2025-13-40", "agent_uscc": found[2]["agent_uscc"][:-1] + "0"}
    found[4] |= {"g_name": "冻鱼", "trader_uscc": "", "trader_code": ""}
    found[6] |= {"verdict": "不规范", "reason_code": "", "reason_text": ""}
    found[7] |= {"decl_total": "29.50", "g_model": 20250314}
    return found


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


@pytest.fixture
def upload(officer):
    make_line(
        entry_id=entry_id(5), g_no=1, hs_code="0303540000", name="冻马鲛鱼",
        g_model="0|3|制作或保存方法:冷冻|拉丁名称:Scomberomorus niphonius|规格:300-500克/条",
    )  # fmt: skip
    return make_checked(rows(), uploaded_by=officer, file_name="大连海关九月审核.xlsx")


def cell(page: Page, number: int, field: str):
    return page.locator(f"tr[data-number='{number}'] td[data-field='{field}']")


def paste(page: Page, text: str) -> None:
    """Paste as the browser would: into whatever has the focus."""
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def saved(page: Page, words: str) -> None:
    expect(page.locator(".mend-notice")).to_contain_text(words)


def test_cells_are_edited_by_keys_and_saved_together(officer, upload, open_as, shot):
    page = open_as(officer, f"/customs/uploads/{upload.pk}/mend/")
    shot(page, "mend")
    cell(page, 1, "trade_mode").click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("0110")
    page.keyboard.press("Enter")
    expect(cell(page, 1, "trade_mode")).to_contain_text("改为 0110（未保存）")
    expect(cell(page, 2, "trade_mode")).to_be_focused()
    # Typing begins an edit; Esc gives it up; F2 and Tab go on in the row.
    page.keyboard.type("9")
    page.keyboard.press("Escape")
    expect(cell(page, 2, "trade_mode")).not_to_have_class(re.compile("is-dirty"))
    page.keyboard.press("F2")
    page.keyboard.press("Control+A")
    page.keyboard.type("0110")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    expect(cell(page, 3, "custom_master")).to_be_focused()
    expect(page.locator("[data-mend-words]")).to_have_text("未保存 2 处")
    page.keyboard.press("Control+Z")
    expect(page.locator("[data-mend-words]")).to_have_text("未保存 1 处")
    shot(page, "mend_unsaved")
    page.keyboard.press("Control+S")
    saved(page, "已保存 1 处，1 行重新校验")
    expect(page.locator("tr[data-number='1'] .mend-state")).to_have_text("待发布")
    expect(page.locator("#mend-sum")).to_contain_text("待发布 1")
    expect(page.locator("#mend-bar")).to_be_hidden()
    assert row_of(upload, 1).changes.get().by == officer


def test_a_block_from_excel_is_pasted_where_it_may(officer, upload, open_as):
    page = open_as(officer, f"/customs/uploads/{upload.pk}/mend/")
    cell(page, 4, "g_name").click()
    # Row 5 has a declared line: its goods take that line's text alone.
    paste(page, '聚乙烯沥水篮\t0|3|"新"\r\n冻马鲛鱼\t编的\r\n"两\n行"\t\r\n')
    saved(page, "已粘贴 5 个单元格，1 个不能修改的没有粘贴")
    expect(cell(page, 4, "g_model")).to_contain_text('改为 0|3|"新"（未保存）')
    expect(cell(page, 5, "g_name")).to_contain_text("改为 冻马鲛鱼")
    expect(cell(page, 6, "g_model")).to_contain_text("改为 （空）")
    page.get_by_role("button", name="撤销上一步").click()
    expect(page.locator("#mend-bar")).to_be_hidden()
    # What is typed stays while other pages of the list are looked at.
    cell(page, 1, "trade_mode").click()
    paste(page, "0110\n0110")
    page.get_by_role("link", name="也显示有提醒的行").click()
    expect(page).to_have_url(re.compile("show=warned"))
    expect(cell(page, 2, "trade_mode")).to_contain_text("改为 0110（未保存）")
    page.get_by_role("button", name="保存", exact=True).click()
    saved(page, "已保存 2 处，2 行重新校验")


def test_one_click_takes_the_declared_text(officer, upload, open_as):
    page = open_as(officer, f"/customs/uploads/{upload.pk}/mend/?keyword=冻鱼")
    expect(cell(page, 5, "g_model")).to_contain_text("niphonius")
    cell(page, 5, "g_name").get_by_role("button", name="改为申报文本").click()
    saved(page, "已保存 1 处")
    assert row_of(upload, 5).cells["g_name"] == "冻马鲛鱼"
    expect(cell(page, 5, "g_name")).to_contain_text("原值 冻鱼")


def test_nothing_typed_is_lost_where_somebody_else_was_quicker(officer, upload, open_as, shot):
    page = open_as(officer, f"/customs/uploads/{upload.pk}/mend/")
    cell(page, 1, "trade_mode").click()
    paste(page, "0615\n0110")
    change(upload, 1, "trade_mode", "0214", by=make_user(Role.OFFICER, display_name="李复核"))
    page.keyboard.press("Control+S")
    saved(page, "已保存 1 处，1 行重新校验；1 处没有保存")
    mine = cell(page, 1, "trade_mode")
    expect(mine).to_contain_text("这一行刚被别人改过")
    expect(mine).to_contain_text("改为 0615（未保存）")
    expect(mine).to_contain_text("李复核")
    shot(page, "mend_conflict")
    page.keyboard.press("Control+S")
    saved(page, "已保存 1 处")
    assert row_of(upload, 1).cells["trade_mode"] == "0615"


def test_typed_texts_survive_a_session_that_is_over(officer, upload, open_as):
    page = open_as(officer, f"/customs/uploads/{upload.pk}/mend/")
    cell(page, 1, "trade_mode").click()
    paste(page, "0110")
    page.context.clear_cookies()
    page.keyboard.press("Control+S")
    saved(page, "登录已过期")
    expect(cell(page, 1, "trade_mode")).to_contain_text("改为 0110（未保存）")
    open_as.faults.clear()  # the browser reports the refused request
    assert row_of(upload, 1).version == 1


def test_the_same_correction_for_all(officer, upload, open_as, shot):
    page = open_as(officer, f"/customs/uploads/{upload.pk}/")
    shot(page, "mend_summary")
    page.get_by_role("link", name="监管方式应为 4 位数字代码").click()
    cell(page, 1, "trade_mode").get_by_role("link", name="同值批量改").click()
    expect(page.get_by_text("“监管方式”为“110”的行")).to_be_visible()
    shot(page, "mend_same")
    page.get_by_label("全部改为").fill("0110")
    page.get_by_role("button", name="修正这 16 行").click()
    expect(page.get_by_text("已修正 16 行的“监管方式”")).to_be_visible()
    assert not UploadRow.objects.filter(cells__trade_mode="110").exists()


def test_a_workbook_goes_out_and_comes_back(officer, upload, open_as, shot):
    page = open_as(officer, f"/customs/uploads/{upload.pk}/")
    with page.expect_download() as started:
        page.get_by_role("link", name="下载修正表").click()
    book = openpyxl.load_workbook(BytesIO(Path(started.value.path()).read_bytes()))
    column = [one.value for one in book["修正"][1]].index("监管方式") + 1
    for line in (2, 3):
        book["修正"].cell(line, column).value = "0615"
    change(upload, 1, "trade_mode", "0214", by=make_user(Role.OFFICER, display_name="李复核"))
    mended = BytesIO()
    book.save(mended)
    page.get_by_label("改好的修正表（.xlsx）").set_input_files(
        {"name": "改好的.xlsx", "mimeType": "application/zip", "buffer": mended.getvalue()}
    )
    page.get_by_role("button", name="上传改好的修正表").click()
    expect(page.get_by_text("还有 1 行没有选择")).to_be_visible()
    expect(page.get_by_role("button", name="应用这些改动")).to_be_disabled()
    shot(page, "mend_workbook")
    page.get_by_role("radio", name="修正表").check()
    page.get_by_role("button", name="记下本页的选择").click()
    page.get_by_role("button", name="应用这些改动").click()
    expect(page.get_by_text("已应用 2 处修改，2 行重新校验")).to_be_visible()
    assert [row_of(upload, number).cells["trade_mode"] for number in (1, 2)] == ["0615"] * 2


def test_without_javascript_a_row_is_a_plain_form(officer, upload, open_as, shot):
    page = open_as(officer, f"/customs/uploads/{upload.pk}/mend/", java_script_enabled=False)
    page.locator("tr[data-number='1'] .mend-place a").click()
    page.get_by_label("监管方式").fill("0110")
    page.get_by_role("button", name="保存并重新校验").click()
    expect(page.get_by_text("已保存 1 处修改")).to_be_visible()
    shot(page, "mend_row")
    assert states(upload)[0] == "clean"
    page.goto(f"/customs/uploads/{upload.pk}/mend/")
    page.locator("tr[data-number='2'] input[name=tick]").check()
    page.get_by_role("button", name="暂不处理勾选的行").click()
    page.get_by_label("原因").fill("企业已撤单")
    page.get_by_role("button", name="确认暂不处理").click()
    expect(page.get_by_text("已将 1 行设为暂不处理")).to_be_visible()
    assert states(upload)[1] == "set_aside"
