"""An enterprise never sees, opens, exports or changes another's rows, on any URL of the room."""

import pytest
from django.urls import get_resolver, reverse

from comparison.models import EntryChoice, MarkHistory
from enterprise_lib import urls
from enterprise_lib.conditions import Conditions
from enterprise_lib.queries import LibraryRows
from tests.enterprise_lib.library import keys_on, sheet_of, words_on
from tests.factories import client_for, make_enterprise, make_user

OF_A_ROW = ["elements", "why"]
OF_TICKS = [
    "open_elements",
    "self_select",
    "self_select_undo",
    "publication",
    "publication_private",
]
# Whose drafts, tables under check and touched contents these are, their own tests ask.
ELSEWHERE = {
    "check",
    "check_take",
    "check_table",
    "check_row",
    "check_export",
    "check_drafts",
    "check_forget",
    "drafts",
    "draft",
    "drafts_export",
    "drafts_delete",
    "impact",
    "impact_detail",
    "impact_drafts",
    "impact_export",
    "customs_reads",
}


def all_keys(enterprise) -> set[str]:
    return {row.key for row in LibraryRows(enterprise, Conditions()).rows(0, 100)}


@pytest.fixture
def outsider(library):
    """A user of an enterprise that stands on one of the nine lines only."""
    return client_for(make_user(enterprise=library.other))


def test_this_test_knows_every_url_of_the_room():
    known = {"list", *OF_A_ROW, *OF_TICKS, *ELSEWHERE}
    assert {pattern.name for pattern in urls.urlpatterns} == known
    assert get_resolver().resolve("/library/").app_name == "enterprise_lib"


def test_a_list_and_its_export_hold_own_rows_only(library, outsider):
    assert set(keys_on(outsider.get("/library/"))) == {library.key("foreign")}
    entry_id = library.rows["conforming"].entry_id
    assert keys_on(outsider.get(f"/library/?keyword={entry_id}")) == []
    assert entry_id not in words_on(outsider.get("/library/?keyword=布沙发"))
    cells = {cell for row in sheet_of(outsider.get("/library/?export=xlsx")) for cell in row}
    assert library.rows["foreign"].entry_id in cells
    assert not cells & {row.entry_id for name, row in library.rows.items() if name != "foreign"}


def test_both_parties_of_a_line_see_it_and_neither_names_the_other(library):
    trader = client_for(make_user(enterprise=library.trader))
    page = trader.get("/library/")
    assert library.key("conforming") in keys_on(page)
    assert "报关行" not in words_on(page)
    assert "收发货人" in words_on(page)


@pytest.mark.parametrize("name", OF_A_ROW)
def test_another_enterprises_row_is_not_found(library, outsider, name):
    for key in all_keys(library.broker):
        assert outsider.get(reverse(f"enterprise_lib:{name}", args=[key])).status_code == 404
    own = reverse(f"enterprise_lib:{name}", args=[library.key("foreign")])
    assert outsider.get(own).status_code == 200
    assert library.client.get(own).status_code == 404


@pytest.mark.parametrize("name", OF_TICKS)
def test_another_enterprises_row_can_not_be_acted_on_even_beside_an_own_one(
    library, outsider, name
):
    before = (EntryChoice.objects.count(), MarkHistory.objects.count())
    for key in (library.key("unmarked"), library.key("conforming"), library.audited_key):
        for sent in ({"only": key}, {"tick": [key]}, {"ticks": f"{library.key('foreign')},{key}"}):
            if name == "open_elements" and "ticks" in sent:
                continue  # two rows: refused before either is looked up
            url = reverse(f"enterprise_lib:{name}")
            assert outsider.post(url, sent).status_code == 404, (key, sent)
    assert (EntryChoice.objects.count(), MarkHistory.objects.count()) == before


@pytest.mark.parametrize(
    "key", ["L0", "A0", "L999999999", "A999999999", "X1", "L1x", "L-1", "L1.5", "L" + "9" * 18, "1"]
)
def test_an_unknown_or_malformed_key_is_not_found(library, key):
    assert library.client.get(f"/library/{key}/why/").status_code == 404
    assert library.client.get(f"/library/{key}/elements/").status_code == 404
    assert library.client.post("/library/self-select/", {"only": key}).status_code == 404


def test_a_row_of_a_line_does_not_open_as_an_audited_row(library):
    """A verdict whose line still says the same is no row of its own."""
    number = library.audited_key[1:]
    line_keys = {key[1:] for key in all_keys(library.broker) if key.startswith("L")}
    for other in line_keys - {number}:
        assert library.client.get(f"/library/A{other}/why/").status_code == 404


def test_an_enterprise_without_rows_finds_nothing_at_any_url(library):
    client = client_for(make_user(enterprise=make_enterprise()))
    assert keys_on(client.get("/library/")) == []
    for key in all_keys(library.broker):
        assert client.get(f"/library/{key}/why/").status_code == 404
