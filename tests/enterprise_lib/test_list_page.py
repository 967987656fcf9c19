"""The list: conditions, order, pages, what it says when it finds nothing or is asked wrongly."""

import pytest
from django.urls import reverse

from comparison.models import LibraryEntry
from tests.enterprise_lib.library import keys_on, notices_on, words_on
from tests.factories import client_for, make_enterprise, make_user
from tests.world import SOFA, Party, Row, declare

URL = "/library/"


def test_it_shows_each_row_once_newest_first_with_all_its_columns(library):
    response = library.client.get(URL)
    names = ["conforming", "nonconforming", "conforming again", "matched", "selected", "unmarked"]
    expected = [library.key(name) for name in [*names, "long", "corrected"]]
    assert keys_on(response) == [
        *sorted(expected[:2], reverse=True),
        *expected[2:],
        library.audited_key,
    ]
    words = words_on(response)
    for part in (
        "规范", "不规范", "系统匹配", "企业自选", "未标记", "9401619000", "布沙发", "0615",
        "进口", "2026-08-01", library.rows["conforming"].entry_id, "项号 1", "申报单位", "公开",
        "审核时文本（2026-09）", "塑料凳", "木凳", "为何如此标记",
    ):  # fmt: skip
        assert part in words, part


CONDITIONS = {
    "mark=conforming": ["conforming", "conforming again", "audited"],
    "mark=nonconforming": ["nonconforming"],
    "mark=system_matched&mark=self_selected": ["matched", "selected"],
    "mark=unmarked": ["unmarked", "long", "corrected"],
    "hs_code=9403": ["nonconforming"],
    "hs_code=84.82": ["unmarked", "long"],
    "trade_mode=0615": ["conforming again"],
    "ie_flag=E": [],
    "role=trader": [],
    "declared_on_from=2026-07-02&declared_on_to=2026-07-02": ["conforming again"],
    "declared_on_to=2026-03-07": ["long", "corrected", "audited"],
    "keyword=轴承": ["unmarked", "long"],
    "keyword=凳 木": ["corrected", "audited"],
    "keyword=ｓｋｏｄｏ": ["unmarked"],
    "keyword=凳&mark=conforming": ["audited"],
    "hs_code=9401&trade_mode=0110&declared_on_from=2026-06-01": ["conforming", "matched"],
}


@pytest.mark.parametrize("query", CONDITIONS)
def test_each_condition_narrows_the_rows_and_stays_in_the_form(library, query):
    response = library.client.get(f"{URL}?{query}")
    names = {library.key(name): name for name in library.rows if name != "foreign"}
    names[library.audited_key] = "audited"
    assert sorted(names[key] for key in keys_on(response)) == sorted(CONDITIONS[query])
    form = response.context["query_form"]
    assert form.is_valid()
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        assert value in response.content.decode(), f"{name} is kept as typed"


def test_a_declaration_is_found_by_its_18_digits(library):
    entry_id = library.rows["matched"].entry_id
    assert keys_on(library.client.get(f"{URL}?keyword={entry_id}")) == [library.key("matched")]
    assert keys_on(library.client.get(f"{URL}?keyword={entry_id} 轴承")) == []


@pytest.mark.parametrize(
    ("query", "sentence", "kept"),
    [
        ("declared_on_from=2026-08-02&declared_on_to=2026-08-01", "起始日期晚于截止日期", "2026-08-02"),
        ("declared_on_from=yesterday", "请输入有效日期", "yesterday"),
        ("hs_code=8", "应为 2 至 10 位数字", 'value="8"'),
        ("hs_code=94016190001", "应为 2 至 10 位数字", "94016190001"),
        ("hs_code=9401%25", "应为 2 至 10 位数字", "9401%"),
        ("mark=perfect", "不在可选范围内", ""),
        ("trade_mode=xx", "不在可选范围内", ""),
        ("ie_flag=X", "不在可选范围内", ""),
        ("role=owner", "不在可选范围内", ""),
        ("keyword=%E2%80%8B%E2%80%8B", "关键字中没有可以检索的文字", ""),
        ("keyword=" + "轴" * 101, "最多 100 个字", "轴轴"),
        ("keyword=%00", "请删除其中的特殊字符", ""),
    ],
)  # fmt: skip
def test_a_wrong_query_is_told_keeps_what_was_typed_and_shows_nothing(
    library, query, sentence, kept
):
    response = library.client.get(f"{URL}?{query}&keyword2=x")
    assert response.status_code == 200
    assert sentence in words_on(response)
    assert kept in response.content.decode()
    assert keys_on(response) == []


def test_strange_characters_in_a_keyword_do_no_harm(library):
    for word in ("%", "_", "\\", "'", '"', "轴承%", "轴_承", "');--", "{}", "%(enterprise)s", "|"):
        response = library.client.get(URL, {"keyword": word})
        assert response.status_code == 200, word
    assert len(keys_on(library.client.get(URL, {"keyword": "%"}))) == 0


def test_it_sorts_by_code_mark_and_day_and_ignores_other_sorts(library):
    def sorted_by(sort: str) -> list[str]:
        return keys_on(library.client.get(f"{URL}?sort={sort}"))

    everything = sorted_by("-declared_on")
    assert sorted_by("declared_on")[:2] == [library.key("corrected"), library.audited_key]
    assert sorted_by("hs_code")[0] == library.key("unmarked")
    assert sorted_by("-hs_code")[0] == library.key("nonconforming")
    assert sorted_by("mark")[:3] == [
        library.key("conforming"), library.key("conforming again"), library.audited_key,
    ]  # fmt: skip
    assert sorted_by("-mark")[0] == library.key("unmarked")
    assert sorted_by("nonsense") == everything
    assert sorted(sorted_by("mark")) == sorted(everything)


def test_pages_show_every_row_once(db):
    broker, trader = make_enterprise(), make_enterprise()
    declare(*[Row(n, Party.of(broker), Party.of(trader)) for n in range(1, 54)])
    client = client_for(make_user(enterprise=broker))
    first = client.get(URL)
    assert len(keys_on(first)) == 20
    assert "共 53 条" in words_on(first)
    shown = [key for page in (1, 2, 3) for key in keys_on(client.get(f"{URL}?page={page}"))]
    assert len(shown) == len(set(shown)) == 53
    assert keys_on(client.get(f"{URL}?per_page=100")) == shown
    assert keys_on(client.get(f"{URL}?page=99")) == shown[40:], "the last page"


def test_rows_that_nothing_has_compared_yet_say_so(db):
    broker, trader = make_enterprise(), make_enterprise()
    declare(Row(1, Party.of(broker), Party.of(trader)))
    client = client_for(make_user(enterprise=broker))
    assert not LibraryEntry.objects.filter(enterprise__in=[broker, trader]).exists()
    response = client.get(f"{URL}?hs_code=94&keyword=沙发&ie_flag=I")
    assert "待比对" in words_on(response)
    assert len(keys_on(response)) == 1
    assert keys_on(client.get(f"{URL}?mark=unmarked")) == []


def test_an_empty_library_and_an_empty_result_say_what_to_do(library):
    nobody = client_for(make_user(enterprise=make_enterprise()))
    words = words_on(nobody.get(URL))
    assert "企业库中还没有数据" in words
    assert "共" not in words.partition("企业库中还没有数据")[0].partition("查询结果")[2]
    words = words_on(library.client.get(f"{URL}?keyword=没有这样的商品"))
    assert "没有符合条件的数据" in words
    assert "请减少或放宽查询条件" in words


def test_a_long_text_is_cut_in_look_only(library):
    response = library.client.get(f"{URL}?keyword=ZWOB")
    assert "戊|己|庚" in words_on(response).replace("| ", "|")


def test_only_get_is_answered(library):
    assert library.client.post(URL).status_code == 405
    assert library.client.put(URL).status_code == 405


def test_a_page_costs_the_same_few_queries_whatever_it_shows(
    library, django_assert_max_num_queries, django_assert_num_queries
):
    library.client.get(URL)
    # Session, user and enterprise; outbox, total; ids; lines, audited rows, entries, choices;
    # the frame's unread messages.
    limit = 12
    for query in ("", "per_page=100", "mark=conforming&sort=hs_code", "keyword=轴承&sort=mark"):
        with django_assert_max_num_queries(limit):
            library.client.get(f"{URL}?{query}")
    broker, trader = Party.of(library.broker), Party.of(library.trader)
    declare(*[Row(n, broker, trader, SOFA) for n in range(100, 190)])
    with django_assert_max_num_queries(limit):
        assert len(keys_on(library.client.get(f"{URL}?per_page=100"))) == 99


def test_the_urls_are_the_agreed_ones(library):
    key = library.key("matched")
    assert reverse("enterprise_lib:list") == URL
    assert reverse("enterprise_lib:elements", args=[key]) == f"/library/{key}/elements/"
    assert reverse("enterprise_lib:why", args=[key]) == f"/library/{key}/why/"
    assert notices_on(library.client.get(URL)) == ""
