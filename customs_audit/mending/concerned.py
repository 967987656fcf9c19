"""Which enterprises rows of an upload are about, for the ledger of reads and exports."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from customs_audit.models import UploadRow

# As the rows name them: a code that no enterprise has, or that is no code, names nobody.
_PARTIES = """
WITH codes AS (
    SELECT DISTINCT upper(trim(r.cells->>f.field)) AS code
      FROM customs_audit_uploadrow r
     CROSS JOIN unnest(ARRAY['agent_uscc', 'agent_code', 'trader_uscc', 'trader_code']) AS f (field)
     WHERE r.id = ANY(%s)
)
SELECT e.id FROM authorization_enterprise e JOIN codes ON codes.code = e.uscc
UNION
SELECT c.enterprise_id FROM authorization_customscode c JOIN codes USING (code)
"""


def parties_of(rows: Iterable[UploadRow]) -> list[int]:
    """Return the ids of the enterprises that these rows name as 申报单位 or 收发货人: one query."""
    return parties_of_ids([row.pk for row in rows])


def parties_of_ids(keys: list[int]) -> list[int]:
    """Return them for rows by their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTIES, [keys])
        return sorted(number for (number,) in cursor.fetchall())
