"""An administrator's path: upload a catalogue, watch it being read, put it in force, withdraw it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from authorization.models import Role
from catalogue.loading import load_shipped_edition
from catalogue.models import Edition
from tests.catalogue.files import write_whole_tsv, write_whole_xlsx
from tests.factories import make_user
from tests.worker import running_worker

OFFICIAL = Path(settings.BASE_DIR).parent / "shared" / "data" / "catalogue_2025_official.pdf"
ADD = "/admin/catalogue/catalogueimport/add/"

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worker(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    with running_worker(tmp_path, PORTAL_VAR=str(tmp_path)):
        yield


@pytest.fixture
def administrator():
    load_shipped_edition()
    return make_user(Role.ADMINISTRATOR, display_name="李管理")


def test_a_catalogue_is_uploaded_read_put_in_force_and_withdrawn(
    worker, administrator, visit, shot, tmp_path
):
    # The same year's revision replaces the shipped one at once; another year waits to be asked.
    path = OFFICIAL if OFFICIAL.exists() else write_whole_xlsx(tmp_path / "目录.xlsx")
    page = visit(ADD, administrator)
    shot(page, "admin_catalogue_add")
    page.set_input_files("[name=file]", path)
    page.fill("[name=year]", "2024")
    page.click("[name=_save]")
    page.wait_for_url(re.compile("/change/"))
    expect(page.locator("#upload-progress progress")).to_be_visible()
    expect(page.locator(".progress-figures")).to_be_visible(timeout=60_000)
    shot(page, "admin_catalogue_progress")
    expect(page.locator("#upload-progress")).to_contain_text("已装入 2024 年版", timeout=120_000)
    shot(page, "admin_catalogue_done")
    page.locator("#upload-progress").get_by_role("link", name="启用", exact=True).click()
    expect(page.locator("#content")).to_contain_text("税则号列的申报要素")
    shot(page, "admin_edition_switch")
    page.click("text=确定启用")
    expect(page.locator(".messagelist")).to_contain_text("已启用 2024 年版")
    shot(page, "admin_edition")
    assert Edition.objects.get(year=2024).in_force
    page.click("text=与其他版本比较")
    expect(page.locator("#content")).to_contain_text("到 2024 年版")
    page.go_back()
    page.click(".object-tools >> text=撤回")
    page.click("text=确定撤回")
    expect(page.locator(".messagelist")).to_contain_text("已撤回 2024 年版")
    assert not Edition.objects.get(year=2024).in_force


def test_a_wrong_file_is_told_where_it_was_chosen_or_where_it_was_read(
    worker, administrator, visit, shot, tmp_path
):
    page = visit(ADD, administrator)
    picture = tmp_path / "扫描件.png"
    picture.write_bytes(b"\x89PNG")
    page.set_input_files("[name=file]", picture)
    page.fill("[name=year]", "2026")
    page.press("[name=year]", "Enter")
    expect(page.locator(".errorlist").first).to_contain_text("不能读取扩展名为 .png 的文件")
    shot(page, "admin_catalogue_refused")
    page.set_input_files("[name=file]", write_whole_tsv(tmp_path / "缺章.tsv", leave_out="61"))
    page.click("[name=_save]")
    expect(page.locator("#upload-progress")).to_contain_text("失败", timeout=60_000)
    expect(page.locator("#upload-progress")).to_contain_text("没有导入")
    shot(page, "admin_catalogue_failed")
    assert Edition.objects.count() == 1


def test_two_editions_are_compared_on_a_page_that_fits(administrator, visit, shot):
    from tests.catalogue.lists import store_lists

    old = store_lists(2023, {"84821030": ("用途", "结构类型", "品牌"), "94016190": ("用途",)})
    new = store_lists(2024, {"84821030": ("应用场景", "品牌", "结构类型"), "01012100": ("品种",)})
    page = visit(f"/admin/catalogue/edition/{new.pk}/compare/?with={old.pk}", administrator)
    expect(page.locator("table.changes tbody tr")).to_have_count(3)
    shot(page, "admin_edition_compare")
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
