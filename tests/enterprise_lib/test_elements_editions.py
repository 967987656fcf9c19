"""申报要素详情 by the newest catalogue and by that of the declaration's date, with its help."""

import re

import pytest
from django.urls import reverse

from catalogue.changes import ChangeKind
from comparison.working import work_outbox
from enterprise_lib.detail import DECLARED, read_elements
from tests.enterprise_lib.library import words_on
from tests.enterprise_lib.two_editions import (
    BEARING,
    BEARING_TEXT,
    CIRCUIT,
    CIRCUIT_TEXT,
    NEW,
    OLD,
    SOFA,
    SOFA_TEXT,
    TODAY,
)
from tests.factories import (
    client_for,
    make_audit,
    make_edition,
    make_enterprise,
    make_goods,
    make_line,
    make_user,
)

pytestmark = pytest.mark.django_db

LAST_YEAR = TODAY.replace(year=TODAY.year - 1, month=5, day=4)


@pytest.fixture
def editions():
    return make_edition(TODAY.year - 1, OLD), make_edition(TODAY.year, NEW)


@pytest.fixture
def enterprise(editions):
    return make_enterprise()


def detail(text, hs_code, on=LAST_YEAR, **more):
    return read_elements(make_goods("商品", text, hs_code, "I"), on, **more)


def row(found, name):
    return next(one for one in found.rows if one.name == name)


def test_a_text_made_by_the_old_list_is_carried_to_the_newest(editions):
    found = detail(CIRCUIT_TEXT, CIRCUIT)
    assert found.edition == editions[1] and found.declared == editions[0]
    assert row(found, "应用场景").value == "用于平板电脑"
    assert row(found, "应用场景").change.kind is ChangeKind.RENAMED
    assert row(found, "应用场景").change.old.name == "用途"
    cut = row(found, "是否切割")
    assert (cut.is_declared, cut.change.kind) == (False, ChangeKind.ADDED)
    assert row(found, "品牌（中文或外文名称）").value == "ON牌"
    assert row(found, "是否量产").value == "量产"
    batch = row(found, "批号")
    assert (batch.value, batch.is_older, batch.number) == ("无批号", True, None)


def test_missing_elements_stand_where_the_list_has_them(editions):
    names = [one.name for one in detail(CIRCUIT_TEXT, CIRCUIT).rows]
    assert names.index("是否封装") < names.index("是否切割") < names.index("品牌（中文或外文名称）")


def test_no_character_of_the_text_is_lost_in_either_view(editions):
    for shown in ("newest", DECLARED):
        found = detail(CIRCUIT_TEXT, CIRCUIT, shown=shown)
        assert [one.value for one in found.rows if one.is_declared] == CIRCUIT_TEXT.split("|")


def test_moved_elements_take_their_value_along(editions):
    found = detail(BEARING_TEXT, BEARING)
    assert (row(found, "种类").value, row(found, "用途").value) == ("深沟球", "传动用")
    assert ChangeKind.MOVED in {one.change.kind for one in found.rows if one.change}


def test_the_switch_shows_the_edition_of_the_date(editions):
    found = detail(CIRCUIT_TEXT, CIRCUIT, shown=DECLARED)
    assert found.edition == editions[0]
    assert row(found, "用途").value == "用于平板电脑"
    assert row(found, "批号").value == "无批号"
    assert [one.change for one in found.rows] == [None] * len(found.rows)
    assert found.changed == detail(CIRCUIT_TEXT, CIRCUIT).changed > 0


def test_a_text_that_obeys_the_newest_list_already_is_read_by_it(editions):
    text = "4|3|用于平板电脑|逻辑|已封装|未切割|ON牌|NL27WZU04DTT1G|量产"
    found = detail(text, CIRCUIT, LAST_YEAR)
    assert row(found, "是否切割").value == "未切割"
    assert row(found, "是否量产").value == "量产"


def test_with_one_edition_or_an_equal_list_there_is_nothing_to_mark(editions):
    assert detail(SOFA_TEXT, SOFA).changed == 0
    assert detail(CIRCUIT_TEXT, CIRCUIT, TODAY).choices == []


def test_findings_stand_beside_their_element_and_whole_ones_on_top(editions):
    found = detail("0|0|家居用|布面|无|装软垫|星海牌", SOFA)
    assert row(found, "框架材质").findings
    assert found.finding_count >= 2
    listed = [finding for one in found.rows for finding in one.findings]
    assert not set(listed) & set(found.findings), "each is said once"


def page(enterprise, line, query=""):
    client = client_for(make_user(enterprise=enterprise))
    return client.get(reverse("enterprise_lib:elements", args=[f"L{line.pk}"]) + query)


def test_the_page_says_all_that_in_words(enterprise):
    line = make_line(
        enterprise, name="集成电路", g_model=CIRCUIT_TEXT, hs_code=CIRCUIT, declared_on=LAST_YEAR
    )
    work_outbox()
    words = words_on(page(enterprise, line))
    for said in ("更名", "原名“用途”", "新增", "旧版要素", "按最新目录申报时需补填", "项要素不同"):
        assert said in words, said
    declared = words_on(page(enterprise, line, "?edition=declared"))
    assert f"按《规范申报目录》{TODAY.year - 1} 年版" in declared
    assert "按最新目录申报时需补填" not in declared


def test_the_page_offers_values_of_conforming_declarations(enterprise):
    other = make_line(make_enterprise(), name="布沙发", g_model=SOFA_TEXT, hs_code=SOFA)
    make_audit(other)
    mine = make_line(
        enterprise, name="沙发", g_model="0|0|家用|绒面|铁框架|装软垫|无品牌", hs_code=SOFA
    )
    work_outbox()
    words = words_on(page(enterprise, mine))
    assert "布面 公共库 1 项内容" in words
    assert "公共库 1 项内容" in words


def test_it_leads_to_the_self_check_with_this_text(enterprise):
    line = make_line(enterprise, name="沙发&1", g_model="0|0|家用|绒面", hs_code=SOFA)
    work_outbox()
    text = page(enterprise, line).content.decode()
    assert (
        "/library/check/?hs_code=9401619000&amp;ie_flag=I&amp;name=%E6%B2%99%E5%8F%91%261" in text
    )


def test_a_text_too_long_for_a_url_goes_to_the_self_check_by_a_form(enterprise):
    text = "0|0|家用|" + "绒面" * 120
    line = make_line(enterprise, name="长" * 120, g_model=text, hs_code=SOFA)
    work_outbox()
    client = client_for(make_user(enterprise=enterprise))
    shown = client.get(reverse("enterprise_lib:elements", args=[f"L{line.pk}"])).content.decode()
    assert "/library/check/?" not in shown
    form = re.search(r'<form method="post" action="/library/check/">(.*?)</form>', shown, re.S)[1]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert (sent["g_model"], sent["name"]) == (text, "长" * 120)
    assert "自检结果" in words_on(client.post("/library/check/", sent))


def test_its_queries_do_not_grow_with_the_data(enterprise, django_assert_max_num_queries):
    lines = [
        make_line(enterprise, name="沙发", g_model=f"0|0|家用|{n}面|木|装软垫|无品牌", hs_code=SOFA)
        for n in range(6)
    ]
    make_audit(*lines)
    work_outbox()
    client = client_for(make_user(enterprise=enterprise))
    url = reverse("enterprise_lib:elements", args=[f"L{lines[0].pk}"])
    client.get(url)
    with django_assert_max_num_queries(20):
        assert client.get(url).status_code == 200
