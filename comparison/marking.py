"""Marks of entries, computed as a set for whole groups of contents (design: "Marks").

A group is all contents with one form key: they say the same, so a mark of one can rest on another
of its group and on nothing outside it. Everything here is computed from lines, verdicts, choices
and the public flags, so that it may run again at any time with the same result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from comparison.nearest_marking import Near, complete_reasons
from comparison.publication import OFFICIAL, PARTIES
from comparison.stages import Stage, timed


@dataclass(frozen=True)
class Cause:
    """Why a content is compared again: an Outbox.Cause value, and the release or run it names."""

    kind: str
    number: int | None = None


# The contents themselves, looked up once: what they say, and whether others may see them.
_MEMBERS = """
member AS MATERIALIZED (
    SELECT c.id AS content_id, c.hs_code, c.ie_flag, c.is_public, c.content_key, f.form_key
      FROM declarations_content c JOIN comparison_contentform f ON f.content_id = c.id
     WHERE c.id = ANY(%(contents)s)
)"""

# An audited row that the 企业库 shows beside its line: `p` is a row of `party`, `l` its line.
STANDS_APART = """
p.differs_from_line
       AND NOT (l.content_id = p.content_id AND p.enterprise_id IN (l.agent_id, l.trader_id))"""

# One row for each row that the 企业库 shows: lines, and audited rows whose text (or party) is no
# longer the line's. Lines are read once, by the index line_content alone, and counted by their pair
# of parties before each party is given its count.
_ROWS = (
    """
pair AS MATERIALIZED (
    SELECT content_id, agent_id, trader_id, count(*) AS rows,
           min(declared_on) AS first_on, max(declared_on) AS last_on
      FROM declarations_declaredline
     WHERE content_id = ANY(%(contents)s) AND NOT is_hidden
     GROUP BY content_id, agent_id, trader_id
), shown AS (
    SELECT agent_id AS enterprise_id, content_id, rows, first_on, last_on FROM pair
    UNION ALL
    SELECT trader_id, content_id, rows, first_on, last_on FROM pair WHERE trader_id <> agent_id
    UNION ALL
    SELECT p.enterprise_id, p.content_id, 1, p.declared_on, p.declared_on
      FROM party p JOIN declarations_declaredline l ON l.id = p.line_id
     WHERE """
    + STANDS_APART
    + """
), entry AS (
    SELECT enterprise_id, content_id, sum(rows) AS row_count,
           min(first_on) AS first_on, max(last_on) AS last_on
      FROM shown
     WHERE %(enterprise)s::bigint IS NULL OR enterprise_id = %(enterprise)s
     GROUP BY enterprise_id, content_id
)"""
)

# Of several matches: own before public, identical before same, then the smallest content_key.
_MATCHES = """
source AS (
    SELECT m.form_key, o.enterprise_id, o.content_id, m.content_key
      FROM official o JOIN member m USING (content_id)
     WHERE o.conforming
), own AS (
    SELECT DISTINCT ON (form_key, enterprise_id) form_key, enterprise_id, content_id
      FROM source ORDER BY form_key, enterprise_id, content_key
), public AS (
    SELECT DISTINCT ON (form_key) form_key, content_id
      FROM member WHERE is_public ORDER BY form_key, content_key
)"""

# What is stored now; of its reason stays what is found outside this statement (nearest_marking.py)
# as long as it holds: the forms of the same match, the nearest content while there is no match.
_HELD = """
held AS MATERIALIZED (
    SELECT * FROM comparison_libraryentry
     WHERE content_id = ANY(%(contents)s)
       AND (%(enterprise)s::bigint IS NULL OR enterprise_id = %(enterprise)s)
)"""

# What a verdict says of an entry; `o` is a row of `official`.
VERDICT_REASON = """
jsonb_build_object('kind', 'verdict', 'month', to_char(o.audit_month, 'YYYY-MM'),
    'conforming', o.conforming_rows, 'nonconforming', o.nonconforming_rows,
    'verdict', coalesce(o.nonconforming_verdict, o.conforming_verdict))"""

_WANTED = (
    """
wanted AS MATERIALIZED (
    SELECT e.enterprise_id, e.content_id, c.hs_code, c.ie_flag,
           e.row_count, e.first_on, e.last_on,
           CASE WHEN o.conforming THEN 'conforming'
                WHEN o.conforming IS NOT NULL THEN 'nonconforming'
                WHEN ch.self_selected THEN 'self_selected'
                WHEN own.content_id IS NOT NULL OR c.is_public OR public.content_id IS NOT NULL
                THEN 'system_matched'
                ELSE 'unmarked' END AS mark,
           coalesce(o.has_conflict, false) AS has_conflict,
           """
    + VERDICT_REASON
    + """ AS verdict,
           own.content_id AS own_match,
           CASE WHEN c.is_public THEN c.content_id ELSE public.content_id END AS public_match
      FROM entry e
      JOIN member c ON c.content_id = e.content_id
      LEFT JOIN official o
        ON o.enterprise_id = e.enterprise_id AND o.content_id = e.content_id
      LEFT JOIN comparison_entrychoice ch
        ON ch.enterprise_id = e.enterprise_id AND ch.content_id = e.content_id
      LEFT JOIN own ON own.form_key = c.form_key AND own.enterprise_id = e.enterprise_id
      LEFT JOIN public ON public.form_key = c.form_key
), matched AS MATERIALIZED (
    SELECT w.*, coalesce(w.own_match, w.public_match) AS match,
           CASE WHEN w.own_match IS NOT NULL THEN 'own' ELSE 'public' END AS source,
           CASE WHEN coalesce(w.own_match, w.public_match) = w.content_id
                THEN 'identical' ELSE 'same' END AS relation,
           h.mark AS held_mark, h.matched_content_id AS held_match, h.match_source AS held_source,
           h.reason AS held_reason
      FROM wanted w LEFT JOIN held h USING (enterprise_id, content_id)
), marked AS MATERIALIZED (
    SELECT enterprise_id, content_id, hs_code, ie_flag, row_count, first_on, last_on, mark,
           has_conflict,
           CASE WHEN mark = 'system_matched' THEN match END AS matched,
           CASE WHEN mark = 'system_matched' THEN source ELSE '' END AS match_source,
           CASE WHEN mark IN ('conforming', 'nonconforming') THEN verdict
                WHEN mark = 'system_matched' THEN
                     CASE WHEN held_mark = mark AND held_match = match AND held_source = source
                          THEN held_reason
                          ELSE jsonb_build_object('kind', 'match', 'relation', relation) END
                WHEN match IS NOT NULL THEN
                     jsonb_build_object('kind', 'self_selected', 'match',
                         CASE WHEN held_reason #>> '{match,content}' = match::text
                               AND held_reason #>> '{match,source}' = source
                              THEN held_reason -> 'match'
                              ELSE jsonb_build_object('content', match, 'source', source,
                                       'relation', relation) END)
                ELSE jsonb_build_object('kind',
                         CASE mark WHEN 'self_selected' THEN mark ELSE 'none' END)
                     || CASE WHEN held_reason ? 'nearest'
                             THEN jsonb_build_object('nearest', held_reason -> 'nearest')
                             ELSE '{}' END END AS reason
      FROM matched
)"""
)

# What follows from `changed` (enterprise, content, before, after), whose causes are in `cause`: the
# enterprise's blocks are to be looked at where its own conforming contents changed, and history.
EFFECTS = """
own_changed AS (
    SELECT DISTINCT c.enterprise_id, left(d.hs_code, 8) AS hs8, d.ie_flag
      FROM changed c JOIN declarations_content d ON d.id = c.content_id
     WHERE 'conforming' IN (c.before, c.after)
), sought_again AS (
    INSERT INTO comparison_nearestwork (chapter, hs8, ie_flag, enterprise_id)
    SELECT left(o.hs8, 2), o.hs8, o.ie_flag, o.enterprise_id FROM own_changed o
     WHERE EXISTS (SELECT FROM comparison_libraryentry e
                    WHERE e.enterprise_id = o.enterprise_id AND e.hs_code ~>=~ o.hs8
                      AND e.hs_code ~<~ (o.hs8 || ':') AND e.ie_flag = o.ie_flag
                      AND e.mark IN ('unmarked', 'self_selected'))
), noted AS (
    INSERT INTO comparison_markhistory (
        enterprise_id, content_id, subject, before, after, cause, cause_id, user_id, changed_at)
    SELECT c.enterprise_id, c.content_id, 'mark', c.before, c.after, cause.cause, cause.cause_id,
           %(user)s::bigint, now()
      FROM changed c JOIN cause USING (content_id)
    RETURNING 1
)"""

CAUSES = """
cause AS (
    SELECT * FROM unnest(%(contents)s::bigint[], %(causes)s::text[], %(cause_numbers)s::bigint[])
               AS t(content_id, cause, cause_id)
)"""

_APPLY = f"""
gone AS (
    DELETE FROM comparison_libraryentry d USING held h
     WHERE d.id = h.id AND NOT EXISTS (
           SELECT FROM marked m
            WHERE m.enterprise_id = h.enterprise_id AND m.content_id = h.content_id)
    RETURNING d.enterprise_id, d.content_id, d.mark
), stored AS (
    INSERT INTO comparison_libraryentry AS s (
        enterprise_id, content_id, hs_code, ie_flag, mark, has_conflict, matched_content_id,
        match_source, reason, row_count, first_declared_on, last_declared_on)
    SELECT m.enterprise_id, m.content_id, m.hs_code, m.ie_flag, m.mark, m.has_conflict, m.matched,
           m.match_source, m.reason, m.row_count, m.first_on, m.last_on
      FROM marked m
      LEFT JOIN held h USING (enterprise_id, content_id)
     WHERE h.id IS NULL
        OR (h.mark, h.has_conflict, h.matched_content_id, h.match_source, h.reason, h.row_count,
            h.first_declared_on, h.last_declared_on)
           IS DISTINCT FROM
           (m.mark, m.has_conflict, m.matched, m.match_source, m.reason, m.row_count::int,
            m.first_on, m.last_on)
    ON CONFLICT (enterprise_id, content_id) DO UPDATE SET
        mark = excluded.mark, has_conflict = excluded.has_conflict,
        matched_content_id = excluded.matched_content_id, match_source = excluded.match_source,
        reason = excluded.reason, row_count = excluded.row_count,
        first_declared_on = excluded.first_declared_on,
        last_declared_on = excluded.last_declared_on
    RETURNING 1
), {CAUSES}, changed AS (
    SELECT m.enterprise_id, m.content_id, coalesce(h.mark, '') AS before, m.mark AS after
      FROM marked m LEFT JOIN held h USING (enterprise_id, content_id)
     WHERE coalesce(h.mark, 'unmarked') <> m.mark
    UNION ALL
    SELECT enterprise_id, content_id, mark, '' FROM gone WHERE mark <> 'unmarked'
), {EFFECTS}
SELECT (SELECT count(*) FROM marked), (SELECT count(*) FROM stored), (SELECT count(*) FROM gone),
       (SELECT count(*) FROM noted)
"""

_MARK = f"WITH {PARTIES}, {OFFICIAL}, {_MEMBERS}, {_ROWS}, {_MATCHES}, {_HELD}, {_WANTED}, {_APPLY}"


@dataclass
class MarkCounts:
    """What a marking did, in entries; `changed` counts the marks written to the history."""

    entries: int = 0
    stored: int = 0
    gone: int = 0
    changed: int = 0

    def add(self, other: "MarkCounts") -> None:
        """Sum another batch's counts into this one."""
        self.entries += other.entries
        self.stored += other.stored
        self.gone += other.gone
        self.changed += other.changed


@timed(Stage.MARKS)
def mark_entries(
    content_ids: Sequence[int],
    causes: Mapping[int, Cause],
    *,
    enterprise_id: int | None = None,
    user_id: int | None = None,
    near: Near = Near.LATER,
) -> MarkCounts:
    """Compute and store the entries of whole groups of contents, in the caller's transaction.

    `content_ids` must be closed under the form key, have their forms and public flags, and be
    locked (comparison/working.py sees to it). With `enterprise_id` only that enterprise's entries
    are touched. What a reason says of another content is completed by nearest_marking.py: `near`
    says when.
    """
    ids = list(content_ids)
    found = [causes[content_id] for content_id in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK,
            {
                "contents": ids,
                "causes": [cause.kind for cause in found],
                "cause_numbers": [cause.number for cause in found],
                "enterprise": enterprise_id,
                "user": user_id,
            },
        )
        counts = MarkCounts(*cursor.fetchone())
    complete_reasons(ids, near)
    return counts
