"""Which contents are public: decided from verdicts and choices, never from stored marks.

The rule (design: "Publication and privacy"): a content is public while at least one line with an
effective 规范 verdict has no party that set the content 不公开 or whose own verdicts make it 不规范,
and the newest audit month over all enterprises holds no effective 不规范 for it.
"""

from collections.abc import Sequence

from django.db import connection

from comparison.stages import Stage, timed

# Effective verdicts of the contents, by what the index verdict_content_eff holds alone; then once
# for each party that the audited row names.
PARTIES = """
eff AS (
    SELECT v.id, v.content_id, v.line_id, v.agent_id, v.trader_id, v.audit_month, v.conforming,
           v.trade_mode, v.declared_on, v.differs_from_line
      FROM declarations_auditverdict v
     WHERE v.is_effective AND v.content_id = ANY(%(contents)s)
), party AS (
    SELECT content_id, agent_id AS enterprise_id, audit_month, conforming, line_id, id,
           declared_on, differs_from_line FROM eff
    UNION ALL
    SELECT content_id, trader_id, audit_month, conforming, line_id, id,
           declared_on, differs_from_line FROM eff WHERE trader_id <> agent_id
)"""

# An enterprise's own verdict on a content: its newest month decides, 不规范 wins inside it.
OFFICIAL = """
newest AS (
    SELECT content_id, enterprise_id, max(audit_month) AS audit_month
      FROM party GROUP BY content_id, enterprise_id
), official AS (
    SELECT p.content_id, p.enterprise_id, p.audit_month,
           bool_and(p.conforming) AS conforming,
           bool_or(p.conforming) AND NOT bool_and(p.conforming) AS has_conflict,
           count(*) FILTER (WHERE p.conforming) AS conforming_rows,
           count(*) FILTER (WHERE NOT p.conforming) AS nonconforming_rows,
           min(p.id) FILTER (WHERE p.conforming = false) AS nonconforming_verdict,
           min(p.id) FILTER (WHERE p.conforming) AS conforming_verdict
      FROM party p JOIN newest n USING (content_id, enterprise_id, audit_month)
     GROUP BY p.content_id, p.enterprise_id, p.audit_month
)"""

PUBLIC_LINES = """
rejected AS (
    SELECT DISTINCT e.content_id FROM eff e
      JOIN (SELECT content_id, max(audit_month) AS audit_month FROM eff GROUP BY content_id) n
        USING (content_id, audit_month)
     WHERE NOT e.conforming
), refused AS (
    SELECT content_id, enterprise_id FROM official WHERE NOT conforming
    UNION
    SELECT content_id, enterprise_id FROM comparison_entrychoice
     WHERE publication = 'private' AND content_id = ANY(%(contents)s)
), public_line AS (
    SELECT e.* FROM eff e
     WHERE e.conforming
       AND e.content_id NOT IN (SELECT content_id FROM rejected)
       AND NOT EXISTS (SELECT FROM refused r
                        WHERE r.content_id = e.content_id
                          AND r.enterprise_id IN (e.agent_id, e.trader_id))
)"""

_LOCK = """
SELECT id FROM declarations_content WHERE id = ANY(%(contents)s)
 ORDER BY id FOR NO KEY UPDATE
"""

_SWITCH = f"""
WITH {PARTIES}, {OFFICIAL}, {PUBLIC_LINES}
UPDATE declarations_content c
   SET is_public = NOT c.is_public
 WHERE c.id = ANY(%(contents)s)
   AND c.is_public <> EXISTS (SELECT FROM public_line p WHERE p.content_id = c.id)
   AND (c.is_public OR %(may_open)s)
RETURNING c.id, c.is_public
"""


def lock_contents(content_ids: Sequence[int]) -> None:
    """Hold the contents against other writers of their flags and marks until the transaction ends.

    Always in the order of their numbers, so that two holders never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"contents": list(content_ids)})


@timed(Stage.PUBLIC)
def switch_publication(content_ids: Sequence[int], *, may_open: bool) -> dict[int, bool]:
    """Set the public flag of the contents by the rule; the caller has locked them.

    With `may_open` False only closes: what the transaction of a switch, verdict or withdrawal
    must do at once. Returns the flags that changed: content id → public now.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SWITCH, {"contents": list(content_ids), "may_open": may_open})
        return dict(cursor.fetchall())
