"""Working off the blocks whose public set, or somebody's own conforming contents, changed.

After the outbox of a chapter, under the chapter's lock. A block's renewal is one transaction; telling
the entries follows in short ones, each of which keeps the contents it tells for itself. Killed at any
moment, what is left is found by the rows that are still there.
"""

import logging
from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from comparison.models import NearestPublic, NearestWork
from comparison.nearest_blocks import Block, Renewed, renew_block
from comparison.publication import lock_contents
from comparison.stages import Stage, timed
from comparison.telling import ASKING, tell_nearest, tell_where_own_changed

logger = logging.getLogger(__name__)

# How many contents are locked at a time while their entries are told.
TOLD_AT_ONCE = 500

_WAITING = """
SELECT hs8, ie_flag FROM comparison_nearestwork WHERE chapter = %(chapter)s
UNION
SELECT hs8, ie_flag FROM comparison_nearestpublic
 WHERE NOT is_told AND hs8 ~>=~ %(chapter)s AND hs8 ~<~ (%(chapter)s || ':')
 ORDER BY 1, 2
"""

_CHAPTERS = """
SELECT chapter FROM comparison_nearestwork
UNION SELECT left(hs8, 2) FROM comparison_nearestpublic WHERE NOT is_told
ORDER BY 1
"""

_BLOCKS = """
SELECT DISTINCT left(hs_code, 8), ie_flag FROM declarations_content
 WHERE hs_code ~>=~ %(first)s AND hs_code ~<~ (%(last)s || ':') ORDER BY 1, 2
"""

# The others of these are told with their contents.
_ASKED_BY = f"""
SELECT DISTINCT e.content_id
  FROM comparison_libraryentry e JOIN comparison_nearestpublic n USING (content_id)
 WHERE e.enterprise_id = ANY(%(enterprises)s) AND e.ie_flag = %(ie_flag)s
   AND e.hs_code ~>=~ %(hs8)s AND e.hs_code ~<~ (%(hs8)s || ':') AND {ASKING} AND n.is_told
 ORDER BY e.content_id
"""


def chapters_waiting() -> list[str]:
    """List the chapters that have a block to look at."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAPTERS)
        return [chapter for (chapter,) in cursor.fetchall()]


def blocks_waiting(chapter: str) -> list[Block]:
    """List the blocks of a chapter that are to be looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"chapter": chapter})
        return [Block(*row) for row in cursor.fetchall()]


def work_blocks(chapter: str) -> Iterator[Renewed]:
    """Work off the blocks of a chapter that wait; the caller holds the chapter's lock.

    A block that fails keeps its rows and doesn't hold up the others; the first error is raised at
    the end.
    """
    failed: Exception | None = None
    for block in blocks_waiting(chapter):
        try:
            yield work_block(block)
        except Exception as error:
            logger.exception("最接近数据比对失败：%s %s", block.hs8, block.ie_flag)
            failed = failed or error
    if failed is not None:
        raise failed


def renew_blocks(first: str, last: str) -> Iterator[Renewed]:
    """Compute the nearest contents of the eight-digit codes `first` to `last` anew.

    Relies on nothing that is kept; the caller holds the codes against other workers.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKS, {"first": first, "last": last})
        blocks = [Block(*row) for row in cursor.fetchall()]
    for block in blocks:
        yield work_block(block, fresh=True)


@timed(Stage.NEAR)
def work_block(block: Block, *, fresh: bool = False) -> Renewed:
    """Bring one block in step, and tell its entries; with `fresh` all of them."""
    with transaction.atomic():
        own = _take(block)
        renewed = renew_block(block, fresh=fresh)
    seekers = NearestPublic.objects.filter(**block._asdict()).order_by("pk")
    if not fresh:
        seekers = seekers.filter(is_told=False)
    for contents in _chunks(list(seekers.values_list("pk", flat=True))):
        with transaction.atomic():
            lock_contents(contents)
            tell_nearest(contents)
    if own:
        if not fresh:
            _tell_own(block, sorted(set(own.values())))
        # By number: what comes meanwhile stays. Killed before, all of it is looked at again.
        NearestWork.objects.filter(pk__in=own).delete()
    return renewed


def _take(block: Block) -> dict[int, int]:
    """Take the block's rows that name no enterprise; returns the others, number → enterprise."""
    rows = NearestWork.objects.filter(chapter=block.hs8[:2], **block._asdict())
    taken = dict(rows.values_list("pk", "enterprise_id"))
    NearestWork.objects.filter(
        pk__in=[pk for pk, enterprise in taken.items() if enterprise is None]
    ).delete()
    return {pk: enterprise for pk, enterprise in taken.items() if enterprise is not None}


def _tell_own(block: Block, enterprises: Sequence[int]) -> None:
    """Tell the entries of enterprises whose own conforming contents changed."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED_BY, {**block._asdict(), "enterprises": list(enterprises)})
        asking = [content for (content,) in cursor.fetchall()]
    for contents in _chunks(asking):
        with transaction.atomic():
            lock_contents(contents)
            tell_where_own_changed(contents, enterprises)


def _chunks(content_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(content_ids), TOLD_AT_ONCE):
        yield content_ids[start : start + TOLD_AT_ONCE]
