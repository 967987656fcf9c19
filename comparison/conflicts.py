"""Contents on which verdicts disagree, kept for the officers' page in step with the marks."""

from collections.abc import Sequence

from django.db import connection

from comparison.publication import OFFICIAL, PARTIES
from comparison.stages import Stage, timed

# A verdict counts once, however many of its parties its month decides for. The counts are of what
# the marks' own transaction has just stored.
_STORE = f"""
WITH {PARTIES}, {OFFICIAL}, deciding AS (
    SELECT DISTINCT p.id, p.content_id, p.audit_month, p.conforming
      FROM party p JOIN newest n USING (content_id, enterprise_id, audit_month)
), clash AS (
    SELECT content_id, audit_month,
           count(*) FILTER (WHERE conforming) AS good,
           count(*) FILTER (WHERE NOT conforming) AS bad
      FROM deciding GROUP BY content_id, audit_month
    HAVING bool_or(conforming) AND NOT bool_and(conforming)
), wanted AS MATERIALIZED (
    SELECT c.content_id, c.audit_month, t.hs_code, c.good, c.bad,
           (SELECT count(*) FROM official o
             WHERE o.content_id = c.content_id AND o.audit_month = c.audit_month
               AND o.has_conflict) AS divided,
           (SELECT count(*) FROM comparison_libraryentry e
             WHERE e.content_id = c.content_id) AS enterprises,
           (SELECT count(*) FROM declarations_declaredline l
             WHERE l.content_id = c.content_id AND NOT l.is_hidden) AS lines
      FROM clash c JOIN declarations_content t ON t.id = c.content_id
), gone AS (
    DELETE FROM comparison_contentconflict d
     WHERE d.content_id = ANY(%(contents)s)
       AND NOT EXISTS (SELECT FROM wanted w WHERE w.content_id = d.content_id
                                              AND w.audit_month = d.audit_month)
)
INSERT INTO comparison_contentconflict AS s (
    content_id, audit_month, hs_code, conforming_rows, nonconforming_rows,
    divided_enterprises, enterprises, lines)
SELECT content_id, audit_month, hs_code, good, bad, divided, enterprises, lines FROM wanted
ON CONFLICT (content_id, audit_month) DO UPDATE SET
    conforming_rows = excluded.conforming_rows,
    nonconforming_rows = excluded.nonconforming_rows,
    divided_enterprises = excluded.divided_enterprises,
    enterprises = excluded.enterprises, lines = excluded.lines
 WHERE (s.conforming_rows, s.nonconforming_rows, s.divided_enterprises, s.enterprises, s.lines)
       IS DISTINCT FROM (excluded.conforming_rows, excluded.nonconforming_rows,
                         excluded.divided_enterprises, excluded.enterprises, excluded.lines)
"""


@timed(Stage.CONFLICTS)
def store_conflicts(content_ids: Sequence[int]) -> None:
    """Store the conflicts of contents whose entries were just marked, in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE, {"contents": list(content_ids)})
