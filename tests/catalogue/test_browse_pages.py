"""The pages of 目录查询: the tree, a code with its editions, wrong codes, searching."""

import re

import pytest
from django.urls import reverse

from authorization.models import Role
from catalogue.models import CatalogueCode, CatalogueHeading
from tests.catalogue.shelf import HEADINGS, earlier, newest
from tests.factories import Listed, client_for, make_edition, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_for(make_user())


@pytest.fixture
def administrator():
    return client_for(make_user(Role.ADMINISTRATOR))


def text_of(response) -> str:
    """The page's main part as plain text, white space folded."""
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_without_an_edition_the_page_says_so(client):
    for url in ("/catalogue/", "/catalogue/codes/85423990/", "/catalogue/search/?q=轴承"):
        response = client.get(url)
        assert response.status_code == 200
        assert "还没有启用的规范申报目录" in response.content.decode()


def test_the_index_names_sections_and_chapters_with_their_numbers_of_codes(client):
    newest()
    text = text_of(client.get("/catalogue/"))
    assert "第十六类 机器、机械器具、电气设备及其零件" in text
    assert "第 84 至 85 章 · 6 个编码" in text
    assert "85 电机、电气设备及其零件 3" in text


def test_an_edition_without_titles_takes_them_from_the_nearest_edition(client):
    newest()
    make_edition(2026, {"85423990": Listed("其他")})
    text = text_of(client.get("/catalogue/"))
    assert "2026 年版" in text
    assert "第十六类 机器、机械器具、电气设备及其零件" in text


def test_an_edition_without_any_titles_still_lists_its_chapters(client):
    make_edition(2025, {"85423990": Listed("其他"), "01012100": Listed("马")})
    text = text_of(client.get("/catalogue/"))
    assert "01 第 01 章 1" in text
    assert "85 第 85 章 1" in text
    assert client.get("/catalogue/chapters/85/").status_code == 200


def test_a_chapter_lists_its_headings_and_their_codes_below_their_sub_headings(client):
    newest()
    response = client.get("/catalogue/chapters/84/")
    text = text_of(response)
    assert "84.82 滚动轴承 3 个编码" in text
    assert "滚珠轴承 8482.1010 调心球轴承 8482.1020 深沟球轴承 零件 8482.9900 其他" in text
    assert "<details open" not in response.content.decode()
    assert "<details open" in client.get("/catalogue/chapters/84/?open=1").content.decode()


def test_a_chapters_note_is_shown(client):
    edition = newest()
    CatalogueHeading.objects.filter(edition=edition, code="84").update(note="一、本章不包括石磨。")
    assert "本章不包括石磨" in text_of(client.get("/catalogue/chapters/84/"))


def test_a_heading_lists_its_codes_with_their_elements(client):
    newest()
    text = text_of(client.get("/catalogue/headings/8542/"))
    assert "85.42 集成电路" in text
    assert "8542.9000 零件 3 1 用途（适用于××机等） 2 品牌（中文或外文名称） 3 型号" in text


def test_pages_of_the_tree_cost_few_queries(client, django_assert_max_num_queries):
    newest()
    for url, most in {
        "/catalogue/": 8,
        "/catalogue/chapters/84/": 10,
        "/catalogue/headings/8542/": 10,
        "/catalogue/codes/85423990/": 13,
        "/catalogue/search/?q=轴承": 12,
    }.items():
        with django_assert_max_num_queries(most):
            client.get(url)


def test_a_code_is_shown_with_its_whole_path_and_its_elements_in_three_columns(client):
    newest()
    text = text_of(client.get("/catalogue/codes/85423990/"))
    assert "85.42 集成电路 集成电路 其他 8542.3990 其他" in text
    assert "归类要素 2 1 应用场景 2 功能 价格要素 3 3 品牌 （中文或外文名称） 4 型号" in text
    assert "其他要素 0 无" in text
    assert "要素承自 其他 来源页码 第 465 页" in text
    assert "品牌类型| 出口享惠情况| 应用场景| 功能| 品牌| 型号| 是否量产| GTIN| CAS| 其他" in text
    assert "次修订" not in text


def test_a_printed_number_that_is_not_the_position_is_told(client):
    edition = newest()
    code = CatalogueCode.objects.get(edition=edition, hs8="85429000")
    code.elements.filter(number=3).update(printed_number="4")
    assert "型号 （目录中印作 4）" in text_of(client.get("/catalogue/codes/85429000/"))


def test_a_code_without_elements_says_so(client):
    make_edition(2025, {"01019000": Listed("其他")}, headings={"01.01": "马、驴、骡"})
    text = text_of(client.get("/catalogue/codes/01019000/"))
    assert "目录没有为该编码列出申报要素" in text
    assert "品牌类型| 出口享惠情况| GTIN| CAS| 其他" in text


def test_neighbours_and_the_other_codes_of_the_heading_are_one_click_away(client):
    newest()
    html = client.get("/catalogue/codes/84829900/").content.decode()
    assert re.search(r'rel="prev" href="/catalogue/codes/84821020/"', html)
    assert re.search(r'rel="next" href="/catalogue/codes/85423910/"', html)
    aside = html.partition("<aside")[2]
    assert 'href="/catalogue/codes/84821010/"' in aside
    assert re.search(r'href="/catalogue/codes/84829900/" aria-current="page"', aside)


def test_enterprise_users_get_links_to_their_libraries_and_others_do_not():
    newest()
    mine = client_for(make_user()).get("/catalogue/codes/85423990/").content.decode()
    assert 'href="/library/?hs_code=85423990"' in mine
    assert 'href="/public/?hs_code=85423990"' in mine
    for role in (Role.OFFICER, Role.ADMINISTRATOR):
        other = client_for(make_user(role)).get("/catalogue/codes/85423990/").content.decode()
        assert "/library/?hs_code" not in other
        assert "/public/?hs_code" not in other


# --- editions ------------------------------------------------------------------------------------


def test_each_edition_is_listed_with_what_it_changed(client):
    newest()
    earlier()
    text = text_of(client.get("/catalogue/codes/85423990/"))
    assert "新增 1 项、删除 1 项、更名 1 项（与 2024 年版相比）" in text
    assert "没有更早的版本可比" in text


def test_the_lists_of_two_editions_stand_side_by_side(client):
    newest()
    earlier()
    html = client.get("/catalogue/codes/85423990/").content.decode()
    table = html.partition("against-table")[2].partition("</table>")[0]
    rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in table.split("<tr")[2:] if row]
    assert rows[0].endswith("1 用途 更名 1 应用场景")
    assert rows[1].endswith("2 功能 2 功能")
    assert any(row.endswith("删除") or "批号 删除" in row for row in rows)
    assert any("新增 5 是否量产" in row for row in rows)


def test_an_edition_is_chosen_in_the_address_and_kept_by_the_links(client):
    newest()
    earlier()
    html = client.get("/catalogue/codes/85423990/?edition=2024").content.decode()
    assert "批号" in html
    assert 'href="/catalogue/headings/8542/?edition=2024"' in html
    assert 'name="edition" value="2024"' in html


def test_equal_lists_are_said_to_be_equal(client):
    newest()
    earlier()
    text = text_of(client.get("/catalogue/codes/85429000/"))
    assert "2024 年版与2025 年版的货品名称和申报要素完全相同" in text


def test_an_unknown_edition_leaves_a_notice_and_shows_the_newest(client):
    newest()
    text = text_of(client.get("/catalogue/headings/8542/?edition=1999"))
    assert "没有可供查询的“1999”版目录，以下按 2025 年版 显示" in text


def test_editions_that_are_not_in_force_are_for_administrators_only(client, administrator):
    newest()
    make_edition(2026, {"85423990": Listed("其他", ("新要素",))}, in_force=False)
    url = "/catalogue/codes/85423990/?edition=2026-1"
    assert "新要素" not in client.get(url).content.decode()
    assert "2026" not in text_of(client.get("/catalogue/codes/85423990/"))
    shown = text_of(administrator.get(url))
    assert "新要素" in shown
    assert "未启用" in shown
    # The newest in force stays what everybody begins with.
    assert "新要素" not in text_of(administrator.get("/catalogue/"))
    assert "量产" in text_of(administrator.get("/catalogue/codes/85423990/"))


def test_a_revision_that_replaced_another_is_told_by_its_number(client, administrator):
    newest(in_force=False)
    make_edition(2025, {"85423990": Listed("其他", ("甲",))}, headings=HEADINGS, revision=2)
    assert "第 2 次修订" in text_of(client.get("/catalogue/codes/85423990/"))
    assert "量产" in text_of(administrator.get("/catalogue/codes/85423990/?edition=2025-1"))


# --- wrong codes ---------------------------------------------------------------------------------


def test_an_unknown_code_gets_the_nearest_codes_of_its_heading(client):
    newest()
    response = client.get("/catalogue/codes/85423999/")
    assert response.status_code == 404
    text = text_of(response)
    assert "2025 年版中没有商品编码 85423999" in text
    assert "8542.3990 集成电路 &gt; 其他 &gt; 其他" in text


def test_an_unknown_heading_or_chapter_gets_a_page_too(client):
    newest()
    response = client.get("/catalogue/headings/8599/")
    assert response.status_code == 404
    assert "没有品目 85.99" in text_of(response)
    assert "8542.9000" in text_of(response)
    response = client.get("/catalogue/chapters/77/")
    assert response.status_code == 404
    assert "没有第 77 章" in text_of(response)


def test_a_code_that_only_an_earlier_edition_has_is_shown_by_that_one(client):
    newest()
    earlier()
    response = client.get("/catalogue/codes/85423900/")
    assert response.status_code == 200
    text = text_of(response)
    assert "2025 年版中没有 85423900，该编码在 2024 年版中有" in text
    assert "其他集成电路" in text
    # Asked for by 2025, it is not there, and the page says where it is.
    missing = client.get("/catalogue/codes/85423900/?edition=2025")
    assert missing.status_code == 404
    assert "该编码在以下版本中有： 2024 年版" in text_of(missing)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("codes/8542399000/", "/catalogue/codes/85423990/"),
        ("codes/8542399000101/", "/catalogue/codes/85423990/"),
        ("codes/8542/", "/catalogue/headings/8542/"),
        ("headings/85/", "/catalogue/chapters/85/"),
        ("chapters/85423990/", "/catalogue/codes/85423990/"),
        ("codes/854239/", "/catalogue/search/?q=854239"),
        ("codes/8542399000/?edition=2024", "/catalogue/codes/85423990/?edition=2024"),
    ],
)
def test_digits_at_the_wrong_address_lead_to_their_page(client, address, page):
    newest()
    earlier()
    response = client.get(f"/catalogue/{address}")
    assert (response.status_code, response.url) == (302, page)


# --- searching -----------------------------------------------------------------------------------


def search(client, query, **more):
    return client.get(reverse("catalogue:search"), {"q": query, **more})


@pytest.mark.parametrize("typed", ["85423990", "8542.39.90", "8542399000", "8542399000101"])
def test_a_whole_code_goes_straight_to_its_page(client, typed):
    newest()
    response = search(client, typed)
    assert (response.status_code, response.url) == (302, "/catalogue/codes/85423990/")


def test_what_matched_is_marked(client):
    newest()
    html = search(client, "轴承 种类").content.decode()
    assert "深沟球<mark>轴承</mark>" in html
    assert "滚珠<mark>轴承</mark>" in html
    assert '<span class="figures">2</span> <mark>种类</mark>' in html
    assert "<mark>8542.3</mark>910" in search(client, "8542.3").content.decode()


def test_chapters_and_headings_named_so_stand_above_the_codes(client):
    newest()
    html = search(client, "滚动轴承").content.decode()
    assert re.search(
        r'title-hits.*?href="/catalogue/headings/8482/">84.82</a> 滚动轴承', html, re.S
    )
    html = search(client, "8542").content.decode()
    assert re.search(r'title-hits.*?href="/catalogue/chapters/85/"', html, re.S)


def test_results_are_paged_and_keep_the_query(client):
    codes = {f"8471{n:04d}": Listed(f"机器{n}") for n in range(45)}
    make_edition(2025, codes)
    response = search(client, "机器")
    assert "共 45 个商品编码" in text_of(response)
    assert "?q=%E6%9C%BA%E5%99%A8&amp;page=3" in response.content.decode()
    assert "8471.0044" in text_of(search(client, "机器", page="3"))


def test_a_wrong_query_gets_one_sentence(client):
    newest()
    text = text_of(search(client, "85423990001"))
    assert "商品编码应为 2 至 10 位或 13 位数字，现在是 11 位" in text
    assert "未执行查询" in text


def test_nothing_typed_leads_back_to_the_tree(client):
    newest()
    assert search(client, " ").url == "/catalogue/"


def test_nothing_found_says_where_it_would_be_found(client):
    newest()
    earlier()
    response = search(client, "批号")
    assert "2025 年版中没有符合的商品编码" in text_of(response)
    assert "2024 年版中有 1 个" in text_of(response)
    assert "edition=2024" in response.content.decode()
    response = search(client, "轴承", chapter="85")
    assert "2025 年版第 85 章中没有符合的商品编码" in text_of(response)
    assert "在所有章中查询" in text_of(response)
    assert "没有以 8603 开头的商品编码" in text_of(search(client, "8603"))


def test_what_is_typed_is_escaped(client):
    newest()
    html = search(client, "<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in html


def test_a_strange_chapter_or_scope_is_refused_with_a_sentence(client):
    newest()
    assert "未执行查询" in text_of(search(client, "轴承", chapter="8x"))
    assert "未执行查询" in text_of(search(client, "轴承", scope="all"))


def test_the_earlier_edition_is_searched_where_it_is_chosen(client):
    newest()
    earlier()
    html = search(client, "集成电路", edition="2024").content.decode()
    assert 'href="/catalogue/codes/85423900/?edition=2024"' in html
