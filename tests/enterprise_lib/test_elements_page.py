"""申报要素详情: from the one ticked row to a page of its own that loses no part of the string."""

from urllib.parse import parse_qs, urlsplit

import pytest

from catalogue.models import CatalogueCode, Edition, Element, ElementCategory
from enterprise_lib.detail import read_elements
from tests.enterprise_lib.library import LONG, keys_on, notices_on, words_on
from tests.shipped import load_shipped_headings
from tests.world import line

OPEN = "/library/elements/"
LIST = "/library/?keyword=%E8%BD%B4%E6%89%BF&page=1"


def make_edition() -> Edition:
    """An edition in force that has the bearing's code with three elements."""
    edition = Edition.objects.create(
        year=2026, effective_from="2026-01-01", source_hash="0" * 64, in_force=True
    )
    code = CatalogueCode.objects.create(
        edition=edition, hs8="84821020", heading="84.82", name="深沟球轴承"
    )
    names = [("结构类型", "classification"), ("品牌", "price"), ("型号", "price")]
    Element.objects.bulk_create(
        Element(code=code, number=i, name=name, category=ElementCategory(category))
        for i, (name, category) in enumerate(names, start=1)
    )
    return edition


def test_the_one_ticked_row_opens_its_own_page(library):
    key = library.key("unmarked")
    response = library.client.post(OPEN, {"tick": [key], "next": LIST})
    assert response.status_code == 302
    url = urlsplit(response.url)
    assert url.path == f"/library/{key}/elements/"
    assert parse_qs(url.query) == {"back": [LIST]}
    page = library.client.get(response.url)
    assert page.status_code == 200
    assert f'href="{LIST.replace("&", "&amp;")}"' in page.content.decode(), (
        "the way back keeps the query"
    )


@pytest.mark.parametrize(
    ("ticks", "sentence"),
    [
        ([], "请先在列表中勾选数据"),
        (["unmarked", "long"], "只能选择一行，现在勾选了 2 行"),
    ],
)
def test_none_or_two_ticked_rows_are_told_so_on_the_same_query(library, ticks, sentence):
    keys = [library.key(name) for name in ticks]
    response = library.client.post(OPEN, {"tick": keys, "next": LIST}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert sentence in notices_on(response)
    assert sorted(keys_on(response)) == sorted([library.key("unmarked"), library.key("long")])
    assert "ticks-done" not in response.content.decode(), "the browser keeps the ticks"


def test_ticks_of_other_pages_count_too(library):
    response = library.client.post(
        OPEN,
        {"tick": library.key("long"), "ticks": f"{library.key('long')},{library.key('matched')}"},
        follow=True,
    )
    assert "只能选择一行，现在勾选了 2 行" in notices_on(response)


def test_elements_are_named_numbered_and_sorted_into_the_catalogues_columns(library):
    make_edition()
    words = words_on(library.client.get(f"/library/{library.key('unmarked')}/elements/"))
    for part in (
        "按《规范申报目录》 2026 年版".replace(" 2026", "2026"),
        "4|3|深沟球|SKODO牌|6204",
        "境外品牌（其他）",
        "不适用于进口报关单",
        "1 结构类型 归类要素 深沟球",
        "2 品牌 价格要素 SKODO牌",
        "3 型号 价格要素 6204",
    ):
        assert part in words, part


def test_no_part_is_lost_and_those_that_fit_no_element_say_so(library):
    make_edition()
    detail = read_elements(line(library.rows["long"]).goods)
    assert [row.value for row in detail.rows] == LONG.g_model.split("|")
    unmatched = [row.value for row in detail.rows if row.is_unmatched]
    assert unmatched == LONG.g_model.split("|")[8:]
    page = library.client.get(f"/library/{library.key('long')}/elements/")
    words = words_on(page)
    assert words.count("未对应要素") == len(unmatched)
    assert "个数或格式不一致" in words
    for value in unmatched:
        assert value in words


def test_elements_that_the_string_does_not_reach_are_shown_as_missing(library):
    edition = make_edition()
    code = CatalogueCode.objects.get(edition=edition)
    Element.objects.bulk_create(
        Element(code=code, number=number, name=f"要素{number}", category="price")
        for number in range(4, 9)
    )
    words = words_on(library.client.get(f"/library/{library.key('unmarked')}/elements/"))
    assert "6 要素6 价格要素 未填报" in words
    assert "8 要素8 价格要素 未填报" in words


def test_without_an_edition_or_with_an_unknown_code_every_part_is_still_shown(library):
    url = f"/library/{library.key('unmarked')}/elements/"
    words = words_on(library.client.get(url))
    assert "系统中还没有规范申报目录" in words
    assert "SKODO牌" in words
    Edition.objects.create(
        year=2027, effective_from="2027-01-01", source_hash="0" * 64, in_force=True
    )
    words = words_on(library.client.get(url))
    assert "2027 年版目录中没有这个商品编码" in words
    assert "SKODO牌" in words


def test_an_audited_row_shows_the_text_as_it_was_audited(library):
    words = words_on(library.client.get(f"/library/{library.audited_key}/elements/"))
    assert "木凳" in words
    assert "塑料凳" not in words
    assert "这是海关审核时的文本" in words


def test_the_shipped_catalogue_reads_a_real_code(library):
    load_shipped_headings()
    words = words_on(library.client.get(f"/library/{library.key('conforming')}/elements/"))
    assert "2025年版" in words.replace(" ", "")
    assert "归类要素" in words


def test_a_way_back_to_another_place_is_not_followed(library):
    key = library.key("long")
    for elsewhere in (
        "https://example.com/library/",
        "//example.com/library/",
        "/help/?from=elsewhere",
        "javascript:alert(1)",
    ):
        page = library.client.get(f"/library/{key}/elements/", {"back": elsewhere})
        assert f'href="{elsewhere}' not in page.content.decode()
        assert 'href="/library/"' in page.content.decode()
