"""What the projection shows of a normalised text still says the same."""

import pytest

from comparison.display import display_text
from comparison.forms import same_part
from declarations.normalise import normalise_text
from tests.comparison.form_cases import DIFFERENT, SAME, listed

TEXTS = sorted(
    {text for classes in (SAME, DIFFERENT) for _, a, b in listed(classes) for text in (a, b)}
)


@pytest.mark.parametrize("text", [*TEXTS, "5mw", "5mv", "64kb", "5μs", "10μF", "5mw·s", "φ20"])
def test_showing_a_text_changes_no_fact(text):
    normalised = normalise_text(text)
    assert same_part(normalised, display_text(normalised))


def test_an_ambiguous_unit_is_shown_as_it_was_written():
    assert display_text("5mw") == "5mw"
    assert display_text("10μf") == "10μF"
    assert display_text("k2gp 3cm") == "K2GP 3cm"


def test_a_letter_inside_a_part_number_is_no_unit():
    assert display_text("l1c1g451nt") == "L1C1G451NT"
    assert display_text("7l2k") == "7L2K"


def test_a_unit_behind_a_power_a_range_or_a_share_keeps_its_case():
    assert display_text("10³cm") == "10³cm"
    assert display_text("5-8kg") == "5-8kg"
    assert display_text("12×8cm") == "12×8cm"
