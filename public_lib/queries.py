"""The rows of the 公共库: how many a query finds, and those of one page.

Everything comes through PublicContent.objects.visible(); no other table of what enterprises
declared may be asked here (tests/public_lib/test_privacy.py holds this).
"""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from django.db.models import QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from comparison.models import PublicContent
from declarations.normalise import keyword_grams
from pages.paging import Count

# Counting and gathering stop here: beyond it a page is found by walking the list in its order.
GATHERED = 6_000
WALKED = 1_000
# Rows that can be reached by paging; a walk costs what it skips.
REACH = 5_000
NEWEST_FIRST = ("-shown_from", "-pk")


class PublicRows:
    """The visible contents under some conditions, the newest month first (a RowSource).

    The planner takes the wrong way for rare keywords (measured: a second for what takes 9 ms), so
    the way is chosen by what is found: up to 6,000 rows are gathered by the keyword's index and
    sorted here; more of them are met soon enough on a walk through the list in its order.
    """

    def __init__(self, contents: "QuerySet[PublicContent]", words: Sequence[str] = ()) -> None:
        """Take the visible contents under all conditions but the keyword, and its words."""
        self._contents = contents.order_by()
        self._words = words

    def count(self) -> Count:
        """Count the rows, up to 6,000: one query."""
        found = len(self._keys)
        return Count(min(found, GATHERED), capped=found > GATHERED)

    def rows(self, offset: int, limit: int) -> list[PublicContent]:
        """Return at most `limit` rows from `offset` (0-based): one query after that of `count`.

        A content that ceased to be public since it was counted is left out.
        """
        if len(self._keys) > GATHERED:
            # Near the front, a walk meets frequent words soon; far back the index may be shorter,
            # and of frequent words the planner knows how frequent they are.
            rows = self._containing_words() if offset < WALKED else self._found_by_index()
            walked = rows.order_by(*NEWEST_FIRST)
            wanted = list(walked.values_list("pk", flat=True)[offset : offset + limit])
        else:
            wanted = [pk for _, pk in self._keys[offset : offset + limit]]
        held = self._contents.defer("search_text", "search_grams").in_bulk(wanted)
        return [held[pk] for pk in wanted if pk in held]

    @cached_property
    def _keys(self) -> list[tuple[date, int]]:
        """What sorts each row, in the order of the list where all rows are held."""
        found = self._found_by_index().values_list("shown_from", "pk")[: GATHERED + 1]
        # PostgreSQL, too, puts a missing month first when the newest comes first.
        keys = [(month or date.max, pk) for month, pk in found]
        return keys if len(keys) > GATHERED else sorted(keys, reverse=True)

    def _found_by_index(self) -> "QuerySet[PublicContent]":
        rows = self._containing_words()
        for word in self._words:
            # A word without two neighbouring characters has no grams.
            if grams := keyword_grams(word):
                rows = rows.filter(search_grams__contains=grams)
        return rows

    def _containing_words(self) -> "QuerySet[PublicContent]":
        rows = self._contents
        for word in self._words:
            rows = rows.filter(GreaterThan(StrIndex("search_text", Value(word)), 0))
        return rows
