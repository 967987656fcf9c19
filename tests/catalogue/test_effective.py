"""Which codes are read by another list when what is in force changes: on any date, and without one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.effective import changed_codes, reading_pairs
from catalogue.models import Edition
from catalogue.reading.held import edition_among
from tests.catalogue.lists import store_lists

BEGIN = date(2024, 1, 1)


def held(pk: int, start: int, length: int | None) -> Edition:
    begins = BEGIN + timedelta(days=start)
    ends = None if length is None else begins + timedelta(days=length)
    return Edition(pk=pk, year=2000 + pk, effective_from=begins, effective_to=ends)


SPANS = st.tuples(st.integers(0, 60), st.none() | st.integers(0, 30))
EDITIONS = st.lists(
    SPANS, max_size=4, unique_by=lambda span: span[0]
).map(lambda spans: [held(pk, *span) for pk, span in enumerate(spans, 1)])  # fmt: skip


@given(editions=EDITIONS, data=st.data())
def test_the_pairs_are_those_of_all_days_looked_at_one_by_one(editions, data):
    before = data.draw(st.lists(st.sampled_from(editions), unique_by=id)) if editions else []
    after = data.draw(st.lists(st.sampled_from(editions), unique_by=id)) if editions else []

    def reads(some: list[Edition], day: date | None) -> Edition | None:
        return edition_among(sorted(some, key=lambda e: e.effective_from, reverse=True), day)

    days = [None, *(BEGIN + timedelta(days=n) for n in range(-40, 160))]
    pairs = {
        (old.pk if old else None, new.pk if new else None)
        for day in days
        if (old := reads(before, day)) != (new := reads(after, day))
    }
    assert reading_pairs(before, after) == pairs


def test_dates_without_an_end_and_at_the_end_of_time_are_no_trouble():
    forever = Edition(pk=1, effective_from=date(2025, 1, 1), effective_to=date.max)
    always = Edition(pk=2, effective_from=date.min, effective_to=None)
    assert reading_pairs([forever], [always]) == {(1, 2)}


@pytest.mark.django_db
class TestChangedCodes:
    def test_an_equal_list_in_another_edition_is_no_change(self):
        old = store_lists(2024, {"84821030": ("用途", "品牌"), "94016190": ("用途",)})
        new = store_lists(2025, {"84821030": ("用途", "品牌"), "94016190": ("面料",)})
        assert changed_codes([old], [old, new]) == ["94016190"]

    def test_a_code_that_only_one_edition_has_changed(self):
        old = store_lists(2024, {"84821030": ("用途",), "94016190": ()})
        new = store_lists(2025, {"84821030": ("用途",), "39241000": ()})
        assert changed_codes([old], [new]) == ["39241000", "94016190"]

    def test_the_order_of_a_list_counts(self):
        old = store_lists(2024, {"84821030": ("用途", "品牌")})
        new = store_lists(2025, {"84821030": ("品牌", "用途")})
        assert changed_codes([old], [new]) == ["84821030"]

    def test_an_older_edition_changes_what_was_declared_near_it(self):
        """The newest stays the newest, but lines of 2023 are read by another list now."""
        newest = store_lists(2025, {"84821030": ("用途",), "94016190": ("用途",)})
        older = store_lists(2023, {"84821030": ("用途", "品牌"), "94016190": ("用途",)})
        assert changed_codes([newest], [newest, older]) == ["84821030"]
        assert changed_codes([newest, older], [newest]) == ["84821030"]

    def test_an_edition_whose_days_another_covers_wholly_changes_nothing(self):
        span = (date(2025, 1, 1), date(2025, 12, 31))
        covering = store_lists(2026, {"84821030": ("用途",)}, dates=(date(2025, 1, 2), None))
        covered = store_lists(2025, {"84821030": ("品牌",)}, dates=span)
        begins = store_lists(2024, {"84821030": ("用途",)}, dates=(date(2025, 1, 1), None))
        assert changed_codes([covering, begins], [covering, begins]) == []
        # One day is left to the covered edition: its first.
        assert changed_codes([covering], [covering, covered]) == ["84821030"]

    def test_nothing_in_force_before_or_after_changes_every_code(self):
        only = store_lists(2025, {"84821030": (), "94016190": ("用途",)})
        assert changed_codes([], [only]) == ["84821030", "94016190"]
        assert changed_codes([only], []) == ["84821030", "94016190"]
        assert changed_codes([], []) == []

    def test_a_list_without_a_key_counts_as_changed(self):
        old = store_lists(2024, {"84821030": ("用途",)})
        new = store_lists(2025, {"84821030": ("用途",)})
        old.codes.update(list_key="")
        assert changed_codes([old], [new]) == ["84821030"]
