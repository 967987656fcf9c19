"""Which edition reads which date, and whose lists a change of what is in force changes.

An entry is compared by the edition in force on its last declared date, or the nearest that is
held; pages and the projection show the newest one in force. So a code's list changed for somebody
exactly where on some date, or without a date, another list reads the code than before.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection

from catalogue.models import Edition
from catalogue.reading.held import edition_among

# A code that only one of the two has changed; so did one whose list is not known to be the same.
_DIFFERING = """
SELECT coalesce(a.hs8, b.hs8)
  FROM (SELECT hs8, list_key FROM catalogue_cataloguecode WHERE edition_id = %(before)s) a
  FULL JOIN (SELECT hs8, list_key FROM catalogue_cataloguecode WHERE edition_id = %(after)s) b
    ON b.hs8 = a.hs8
 WHERE a.hs8 IS NULL OR b.hs8 IS NULL OR a.list_key <> b.list_key OR a.list_key = ''
"""

Pair = tuple[int | None, int | None]


def reading_pairs(before: Sequence[Edition], after: Sequence[Edition]) -> set[Pair]:
    """List what another edition reads than before: (id before, id after), None where none reads.

    Over all dates there are, and without a date.
    """
    olds, news = _newest_first(before), _newest_first(after)
    pairs: set[Pair] = set()
    for day in [None, *_turning_days([*before, *after])]:
        old, new = edition_among(olds, day), edition_among(news, day)
        if old != new:
            pairs.add((old.pk if old else None, new.pk if new else None))
    return pairs


def changed_codes(before: Sequence[Edition], after: Sequence[Edition]) -> list[str]:
    """List the eight-digit codes that on some date are read by another list than before.

    `before` and `after` are the editions in force; two equal lists are no change, whatever their
    editions. One query for each pair of editions that take over from one another.
    """
    codes: set[str] = set()
    with connection.cursor() as cursor:
        for old, new in reading_pairs(before, after):
            cursor.execute(_DIFFERING, {"before": old, "after": new})
            codes.update(hs8 for (hs8,) in cursor.fetchall())
    return sorted(codes)


def _newest_first(editions: Sequence[Edition]) -> list[Edition]:
    return sorted(editions, key=lambda edition: edition.effective_from, reverse=True)


def _turning_days(editions: Sequence[Edition]) -> set[date]:
    """Days that together stand for all dates: where an edition begins, ends, or becomes nearer."""
    begins = {edition.effective_from for edition in editions}
    days = begins | {edition.effective_to for edition in editions if edition.effective_to}
    days |= {one + (other - one) / 2 for one in begins for other in begins if one < other}
    return {near for day in days for near in _around(day)}


def _around(day: date) -> list[date]:
    step = timedelta(days=1)
    return [
        day,
        *([day - step] if day > date.min else []),
        *([day + step] if day < date.max else []),
    ]
