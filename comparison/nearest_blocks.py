"""The nearest public content of each content that asks for it, kept block by block.

What is kept is a function of present data: the contents that ask, and the block's public contents
as the projection shows them. `renew_block` brings it in step with the least work: a public content
more is scored against those that ask, a public content less has only those sought anew whose nearest
it was. Must run under the lock that gives the block's chapter to one worker.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.db import connection

from comparison.candidates import Found, Index, Member
from comparison.failures import PYTHON
from comparison.forms import FORMS_VERSION, HS_DIGITS, canonical_parts
from comparison.models import NearestPublic, PublicContent, RankedPublic
from comparison.stages import STAGES, Stage
from declarations.arrays import text_array
from declarations.models import Content

# Changes with candidates.py's score; a new form of the parts counts too.
NEAREST_VERSION = 1
VERSION = NEAREST_VERSION * 1_000 + FORMS_VERSION


class Block(NamedTuple):
    """The contents that are compared with one another: an eight-digit code and I or E."""

    hs8: str
    ie_flag: str


@dataclass
class Renewed:
    """What renewing a block did: public contents more and less, contents scored, nearest changed."""

    opened: int = 0
    closed: int = 0
    sought: int = 0
    changed: int = 0
    pairs: int = 0


# By which a projection is told to say the same as when it was ranked.
TEXT_KEY = "md5(%(version)s::text || chr(31) || p.name || chr(31) || p.g_model)"

# Asked row by row: while few contents were public when its statistics were taken (a first run), the
# planner walks all that are by now once for each row of the block.
_DIFFERENCES = f"""
SELECT r.content_id, now.content_id
  FROM (SELECT content_id, text_key FROM comparison_rankedpublic
         WHERE hs8 = %(hs8)s AND ie_flag = %(ie_flag)s) r
  FULL JOIN (
       SELECT p.content_id, {TEXT_KEY} AS text_key
         FROM comparison_publiccontent p
        WHERE left(p.hs_code, 8) = %(hs8)s AND p.ie_flag = %(ie_flag)s
          AND (SELECT c.is_public FROM declarations_content c WHERE c.id = p.content_id)) now
    ON now.content_id = r.content_id
 WHERE now.content_id IS NULL OR r.content_id IS NULL OR now.text_key <> r.text_key
"""

_RANK = f"""
INSERT INTO comparison_rankedpublic (content_id, hs8, ie_flag, content_key, parts, text_key)
SELECT p.content_id, %(hs8)s, %(ie_flag)s, c.content_key, w.parts::text[], {TEXT_KEY}
  FROM unnest(%(contents)s::bigint[], %(parts)s::text[]) AS w(content_id, parts)
  JOIN comparison_publiccontent p ON p.content_id = w.content_id
  JOIN declarations_content c ON c.id = w.content_id
"""

_SEEKERS = """
SELECT n.content_id, n.parts, n.score, n.nearest_id, c.content_key,
       n.is_known AND n.version = %(version)s
  FROM comparison_nearestpublic n LEFT JOIN declarations_content c ON c.id = n.nearest_id
 WHERE n.hs8 = %(hs8)s AND n.ie_flag = %(ie_flag)s
"""

_STORE = """
UPDATE comparison_nearestpublic n
   SET nearest_id = w.nearest_id, score = w.score, is_known = true, is_told = false
  FROM unnest(%s::bigint[], %s::bigint[], %s::float8[]) AS w(content_id, nearest_id, score)
 WHERE n.content_id = w.content_id
   AND (NOT n.is_known OR (n.nearest_id, n.score) IS DISTINCT FROM (w.nearest_id, w.score))
"""

_STALE_PARTS = """
SELECT n.content_id FROM comparison_nearestpublic n
 WHERE n.hs8 = %(hs8)s AND n.ie_flag = %(ie_flag)s AND (%(fresh)s OR n.version <> %(version)s)
"""

_ADD_BY = """
INSERT INTO comparison_nearestpublic AS n (
    content_id, hs8, ie_flag, parts, version, is_known, is_told)
SELECT c.id, left(c.hs_code, 8), c.ie_flag, {parts}, %s, false, false
  FROM {given}
  JOIN declarations_content c ON c.id = w.content_id
    ON CONFLICT (content_id) DO UPDATE
   SET parts = excluded.parts, version = excluded.version, is_known = false, is_told = false
 WHERE (n.parts, n.version) IS DISTINCT FROM (excluded.parts, excluded.version)
"""
_ADD = _ADD_BY.format(
    parts="w.parts::text[]", given="unnest(%s::bigint[], %s::text[]) AS w(content_id, parts)"
)
_ADD_BY_FORMS = _ADD_BY.format(
    parts="f.parts",
    given="""unnest(%s::bigint[]) AS w(content_id)
  JOIN comparison_contentform f ON f.content_id = w.content_id AND f.version = %s""",
)


_UNKNOWN = """
SELECT content_id, hs8, ie_flag, parts FROM comparison_nearestpublic
 WHERE content_id = ANY(%(contents)s) AND NOT (is_known AND version = %(version)s)
"""

_RANKED = """
SELECT r.hs8, r.ie_flag, r.content_id, r.content_key, r.parts
  FROM unnest(%s::text[], %s::text[]) AS b(hs8, ie_flag)
  JOIN comparison_rankedpublic r ON r.hs8 = b.hs8 AND r.ie_flag = b.ie_flag
"""


class _Seeker(NamedTuple):
    """A content that asks, and what is kept for it."""

    content_id: int
    parts: tuple[str, ...]
    kept: Found | None


def block_of(content: Content) -> Block:
    """Say in which block a content is."""
    return Block(content.hs_code[:HS_DIGITS], content.ie_flag)


def add_seekers(content_ids: Sequence[int]) -> None:
    """Begin to keep the nearest public content of these; not known yet."""
    if not content_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ADD_BY_FORMS, [VERSION, list(content_ids), FORMS_VERSION])
        # A rule of forms has changed, and the full run has not come so far yet.
        texts = Content.objects.filter(pk__in=content_ids).exclude(form__version=FORMS_VERSION)
        rows = [(c.pk, canonical_parts(c.name, c.g_model)) for c in texts.order_by("pk")]
        if rows:
            cursor.execute(
                _ADD, [VERSION, [pk for pk, _ in rows], [text_array(parts) for _, parts in rows]]
            )


def seek(content_ids: Sequence[int]) -> None:
    """Find the nearest ranked content of those among these that ask and have none yet."""
    waiting: defaultdict[Block, list[_Seeker]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, {"contents": list(content_ids), "version": VERSION})
        for pk, hs8, ie_flag, parts in cursor.fetchall():
            waiting[Block(hs8, ie_flag)].append(_Seeker(pk, tuple(parts), None))
    ranked = _ranked_of(waiting)
    found: dict[int, Found | None] = {}
    for block, seekers in waiting.items():
        found |= _sought(ranked.get(block, []), seekers)
    _store(found)


def renew_block(block: Block, *, fresh: bool = False) -> Renewed:
    """Bring the ranked contents and everyone's nearest in step with the present public set.

    In the caller's transaction. With `fresh` nothing that is kept is relied on.
    """
    names = {**block._asdict(), "version": VERSION, "fresh": fresh}
    done = Renewed()
    with connection.cursor() as cursor:
        cursor.execute(_STALE_PARTS, names)
        add_seekers([pk for (pk,) in cursor.fetchall()])
        cursor.execute(_DIFFERENCES, names)
        found = cursor.fetchall()
    gone = {before for before, _ in found if before is not None}
    new = {now for _, now in found if now is not None}
    if fresh:
        wrong = _wrongly_ranked(block)
        gone, new = gone | wrong, new | wrong
    if gone:
        RankedPublic.objects.filter(content_id__in=gone).delete()
        # Who names one that says something else now is told again, though it may stay the nearest.
        NearestPublic.objects.filter(nearest__in=gone).update(is_told=False)
    _rank(block, new)
    done.opened, done.closed = len(new), len(gone)
    known, lost = _seekers(block)
    if fresh:
        known, lost = [], [*known, *lost]
    elif gone:
        lost += [s for s in known if s.kept and s.kept.content_id in gone]
        known = [s for s in known if not (s.kept and s.kept.content_id in gone)]
    if lost:
        ranked = _ranked(block)
        done.pairs += len(ranked) * len(lost)
        done.changed += _store(_sought(ranked, lost))
    if known and new:
        done.pairs += len(new) * len(known)
        done.changed += _store(_improved(_ranked(block, new), known))
    done.sought = len(lost) + (len(known) if new else 0)
    return done


def _wrongly_ranked(block: Block) -> set[int]:
    """Find ranked contents whose parts are not what their projection gives: none, if all is right."""
    stored = RankedPublic.objects.filter(**block._asdict(), content__is_public=True)
    rows = stored.values_list(
        "pk", "parts", "content__projection__name", "content__projection__g_model"
    )
    return {
        pk
        for pk, parts, name, g_model in rows.iterator()
        if tuple(parts) != canonical_parts(name, g_model)
    }


def _rank(block: Block, content_ids: Iterable[int]) -> None:
    shown = PublicContent.objects.filter(pk__in=sorted(content_ids)).order_by("pk")
    rows = [(p.pk, canonical_parts(p.name, p.g_model)) for p in shown.only("name", "g_model")]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                _RANK,
                {
                    **block._asdict(),
                    "version": VERSION,
                    "contents": [pk for pk, _ in rows],
                    "parts": [text_array(parts) for _, parts in rows],
                },
            )


def _ranked(block: Block, content_ids: Iterable[int] | None = None) -> list[Member]:
    ranked = _ranked_of([block]).get(block, [])
    if content_ids is None:
        return ranked
    wanted = set(content_ids)
    return [member for member in ranked if member.content_id in wanted]


def _ranked_of(blocks: Collection[Block]) -> dict[Block, list[Member]]:
    """Fetch the ranked contents of some blocks."""
    found: defaultdict[Block, list[Member]] = defaultdict(list)
    if blocks:
        with connection.cursor() as cursor:
            cursor.execute(_RANKED, [[b.hs8 for b in blocks], [b.ie_flag for b in blocks]])
            for hs8, ie_flag, pk, key, parts in cursor.fetchall():
                found[Block(hs8, ie_flag)].append(Member(pk, bytes(key), tuple(parts)))
    return found


def _seekers(block: Block) -> tuple[list[_Seeker], list[_Seeker]]:
    """Fetch who asks in a block: those whose nearest is known, and the others."""
    known: list[_Seeker] = []
    unknown: list[_Seeker] = []
    with connection.cursor() as cursor:
        cursor.execute(_SEEKERS, {**block._asdict(), "version": VERSION})
        for pk, parts, score, nearest, key, is_known in cursor.fetchall():
            kept = Found(score, bytes(key), nearest) if nearest is not None else None
            (known if is_known else unknown).append(_Seeker(pk, tuple(parts), kept))
    return known, unknown


def _sought(ranked: Sequence[Member], seekers: Sequence[_Seeker]) -> dict[int, Found | None]:
    """Seek the nearest of each anew."""
    STAGES.count(Stage.NEAR, "pairs", len(ranked) * len(seekers))
    with PYTHON.running():
        index = Index(ranked)
        found = dict(index.nearest_of_each([seeker.parts for seeker in seekers]))
    return {seeker.content_id: found[seeker.parts] for seeker in seekers}


def _improved(new: Sequence[Member], seekers: Sequence[_Seeker]) -> dict[int, Found | None]:
    """Find for whom one of the further contents is nearer than what is kept; only those."""
    if len(new) >= len(seekers):
        offered = _sought(new, seekers)
    else:
        with PYTHON.running():
            offered = _reached(new, seekers)
    return {
        seeker.content_id: one
        for seeker in seekers
        if (one := offered.get(seeker.content_id)) is not None and one.is_nearer_than(seeker.kept)
    }


def _reached(new: Sequence[Member], seekers: Sequence[_Seeker]) -> dict[int, Found | None]:
    """Score few further contents against many that ask."""
    STAGES.count(Stage.NEAR, "pairs", len(new) * len(seekers))
    alike: dict[tuple[str, ...], list[_Seeker]] = {}
    for seeker in seekers:
        alike.setdefault(seeker.parts, []).append(seeker)
    index = Index(Member(them[0].content_id, b"", parts) for parts, them in alike.items())
    places = index.places
    least = np.array(
        [min(s.kept.score if s.kept else -1.0 for s in alike[parts]) for parts in places],
        np.float32,
    )
    best: dict[int, Found | None] = {}
    index_of_new = [member.parts for member in new]
    index.prepare(index_of_new)
    for member in new:
        for place, found in index.reached_by(member, least):
            for seeker in alike[places[place]]:
                if found.is_nearer_than(best.get(seeker.content_id)):
                    best[seeker.content_id] = found
            # What all of them reach already needs no looking at.
            least[place] = max(least[place], np.float32(found.score))
    return best


def _store(found: dict[int, Found | None]) -> int:
    """Store what was found where it is another than what is kept; returns how many were."""
    ids = sorted(found)
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            [
                ids,
                [one.content_id if (one := found[pk]) else None for pk in ids],
                [one.score if (one := found[pk]) else None for pk in ids],
            ],
        )
        return cursor.rowcount
