"""新目录影响: whose contents a new catalogue touches, how many rows, what is carried over."""

import random
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from authorization.models import Enterprise
from catalogue.models import Edition
from comparison.working import work_outbox
from declarations.models import DeclaredLine
from enterprise_lib import touched as touched_module
from enterprise_lib.impact_views import MAX_DRAFTS
from enterprise_lib.models import Draft
from enterprise_lib.new_catalogue import impact_news, impacts_of
from enterprise_lib.succession import succession, window_start
from enterprise_lib.touched import TouchedContents, Wanted
from tests.enterprise_lib.library import notices_on, sheet_of, words_on
from tests.enterprise_lib.two_editions import (
    BEARING,
    BEARING_TEXT,
    CIRCUIT,
    CIRCUIT_TEXT,
    CRAB,
    NEW,
    OLD,
    SOFA,
    SOFA_TEXT,
    TODAY,
    declare,
    declare_all,
)
from tests.factories import (
    Listed,
    client_for,
    make_audit,
    make_edition,
    make_enterprise,
    make_goods,
    make_line,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editions() -> tuple[Edition, Edition]:
    """Last year's edition and this year's, put in force today."""
    return make_edition(TODAY.year - 1, OLD), make_edition(TODAY.year, NEW)


@pytest.fixture
def enterprise(editions) -> Enterprise:
    return make_enterprise()


@pytest.fixture
def client(enterprise):
    return client_for(make_user(enterprise=enterprise))


def listed(client, **query) -> list[tuple[int, int]]:
    """(content id, rows of the last 24 months) of the list's rows, as shown."""
    page = client.get(reverse("enterprise_lib:impact"), query)
    assert page.status_code == 200
    shown = page.context["page"]
    assert shown.count.value == len(shown.rows), "one page holds them all"
    return [(row.content_id, row.rows) for row in shown.rows]


# --- which contents --------------------------------------------------------------------------


def test_contents_of_changed_codes_are_listed_largest_first(enterprise, client):
    ids = declare_all(enterprise)
    assert listed(client) == [(ids["bearing"], 3), (ids["circuit"], 2), (ids["crab"], 1)]


def test_only_rows_of_the_last_24_months_count(enterprise, client):
    start = window_start(TODAY)
    inside, outside = (TODAY - start).days, (TODAY - start).days + 1
    both = declare(enterprise, CIRCUIT_TEXT, CIRCUIT, 30, inside, outside, 900, 1000)
    declare(enterprise, BEARING_TEXT, BEARING, outside, 1000)
    work_outbox()
    assert listed(client) == [(both, 2)]


def test_a_declaration_that_names_the_enterprise_twice_counts_once(enterprise, client):
    other = make_enterprise()
    goods = make_goods("轴承", BEARING_TEXT, BEARING, "I")
    for agent, trader in ((enterprise, enterprise), (enterprise, other), (other, enterprise)):
        make_line(agent, trader, goods=goods, declared_on=TODAY - timedelta(days=9))
        # Counted line by line only where it reaches back beyond the window.
        make_line(agent, trader, goods=goods, declared_on=TODAY - timedelta(days=1000))
    work_outbox()
    assert listed(client) == [(goods.content_id, 3)]


def test_an_audited_text_that_is_no_longer_the_lines_counts_as_the_library_shows_it(
    enterprise, client
):
    line = make_line(
        enterprise,
        goods=make_goods("沙发", SOFA_TEXT, SOFA, "E"),
        declared_on=TODAY - timedelta(days=40),
    )
    audited = make_goods("集成电路", CIRCUIT_TEXT, CIRCUIT, "I")
    make_audit(line, goods=audited)
    work_outbox()
    assert listed(client) == [(audited.content_id, 1)]
    declare(enterprise, CIRCUIT_TEXT, CIRCUIT, 1000, name="集成电路")
    work_outbox()
    assert listed(client) == [(audited.content_id, 1)], "counted anew, the same"


def test_a_content_first_declared_under_the_newest_edition_is_not_touched(enterprise, client):
    newest = Edition.objects.order_by("-year").first()
    newest.in_force_since = timezone.now() - timedelta(days=50)
    newest.effective_from = TODAY - timedelta(days=60)
    newest.save()
    before = declare(enterprise, CIRCUIT_TEXT, CIRCUIT, 70, 10)
    unknown_yet = declare(enterprise, BEARING_TEXT, BEARING, 55)
    declare(enterprise, BEARING_TEXT + "改", BEARING, 20)
    work_outbox()
    assert {content for content, _ in listed(client)} == {before, unknown_yet}


def test_each_content_is_compared_with_the_edition_it_was_declared_under(enterprise):
    """The bearing's list changed two years ago, the circuit's with the newest edition."""
    make_edition(TODAY.year - 2, {**OLD, "84821020": Listed("轴承", ["种类", "品牌"])})
    long_ago = date(TODAY.year - 2, 12, 30)
    assert long_ago >= window_start(TODAY) or TODAY.month == 12
    days = (TODAY - long_ago).days
    old_text = declare(enterprise, "4|3|深沟球|星海牌", BEARING, days)
    last_year = declare(
        enterprise, BEARING_TEXT, BEARING, (TODAY - date(TODAY.year, 1, 1)).days + 1
    )
    work_outbox()
    held = succession()
    found = impacts_of(enterprise, held, TouchedContents(enterprise, held).rows(0, 10))
    made_by = {one.content_id: one.old.year for one in found}
    assert made_by == {old_text: TODAY.year - 2, last_year: TODAY.year - 1}


def test_a_revision_touches_what_was_declared_by_the_revision_before_it(enterprise, client):
    newest = Edition.objects.order_by("-year").first()
    newest.in_force = False
    newest.save()
    corrected = {**NEW, "94016190": Listed("其他", ["用途", "面料", "品牌"])}
    make_edition(TODAY.year, corrected, revision=2)
    held = succession()
    assert [(old.year, old.revision) for old in held.olds] == [
        (TODAY.year, 1),
        (TODAY.year - 1, 1),
    ]
    last_year = (TODAY - date(TODAY.year, 1, 1)).days + 1
    both_years = declare(enterprise, CIRCUIT_TEXT, CIRCUIT, 0, last_year)
    this_year = declare(enterprise, SOFA_TEXT, SOFA, 0)
    declare(enterprise, CIRCUIT_TEXT + "改", CIRCUIT, 0)
    work_outbox()
    assert listed(client) == [(both_years, 2), (this_year, 1)], (
        "the circuit's list is the earlier revision's"
    )
    found = impacts_of(enterprise, held, TouchedContents(enterprise, held).rows(0, 5))
    assert [str(one.old) for one in found] == [f"{TODAY.year - 1} 年版", f"{TODAY.year} 年版"]


def test_the_first_look_and_a_full_count_give_the_same_order(enterprise, monkeypatch):
    """Random lines of both roles over three years, beside a count in Python."""
    chance, other = random.Random(20261123), make_enterprise()
    start = window_start(TODAY)
    expected: dict[int, list[int]] = {}
    for number in range(40):
        goods = make_goods("轴承", f"4|3|深沟球|传动用|星海牌|{6200 + number}", BEARING, "I")
        rows = [
            chance.choice([5, 100, 400, 728, 735, 800, 1000]) for _ in range(chance.randint(1, 6))
        ]
        for days in rows:
            agent, trader = chance.choice([(enterprise, other), (other, enterprise)])
            make_line(agent, trader, goods=goods, declared_on=TODAY - timedelta(days=days))
        recent = sum(TODAY - timedelta(days=days) >= start for days in rows)
        if recent:
            expected[goods.content_id] = [-recent, -len(rows), goods.content_id]
    work_outbox()
    held = succession()
    right = [(key[2], -key[0]) for key in sorted(expected.values())]
    for first_look in (1, 3, 400):
        monkeypatch.setattr(touched_module, "FIRST_LOOK", first_look)
        source = TouchedContents(enterprise, held)
        assert source.count().value == len(right)
        for size in (1, 7, 50):
            found = [
                (one.content_id, one.rows)
                for offset in range(0, len(right), size)
                for one in source.rows(offset, size)
            ]
            assert found == right


# --- conditions ------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_code_flag_kind_and_missing_elements(enterprise, client):
    ids = declare_all(enterprise)
    found = {
        name: [content for content, _ in listed(client, **query)]
        for name, query in {
            "chapter": {"hs_code": "84"},
            "code": {"hs_code": "8542.3990"},
            "flag": {"ie_flag": "E"},
            "added": {"kind": "added"},
            "moved": {"kind": "moved"},
            "renamed": {"kind": "renamed"},
            "gone": {"kind": "gone"},
            "missing": {"missing": "1"},
            "none": {"missing": "1", "kind": "moved"},
        }.items()
    }
    assert found == {
        "chapter": [ids["bearing"]],
        "code": [ids["circuit"]],
        "flag": [],
        "added": [ids["circuit"]],
        "moved": [ids["bearing"]],
        "renamed": [ids["circuit"]],
        "gone": [ids["crab"]],
        "missing": [ids["circuit"]],
        "none": [],
    }


def test_a_condition_that_is_none_is_said_and_nothing_is_looked_for(enterprise, client):
    declare_all(enterprise)
    page = client.get(reverse("enterprise_lib:impact"), {"hs_code": "八四"})
    assert "应为 2 至 10 位数字" in words_on(page)
    assert page.context["page"].rows == []


# --- what is shown ---------------------------------------------------------------------------


def test_the_list_shows_the_changes_the_draft_and_what_is_missing(enterprise, client):
    declare_all(enterprise)
    said = words_on(client.get(reverse("enterprise_lib:impact"), {"hs_code": "8542"}))
    for words in ("新增 4 是否切割", "更名 1 用途 → 应用场景", "删除 6 批号", "待补", "是否切割"):
        assert words in said
    gone = words_on(client.get(reverse("enterprise_lib:impact"), {"kind": "gone"}))
    assert "新版目录中没有该编码，请核对商品编码" in gone


def test_each_sees_its_own_contents_in_its_own_spelling(enterprise, client):
    stranger = make_enterprise()
    mine = declare(enterprise, BEARING_TEXT, BEARING, 30, name="深沟球轴承")
    declare(stranger, BEARING_TEXT.replace("4|3|", "4｜3|"), BEARING, 1, name="别家的名称")
    same = declare(
        stranger, BEARING_TEXT.replace("星海牌", "星海牌 "), BEARING, 1, name="深沟球轴承"
    )
    theirs = declare(stranger, CIRCUIT_TEXT, CIRCUIT, 1, name="别家的芯片")
    work_outbox()
    assert same == mine, "one content in two spellings"
    assert listed(client) == [(mine, 1)]
    page = client.get(reverse("enterprise_lib:impact")).content.decode()
    assert "星海牌 " not in page
    assert "别家" not in page
    detail = reverse("enterprise_lib:impact_detail", args=[theirs])
    assert client.get(detail).status_code == 404
    assert client.post(detail, {"part": ["4"]}).status_code == 404
    drafts = reverse("enterprise_lib:impact_drafts")
    for ticks in ([theirs], [mine, theirs], ["L1"], ["9" * 30]):
        assert client.post(drafts, {"tick": ticks}).status_code == 404
    assert not Draft.objects.exists()


def test_a_text_that_obeys_the_newest_list_already_is_told_so(enterprise, client):
    Edition.objects.filter(year=TODAY.year - 1).delete()
    make_edition(TODAY.year - 1, {**OLD, "84821020": Listed("轴承", ["种类", "品牌"])})
    content = declare(enterprise, "4|3|传动用|深沟球|星海牌|6204", BEARING, 20)
    work_outbox()
    page = client.get(reverse("enterprise_lib:impact_detail", args=[content]))
    assert page.context["impact"].draft == "4|3|传动用|深沟球|星海牌|6204"
    assert "一般不需要修改" in words_on(page)
    assert "原文已符合新版" in words_on(client.get(reverse("enterprise_lib:impact")))


def test_the_cost_of_a_page_does_not_grow_with_its_rows(
    enterprise, client, django_assert_max_num_queries
):
    url = reverse("enterprise_lib:impact")
    for number in range(3):
        declare(enterprise, f"4|3|深沟球|传动用|星海牌|{number}", BEARING, 30)
    work_outbox()
    client.get(url)
    with django_assert_max_num_queries(12) as few:
        client.get(url)
    for number in range(3, 30):
        declare(enterprise, f"4|3|深沟球|传动用|星海牌|{number}", BEARING, 30, 1000)
        declare(enterprise, CIRCUIT_TEXT + str(number), CIRCUIT, 30)
    work_outbox()
    with django_assert_max_num_queries(len(few)):
        client.get(url, {"per_page": 50})


# --- empty states ----------------------------------------------------------------------------


def test_without_another_edition_there_is_nothing_to_compare():
    user = make_user()
    client = client_for(user)
    url = reverse("enterprise_lib:impact")
    assert "系统中还没有规范申报目录" in words_on(client.get(url))
    make_edition(TODAY.year, NEW)
    declare(user.enterprise, BEARING_TEXT, BEARING, 30)
    work_outbox()
    said = words_on(client.get(url))
    assert f"当前只有一个版本的规范申报目录（{TODAY.year} 年版）" in said
    assert "查询" not in said.split("当前只有")[0].split("新目录影响")[-1]


def test_a_new_edition_that_touches_nothing_says_so(enterprise, client):
    declare(enterprise, SOFA_TEXT, SOFA, 30)
    work_outbox()
    assert "新版目录没有影响本企业的申报内容" in words_on(
        client.get(reverse("enterprise_lib:impact"))
    )
    narrowed = client.get(reverse("enterprise_lib:impact"), {"hs_code": "84"})
    assert "没有符合条件的数据" in words_on(narrowed)


def test_an_edition_out_of_force_touches_nothing(enterprise, client):
    declare_all(enterprise)
    Edition.objects.filter(year=TODAY.year).update(in_force=False)
    assert listed(client) == []


# --- one content -----------------------------------------------------------------------------


def test_the_detail_lays_both_strings_side_by_side(enterprise, client):
    ids = declare_all(enterprise)
    page = client.get(reverse("enterprise_lib:impact_detail", args=[ids["circuit"]]))
    sides = [(side.old_name, side.old_value, side.part and side.part.label, value) for side, value in page.context["sides"]]  # fmt: skip
    assert sides[2:10] == [
        ("用途", "用于平板电脑", "应用场景", "用于平板电脑"),
        ("功能", "逻辑", "功能", "逻辑"),
        ("是否封装", "已封装", "是否封装", "已封装"),
        ("", "", "是否切割", ""),
        ("品牌", "ON牌", "品牌（中文或外文名称）", "ON牌"),
        ("型号", "NL27WZU04DTT1G", "型号", "NL27WZU04DTT1G"),
        ("批号", "无批号", None, ""),
        ("是否量产", "量产", "是否量产", "量产"),
    ]
    said = words_on(page)
    assert "4|3|用于平板电脑|逻辑|已封装||ON牌|NL27WZU04DTT1G|量产|||非加密" in said
    assert "待补 1 项：是否切割" in said


def test_a_gone_code_shows_codes_near_it_and_has_no_draft(enterprise, client):
    ids = declare_all(enterprise)
    newest = Edition.objects.order_by("-year").first()
    newest.codes.create(hs8="03063190", heading="03.06", name="冻龙虾")
    url = reverse("enterprise_lib:impact_detail", args=[ids["crab"]])
    said = words_on(client.get(url))
    assert "新版目录中没有该编码，请核对商品编码" in said
    assert "03063190 冻龙虾" in said
    assert "保留为草稿" not in said
    assert "没有草稿可以保留" in notices_on(client.post(url, {"part": ["4"]}, follow=True))
    assert not Draft.objects.exists()


def test_an_untouched_content_leads_back_to_the_list(enterprise, client):
    ids = declare_all(enterprise)
    page = client.get(reverse("enterprise_lib:impact_detail", args=[ids["sofa"]]), follow=True)
    assert page.redirect_chain[0][0] == reverse("enterprise_lib:impact")
    assert "不受新版目录影响" in notices_on(page)


def test_the_filled_in_string_is_kept_as_a_draft(enterprise, client):
    ids = declare_all(enterprise)
    url = reverse("enterprise_lib:impact_detail", args=[ids["circuit"]])
    values = [value for side, value in client.get(url).context["sides"] if side.part]
    values[values.index("")] = "未切割"
    sent = client.post(url, {"part": values}, follow=True)
    assert "已保留为草稿" in notices_on(sent)
    draft = Draft.objects.get()
    assert draft.g_model == "4|3|用于平板电脑|逻辑|已封装|未切割|ON牌|NL27WZU04DTT1G|量产|||非加密"
    assert (draft.enterprise, draft.hs_code, draft.ie_flag) == (enterprise, CIRCUIT, "I")
    assert (draft.source_content_id, draft.edition.year) == (ids["circuit"], TODAY.year)
    client.post(url, {"part": values})
    assert Draft.objects.count() == 1, "a second click makes no second draft"


def test_a_bar_in_an_element_is_refused_and_what_was_typed_stays(enterprise, client):
    ids = declare_all(enterprise)
    url = reverse("enterprise_lib:impact_detail", args=[ids["bearing"]])
    values = [value for side, value in client.get(url).context["sides"] if side.part]
    values[3] = "深沟球|滚珠"
    page = client.post(url, {"part": values})
    assert page.status_code == 200
    assert "“种类”里有竖线" in notices_on(page)
    assert 'value="深沟球|滚珠"' in page.content.decode()
    assert not Draft.objects.exists()


def test_a_form_of_another_list_is_refused(enterprise, client):
    ids = declare_all(enterprise)
    url = reverse("enterprise_lib:impact_detail", args=[ids["bearing"]])
    assert "请刷新页面" in notices_on(client.post(url, {"part": ["4", "3"]}))
    assert not Draft.objects.exists()


def test_the_anti_dumping_tail_is_kept_behind_the_new_list(enterprise, client):
    tail = "<某化工厂><SOME CHEMICALS><10.6%><><否>"
    content = declare(enterprise, f"4|3|深沟球|传动用|星海牌|6204|{tail}", BEARING, 20)
    work_outbox()
    url = reverse("enterprise_lib:impact_detail", args=[content])
    page = client.get(url)
    assert page.context["tail"].value == tail
    shown = [(side.part, value) for side, value in page.context["sides"] if side.part]
    values = [value for part, value in shown if part is not page.context["tail"]]
    client.post(url, {"part": values, "tail": tail})
    assert Draft.objects.get().g_model == f"4|3|传动用|深沟球|星海牌|6204|{tail}"


# --- ticked rows -----------------------------------------------------------------------------


def test_ticked_rows_are_kept_as_drafts_and_gone_codes_are_told(enterprise, client):
    ids = declare_all(enterprise)
    ticks = [ids["circuit"], ids["bearing"], ids["crab"], ids["sofa"]]
    url = reverse("enterprise_lib:impact_drafts")
    said = notices_on(client.post(url, {"tick": ticks}, follow=True))
    assert "已将 2 项保留为草稿" in said
    assert "另有 2 项的编码已取消或不再受影响" in said
    kept = {draft.source_content_id: draft.g_model for draft in Draft.objects.all()}
    assert kept == {
        ids["circuit"]: "4|3|用于平板电脑|逻辑|已封装||ON牌|NL27WZU04DTT1G|量产|||非加密",
        ids["bearing"]: "4|3|传动用|深沟球|星海牌|6204",
    }
    client.post(url, {"only": ids["bearing"]})
    assert Draft.objects.count() == 2


def test_nothing_ticked_or_too_much_is_said(enterprise, client):
    ids = declare_all(enterprise)
    url = reverse("enterprise_lib:impact_drafts")
    assert "请先在列表中勾选数据" in notices_on(client.post(url, follow=True))
    many = ",".join(str(number) for number in range(1, MAX_DRAFTS + 2))
    assert "请分批操作" in notices_on(client.post(url, {"ticks": many}, follow=True))
    only_gone = notices_on(client.post(url, {"tick": [ids["crab"]]}, follow=True))
    assert "在新版目录中已取消" in only_gone
    assert not Draft.objects.exists()


# --- the workbook ----------------------------------------------------------------------------


def test_the_workbook_holds_every_touched_content_not_one_page(enterprise, client):
    declare_all(enterprise)
    for number in range(25):
        declare(enterprise, f"4|3|深沟球|传动用|星海牌|{number}", BEARING, 30)
    work_outbox()
    rows = sheet_of(client.get(reverse("enterprise_lib:impact_export")))
    assert rows[0] == [
        "商品编码",
        "商品名称",
        "进出口标志",
        "原规格型号",
        "变化",
        "新规格型号草稿",
        "待补要素",
        "近24个月条数",
    ]
    assert len(rows) == 1 + 3 + 25
    circuit = next(row for row in rows if row[0] == CIRCUIT)
    assert circuit == [
        CIRCUIT,
        "集成电路",
        "进口",
        CIRCUIT_TEXT,
        "更名：用途 → 应用场景；新增：是否切割；更名：品牌 → 品牌（中文或外文名称）；删除：批号",
        "4|3|用于平板电脑|逻辑|已封装||ON牌|NL27WZU04DTT1G|量产|||非加密",
        "是否切割",
        2,
    ]
    crab = next(row for row in rows if row[0] == CRAB)
    assert crab[4:7] == ["新版目录中没有该编码，请核对商品编码", None, None]


def test_the_workbook_obeys_the_query_and_its_limit(enterprise, client, monkeypatch):
    declare_all(enterprise)
    url = reverse("enterprise_lib:impact_export")
    assert [row[0] for row in sheet_of(client.get(url, {"kind": "gone"}))[1:]] == [CRAB]
    monkeypatch.setattr("enterprise_lib.impact_views.MAX_EXPORT", 2)
    assert [row[0] for row in sheet_of(client.get(url))[1:]] == [BEARING, CIRCUIT]
    said = words_on(client.get(reverse("enterprise_lib:impact")))
    assert "导出条数最多的 2 项" in said
    for query in ({"hs_code": "99"}, {"hs_code": "坏"}):
        answer = client.get(url, query)
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("enterprise_lib:impact"))


# --- the sign --------------------------------------------------------------------------------


def test_the_home_page_says_how_many_contents_are_touched(enterprise, client):
    ids = declare_all(enterprise)
    assert len(ids) == 4
    sentence = f"3 项申报内容受《规范申报目录》{TODAY.year} 年版影响"
    assert sentence in words_on(client.get(reverse("home")))


def test_the_sign_goes_after_a_year_and_where_nothing_is_touched(enterprise):
    declare(enterprise, SOFA_TEXT, SOFA, 30)
    work_outbox()
    assert impact_news(enterprise) == ""
    declare(enterprise, BEARING_TEXT, BEARING, 30, 600)
    work_outbox()
    assert impact_news(enterprise).startswith("1 项申报内容")
    Edition.objects.filter(year=TODAY.year).update(
        effective_from=TODAY - timedelta(days=400), in_force_since=None
    )
    Edition.objects.filter(year=TODAY.year - 1).update(effective_from=TODAY - timedelta(days=800))
    assert impact_news(enterprise) == ""


def test_only_these_contents_can_be_asked_for(enterprise):
    ids = declare_all(enterprise)
    held = succession()
    wanted = Wanted(content_ids=(ids["circuit"], ids["sofa"]))
    found = TouchedContents(enterprise, held, wanted).rows(0, 5)
    assert [one.content_id for one in found] == [ids["circuit"]]
    assert DeclaredLine.objects.count() == 10
