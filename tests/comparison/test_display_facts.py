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
