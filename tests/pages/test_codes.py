"""A 商品编码 leads to its page in the catalogue, wherever it is shown."""

import pytest
from django.test import override_settings

from pages.codes import code_link
from pages.tables import HsCodeColumn, PortalTable

# A site that has no catalogue, for the test that names this module as its URLs.
urlpatterns: list[object] = []


@pytest.mark.parametrize("code", ["85423990", "8542399000", "8542399000101"])
def test_a_code_leads_to_its_eight_digit_page(code):
    drawn = code_link(code)
    assert 'href="/catalogue/codes/85423990/"' in drawn
    assert f">{code}</a>" in drawn


@pytest.mark.parametrize("text", ["", "8542", "85423990001", "８５４２３９９０", "<b>85423990</b>"])
def test_what_is_no_code_stays_plain_text(text):
    drawn = code_link(text)
    assert "<a" not in drawn
    assert "<b>" not in drawn


@override_settings(ROOT_URLCONF="tests.pages.test_codes")
def test_a_site_without_a_catalogue_shows_codes_as_text():
    assert code_link("85423990") == "85423990"


def test_a_list_shows_the_link_and_a_workbook_the_code():
    class Codes(PortalTable):
        hs_code = HsCodeColumn(verbose_name="商品编码")

    table = Codes([{"hs_code": "8542399000"}])
    assert 'href="/catalogue/codes/85423990/"' in "".join(table.drawn_rows())
    assert list(table.export_rows()) == [["8542399000"]]
