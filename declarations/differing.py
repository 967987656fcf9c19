"""Which verdicts say something else than their line says today.

Where a verdict is effective and its content or parties are no longer its line's, the 企业库 shows the
audited row beside the line (design: "Marks", 审核时文本). The flag only says where to look, so that
a list of a million lines reads the few such verdicts alone; the list still asks for each whether it
stands for the enterprise. To be called in the transaction of whatever changes lines or verdicts.
"""

from collections.abc import Sequence

from django.db import connection

_NOTE = """
UPDATE declarations_auditverdict v
   SET differs_from_line = NOT v.differs_from_line
  FROM declarations_declaredline l
 WHERE l.id = v.line_id
   AND (%(lines)s::bigint[] IS NULL OR v.line_id = ANY(%(lines)s::bigint[]))
   AND v.differs_from_line <> ((v.content_id, v.agent_id, v.trader_id)
                               IS DISTINCT FROM (l.content_id, l.agent_id, l.trader_id))
"""


def note_differences(*, lines: Sequence[int] | None = None) -> None:
    """Set the flag on every verdict of some lines, given by their ids; without them on every verdict."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"lines": None if lines is None else list(lines)})
