"""设为自选, 取消自选, 设置公开状态: from a row's own button and for the ticked rows."""

import pytest

from comparison.models import EntryChoice, MarkHistory, Publication
from tests.enterprise_lib.library import BEARING, LONG, notices_on, words_on
from tests.factories import client_for
from tests.world import SOFA, SOFA_OTHER_FACT, SOFA_OTHER_FORM, content, mark_of

SELECT = "/library/self-select/"
UNDO = "/library/self-select/undo/"
PUBLIC = "/library/publication/public/"
PRIVATE = "/library/publication/private/"
ALL = (SELECT, UNDO, PUBLIC, PRIVATE)
LIST = "/library/?mark=unmarked&sort=hs_code&per_page=50"


def post(library, url: str, *names: str):
    """Tick rows by name and press a button of the toolbar."""
    keys = [library.audited_key if name == "audited" else library.key(name) for name in names]
    return library.client.post(url, {"tick": keys, "next": LIST}, follow=True)


def choice(library, text) -> EntryChoice:
    return EntryChoice.objects.get(enterprise=library.broker, content=content(text))


def test_a_rows_own_button_applies_to_it_alone_whatever_is_ticked(library):
    response = library.client.post(
        SELECT,
        {"only": library.key("unmarked"), "tick": [library.key("long")], "next": LIST},
        follow=True,
    )
    assert mark_of(library.broker, BEARING) == "self_selected"
    assert mark_of(library.broker, LONG) == "unmarked"
    assert response.redirect_chain == [(LIST, 302)], "back to the same query"
    assert "设为自选" in notices_on(response)
    assert "ticks-done" not in response.content.decode(), "the ticks were not its business"


def test_ticked_rows_become_self_selected_with_the_count_of_rows_that_it_covers(library):
    response = post(library, SELECT, "matched", "unmarked")
    assert "共 2 条相同内容的数据" in notices_on(response)
    assert "ticks-done" in response.content.decode(), "the ticks have done their work"
    assert mark_of(library.broker, SOFA_OTHER_FORM) == "self_selected"
    assert mark_of(library.broker, BEARING) == "self_selected"
    history = MarkHistory.objects.filter(enterprise=library.broker, user=library.user)
    assert history.filter(subject="self_selected", content=content(BEARING), after="yes").exists()


def test_a_choice_covers_every_row_of_the_content(library):
    response = post(library, PRIVATE, "conforming")
    assert "共 2 条相同内容的数据" in notices_on(response), "conforming and conforming again"
    words = words_on(library.client.get("/library/?keyword=布面&mark=conforming"))
    assert words.count("设为公开") >= 2


@pytest.mark.parametrize("name", ["conforming", "nonconforming", "audited"])
def test_audited_rows_are_not_self_selected_and_the_reason_is_told(library, name):
    response = post(library, SELECT, name, "unmarked")
    assert "已由海关审核" in notices_on(response)
    assert mark_of(library.broker, BEARING) == "unmarked", "all or nothing"
    assert "ticks-done" not in response.content.decode(), "the ticks stay, to be put right"


def test_self_selection_can_be_taken_back(library):
    response = post(library, UNDO, "selected")
    assert "取消自选" in notices_on(response)
    assert mark_of(library.broker, SOFA_OTHER_FACT) == "unmarked"
    assert not choice(library, SOFA_OTHER_FACT).self_selected


@pytest.mark.parametrize("name", ["nonconforming", "matched", "selected", "unmarked"])
def test_only_conforming_rows_have_a_publication_to_set(library, name):
    response = post(library, PRIVATE, name)
    assert "只有规范数据可以设置公开状态" in notices_on(response)
    assert not EntryChoice.objects.filter(publication=Publication.PRIVATE).exists()


def test_a_conforming_row_is_closed_at_once_and_opened_again(library):
    assert content(SOFA).is_public
    post(library, PRIVATE, "conforming again")
    assert choice(library, SOFA).publication == Publication.PRIVATE
    assert not content(SOFA).is_public
    response = post(library, PUBLIC, "conforming")
    assert choice(library, SOFA).publication == Publication.PUBLIC
    assert "设为公开" in notices_on(response)


def test_an_audited_text_has_its_own_switch(library):
    post(library, PRIVATE, "audited")
    private = EntryChoice.objects.get(enterprise=library.broker, publication=Publication.PRIVATE)
    assert private.content.name == "木凳"


@pytest.mark.parametrize(("url", "name"), [(SELECT, "unmarked"), (PRIVATE, "conforming")])
def test_a_double_submit_changes_nothing_more(library, url, name):
    post(library, url, name)
    before = (MarkHistory.objects.count(), EntryChoice.objects.count())
    response = post(library, url, name)
    assert (MarkHistory.objects.count(), EntryChoice.objects.count()) == before
    assert "没有变化" in notices_on(response)


@pytest.mark.parametrize("url", ALL)
def test_nothing_ticked_is_told(library, url):
    response = library.client.post(url, {"next": LIST}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "请先在列表中勾选数据" in notices_on(response)


@pytest.mark.parametrize("url", ALL)
def test_a_get_changes_nothing(library, url):
    assert library.client.get(url).status_code == 405


@pytest.mark.parametrize("url", ALL)
def test_a_post_without_the_token_is_refused(library, url):
    strict = client_for(library.user, enforce_csrf_checks=True)
    response = strict.post(url, {"only": library.key("unmarked")})
    assert response.status_code == 403
    assert mark_of(library.broker, BEARING) == "unmarked"


def test_a_place_to_go_that_is_not_ours_is_not_gone_to(library):
    response = library.client.post(
        SELECT, {"only": library.key("unmarked"), "next": "https://example.com/"}
    )
    assert response.url == "/library/"
