"""申报前自检 and 草稿 in a real browser: one line, a table, with JavaScript and without."""

import re
from dataclasses import replace

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from comparison.working import work_outbox
from declarations.models import Content
from enterprise_lib.models import Draft
from tests.factories import make_enterprise, make_user
from tests.shipped import load_shipped_headings
from tests.world import SOFA, SOFA_OTHER_FORM, Party, Row, audit, declare

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHIP = "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产|||非加密"
LAID_OUT = "4|3|用于平板电脑|逻辑|已封装||ON牌|NL27WZU04DTT1G|量产|||非加密|无批号"
CORRECTED = "4|3|用于平板电脑|逻辑|已封装|未切割|ON牌|NL27WZU04DTT1G|量产|||非加密"
# A cell with a line break in it, as Excel copies it: between quotation marks.
BROKEN = SOFA_OTHER_FORM.g_model.replace("|木框架", "|\n木框架")
TABLE = "\n".join(
    [
        "商品编码\t品名\t规格型号\t进出口\t单价",
        f"8542399000\t集成电路\t{CHIP}\t进口\t3.2",
        f'{SOFA.hs_code}\t布沙发\t"{BROKEN}"\tI\t210',
        f"{SOFA.hs_code}\t布沙发\t0|3|家居用|布面|无|装软垫|无品牌\tI\t198",
        "\t没有编码的\t0|3|家用\tI\t1",
        "9999999999\t没有的编码\t0|3|家用\tI\t1",
    ]
)


@pytest.fixture
def operator():
    """An operator whose enterprise has one conforming sofa; another one's is public."""
    load_shipped_headings()
    own, other = make_enterprise("大连虚构家居有限公司"), make_enterprise()
    leather = replace(SOFA, name="皮沙发", g_model=f"{SOFA.g_model}|||工艺甲")
    rows = [
        Row(1, Party.of(own), Party.of(own), SOFA),
        Row(2, Party.of(other), Party.of(other), leather),
    ]
    declare(*rows)
    audit("2026-09", *rows)
    work_outbox()
    return make_user(enterprise=own, display_name="李操作")


@pytest.fixture
def shot(shot):
    """Keep a picture from the top: a result is scrolled to, and the top bar stays in sight."""

    def keep(page: Page, name: str) -> None:
        page.evaluate("window.scrollTo(0, 0)")
        shot(page, name)

    return keep


def fill_line(page: Page, hs_code: str, name: str, g_model: str) -> None:
    page.fill("[name=hs_code]", hs_code)
    page.get_by_label("进口", exact=True).first.check()
    page.fill("[name=name]", name)
    page.fill("[name=g_model]", g_model)


def test_a_real_string_end_to_end(operator, open_as, shot):
    page = open_as(operator, "/library/check/")
    shot(page, "check")
    fill_line(page, "8542399000", "集成电路", CHIP)
    page.get_by_role("button", name="自检", exact=True).click()
    expect(page.locator(".outlook")).to_contain_text("处提示")
    expect(page.get_by_text("没有填报的要素：是否切割")).to_be_visible()
    expect(page.locator("#composed")).to_have_value(LAID_OUT)
    shot(page, "check_line")
    # The composed text follows what is typed, and says that it was not checked yet.
    page.get_by_label("是否切割").fill("未切割")
    expect(page.locator("#composed")).to_have_value(LAID_OUT.replace("||ON", "|未切割|ON"))
    expect(page.locator("[data-composed-changed]")).to_be_visible()
    page.get_by_label("批号", exact=True).fill("")
    expect(page.locator("#composed")).to_have_value(CORRECTED)
    # Enter in an element must not throw it away.
    page.get_by_label("批号", exact=True).press("Enter")
    expect(page.locator("[name=g_model]")).to_have_value(CORRECTED)
    expect(page.get_by_text("没有填报的要素")).to_have_count(0)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制", exact=True).click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == CORRECTED
    assert Content.objects.count() == 2, "nothing of it is stored"
    page.get_by_role("button", name="存为草稿").click()
    page.wait_for_url(re.compile(r"/library/drafts/\d+/"))
    assert Draft.objects.get().g_model == CORRECTED


def test_a_bar_typed_into_an_element_is_told_at_once_and_by_the_server(operator, open_as):
    page = open_as(operator, "/library/check/")
    fill_line(page, "8542399000", "集成电路", CHIP)
    page.get_by_role("button", name="自检", exact=True).click()
    page.get_by_label("应用场景").fill("手机|平板")
    expect(page.get_by_label("应用场景")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="重新组合并自检").click()
    expect(page.get_by_text("“应用场景”里有竖线").first).to_be_visible()
    expect(page.get_by_label("应用场景")).to_have_value("手机|平板")


def test_conforming_declarations_stand_below_own_ones_first(operator, open_as, shot):
    page = open_as(operator, "/library/check/")
    fill_line(page, SOFA.hs_code, "布沙发", SOFA_OTHER_FORM.g_model)
    page.press("[name=name]", "Enter")
    expect(page.locator(".outlook")).to_contain_text("将标为“系统匹配”")
    references = page.locator(".reference")
    expect(references).to_have_count(2)
    expect(references.first).to_contain_text("仅形式不同")
    expect(references.first).to_contain_text("本企业规范数据")
    expect(references.last).to_contain_text("公共库")
    references.last.locator("summary").click()
    expect(references.last).to_contain_text("已隐去")
    expect(page.locator("main")).not_to_contain_text("工艺甲")
    shot(page, "check_references")


def test_a_table_from_paste_to_workbook(operator, open_as, shot, tmp_path):
    page = open_as(operator, "/library/check/")
    page.fill("[name=text]", TABLE)
    page.get_by_role("button", name="自检这张表").click()
    page.wait_for_url(re.compile("/check/table/"))
    expect(page.locator("tbody tr")).to_have_count(5)
    expect(page.locator(".summary-error")).to_contain_text("2")
    expect(page.locator("tbody tr").nth(1)).to_contain_text("仅形式不同")
    expect(page.locator("tbody tr").nth(3)).to_contain_text("“商品编码”为空")
    shot(page, "check_table")
    page.select_option("[name=show]", label="只看有问题的")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url(re.compile("show=problems"))
    expect(page.locator("tbody tr")).to_have_count(4)
    page.locator("tbody tr").first.get_by_text("查看修改").click()
    page.get_by_label("是否切割").fill("未切割")
    page.get_by_role("button", name="重新组合并自检").click()
    expect(page.locator(".notice-text").first).to_contain_text("第 2 行已重新自检")
    shot(page, "check_row")
    page.get_by_text("返回表格").click()
    expect(page.locator("tbody tr").first).to_contain_text("未切割")
    with page.expect_download() as download:
        page.get_by_text("下载全部").click()
    path = tmp_path / "checked.xlsx"
    download.value.save_as(path)
    head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    models = [row[head.index("规格型号")] for row in rows]
    assert len(rows) == 5
    assert "|未切割|ON牌|" in models[0]
    page.get_by_text("清除这张表").click()
    page.get_by_role("button", name="确认清除").click()
    expect(page.locator(".notice-text").first).to_contain_text("已清除")


def test_what_was_pasted_stays_where_it_can_not_be_taken(operator, open_as, shot):
    page = open_as(operator, "/library/check/")
    page.fill("[name=text]", "品名\t规格型号\n沙发\t0|3|家用")
    page.get_by_role("button", name="自检这张表").click()
    expect(page.locator("#table-problems")).to_contain_text("没有“商品编码”列")
    expect(page.locator("#table-problems")).to_be_focused()
    assert page.input_value("[name=text]") == "品名\t规格型号\n沙发\t0|3|家用"
    shot(page, "check_refused")


def test_drafts_are_found_changed_and_deleted(operator, open_as, shot):
    page = open_as(operator, "/library/check/")
    fill_line(page, SOFA.hs_code, "布沙发", SOFA.g_model)
    page.press("[name=name]", "Enter")
    page.get_by_role("button", name="存为草稿").click()
    page.wait_for_url(re.compile(r"/library/drafts/\d+/"))
    page.fill("[name=name]", "三人布沙发")
    page.get_by_role("button", name="自检", exact=True).click()
    expect(page.get_by_text("还没有保存")).to_be_visible()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator(".notice-text").first).to_have_text("草稿已保存。")
    shot(page, "draft")
    page.get_by_role("link", name="草稿", exact=True).first.click()
    expect(page.locator("tbody tr")).to_contain_text("三人布沙发")
    shot(page, "drafts")
    page.check("tbody [name=tick]")
    page.get_by_role("button", name="删除勾选的草稿").click()
    expect(page.get_by_text("删除后不能恢复")).to_be_visible()
    shot(page, "drafts_delete")
    page.get_by_role("button", name="确认删除").click()
    expect(page.locator(".state-title")).to_have_text("还没有草稿")
    assert not Draft.objects.exists()


def test_one_line_works_without_javascript(operator, open_as):
    page = open_as(operator, "/library/check/", java_script_enabled=False)
    fill_line(page, "8542399000", "集成电路", CHIP)
    page.click("button[value=check]")
    assert page.input_value("#composed") == LAID_OUT
    assert not page.is_visible("[data-copy]"), "copying needs a script; the text can be selected"
    page.fill("input[name=part] >> nth=3", "未切割")
    page.click("button[value=recompose]")
    assert "|已封装|未切割|ON牌|" in page.input_value("#composed")
    page.click("button[value=draft]")
    assert re.search(r"/library/drafts/\d+/", page.url)


def test_a_table_works_without_javascript(operator, open_as):
    page = open_as(operator, "/library/check/", java_script_enabled=False)
    page.fill("[name=text]", TABLE)
    page.click("text=自检这张表")
    assert page.locator("tbody tr").count() == 5
    page.locator("tbody tr").nth(2).get_by_text("查看修改").click()
    assert "第 4 行" in page.locator("h1").inner_text()


def test_the_pages_fit_the_windows_that_operators_have(operator, open_as):
    page = open_as(operator, "/library/check/")
    fill_line(page, "8542399000", "集成电路", CHIP)
    page.press("[name=name]", "Enter")
    expect(page.locator("#result")).to_be_visible()
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
