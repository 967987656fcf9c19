"""What a reason tells of others, beside the pages that show it."""

from dataclasses import replace
from datetime import date

import pytest

from authorization.models import Enterprise
from comparison.models import LibraryEntry, Mark, PublicContent
from comparison.nearest import nearest_reference
from comparison.reasons import explain
from comparison.working import work_outbox
from tests.factories import make_enterprise
from tests.shipped import load_shipped_headings
from tests.world import SOFA, Party, Row, Text, audit, content, declare

pytestmark = pytest.mark.django_db


def entry_of(enterprise: Enterprise, text: Text) -> LibraryEntry:
    return LibraryEntry.objects.select_related("content").get(
        enterprise=enterprise, content=content(text)
    )


def publish(month: str, number: int, text: Text) -> None:
    row = Row(number, Party.of(make_enterprise()), Party.of(make_enterprise()), text)
    declare(row)
    audit(month, row)
    work_outbox()


def test_where_only_hidden_parts_differ_the_reason_does_not_say_that_it_is_the_form_alone():
    load_shipped_headings()
    publish("2026-09", 1, replace(SOFA, g_model=SOFA.g_model + "|其他甲"))
    own = make_enterprise()
    mine = replace(SOFA, g_model=SOFA.g_model + "|其他乙")
    declare(Row(2, Party.of(own), Party.of(own), mine))
    work_outbox()
    entry = entry_of(own, mine)
    assert entry.mark == Mark.UNMARKED
    explanation = explain(entry)
    assert any("已隐去" in row.note for row in explanation.comparison)
    assert "只在填报形式上不同" not in explanation.sentence
    assert "已隐去" in explanation.sentence


def test_which_of_two_public_contents_is_nearest_does_not_tell_the_month_that_a_quarter_hides():
    texts = [replace(SOFA, g_model=SOFA.g_model.replace("木", kind)) for kind in ("钢", "铝")]
    publish("2026-09", 1, texts[0])
    publish("2026-09", 2, texts[1])
    own = make_enterprise()
    declare(Row(3, Party.of(own), Party.of(own), SOFA, declared_on=date(2026, 8, 4)))
    work_outbox()
    found = []
    for months in (("2026-09-01", "2026-07-01"), ("2026-07-01", "2026-09-01")):
        for text, month in zip(texts, months, strict=True):
            PublicContent.objects.filter(content=content(text)).update(latest_month=month)
        reference = nearest_reference(entry_of(own, SOFA))
        assert reference is not None
        found.append(reference.reference.content_id)
    assert found[0] == found[1]


def test_the_projection_is_in_simplified_characters_whatever_its_parties_wrote():
    load_shipped_headings()
    text = replace(SOFA, name="裡布沙发", g_model=SOFA.g_model.replace("布面", "裡布"))
    publish("2026-09", 1, text)
    shown = content(text).projection
    assert shown.name == "里布沙发"
    assert "裡" not in shown.g_model + str(shown.elements)
