"""规范 / 不规范 at once: what a release or withdrawal decides, in its own transaction.

The rest of a mark (what it rests on elsewhere, counts of rows) follows by the outbox. Only pairs of
enterprise and content that have effective verdicts are touched, so that the cost is that of the
verdicts, however many lines the contents have. An entry whose last verdict is gone waits for the
outbox too: what it becomes rests on others.
"""

from collections.abc import Sequence

from django.db import connection

from comparison.marking import CAUSES, EFFECTS, STANDS_APART, VERDICT_REASON, Cause
from comparison.publication import OFFICIAL, PARTIES

# The rows of an entry `d` that is missing: lines of its own, or an audited row whose text is no longer
# the line's. Counted entry by entry, each by its index: a planner that expects one missing entry
# (nothing has been compared yet) would count all of them again for each.
_COUNTED = """
SELECT count(*) AS row_count, min(declared_on) AS first_on, max(declared_on) AS last_on
  FROM (SELECT l.declared_on FROM declarations_declaredline l
         WHERE l.agent_id = d.enterprise_id AND l.content_id = d.content_id AND NOT l.is_hidden
        UNION ALL
        SELECT l.declared_on FROM declarations_declaredline l
         WHERE l.trader_id = d.enterprise_id AND l.content_id = d.content_id AND NOT l.is_hidden
           AND l.agent_id <> l.trader_id
        UNION ALL
        SELECT a.declared_on FROM apart a
         WHERE a.enterprise_id = d.enterprise_id AND a.content_id = d.content_id) shown
"""
_MARK = f"""
WITH {PARTIES}, {OFFICIAL}, {CAUSES}, named AS MATERIALIZED (
    SELECT v.agent_id AS enterprise_id, v.content_id
      FROM declarations_auditverdict v WHERE v.line_id = ANY(%(lines)s)
    UNION
    SELECT v.trader_id, v.content_id
      FROM declarations_auditverdict v WHERE v.line_id = ANY(%(lines)s)
), decided AS MATERIALIZED (
    SELECT o.enterprise_id, o.content_id, o.has_conflict,
           CASE WHEN o.conforming THEN 'conforming' ELSE 'nonconforming' END AS mark,
           {VERDICT_REASON} AS reason,
           e.id AS entry_id, e.mark AS held_mark, e.has_conflict AS held_conflict,
           e.reason AS held_reason
      FROM named n
      JOIN official o USING (enterprise_id, content_id)
      LEFT JOIN comparison_libraryentry e USING (enterprise_id, content_id)
), apart AS MATERIALIZED (
    SELECT p.enterprise_id, p.content_id, p.declared_on
      FROM party p JOIN declarations_declaredline l ON l.id = p.line_id
     WHERE {STANDS_APART}
), updated AS (
    UPDATE comparison_libraryentry e
       SET mark = d.mark, has_conflict = d.has_conflict, matched_content_id = NULL,
           match_source = '', reason = d.reason
      FROM decided d
     WHERE e.id = d.entry_id
       AND (d.mark, d.has_conflict, d.reason)
           IS DISTINCT FROM (d.held_mark, d.held_conflict, d.held_reason)
    RETURNING e.enterprise_id, e.content_id, d.held_mark AS before, e.mark AS after
), inserted AS (
    INSERT INTO comparison_libraryentry (
        enterprise_id, content_id, hs_code, ie_flag, mark, has_conflict, match_source, reason,
        row_count, first_declared_on, last_declared_on)
    SELECT d.enterprise_id, d.content_id, c.hs_code, c.ie_flag, d.mark, d.has_conflict, '', d.reason,
           n.row_count, n.first_on, n.last_on
      FROM decided d
      JOIN declarations_content c ON c.id = d.content_id
     CROSS JOIN LATERAL ({_COUNTED}) n
     WHERE d.entry_id IS NULL AND n.row_count > 0
    RETURNING enterprise_id, content_id, '' AS before, mark AS after
), changed AS (
    SELECT * FROM updated WHERE before <> after UNION ALL SELECT * FROM inserted
), {EFFECTS}
SELECT count(*) FROM changed
"""


def mark_official(content_ids: Sequence[int], line_ids: Sequence[int], cause: Cause) -> None:
    """Store the official marks that verdicts of these lines decide; the caller has locked the contents.

    In the transaction that changed the verdicts; `content_ids` are those that the verdicts of the
    lines name.
    """
    ids = list(content_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK,
            {
                "contents": ids,
                "lines": list(line_ids),
                "causes": [cause.kind] * len(ids),
                "cause_numbers": [cause.number] * len(ids),
                "user": None,
            },
        )
