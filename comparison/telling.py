"""What a reason says of another content: which is the nearest, in what it differs; in which forms.

Stored with the entry as codes and values, put into Chinese by comparison/wording.py. Of another
enterprise's content a reason names its number and the elements that differ, read from the projection
alone; no value, nothing that is hidden.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F

from catalogue.elements import ElementName, element_names, read_by
from catalogue.models import Edition
from catalogue.reading.held import edition_among, editions_in_force
from comparison.candidates import Found, Index, Member
from comparison.failures import PYTHON
from comparison.findings import Sides, differences, sides_of
from comparison.forms import FORMS_VERSION
from comparison.judging import DeclaredText, Keys, judge
from comparison.models import MatchSource, NearestPublic, PublicContent
from comparison.nearest_blocks import Block
from comparison.projection import HIDDEN
from comparison.stages import STAGES, Stage, timed
from declarations.models import Content

Reason = dict[str, Any]
Names = tuple[ElementName, ...] | None
Choice = tuple[Found | None, MatchSource]

# Entries that name the nearest content: no verdict, and nothing that says the same.
ASKING = "mark IN ('unmarked', 'self_selected') AND NOT reason ? 'match'"

_ASKING_ENTRIES = f"""
SELECT id, enterprise_id, content_id, last_declared_on, reason
  FROM comparison_libraryentry
 WHERE content_id = ANY(%(contents)s) AND {ASKING}
   AND (%(enterprises)s::bigint[] IS NULL OR enterprise_id = ANY(%(enterprises)s))
 ORDER BY content_id, enterprise_id
"""

_MATCHES = """
SELECT DISTINCT content_id, coalesce(matched_content_id, (reason #>> '{match,content}')::bigint),
       CASE WHEN mark = 'system_matched' THEN match_source ELSE reason #>> '{match,source}' END
  FROM comparison_libraryentry
 WHERE content_id = ANY(%s)
   AND (mark = 'system_matched' AND reason ->> 'relation' = 'same'
        OR mark = 'self_selected' AND reason #>> '{match,relation}' = 'same')
"""

_TELL_FORMS = """
WITH told AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::jsonb[])
               AS t(content_id, matched, source, forms))
UPDATE comparison_libraryentry e
   SET reason = CASE WHEN e.mark = 'system_matched' THEN e.reason || t.forms
                     ELSE jsonb_set(e.reason, '{match}', (e.reason -> 'match') || t.forms) END
  FROM told t
 WHERE e.content_id = t.content_id
   AND (e.mark = 'system_matched' AND e.matched_content_id = t.matched
        AND e.match_source = t.source AND e.reason || t.forms <> e.reason
        OR e.mark = 'self_selected' AND e.reason #>> '{match,content}' = t.matched::text
        AND e.reason #>> '{match,source}' = t.source
        AND (e.reason -> 'match') || t.forms <> e.reason -> 'match')
"""

_OWN = """
SELECT w.enterprise_id, w.hs8, w.ie_flag, c.id, c.content_key, f.parts
  FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS w(enterprise_id, hs8, ie_flag)
  JOIN comparison_libraryentry e
    ON e.enterprise_id = w.enterprise_id AND e.hs_code ~>=~ w.hs8
   AND e.hs_code ~<~ (w.hs8 || ':') AND e.ie_flag = w.ie_flag AND e.mark = 'conforming'
  JOIN declarations_content c ON c.id = e.content_id
  JOIN comparison_contentform f ON f.content_id = e.content_id AND f.version = %s
"""

_TELL_NEAREST = """
UPDATE comparison_libraryentry e SET reason = t.reason
  FROM unnest(%s::bigint[], %s::jsonb[]) AS t(id, reason)
 WHERE e.id = t.id
"""


class _Entry(NamedTuple):
    """An entry whose reason names the nearest content."""

    id: int
    enterprise_id: int
    content_id: int
    last_declared_on: date
    reason: Reason


class Editions:
    """Which element list reads a code on a date, asked once."""

    def __init__(self) -> None:
        self._held = editions_in_force()
        self._names: dict[tuple[Edition | None, str], Names] = {}

    def names(self, hs_code: str, on_date: date) -> Names:
        """Give the list by which an entry of this code and last declared date is explained."""
        edition = edition_among(self._held, on_date)
        key = edition, hs_code[:8]
        if key not in self._names:
            self._names[key] = element_names(edition, hs_code)
        return self._names[key]


@timed(Stage.REASONS)
def tell_nearest(content_ids: Sequence[int]) -> int:
    """Write into the reasons of these contents' entries what is nearest; returns how many changed.

    The nearest public contents are known (comparison/nearest_blocks.py); the caller has locked the
    contents.
    """
    entries = _asking_entries(content_ids)
    changed = _tell(entries, _nearest_of(entries))
    NearestPublic.objects.filter(pk__in=content_ids, is_known=True, is_told=False).update(
        is_told=True
    )
    return changed


@timed(Stage.REASONS)
def tell_where_own_changed(content_ids: Sequence[int], enterprise_ids: Sequence[int]) -> int:
    """Write the nearest into reasons of these enterprises' entries that name another now.

    For contents whose entries were told, and where nothing but the own conforming contents of the
    enterprises has changed since; the caller has locked the contents. Returns how many changed.
    """
    entries = _asking_entries(content_ids, enterprise_ids)
    found = _nearest_of(entries)
    return _tell([entry for entry in entries if not _is_said(entry, *found[entry.id])], found)


def _asking_entries(
    content_ids: Sequence[int], enterprise_ids: Sequence[int] | None = None
) -> list[_Entry]:
    given = {
        "contents": list(content_ids),
        "enterprises": None if enterprise_ids is None else list(enterprise_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ASKING_ENTRIES, given)
        return [
            _Entry(pk, enterprise, content, day, _as_reason(reason))
            for pk, enterprise, content, day, reason in cursor.fetchall()
        ]


def _is_said(entry: _Entry, nearest: Found | None, source: MatchSource) -> bool:
    """Whether the reason names this nearest content already."""
    said = entry.reason.get("nearest", {})
    if not said or nearest is None:
        return said is None and nearest is None
    held = said["content"], said["source"], said["score"]
    return bool(held == (nearest.content_id, source.value, nearest.score))


def _tell(entries: Sequence[_Entry], found: Mapping[int, Choice]) -> int:
    """Write what is nearest into the reasons of entries; returns how many changed."""
    STAGES.count(Stage.REASONS, "entries", len(entries))
    say = _Differences(entries, found)
    with PYTHON.running():
        wanted = {
            entry.id: {"kind": entry.reason["kind"], "nearest": say.of(entry, *found[entry.id])}
            for entry in entries
        }
    changed = [entry.id for entry in entries if wanted[entry.id] != entry.reason]
    with connection.cursor() as cursor:
        if changed:
            cursor.execute(_TELL_NEAREST, [changed, [_as_json(wanted[pk]) for pk in changed]])
    return len(changed)


@timed(Stage.REASONS)
def tell_forms(content_ids: Sequence[int]) -> None:
    """Write into the reasons of these contents' matches in which forms the two differ."""
    with connection.cursor() as cursor:
        cursor.execute(_MATCHES, [list(content_ids)])
        matches = cursor.fetchall()
    if not matches:
        return
    mine = _texts(content for content, _, _ in matches)
    own = _texts(m for _, m, source in matches if source == MatchSource.OWN)
    public = _shown(m for _, m, source in matches if source == MatchSource.PUBLIC)
    keys = _keys({matched for _, matched, _ in matches})
    told = []
    for content, matched, source in matches:
        theirs = (own if source == MatchSource.OWN else public).get(matched)
        if theirs is None:  # closed a moment ago, and to be compared again
            continue
        judgement = judge(mine[content], theirs, names=(), b_keys=keys[matched])
        forms: Reason = {"forms": [form.value for form in judgement.forms]}
        forms["hs_code"] = theirs.hs_code if theirs.hs_code != mine[content].hs_code else ""
        told.append((content, matched, source, _as_json(forms)))
    with connection.cursor() as cursor:
        cursor.execute(_TELL_FORMS, [list(column) for column in zip(*told, strict=True)])


def _nearest_of(entries: Sequence[_Entry]) -> dict[int, Choice]:
    """Find each entry's nearest: the better of its own and the public one, own first."""
    contents = {entry.content_id for entry in entries}
    public: dict[int, Found | None] = {}
    asking: dict[int, NearestPublic] = {}
    for row in NearestPublic.objects.filter(pk__in=contents).annotate(
        key=F("nearest__content_key")
    ):
        asking[row.pk] = row
        public[row.pk] = None
        if row.nearest_id is not None and row.score is not None:
            public[row.pk] = Found(row.score, bytes(row.key), row.nearest_id)
    blocks = {pk: Block(row.hs8, row.ie_flag) for pk, row in asking.items()}
    own = _own_indexes(
        {(e.enterprise_id, blocks[e.content_id]) for e in entries if e.content_id in blocks}
    )
    with PYTHON.running():
        return _better_of(entries, asking, public, own, blocks)


def _better_of(
    entries: Sequence[_Entry],
    asking: Mapping[int, NearestPublic],
    public: Mapping[int, Found | None],
    own: Mapping[tuple[int, Block], Index],
    blocks: Mapping[int, Block],
) -> dict[int, Choice]:
    found: dict[int, Choice] = {}
    for entry in entries:
        best: Choice = public.get(entry.content_id), MatchSource.PUBLIC
        if entry.content_id in asking:
            index = own.get((entry.enterprise_id, blocks[entry.content_id]))
            mine = index.nearest(tuple(asking[entry.content_id].parts)) if index else None
            if mine is not None and (best[0] is None or mine.score >= best[0].score):
                best = mine, MatchSource.OWN
        found[entry.id] = best
    return found


def _own_indexes(wanted: Collection[tuple[int, Block]]) -> dict[tuple[int, Block], Index]:
    """Index the conforming contents that enterprises have in blocks, where they have any."""
    written: dict[int, Member] = {}
    held: defaultdict[tuple[int, Block], list[Member]] = defaultdict(list)
    listed = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            _OWN,
            [
                [enterprise for enterprise, _ in listed],
                [block.hs8 for _, block in listed],
                [block.ie_flag for _, block in listed],
                FORMS_VERSION,
            ],
        )
        for enterprise, hs8, ie_flag, pk, key, parts in cursor.fetchall():
            if pk not in written:
                written[pk] = Member(pk, bytes(key), tuple(parts))
            held[enterprise, Block(hs8, ie_flag)].append(written[pk])
    return {whose: Index(members) for whose, members in held.items()}


class _Differences:
    """Says in which elements an entry differs from its nearest content, each pair once."""

    def __init__(self, entries: Sequence[_Entry], found: Mapping[int, Choice]) -> None:
        chosen = [(one.content_id, source) for one, source in found.values() if one is not None]
        self._editions = Editions()
        self._mine = _texts(entry.content_id for entry in entries)
        self._own = _texts(pk for pk, source in chosen if source is MatchSource.OWN)
        self._public = _shown(pk for pk, source in chosen if source is MatchSource.PUBLIC)
        self._said: dict[tuple[object, ...], Reason] = {}
        self._read: dict[tuple[DeclaredText, Names], Sides] = {}

    def of(self, entry: _Entry, nearest: Found | None, source: MatchSource) -> Reason | None:
        """Give what the reason says of the nearest content; None where there is none."""
        theirs = self._own if source is MatchSource.OWN else self._public
        if nearest is None or nearest.content_id not in theirs:
            return None
        mine = self._mine[entry.content_id]
        names = self._editions.names(mine.hs_code, entry.last_declared_on)
        key = entry.content_id, nearest.content_id, source, names
        if key not in self._said:
            other = theirs[nearest.content_id]
            found = differences(self._sides(mine, names), self._sides(other, names))
            self._said[key] = {
                "content": nearest.content_id,
                "source": source.value,
                "score": nearest.score,
                "differing": found.differing,
                "hidden": found.hidden,
            }
        return self._said[key]

    def _sides(self, text: DeclaredText, names: Names) -> Sides:
        """Read a text by an element list: the nearest of one content is often that of others."""
        key = text, names
        if key not in self._read:
            folded = text.as_folded
            reading = read_by(folded.g_model, text.ie_flag, None, names, text.hs_code)
            self._read[key] = sides_of(folded.name, reading, hidden_word=HIDDEN)
        return self._read[key]


def _texts(content_ids: Iterable[int]) -> dict[int, DeclaredText]:
    rows = Content.objects.filter(pk__in=set(content_ids))
    return {
        pk: DeclaredText(*text)
        for pk, *text in rows.values_list("pk", "hs_code", "ie_flag", "name", "g_model")
    }


def _shown(content_ids: Iterable[int]) -> dict[int, DeclaredText]:
    """Fetch others' contents as the projection shows them."""
    rows = PublicContent.objects.filter(pk__in=set(content_ids))
    return {
        pk: DeclaredText(*text)
        for pk, *text in rows.values_list("pk", "hs_code", "ie_flag", "name", "g_model")
    }


def _keys(content_ids: Iterable[int]) -> dict[int, Keys]:
    rows = Content.objects.filter(pk__in=set(content_ids))
    return {
        pk: Keys(bytes(key), bytes(form or b""))
        for pk, key, form in rows.values_list("pk", "content_key", "form__form_key")
    }


def _as_reason(stored: str | Reason) -> Reason:
    return json.loads(stored) if isinstance(stored, str) else stored


def _as_json(reason: Reason) -> str:
    return json.dumps(reason, ensure_ascii=False)
