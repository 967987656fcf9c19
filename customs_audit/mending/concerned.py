"""Which enterprises rows of an upload are about, for the ledger of reads and exports."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import connection

from customs_audit.models import UploadRow

# As the rows name them: a code that no enterprise has, or that is no code, names nobody.
_PARTIES = """
WITH codes (code) AS (
    {codes}
)
SELECT e.id FROM authorization_enterprise e JOIN codes ON codes.code = e.uscc
UNION
SELECT c.enterprise_id FROM authorization_customscode c JOIN codes USING (code)
"""
_OF_ROWS = """SELECT DISTINCT upper(trim(r.cells->>f.field))
      FROM customs_audit_uploadrow r
     CROSS JOIN unnest(ARRAY['agent_uscc', 'agent_code', 'trader_uscc', 'trader_code']) AS f (field)
     WHERE {which}"""
_CODE = re.compile(r"[0-9A-Z]{10}|[0-9A-Z]{18}")


def parties_of(rows: Iterable[UploadRow]) -> list[int]:
    """Return the ids of the enterprises that these rows name as 申报单位 or 收发货人: one query."""
    return parties_of_ids([row.pk for row in rows])


def parties_of_ids(keys: list[int]) -> list[int]:
    """Return them for rows by their ids."""
    return _asked(_OF_ROWS.format(which="r.id = ANY(%s)"), keys)


def parties_of_upload(upload_id: int) -> list[int]:
    """Return them for all rows of an upload: one query over its rows."""
    return _asked(_OF_ROWS.format(which="r.upload_id = %s"), upload_id)


def parties_of_texts(texts: Iterable[str]) -> list[int]:
    """Return the enterprises whose codes stand among these cells, whatever column they are in."""
    codes = {text.strip().upper() for text in texts}
    return _asked("SELECT unnest(%s::text[])", [code for code in codes if _CODE.fullmatch(code)])


def _asked(codes: str, value: int | list[int] | list[str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_PARTIES.format(codes=codes), [value])
        return sorted(number for (number,) in cursor.fetchall())
