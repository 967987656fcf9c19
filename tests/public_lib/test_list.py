"""The list of the 公共库: conditions, order, ways to find a page, ticks, export."""

import random
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from comparison.models import PublicContent
from declarations.models import Content
from declarations.normalise import search_grams, search_text
from public_lib import queries
from public_lib.filters import PublicFilterSet
from public_lib.forms import MonthField
from public_lib.queries import PublicRows
from tests.factories import client_for, make_user

LIST = "/public/"


def make_public(number: int, *, name="轴承", g_model="1|3|机床用", is_public=True, **fields):
    """Store a projection as the comparison would, with its content."""
    text = search_text(name, g_model)
    content = Content.objects.create(
        content_key=number.to_bytes(16, "big"),
        hs_code=fields.get("hs_code", "8482103000"),
        ie_flag=fields.get("ie_flag", "I"),
        name=name,
        g_model=g_model,
        search_text=text,
        search_grams=search_grams(text),
        is_public=is_public,
    )
    held = {"hs_code": content.hs_code, "ie_flag": content.ie_flag, "trade_modes": ["0110"]}
    return PublicContent.objects.create(
        content=content,
        name=name,
        g_model=g_model,
        search_text=text,
        search_grams=search_grams(text),
        **{"latest_month": date(2025, 5, 1), "enterprise_count": 3} | held | fields,
    )


@pytest.fixture
def client(db):
    return client_for(make_user())


def ids(response) -> list[int]:
    return [row.pk for row in response.context["page"].rows]


class TestConditions:
    def test_each_narrows_by_itself_and_all_of_them_together(self, client):
        wanted = make_public(
            1, name="铜阀门", hs_code="8481804090", ie_flag="E", trade_modes=["0214", "0615"]
        )
        make_public(2, trade_modes=["0110"])
        conditions = {
            "hs_code": "8481",
            "ie_flag": "E",
            "trade_mode": "0615",
            "keyword": "阀门",
        }
        for name, value in conditions.items():
            assert ids(client.get(LIST, {name: value})) == [wanted.pk], name
        assert ids(client.get(LIST, conditions)) == [wanted.pk]
        assert ids(client.get(LIST, conditions | {"ie_flag": "I"})) == []

    def test_several_words_must_all_be_there(self, client):
        both = make_public(1, name="不锈钢轴承", g_model="1|3|船用")
        make_public(2, name="不锈钢轴承", g_model="1|3|家用")
        assert ids(client.get(LIST, {"keyword": "船用 不锈钢"})) == [both.pk]

    def test_a_word_of_one_character_is_found_too(self, client):
        wanted = make_public(1, g_model="1|3|7")
        make_public(2, g_model="1|3|8")
        assert ids(client.get(LIST, {"keyword": "7"})) == [wanted.pk]

    def test_a_sign_of_the_query_language_is_only_a_character(self, client):
        make_public(1, name="棉布", g_model="1|3|100%棉")
        assert ids(client.get(LIST, {"keyword": "%"})) != []
        assert ids(client.get(LIST, {"keyword": "_"})) == []

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ({"hs_code": "84.8x"}, "应为 2 至 10 位数字"),
            ({"trade_mode": "9999"}, "不在可选范围内"),
            ({"ie_flag": "X"}, "不在可选范围内"),
            ({"months_from": "2025-13"}, "请输入有效月份，例如 2026-09。"),
            ({"months_from": "2025-06", "months_to": "2025-05"}, "起始月份晚于截止月份"),
            ({"keyword": "\u200b"}, "关键字中没有可以检索的文字"),
        ],
    )
    def test_a_bad_condition_is_refused_with_a_sentence(self, client, query, sentence):
        make_public(1)
        response = client.get(LIST, query)
        assert sentence in response.content.decode()
        assert ids(response) == []

    def test_an_empty_library_says_so(self, client):
        assert "公共库中还没有数据" in client.get(LIST).content.decode()


class TestOrderAndPaging:
    def test_the_newest_month_comes_first_and_then_the_later_stored(self, client):
        months = [date(2025, month, 1) for month in (3, 5, 4, 5)]
        rows = [make_public(n, latest_month=month) for n, month in enumerate(months, 1)]
        march, may, april, may_too = (row.pk for row in rows)
        assert ids(client.get(LIST)) == [may_too, may, april, march]

    def test_pages_follow_one_another_without_gap_or_repeat(self, client):
        rng = random.Random(3)
        for number in range(1, 46):
            make_public(number, latest_month=date(2025, rng.randrange(1, 13), 1))
        seen = [pk for page in (1, 2, 3) for pk in ids(client.get(LIST, {"page": page}))]
        assert len(seen) == len(set(seen)) == 45

    def test_the_number_of_queries_does_not_grow_with_the_rows(
        self, client, django_assert_max_num_queries
    ):
        for number in range(1, 31):
            make_public(number)
        with django_assert_max_num_queries(6):
            client.get(LIST, {"keyword": "轴承"})


@pytest.mark.django_db
class TestWaysToFindAPage:
    """Gathering few rows and walking among many must show the same."""

    @pytest.fixture
    def rows(self):
        rng = random.Random(8)
        for number in range(1, 61):
            make_public(
                number,
                name=rng.choice(["轴承", "阀门", "铜阀门"]),
                g_model=f"1|3|{rng.choice(['家用', '船用'])}|型号{number}",
                latest_month=date(2025, rng.randrange(1, 13), 1),
                enterprise_count=rng.choice([1, 2, 3, 4]),
                is_public=rng.random() < 0.9,
            )

    @pytest.mark.parametrize("query", ["", "keyword=阀门", "keyword=铜 船用", "keyword=7", "x=1"])
    def test_both_show_the_same_rows_in_the_same_order(self, rows, monkeypatch, query):
        def shown(offset):
            asked = PublicFilterSet(QueryDict(query), queryset=PublicContent.objects.visible())
            assert asked.form.is_valid()
            return [row.pk for row in PublicRows(asked.qs, asked.words).rows(offset, 5)]

        gathered = [shown(offset) for offset in (0, 5, 20)]
        for walked in (0, 10_000):  # far back by the index, near the front by a walk
            monkeypatch.setattr(queries, "GATHERED", 2)
            monkeypatch.setattr(queries, "WALKED", walked)
            assert [shown(offset) for offset in (0, 5, 20)] == gathered
            monkeypatch.undo()

    def test_a_count_is_exact_up_to_its_limit_and_says_so_beyond(self, rows, monkeypatch):
        visible = PublicContent.objects.visible()
        exact = PublicRows(visible).count()
        assert (exact.value, exact.capped) == (visible.count(), False)
        monkeypatch.setattr(queries, "GATHERED", 10)
        capped = PublicRows(visible).count()
        assert (capped.value, capped.capped) == (10, True)
        assert str(capped) == "超过 10"

    def test_what_closes_between_count_and_page_is_left_out(self, rows):
        source = PublicRows(PublicContent.objects.visible())
        before = source.count().value
        Content.objects.update(is_public=False)
        assert before > 0 and source.rows(0, 20) == []

    def test_a_rare_keyword_is_found_by_its_index_and_not_by_reading_all(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO declarations_content (content_key, hs_code, ie_flag, name, g_model,"
                " search_text, search_grams, is_public)"
                " SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), '8482103000', 'I', '轴承', '',"
                " '', '{}', true FROM generate_series(1, 20000) n"
            )
            cursor.execute(
                "INSERT INTO comparison_publiccontent (content_id, hs_code, ie_flag, name, g_model,"
                " elements, search_text, search_grams, trade_modes, latest_month,"
                " enterprise_count, version)"
                " SELECT id, hs_code, ie_flag, '轴承', '', '[]', '轴承|型号' || id,"
                " CASE WHEN id % 4000 = 0 THEN ARRAY['稀罕', '罕词'] ELSE ARRAY['轴承', '承型'] END,"
                " '{0110}', '2025-05-01', 3, 1 FROM declarations_content"
            )
            cursor.execute("ANALYZE declarations_content")
            cursor.execute("ANALYZE comparison_publiccontent")
            rows = PublicRows(PublicContent.objects.visible(), ["稀罕词"])
            plan = rows._found_by_index().values_list("shown_from", "pk")[:6001].explain()
            assert "public_grams" in plan, plan
            walk = rows._containing_words().order_by(*queries.NEWEST_FIRST)[:20].explain()
            assert "public_shown" in walk and "Sort" not in walk, walk


class TestOpening:
    def test_the_one_ticked_row_is_opened_and_leads_back_to_the_query(self, client):
        row = make_public(1)
        there = f"{LIST}?keyword=%E8%BD%B4%E6%89%BF"
        answer = client.post("/public/elements/", {"tick": row.pk, "next": there}, follow=True)
        page = answer.content.decode()
        assert answer.redirect_chain[0][0].startswith(reverse("public_lib:elements", args=[row.pk]))
        assert f'href="{there}"' in page

    @pytest.mark.parametrize(
        ("ticks", "sentence"),
        [
            ([], "请先在列表中勾选数据"),
            ([1, 2], "只能选择一行，现在勾选了 2 行"),
            (["L7"], "请在列表中重新勾选一行"),
        ],
    )
    def test_none_or_two_or_a_strange_one_get_a_sentence(self, client, ticks, sentence):
        answer = client.post("/public/elements/", {"tick": ticks, "next": LIST}, follow=True)
        assert answer.redirect_chain == [(LIST, 302)]
        assert sentence in answer.content.decode()

    def test_a_number_too_large_for_the_database_is_just_not_there(self, client):
        answer = client.post("/public/elements/", {"tick": "9" * 40}, follow=True)
        assert answer.status_code == 404

    def test_the_way_back_never_leads_to_another_site(self, client):
        row = make_public(1)
        url = reverse("public_lib:elements", args=[row.pk])
        for back in ("https://example.com/", "//example.com/public/", "/library/", "javascript:1"):
            page = client.get(url, {"back": back}).content.decode()
            assert f'page-head-end" href="{LIST}"' in page, back


def test_the_export_is_the_shown_page_in_the_shown_order(client):
    for number in range(1, 26):
        make_public(number, name=f"轴承{number}", latest_month=date(2025, number % 12 + 1, 1))
    make_public(26, name="=1+1", latest_month=date(2026, 1, 1))
    query = {"page": 1, "per_page": 20}
    shown = [row.name for row in client.get(LIST, query).context["page"].rows]
    book = openpyxl.load_workbook(BytesIO(client.get(LIST, query | {"export": "xlsx"}).content))
    head, *lines = book.active.iter_rows(values_only=True)
    assert head == (
        "商品编码",
        "商品名称",
        "规格型号",
        "进出口标志",
        "监管方式",
        "审核月份",
        "公开企业数",
    )
    assert [line[1] for line in lines] == shown and len(shown) == 20
    assert lines[0] == ("8482103000", "=1+1", "1|3|机床用", "进口", "0110 一般贸易", "2026-01", "3")
    assert all(cell.data_type == "s" for line in book.active.iter_rows() for cell in line)


@given(st.text(max_size=12))
def test_a_month_is_read_or_refused_and_never_raises_anything_else(text):
    try:
        month = MonthField(required=False).clean(text)
    except ValidationError as refused:
        assert refused.messages == ["请输入有效月份，例如 2026-09。"]
    else:
        assert month is None or month.day == 1


@pytest.mark.parametrize("text", ["2025-09", "202509", "2025/9", "2025年9月", " 2025-9 "])
def test_a_month_may_be_written_as_people_write_it(text):
    assert MonthField(required=False).clean(text) == date(2025, 9, 1)
