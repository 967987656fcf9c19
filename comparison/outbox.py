"""What the comparison takes from the outbox: contents by number, or all contents of a code.

A code's row stands for as many contents as the code has, perhaps 100,000. A batch takes some of
them, in the order of their numbers, and notes on the row how far it came; the row goes with its
last content. Row and marks change in one transaction, so that a killed worker's batch is done
again and no other.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from catalogue.models import Outbox
from comparison.marking import Cause
from comparison.nearest_work import chapters_waiting

# How many codes a batch looks at: most have few contents.
CODES_AT_ONCE = 200

# What is to go is found once, before anything is deleted: left to itself, the planner may look for it
# again for each row.
_TAKE = """
WITH taken AS MATERIALIZED (
    SELECT id FROM catalogue_outbox WHERE chapter = %s AND content_id IS NOT NULL
     ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
DELETE FROM catalogue_outbox o USING taken t WHERE o.id = t.id
RETURNING o.id, o.content_id, o.cause, o.cause_id
"""

_CODES = """
SELECT id, hs8, after_content, cause, cause_id FROM catalogue_outbox
 WHERE chapter = %s AND hs8 <> '' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""

# A code's ten-digit codes, by the index for prefixes; ":" follows "9".
_OF_CODE = "c.hs_code ~>=~ o.hs8 AND c.hs_code ~<~ (o.hs8 || ':') AND c.id > o.after_content"

_CONTENTS = """
SELECT id FROM declarations_content WHERE hs_code LIKE %s AND id > %s ORDER BY id LIMIT %s
"""

# What a newer row of the same code does from its beginning, and what has nothing to do. By a sort
# and one index range a row: a join of the table with itself would, on statistics that do not know
# its thousands of rows yet, compare each with each.
_NEEDLESS = f"""
SELECT o.id FROM (
    SELECT id, hs8, after_content, lead(id) OVER (PARTITION BY hs8 ORDER BY id) AS newer
      FROM catalogue_outbox WHERE hs8 <> '') o
 WHERE o.newer IS NOT NULL OR NOT EXISTS (SELECT FROM declarations_content c WHERE {_OF_CODE})
"""
_HOLD = "SELECT id FROM catalogue_outbox WHERE id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED"
_DROP = "DELETE FROM catalogue_outbox WHERE id = ANY(%s)"

_WAITING_CONTENTS = f"""
SELECT o.content_id FROM catalogue_outbox o
 WHERE o.content_id IS NOT NULL AND (%(chapter)s = '' OR o.chapter = %(chapter)s)
 UNION ALL
SELECT c.id FROM catalogue_outbox o JOIN declarations_content c ON {_OF_CODE}
 WHERE o.hs8 <> '' AND (%(chapter)s = '' OR o.chapter = %(chapter)s)
"""


@dataclass(frozen=True)
class Taken:
    """What a batch took: each content's cause; `rows` how many outbox rows it had to do with."""

    causes: dict[int, Cause]
    rows: int


def drop_needless_codes() -> None:
    """Drop rows of codes that have no content, or a newer row: a new edition names thousands."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEEDLESS)
        needless = [pk for (pk,) in cursor.fetchall()]
        if needless:
            # What another worker has in hand it drops itself.
            cursor.execute(_HOLD, [needless])
            cursor.execute(_DROP, [[pk for (pk,) in cursor.fetchall()]])


def waiting_chapters() -> list[str]:
    """List the chapters that have something to compare."""
    drop_needless_codes()
    waiting = Outbox.objects.order_by("chapter").values_list("chapter", flat=True).distinct()
    return sorted({*waiting, *chapters_waiting()})


def take(chapter: str, size: int) -> Taken:
    """Take up to `size` contents of a chapter from the outbox, in the caller's transaction.

    Rows of contents first, the oldest first. Of several causes of one content the newest is what
    its mark's history names.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [chapter, size])
        found = sorted(cursor.fetchall())
    causes = {content: Cause(kind, number) for _, content, kind, number in found}
    of_codes = _take_codes(chapter, size - len(found))
    return Taken({**of_codes.causes, **causes}, len(found) + of_codes.rows)


def _take_codes(chapter: str, room: int) -> Taken:
    """Take up to `room` contents of the codes that wait; a row goes when all of its are taken."""
    causes: dict[int, Cause] = {}
    seen = 0
    if room <= 0:
        return Taken(causes, seen)
    with connection.cursor() as cursor:
        cursor.execute(_CODES, [chapter, CODES_AT_ONCE])
        for pk, hs8, after, kind, number in cursor.fetchall():
            seen += 1
            left = room - len(causes)
            cursor.execute(_CONTENTS, [f"{hs8}%", after, left + 1])
            contents = [content for (content,) in cursor.fetchall()]
            causes |= dict.fromkeys(contents[:left], Cause(kind, number))
            if len(contents) <= left:
                cursor.execute("DELETE FROM catalogue_outbox WHERE id = %s", [pk])
                continue
            if left:
                cursor.execute(
                    "UPDATE catalogue_outbox SET after_content = %s WHERE id = %s",
                    [contents[left - 1], pk],
                )
            break
    return Taken(causes, seen)


def count_waiting(limit: int) -> int:
    """Count the contents that wait to be compared, those of codes included, up to `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({_WAITING_CONTENTS} LIMIT %(limit)s) w",
            {"chapter": "", "limit": limit},
        )
        return int(cursor.fetchone()[0])


def count_waiting_in(chapter: str) -> int:
    """Count the different contents of a chapter that wait to be compared."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT DISTINCT content_id FROM ({_WAITING_CONTENTS}) w) d",
            {"chapter": chapter},
        )
        return int(cursor.fetchone()[0])
