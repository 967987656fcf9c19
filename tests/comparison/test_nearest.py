"""The nearest conforming content of each unmatched one: stored with its reason, kept in step."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authorization.models import Enterprise
from comparison import telling
from comparison.choices import set_publication, set_self_selected
from comparison.models import (
    EntryChoice,
    LibraryEntry,
    NearestPublic,
    NearestWork,
    Publication,
)
from comparison.nearest_blocks import Block, renew_block
from comparison.nearest_work import work_block
from comparison.reasons import explain
from comparison.working import full_compare, waiting_chapters, work_outbox
from tests.comparison.nearest_oracle import expected_reasons, stored_reasons
from tests.factories import make_enterprise, make_user
from tests.shipped import load_shipped_headings
from tests.world import SOFA, TABLE, Party, Row, Text, audit, content, declare

pytestmark = pytest.mark.django_db

BLOCK = Block(SOFA.hs_code[:8], SOFA.ie_flag)
STEEL, LEATHER, BED = (
    replace(SOFA, g_model=g_model)
    for g_model in (
        "0|3|家居用|布面|钢框架|装软垫|无品牌",
        "0|3|办公用|皮面|钢框架|装软垫|海蓝牌",
        "0|3|家居用|布面|木框架|未装软垫|无品牌",
    )
)


@pytest.fixture
def mine() -> Enterprise:
    load_shipped_headings()  # what no list names is hidden
    return make_enterprise("大连虚构家居")


def declared(number: int, enterprise: Enterprise, text: Text = SOFA) -> Row:
    party = Party.of(enterprise)
    return Row(number, party, party, text)


def publish(number: int, text: Text, month: str = "2026-09") -> Enterprise:
    publisher = make_enterprise()
    declare(declared(number, publisher, text))
    audit(month, declared(number, publisher, text))
    work_outbox()
    return publisher


def reason(enterprise: Enterprise, text: Text = SOFA) -> dict:
    return LibraryEntry.objects.get(enterprise=enterprise, content=content(text)).reason


def nearest(enterprise: Enterprise, text: Text = SOFA) -> tuple[int, str] | None:
    found = reason(enterprise, text)["nearest"]
    return (found["content"], found["source"]) if found else None


def sentence(enterprise: Enterprise, text: Text = SOFA) -> str:
    entries = LibraryEntry.objects.select_related("content", "enterprise")
    return explain(entries.get(enterprise=enterprise, content=content(text))).sentence


def test_the_nearest_public_content_and_where_it_differs_are_stored_with_the_reason(mine):
    publish(1, LEATHER)
    publish(2, STEEL)
    declare(declared(3, mine))
    work_outbox()
    found = reason(mine)
    assert found["kind"] == "none"
    assert nearest(mine) == (content(STEEL).pk, "public")
    assert len(found["nearest"]["differing"]) == 1
    name = found["nearest"]["differing"][0]
    assert sentence(mine) == f"无相同申报要素的规范数据；最接近的一条在“{name}”上不同。"
    assert stored_reasons() == expected_reasons()


def test_a_block_without_conforming_data_is_told_apart_from_one_not_looked_at_yet(mine):
    declare(declared(1, mine))
    work_outbox()
    assert reason(mine) == {"kind": "none", "nearest": None}
    assert "都没有规范数据可供比对" in sentence(mine)
    LibraryEntry.objects.update(reason={"kind": "none"})
    assert "正在查找" in sentence(mine)


def test_a_nearer_content_that_becomes_public_takes_the_others_place(mine):
    publish(1, LEATHER)
    declare(declared(2, mine))
    work_outbox()
    assert nearest(mine) == (content(LEATHER).pk, "public")
    publish(3, BED)
    assert nearest(mine) == (content(BED).pk, "public")


def test_a_content_that_is_closed_is_not_shown_from_then_on_and_the_next_one_takes_its_place(mine):
    publish(1, LEATHER)
    publisher = publish(2, STEEL)
    declare(declared(3, mine))
    work_outbox()
    user = make_user(enterprise=publisher)
    set_publication(publisher, [content(STEEL).pk], Publication.PRIVATE, user)
    assert "该参考数据已不公开" in sentence(mine)  # before any worker looked
    work_outbox()
    assert nearest(mine) == (content(LEATHER).pk, "public")


def test_own_conforming_data_come_before_public_ones_that_are_as_near(mine):
    publish(1, STEEL)
    declare(declared(2, mine), declared(3, mine, STEEL))
    work_outbox()
    assert nearest(mine) == (content(STEEL).pk, "public")
    audit("2026-09", declared(3, mine, STEEL))
    work_outbox()
    assert nearest(mine) == (content(STEEL).pk, "own")


def test_what_another_enterprise_keeps_private_is_never_named(mine):
    publisher = publish(1, STEEL)
    user = make_user(enterprise=publisher)
    set_publication(publisher, [content(STEEL).pk], Publication.PRIVATE, user)
    declare(declared(2, mine))
    work_outbox()
    assert nearest(mine) is None
    full_compare()
    assert nearest(mine) is None


def test_a_reason_names_elements_and_never_a_value_of_another(mine):
    publish(1, replace(LEATHER, g_model=LEATHER.g_model + "|其他甲"))
    declare(declared(2, mine))
    work_outbox()
    said = str(reason(mine))
    for value in ("皮面", "海蓝牌", "其他甲", "办公"):
        assert value not in said


def test_a_choice_keeps_the_nearest_in_the_reason_at_once(mine):
    publish(1, STEEL)
    declare(declared(2, mine))
    work_outbox()
    before = reason(mine)["nearest"]
    user = make_user(enterprise=mine)
    set_self_selected(mine, [content(SOFA).pk], True, user)
    assert reason(mine) == {"kind": "self_selected", "nearest": before}
    set_self_selected(mine, [content(SOFA).pk], False, user)
    assert reason(mine) == {"kind": "none", "nearest": before}


def test_the_forms_of_a_match_are_stored_with_the_mark(mine):
    publish(1, replace(SOFA, g_model="0|3|用于家居|布面|木框架|装软垫|无牌"))
    declare(declared(2, mine))
    work_outbox()
    assert reason(mine)["forms"] == ["brand_wording", "use_wording"]
    assert sentence(mine) == "与公共库规范数据仅填报形式不同：品牌写法、用途写法。"
    user = make_user(enterprise=mine)
    set_self_selected(mine, [content(SOFA).pk], True, user)
    assert reason(mine)["match"]["forms"] == ["brand_wording", "use_wording"]
    assert "仅填报形式不同：品牌写法、用途写法" in sentence(mine)


def test_another_ending_of_the_code_is_named(mine):
    other = replace(SOFA, hs_code="9401619010")
    publish(1, other)
    declare(declared(2, mine))
    work_outbox()
    assert reason(mine)["hs_code"] == "9401619010"
    assert "商品编码末两位不同（本条 9401619000，参考 9401619010）" in sentence(mine)


def test_a_new_content_in_a_quiet_block_is_told_in_the_transaction_of_its_mark(mine, monkeypatch):
    publish(1, STEEL)

    def forbidden(*args):
        raise AssertionError("nothing is left for later")

    monkeypatch.setattr("comparison.nearest_work.work_block", forbidden)
    declare(declared(2, mine))
    work_outbox()
    assert nearest(mine) == (content(STEEL).pk, "public")


def test_only_those_are_sought_anew_whose_nearest_was_closed(mine):
    publisher = publish(1, STEEL)
    publish(2, BED)
    texts = [SOFA, LEATHER, replace(BED, g_model=BED.g_model.replace("布面", "皮面"))]
    declare(*(declared(number, mine, text) for number, text in enumerate(texts, 3)))
    work_outbox()
    of_steel = NearestPublic.objects.filter(nearest=content(STEEL)).count()
    assert 0 < of_steel < 3
    user = make_user(enterprise=publisher)
    set_publication(publisher, [content(STEEL).pk], Publication.PRIVATE, user)
    done = renew_block(BLOCK)
    assert (done.opened, done.closed, done.sought) == (0, 1, of_steel)


def test_blocks_that_nothing_changed_in_are_left_alone(mine):
    publish(1, STEEL)
    declare(declared(2, mine), declared(3, mine, TABLE))
    work_outbox()
    publish(4, BED)
    assert not waiting_chapters()
    with CaptureQueriesContext(connection) as queries:
        work_outbox()
    assert not any("rankedpublic" in q["sql"] and "INSERT" in q["sql"] for q in queries)
    assert not any(q["sql"].startswith("UPDATE") for q in queries)


def test_an_interrupted_telling_is_found_again(mine, monkeypatch):
    publish(1, LEATHER)
    declare(declared(2, mine))
    work_outbox()

    def killed(*args):
        raise KeyboardInterrupt

    publisher = make_enterprise()
    declare(declared(3, publisher, STEEL))
    audit("2026-09", declared(3, publisher, STEEL))
    monkeypatch.setattr("comparison.nearest_work.tell_nearest", killed)
    with pytest.raises(KeyboardInterrupt):
        work_outbox()
    monkeypatch.undo()
    assert not NearestWork.objects.filter(enterprise_id=None).exists()
    assert waiting_chapters() == ["94"]
    work_outbox()
    assert nearest(mine) == (content(STEEL).pk, "public")
    assert not NearestWork.objects.exists()


def test_an_interrupted_telling_of_own_contents_is_found_again(mine, monkeypatch):
    publish(1, LEATHER)
    declare(declared(2, mine))
    work_outbox()
    assert nearest(mine) == (content(LEATHER).pk, "public")

    def killed(*args):
        raise KeyboardInterrupt

    declare(declared(3, mine, STEEL))
    audit("2026-09", declared(3, mine, STEEL))
    monkeypatch.setattr("comparison.nearest_work.tell_where_own_changed", killed)
    with pytest.raises(KeyboardInterrupt):
        work_outbox()
    monkeypatch.undo()
    assert waiting_chapters() == ["94"]
    work_outbox()
    assert nearest(mine) == (content(STEEL).pk, "own")
    assert not NearestWork.objects.exists()


def test_entries_whose_own_contents_did_not_change_are_not_told_again(mine, monkeypatch):
    others = make_enterprise()
    publish(1, LEATHER)
    declare(declared(2, mine), declared(3, mine, STEEL), declared(4, others))
    work_outbox()
    told: list[int] = []
    tell = telling._tell
    monkeypatch.setattr(
        telling,
        "_tell",
        lambda entries, found: (
            told.extend(e.enterprise_id for e in entries) or tell(entries, found)
        ),
    )
    EntryChoice.objects.create(
        enterprise=mine, content=content(STEEL), publication=Publication.PRIVATE
    )
    audit("2026-09", declared(3, mine, STEEL))
    work_outbox()
    assert nearest(mine) == (content(STEEL).pk, "own")
    assert nearest(others) == (content(LEATHER).pk, "public")
    assert told == [mine.pk]


def test_computing_a_block_anew_changes_nothing_that_is_right(mine):
    publish(1, STEEL)
    declare(declared(2, mine))
    work_outbox()
    before = reason(mine)
    assert work_block(BLOCK, fresh=True).changed == 0
    assert reason(mine) == before


def test_words_that_look_like_an_array_are_kept_as_they_are(mine):
    text = Text(SOFA.hs_code, '沙"发\\{,}', '0|3|家居"用|{布,面}|NULL|a\\b|无品牌')
    declare(declared(1, mine, text))
    work_outbox()
    kept = NearestPublic.objects.get(content=content(text)).parts
    assert kept[4:6] == ["{布、面}", "null"] or "null" in kept
    full_compare()
    assert NearestPublic.objects.get(content=content(text)).parts == kept
