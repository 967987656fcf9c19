"""Drafts: kept for their enterprise alone, never marked, counted or public."""

import pytest

from comparison.models import LibraryEntry, PublicContent
from comparison.working import full_compare
from declarations.models import Content, Goods
from enterprise_lib.drafts import (
    DraftRefused,
    DraftText,
    change_draft,
    delete_drafts,
    drafts_of,
    find_drafts,
    save_draft,
    save_drafts,
)
from enterprise_lib.models import Draft
from tests.factories import make_goods, make_user

pytestmark = pytest.mark.django_db

TEXT = {
    "hs_code": "8542399000",
    "ie_flag": "I",
    "name": "集成电路",
    "g_model": "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G",
}


@pytest.fixture
def user():
    return make_user()


def test_the_same_text_again_is_the_same_draft(user):
    first = save_draft(user.enterprise, user, **TEXT)
    second = save_draft(user.enterprise, user, **TEXT)
    assert first.pk == second.pk
    assert second.updated_at > first.created_at
    other = save_draft(user.enterprise, user, **{**TEXT, "name": "逻辑集成电路"})
    assert other.pk != first.pk
    assert drafts_of(user.enterprise).count() == 2


def test_another_enterprise_keeps_its_own_draft_of_the_same_text(user):
    stranger = make_user()
    mine = save_draft(user.enterprise, user, **TEXT)
    theirs = save_draft(stranger.enterprise, stranger, **TEXT)
    assert mine.pk != theirs.pk
    with pytest.raises(Draft.DoesNotExist):
        find_drafts(stranger.enterprise, [mine.pk])
    with pytest.raises(Draft.DoesNotExist):
        find_drafts(stranger.enterprise, [theirs.pk, mine.pk])
    assert delete_drafts(stranger.enterprise, [mine.pk]) == 0
    assert find_drafts(user.enterprise, [mine.pk]) == [mine]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hs_code": "85423"}, "10 位数字"),
        ({"hs_code": "８５４２３９９０００"}, "10 位数字"),
        ({"hs_code": "8542399000101"}, "10 位数字"),
        ({"ie_flag": ""}, "进口或出口"),
        ({"name": " ", "g_model": ""}, "都为空"),
        ({"name": "芯" * 256}, "256 个字"),
        ({"g_model": "芯" * 2_001}, "2,001 个字"),
    ],
)
def test_what_can_not_be_kept_is_refused_with_a_sentence(user, change, said):
    with pytest.raises(DraftRefused, match=said):
        save_draft(user.enterprise, user, **{**TEXT, **change})
    assert not Draft.objects.exists()


def test_of_several_texts_all_or_none_are_kept(user):
    texts = [DraftText(**TEXT), DraftText(**{**TEXT, "hs_code": "1"})]
    with pytest.raises(DraftRefused):
        save_drafts(user.enterprise, user, texts)
    assert not Draft.objects.exists()
    twice = [DraftText(**TEXT), DraftText(**TEXT)]
    assert len({draft.pk for draft in save_drafts(user.enterprise, user, twice)}) == 1


def test_what_no_database_stores_is_left_out(user):
    draft = save_draft(user.enterprise, user, **{**TEXT, "name": "集成\x00电路\ud800"})
    draft.refresh_from_db()
    assert draft.name == "集成电路"


def test_a_refused_change_leaves_the_draft_as_it_was(user):
    draft = save_draft(user.enterprise, user, **TEXT)
    with pytest.raises(DraftRefused):
        change_draft(draft, DraftText("1", "I", "甲", "乙"), None)
    draft.refresh_from_db()
    assert draft.name == TEXT["name"]
    change_draft(draft, DraftText("8542399000", "E", "甲", "乙"), None)
    draft.refresh_from_db()
    assert (draft.ie_flag, draft.name, draft.g_model) == ("E", "甲", "乙")


def test_a_draft_is_never_marked_counted_or_public(user):
    save_draft(user.enterprise, user, **TEXT)
    full_compare()
    assert not Content.objects.exists()
    assert not LibraryEntry.objects.exists()
    assert not PublicContent.objects.exists()


def test_a_draft_stays_where_the_content_it_was_made_from_is_gone(user):
    source = make_goods().content
    draft = save_draft(user.enterprise, user, **TEXT, source_content=source)
    assert save_draft(user.enterprise, user, **TEXT).pk != draft.pk, "another source"
    Goods.objects.all().delete()
    source.delete()
    draft.refresh_from_db()
    assert draft.source_content is None
