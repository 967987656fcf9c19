"""Values of conforming declarations of a code: the enterprise's own, then public ones, no more."""

import json

import pytest
from django.db import connection

from catalogue.elements import edition_on, element_names
from comparison import element_values
from comparison.choices import set_publication
from comparison.element_values import ValueHelp, conforming_values
from comparison.models import Publication, PublicContent
from comparison.working import work_outbox
from tests.factories import make_audit, make_enterprise, make_line, make_user
from tests.shared_rows import rows_of_a_module
from tests.shipped import load_shipped_headings

pytestmark = pytest.mark.django_db

SOFA = "9401619000"
USE, FACE, FRAME, PADDED, BRAND = range(1, 6)


@pytest.fixture(scope="module", autouse=True)
def catalogue(django_db_setup, django_db_blocker):
    with rows_of_a_module(django_db_blocker):
        load_shipped_headings()
        yield


def audited(enterprise, face="布面", *, conforming=True, brand="无品牌", lines=1, hs_code=SOFA):
    text = f"0|3|家居用|{face}|木框架|装软垫|{brand}"
    rows = [
        make_line(enterprise, name="布沙发", g_model=text, hs_code=hs_code) for _ in range(lines)
    ]
    make_audit(*rows, conforming=conforming)
    work_outbox()
    return rows[0]


def values(enterprise, number=FACE, hs_code=SOFA, ie_flag="I"):
    found = help_for(enterprise, hs_code, ie_flag)
    name = element_names(edition_on(), SOFA)[number - 1].name
    return [(use.whose, use.value, use.count) for use in found.by_name.get(name, ())]


def help_for(enterprise, hs_code=SOFA, ie_flag="I") -> ValueHelp:
    edition = edition_on()
    return conforming_values(enterprise, hs_code, ie_flag, edition, element_names(edition, hs_code))


def test_own_values_come_first_the_most_used_first():
    mine = make_enterprise()
    audited(mine, "皮面", lines=1)
    audited(mine, "布面", lines=3)
    for _ in range(3):
        audited(make_enterprise(), "绒面")
    assert values(mine) == [
        ("本企业", "布面", "3 条"),
        ("本企业", "皮面", "1 条"),
        ("公共库", "绒面", "1 项内容"),
    ]


def test_an_own_value_too_rare_to_be_offered_is_not_called_public():
    mine = make_enterprise()
    for number in range(element_values.OFFERED + 1):
        audited(mine, f"{'甲乙丙丁戊'[number]}面", lines=9 - number)
    found = values(mine)
    assert len(found) == element_values.OFFERED
    assert {whose for whose, _, _ in found} == {"本企业"}


def test_public_values_are_counted_in_contents_and_never_in_enterprises():
    # How many enterprises publish two contents together would tell whether they share one.
    me, one, other = make_enterprise(), make_enterprise(), make_enterprise()
    audited(one, "丙面")
    audited(other, "乙面")
    audited(make_enterprise(), "乙面")
    for brand in ("甲牌", "乙牌", "丙牌"):
        audited(one, "绒面", brand=brand)
    assert values(me) == [
        ("公共库", "绒面", "3 项内容"),
        ("公共库", "丙面", "1 项内容"),
        ("公共库", "乙面", "1 项内容"),
    ]


def test_what_another_set_private_or_customs_rejected_is_never_offered():
    me, other = make_enterprise(), make_enterprise()
    line = audited(other, "绒面")
    audited(make_enterprise(), "麻面", conforming=False)
    assert values(me) == [("公共库", "绒面", "1 项内容")]
    set_publication(other, [line.content_id], Publication.PRIVATE, make_user(enterprise=other))
    assert values(me) == []
    assert values(other) == [("本企业", "绒面", "1 条")]


def test_what_is_not_audited_as_conforming_is_no_help():
    mine = make_enterprise()
    audited(mine, "绒面", conforming=False)
    make_line(mine, name="布沙发", g_model="0|3|家居用|麻面|木框架|装软垫|无品牌", hs_code=SOFA)
    work_outbox()
    assert help_for(mine).by_name == {}


def test_hidden_elements_of_others_are_not_offered_and_dates_only_as_their_year():
    me, other = make_enterprise(), make_enterprise()
    polymer = "3902100090"
    text = "4|3|白色颗粒|聚丙烯99.5%，添加剂0.5%|丙烯100%|新料|正品|星海牌|K142D|20260301|拉丝级"
    make_audit(make_line(other, name="聚丙烯", g_model=text, hs_code=polymer))
    work_outbox()
    names = element_names(edition_on(), polymer)
    found = conforming_values(me, polymer, "I", edition_on(), names)
    offered = {name: [use.value for use in uses] for name, uses in found.by_name.items()}
    assert offered["签约日期"] == ["2026"]
    assert "20260301" not in json.dumps(offered)
    assert not any("已隐去" in value for values in offered.values() for value in values)


def test_others_see_one_spelling_not_the_partys_own():
    me = make_enterprise()
    audited(make_enterprise(), "絨面 A", brand="ｎｏｎｅ牌")
    assert [value for _, value, _ in values(me)] == ["绒面A"]
    assert [value for _, value, _ in values(me, BRAND)] == ["NONE牌"]


def test_own_values_keep_the_own_spelling_whatever_others_write():
    me, other = make_enterprise(), make_enterprise()
    audited(other, "绒面a", brand="ｎｏｎｅ牌")
    audited(me, "Ａ型面", brand="None牌", lines=2)
    audited(me, "麻面", brand="None 牌")
    assert values(me, BRAND)[0] == ("本企业", "None牌", "3 条"), "two spellings of one value"
    assert values(me, FACE)[0] == ("本企业", "Ａ型面", "2 条")
    assert "ｎｏｎｅ牌" not in json.dumps(values(me, BRAND), ensure_ascii=False)
    assert values(other, BRAND)[0] == ("本企业", "ｎｏｎｅ牌", "1 条")


def test_the_newest_public_contents_of_a_code_are_read_from_their_index():
    audited(make_enterprise(), "绒面")
    newest = PublicContent.objects.visible().newest_of_code(SOFA, "I")
    assert newest.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert "public_of_code" in newest.explain()


def test_other_codes_and_the_other_direction_do_not_count():
    me = make_enterprise()
    audited(make_enterprise(), "绒面")
    assert values(me, ie_flag="E") == []
    assert values(me, hs_code="9401690000") == []
    assert help_for(make_enterprise()).public == 1


def test_no_more_than_a_fixed_number_of_contents_is_read(monkeypatch, django_assert_num_queries):
    mine = make_enterprise()
    for face in ("甲面", "乙面", "丙面"):
        audited(mine, face)
    monkeypatch.setattr(element_values, "LOOKED_AT", 2)
    edition = edition_on()
    names = element_names(edition, SOFA)
    with django_assert_num_queries(4):
        found = conforming_values(mine, SOFA, "I", edition, names)
    assert (found.own, found.public, found.is_cut) == (2, 2, True)


def test_without_a_list_there_is_nothing_to_offer():
    assert conforming_values(make_enterprise(), SOFA, "I", None, None) == ValueHelp()
