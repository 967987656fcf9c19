"""What mark a text would get: the same that the comparison gives once it is declared."""

from dataclasses import replace

import pytest

from comparison.choices import set_self_selected
from comparison.judging import DeclaredText, Judged
from comparison.models import Mark, MatchSource
from comparison.nearest import find_references
from comparison.outlook import outlooks
from comparison.working import work_outbox
from tests.factories import make_enterprise, make_user
from tests.world import (
    SOFA,
    SOFA_OTHER_FACT,
    SOFA_OTHER_FORM,
    Party,
    Row,
    Text,
    audit,
    content,
    declare,
    mark_of,
)

pytestmark = pytest.mark.django_db

DESK = Text("9403700000", "塑料桌", "0|3|家用|塑料|无品牌|无型号")
DESK_FORM = replace(DESK, g_model="0|3|家用|塑料|无牌|无型号")
CHAIR = replace(SOFA, name="布椅")
CHAIR_FORM = replace(SOFA_OTHER_FORM, name="布椅")
LAMP = Text("9405210090", "台灯", "0|3|家用|LED|无品牌|无型号")


def declared(text: Text) -> DeclaredText:
    return DeclaredText(text.hs_code, text.ie_flag, text.name, text.g_model)


@pytest.fixture
def mine():
    """An enterprise whose SOFA is 规范 and DESK 不规范; CHAIR is 规范 of another and public."""
    own, other = make_enterprise(), make_enterprise()
    rows = [
        Row(1, Party.of(own), Party.of(own), SOFA),
        Row(2, Party.of(own), Party.of(own), DESK, conforming=False),
        Row(3, Party.of(other), Party.of(other), CHAIR),
        Row(4, Party.of(own), Party.of(own), SOFA_OTHER_FACT),
    ]
    declare(*rows)
    audit("2026-09", *rows[:3])
    work_outbox()
    set_self_selected(own, [content(SOFA_OTHER_FACT).pk], True, make_user(enterprise=own))
    return own


EXPECTED = {
    "own identical": (SOFA, Mark.CONFORMING, Judged.IDENTICAL, MatchSource.OWN),
    "own form": (SOFA_OTHER_FORM, Mark.SYSTEM_MATCHED, Judged.SAME, MatchSource.OWN),
    "nonconforming": (DESK, Mark.NONCONFORMING, None, None),
    "form of a nonconforming one": (DESK_FORM, Mark.UNMARKED, None, None),
    "public identical": (CHAIR, Mark.SYSTEM_MATCHED, Judged.IDENTICAL, MatchSource.PUBLIC),
    "public form": (CHAIR_FORM, Mark.SYSTEM_MATCHED, Judged.SAME, MatchSource.PUBLIC),
    "chosen": (SOFA_OTHER_FACT, Mark.SELF_SELECTED, None, None),
    "none": (LAMP, Mark.UNMARKED, None, None),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_kind_of_text(mine, name):
    text, *expected = EXPECTED[name]
    outlook = outlooks(mine, [declared(text)])[0]
    assert [outlook.mark, outlook.judged, outlook.source] == expected
    assert f"将标为“{outlook.mark.label}”" in outlook.sentence


def test_it_is_the_mark_that_the_text_then_gets(mine):
    texts = [text for text, *_ in EXPECTED.values()]
    foreseen = outlooks(mine, [declared(text) for text in texts])
    party = Party.of(mine)
    declare(*[Row(50 + n, party, party, text) for n, text in enumerate(texts)])
    work_outbox()
    assert [outlook.mark.value for outlook in foreseen] == [mark_of(mine, text) for text in texts]


def test_many_texts_cost_as_many_queries_as_one(mine, django_assert_num_queries):
    many = [declared(replace(SOFA, name=f"布沙发{n}")) for n in range(300)] + [declared(SOFA)]
    with django_assert_num_queries(4):
        found = outlooks(mine, many)
    assert [outlook.mark for outlook in found].count(Mark.CONFORMING) == 1


def test_references_are_own_ones_first_and_the_same_before_the_near(mine):
    found = find_references(mine, declared(replace(SOFA_OTHER_FORM, hs_code="9401619090")), 3)
    assert [one.reference.source for one in found] == [MatchSource.OWN, MatchSource.PUBLIC]
    assert found[0].judgement.judged is Judged.SAME
    assert found[1].judgement.judged is Judged.DIFFERS
    assert found[1].judgement.differing == ("商品名称",)


def test_what_another_made_private_is_neither_foreseen_nor_found(mine):
    public = content(CHAIR)
    public.is_public = False
    public.save()
    assert outlooks(mine, [declared(CHAIR)])[0].mark is Mark.UNMARKED
    sources = {one.reference.source for one in find_references(mine, declared(CHAIR), 3)}
    assert sources == {MatchSource.OWN}


def test_an_enterprise_finds_nothing_of_another_that_is_not_public(mine):
    stranger = make_enterprise()
    assert outlooks(stranger, [declared(DESK)])[0].mark is Mark.UNMARKED
    assert find_references(stranger, declared(DESK), 3) == []
    assert outlooks(stranger, []) == []
