"""The list page: what its URL shows, downloads and refuses."""

import html
import re
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from pages.views import ListPage
from tests.pages.urls import LONG, LineList

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return Client()


def codes(response) -> list[str]:
    return re.findall(r'name="tick" value="(\d+)"', response.content.decode())


def test_it_shows_the_first_page_in_the_default_order(client):
    response = client.get("/lines/")
    assert response.status_code == 200
    assert codes(response) == [str(number) for number in range(20)]
    text = response.content.decode()
    assert "共 <strong" in text
    assert 'aria-sort="descending"' in text
    assert text.count('aria-sort="none"') == 1


def test_it_turns_pages_sorts_and_changes_size(client):
    response = client.get("/lines/?page=2&per_page=50&sort=declared_on")
    assert codes(response) == [str(number) for number in range(79, 29, -1)]
    assert response.context["page"].last == 3


@pytest.mark.parametrize("sort", ["quantity", "-g_model", "pk", "__class__", "-", "declared_on,pk"])
def test_a_sort_that_is_not_offered_is_the_default(client, sort):
    assert codes(client.get("/lines/", {"sort": sort}))[:2] == ["0", "1"]


def test_links_keep_the_query(client):
    text = client.get("/lines/?hs_code=0306&page=2&per_page=20").content.decode()
    assert "?hs_code=0306&amp;page=3&amp;per_page=20" in text
    assert "?hs_code=0306&amp;per_page=20&amp;sort=hs_code" in text, "a sort starts at page 1"
    assert "?hs_code=0306&amp;per_page=50" in text, "another size starts at page 1"
    assert '<input type="hidden" name="hs_code" value="0306">' in text, "the jump keeps it too"


def test_a_wrong_query_says_why_keeps_what_was_typed_and_asks_nothing(client):
    asked = LineList.asked
    response = client.get("/lines/?hs_code=85x&keyword=蟹&declared_on_from=2025-13-01")
    text = response.content.decode()
    assert response.status_code == 200
    assert LineList.asked == asked
    assert "查询条件有误，未执行查询" in text
    assert "应为 2 至 10 位数字" in text
    assert "请输入有效日期" in text
    assert 'value="85x"' in text
    assert 'value="蟹"' in text
    assert codes(response) == []
    assert "未执行查询" in text


def test_a_wrong_query_is_not_exported(client):
    response = client.get("/lines/?hs_code=85x&export=xlsx")
    assert response.headers["Content-Type"].startswith("text/html")
    assert "查询条件有误" in response.content.decode()


def test_nothing_found_is_told_with_what_to_do(client):
    text = client.get("/lines/?keyword=没有的商品").content.decode()
    assert "没有符合条件的数据" in text
    assert "请减少或放宽查询条件" in text
    assert 'aria-disabled="true"' in text, "there is nothing to export"


def test_no_data_at_all_is_told_otherwise(client):
    text = client.get("/empty/").content.decode()
    assert "贵企业还没有数据" in text
    assert "放宽查询条件" not in text


def test_the_export_is_the_shown_page_in_the_shown_order(client):
    response = client.get("/lines/?page=2&sort=declared_on&export=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(response.content)).active
    head, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert head == [
        "标记类型",
        "商品编码",
        "商品名称",
        "规格型号",
        "申报日期",
        "报关单号",
        "项号",
        "数量",
    ]
    assert len(rows) == 20
    assert [row[7] for row in rows] == [number * 1000 for number in range(109, 89, -1)]
    assert rows[0][:4] == ["未标记", "0306329000", "冻面包蟹109", LONG]
    assert rows[0][5:7] == ["090820251000000109", "10"]


def test_a_formula_in_a_name_is_exported_as_text(client):
    response = client.get("/lines/?export=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(response.content)).active
    cell = next(row[2] for row in sheet.iter_rows() if row[2].value == "=1+1")
    assert cell.data_type == "s"


def test_marks_are_told_by_words(client):
    text = client.get("/lines/").content.decode()
    for word in ("规范", "不规范", "系统匹配", "企业自选", "未标记", "冲突", "审核时文本"):
        assert re.search(rf"</svg>{word}</span>|mark-note\">{word}<", text), word


def test_a_long_text_is_whole_in_the_page_and_can_be_unfolded(client):
    text = client.get("/lines/").content.decode()
    whole = re.search(r'<details class="long-text"><summary[^>]*><span>(.*?)</span>', text)
    assert whole
    assert html.unescape(whole[1].replace("<wbr>", "")) == LONG


def test_an_htmx_request_gets_the_result_only(client):
    response = client.get("/lines/?page=2", headers={"HX-Request": "true", "HX-Target": "result"})
    text = response.content.decode()
    assert response.headers["X-Portal-Part"] == "result"
    assert 'id="result"' in text
    assert "top-bar" not in text
    assert 'id="query-form"' not in text, "what the user is typing stays"
    assert codes(response)[0] == "20"


def test_an_htmx_query_gets_its_form_back_with_the_faults(client):
    headers = {"HX-Request": "true", "HX-Target": "result", "HX-Trigger": "query-form"}
    text = client.get("/lines/?hs_code=85x", headers=headers).content.decode()
    assert 'hx-swap-oob="true"' in text
    assert "查询条件有误" in text
    assert "top-bar" not in text


def test_whole_pages_and_parts_are_never_mixed_up_by_a_cache(client):
    vary = client.get("/lines/").headers["Vary"]
    assert "HX-Request" in vary
    assert "HX-Target" in vary


def test_kept_ticks_belong_to_the_query_not_to_the_page(client):
    def key(query):
        return client.get(f"/lines/{query}").context["ticks_key"]

    assert key("?hs_code=85&page=2&sort=hs_code") == key("?per_page=50&hs_code=85&keyword=")
    assert key("?hs_code=85") != key("?hs_code=84")


def test_ticked_rows_are_posted_and_answered_on_the_page(client):
    response = client.post("/act/", {"tick": ["3", "4"], "next": "/lines/?page=2"}, follow=True)
    assert response.redirect_chain == [("/lines/?page=2", 302)]
    assert "已处理 2 行：3、4。" in response.content.decode()
    response = client.post("/act/", {}, follow=True)
    assert "请先在列表中勾选数据" in response.content.decode()


def test_a_list_without_rows_of_its_own_is_a_programmers_error():
    class Bare(ListPage):
        pass

    with pytest.raises(ImproperlyConfigured, match="get_queryset"):
        Bare().get_queryset()
