"""Whether two ways of marking agree: a comparison of two wrong things is no benchmark.

Entries are set against each other where our content and DuckDB's fingerprint stand for exactly one
another. What may differ there is 系统匹配 that rests on the same facts in another form, which DuckDB
does not know; anything else is a fault. Contents that the two normalise otherwise are counted, with
their entries and an example.
"""

from pathlib import Path
from typing import Any

import duckdb
import psycopg

from benchmarks.comparing.exporting import bring

_OURS = """
SELECT enterprise_id, content_id, mark, has_conflict, matched_content_id, match_source,
       coalesce(reason ->> 'relation', ''), coalesce(reason ->> 'month', ''),
       row_count, first_declared_on, last_declared_on
  FROM comparison_libraryentry
"""
_OUR_COLUMNS = (
    "enterprise_id BIGINT, content_id BIGINT, mark VARCHAR, has_conflict BOOLEAN,"
    " matched_content_id BIGINT, match_source VARCHAR, relation VARCHAR, month VARCHAR,"
    " row_count BIGINT, first_declared_on DATE, last_declared_on DATE"
)

_ONE_TO_ONE = """
CREATE TEMP TABLE one_to_one AS
SELECT content_id, content FROM fingerprint_of
QUALIFY count(*) OVER (PARTITION BY content_id) = 1 AND count(*) OVER (PARTITION BY content) = 1
"""

# A name for each pair of entries: `equal`, what may be, and what may not.
_VERDICTS = """
CREATE TEMP TABLE judged AS
SELECT o.enterprise_id AS ours, t.enterprise_id AS theirs, o.content_id, o.mark, t.mark AS their_mark,
       CASE WHEN o.enterprise_id IS NULL THEN 'missing with us'
            WHEN t.enterprise_id IS NULL THEN 'missing with DuckDB'
            WHEN (o.row_count, o.first_declared_on, o.last_declared_on)
                 <> (t.row_count, t.first_declared_on, t.last_declared_on) THEN 'other rows'
            WHEN o.mark = 'system_matched' AND o.relation = 'same' AND t.mark = 'unmarked'
            THEN 'same in another form'
            WHEN o.mark <> t.mark OR o.has_conflict <> t.has_conflict THEN 'other mark'
            WHEN o.mark = 'system_matched' AND o.relation = 'same' AND o.match_source = 'own'
            THEN 'own in another form before public'
            WHEN o.mark = 'system_matched'
                 AND (o.matched_content_id <> o.content_id OR o.match_source <> t.match_source)
            THEN 'other match'
            WHEN o.month <> coalesce(t.reason ->> 'month', '') THEN 'other month'
            ELSE 'equal' END AS outcome
  FROM (SELECT u.*, m.content FROM our_entries u JOIN one_to_one m USING (content_id)) o
  FULL JOIN (SELECT e.*, m.content_id FROM entries e JOIN one_to_one m USING (content)) t
    ON o.enterprise_id = t.enterprise_id AND o.content = t.content
"""
MAY_DIFFER = ("equal", "same in another form", "own in another form before public")

_PARTED = """
SELECT count(DISTINCT content_id), (SELECT count(*) FROM our_entries u
         WHERE NOT EXISTS (SELECT 1 FROM one_to_one m WHERE m.content_id = u.content_id)),
       any_value(content_id)
  FROM fingerprint_of f
 WHERE NOT EXISTS (SELECT 1 FROM one_to_one m WHERE m.content_id = f.content_id)
"""


def agreement(connection: "psycopg.Connection[Any]", path: Path) -> dict[str, Any]:
    """Set our entries against DuckDB's of the file; returns counts by outcome.

    `unexplained` is how many differ without a reason that is known: 0 where both are right.
    `normalised_otherwise` are entries of contents that only one side tells apart.
    """
    with duckdb.connect(str(path), config={"threads": 2}) as duck:
        duck.execute("DROP TABLE IF EXISTS our_entries")
        bring(connection, duck, "our_entries", _OURS, _OUR_COLUMNS, path.parent)
        duck.execute(_ONE_TO_ONE)
        duck.execute(_VERDICTS)
        outcomes = dict(
            duck.execute(
                "SELECT outcome, count(*) FROM judged GROUP BY 1 ORDER BY 2 DESC"
            ).fetchall()
        )
        contents, entries, example = duck.execute(_PARTED).fetchall()[0]
        texts = duck.execute(
            "SELECT name || ' ' || g_model FROM goods WHERE content_id = ? LIMIT 3", [example]
        ).fetchall()
        wrong = duck.execute(
            "SELECT outcome, coalesce(ours, theirs), content_id, mark, their_mark FROM judged"
            "  WHERE NOT list_contains(?, outcome) LIMIT 5",
            [list(MAY_DIFFER)],
        ).fetchall()
    return {
        "outcomes": outcomes,
        "normalised_otherwise": entries,
        "contents_normalised_otherwise": contents,
        "example": [text for (text,) in texts],
        "unexplained": sum(n for name, n in outcomes.items() if name not in MAY_DIFFER),
        "unexplained_examples": [list(map(str, row)) for row in wrong],
    }
