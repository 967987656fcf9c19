"""What marking has to do with nearest contents: in the transaction of the marks, and after it.

Marks say which entries ask for the nearest content. In a quiet block they are told in the same
transaction, against what the block is known to hold. Where the block is to be looked at anyway
(comparison.models.NearestWork) its work finds theirs too, and their reasons say until then that it
is being looked for.
"""

from collections.abc import Iterable, Sequence
from enum import Enum

from django.db import connection

from comparison.nearest_blocks import TEXT_KEY, VERSION, Block, add_seekers, seek
from comparison.stages import Stage, timed
from comparison.telling import ASKING, tell_forms, tell_nearest


class Near(Enum):
    """When the entries of a marking are told their nearest content.

    AT_ONCE must hold the lock of the contents' chapter.
    """

    AT_ONCE = "at once"
    LATER = "later"


# Those that ask among some contents, whether one of their entries was not told yet, and their block.
_ASKING = f"""
SELECT c.id, left(c.hs_code, 8), c.ie_flag, e.is_new,
       n.content_id IS NOT NULL AND n.version = %(version)s
  FROM (SELECT content_id, bool_or(NOT reason ? 'nearest') AS is_new
          FROM comparison_libraryentry
         WHERE content_id = ANY(%(contents)s) AND {ASKING} GROUP BY content_id) e
  JOIN declarations_content c ON c.id = e.content_id
  LEFT JOIN comparison_nearestpublic n ON n.content_id = c.id
 ORDER BY c.id
"""

_END = """
DELETE FROM comparison_nearestpublic
 WHERE content_id = ANY(%(contents)s) AND NOT content_id = ANY(%(asking)s)
"""

# Public contents that their block doesn't know as they are, and those it takes for public still.
_NOTE_BLOCKS = f"""
INSERT INTO comparison_nearestwork (chapter, hs8, ie_flag)
SELECT DISTINCT left(c.hs_code, 2), left(c.hs_code, 8), c.ie_flag
  FROM declarations_content c
  LEFT JOIN comparison_publiccontent p ON p.content_id = c.id AND c.is_public
  LEFT JOIN comparison_rankedpublic r ON r.content_id = c.id
 WHERE c.id = ANY(%(contents)s) AND {TEXT_KEY} IS DISTINCT FROM r.text_key
"""

_BUSY = """
SELECT DISTINCT w.hs8, w.ie_flag FROM comparison_nearestwork w
  JOIN unnest(%s::text[], %s::text[], %s::text[]) AS b(chapter, hs8, ie_flag)
    ON w.chapter = b.chapter AND w.hs8 = b.hs8 AND w.ie_flag = b.ie_flag
"""

_UNTELL = """
UPDATE comparison_nearestpublic SET is_told = false WHERE content_id = ANY(%s) AND is_told
"""


@timed(Stage.NEAR)
def complete_reasons(content_ids: Sequence[int], near: Near) -> None:
    """Bring in step what reasons say of other contents, after these contents were marked.

    In the transaction of the marks, whose caller has locked the contents.
    """
    tell_forms(content_ids)
    asking = _asking(content_ids)
    add_seekers([content for content, _, _, is_kept in asking if not is_kept])
    blocks = {block for _, block, _, _ in asking}
    busy = _busy(blocks) if near is Near.AT_ONCE else blocks
    if at_once := [content for content, block, _, _ in asking if block not in busy]:
        seek(at_once)
        tell_nearest(at_once)
    # All of those compared at once, since dates and lists by which they are told may have changed.
    later = {
        content
        for content, block, is_new, _ in asking
        if block in busy and (is_new or near is Near.AT_ONCE)
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNTELL, [sorted(later)])


def _asking(content_ids: Sequence[int]) -> list[tuple[int, Block, bool, bool]]:
    """Find which of the contents ask; the others stop, and blocks that changed are noted."""
    names: dict[str, list[int] | int] = {"contents": list(content_ids), "version": VERSION}
    with connection.cursor() as cursor:
        cursor.execute(_ASKING, names)
        asking = [
            (pk, Block(hs8, ie_flag), is_new, is_kept)
            for pk, hs8, ie_flag, is_new, is_kept in cursor.fetchall()
        ]
        cursor.execute(_END, {**names, "asking": [content for content, *_ in asking]})
        cursor.execute(_NOTE_BLOCKS, names)
    return asking


def _busy(blocks: Iterable[Block]) -> set[Block]:
    listed = list(blocks)
    with connection.cursor() as cursor:
        cursor.execute(
            _BUSY,
            [
                [block.hs8[:2] for block in listed],
                [block.hs8 for block in listed],
                [block.ie_flag for block in listed],
            ],
        )
        return {Block(*row) for row in cursor.fetchall()}
