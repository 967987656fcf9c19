"""What query forms take and what they say."""

import datetime

import django_filters
import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from authorization.models import Enterprise, Role, User
from pages.filters import CodePrefixFilter, DateSpanFilter, KeywordFilter, PortalFilterSet
from pages.forms import DateSpan, QueryForm
from tests.factories import make_enterprise
from tests.pages.urls import LineQuery


def query(text: str) -> LineQuery:
    return LineQuery(QueryDict(text))


def sentences(form: QueryForm) -> list[str]:
    return [sentence for _, _, sentence in form.problems]


@pytest.mark.parametrize(
    "typed", ["8542.3990", "8542 3990", "85423990 ", "８５４２．３９９０", "8542。3990"]
)
def test_a_code_may_be_typed_as_people_write_it(typed):
    form = LineQuery({"hs_code": typed})
    assert form.is_valid()
    assert form.cleaned_data["hs_code"] == "85423990"


@pytest.mark.parametrize("typed", ["8", "85423990001", "85x", "八五四二", "8542²", "-85"])
def test_a_code_that_is_none_is_told(typed):
    assert sentences(LineQuery({"hs_code": typed})) == [
        "应为 2 至 10 位数字（可只填前几位），例如 8542 或 8542399000。"
    ]


@given(st.text(max_size=20))
def test_any_typed_code_is_digits_or_one_clear_sentence(typed):
    form = LineQuery({"hs_code": typed})
    if form.is_valid():
        code = form.cleaned_data["hs_code"]
        assert code == "" or (code.isascii() and code.isdigit() and 2 <= len(code) <= 10)
    else:
        assert len(form.problems) == 1


def test_dates_are_a_span_with_open_ends():
    form = query("declared_on_from=2025-09-01&declared_on_to=")
    assert form.is_valid()
    assert form.cleaned_data["declared_on"] == DateSpan((datetime.date(2025, 9, 1), None))
    form = query("")
    assert form.is_valid()
    assert form.cleaned_data["declared_on"] is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("declared_on_from=2025-13-01", "请输入有效日期，例如 2025-09-30。"),
        (
            "declared_on_from=2025-09-30&declared_on_to=2025-09-01",
            "起始日期晚于截止日期，请调整后再查询。",
        ),
        ("declared_on_to=1999-12-31", "日期不能早于 2000-01-01，请调整后再查询。"),
        ("mark=nonsense", "“nonsense”不在可选范围内，请从列表中选择。"),
        ("sides=nobody", "“nobody”不在可选范围内，请从列表中选择。"),
    ],
)
def test_a_wrong_condition_is_told_in_one_sentence(text, sentence):
    assert sentences(query(text)) == [sentence]


def test_a_problem_names_its_field_and_where_to_find_it():
    ((target, label, _),) = query("declared_on_from=x").problems
    assert (target, label) == ("id_declared_on_0", "申报日期")
    assert f'id="{target}"' in str(query("declared_on_from=x")["declared_on"])


def test_a_select_with_a_wrong_value_is_named_and_found_too():
    class Filters(PortalFilterSet):
        role = django_filters.ChoiceFilter("role", label="角色", choices=Role.choices)

    form = Filters({"role": "nobody"}, queryset=User.objects.none()).form
    assert form.problems == [("id_role", "角色", "“nobody”不在可选范围内，请从列表中选择。")]


def test_keywords_are_folded_to_single_spaces():
    form = LineQuery({"keyword": "  冻 \u3000 面包蟹\t"})
    assert form.is_valid()
    assert form.cleaned_data["keyword"] == "冻 面包蟹"


def test_the_empty_choice_is_called_all():
    assert "全部" in str(query("")["mark"])


def test_the_empty_choice_of_a_filter_is_called_all_too():
    class Filters(PortalFilterSet):
        role = django_filters.ChoiceFilter("role", label="角色", choices=lambda: Role.choices)

    html = str(Filters({"role": "officer"}, queryset=User.objects.none()).form["role"])
    assert '<option value="">全部</option>' in html
    assert '<option value="officer" selected>海关人员</option>' in html
    assert "---" not in html


@pytest.mark.django_db
def test_filters_narrow_a_queryset():
    near = make_enterprise("大连虚构甲贸易有限公司")
    make_enterprise("沈阳虚构乙贸易有限公司")

    class Filters(PortalFilterSet):
        keyword = KeywordFilter("name", label="关键字")
        code = CodePrefixFilter("uscc", label="代码")
        made = DateSpanFilter("created_at__date", label="建立日期")

    def found(text: str) -> list[Enterprise]:
        filters = Filters(QueryDict(text), queryset=Enterprise.objects.all())
        assert filters.is_valid()
        assert isinstance(filters.form, QueryForm)
        return list(filters.qs)

    today = datetime.date.today()
    assert found("keyword=甲 大连") == [near]
    assert len(found(f"code=91&made_from={today - datetime.timedelta(days=1)}")) == 2
    assert found("code=92") == []
    assert found("made_to=2020-01-01") == []
