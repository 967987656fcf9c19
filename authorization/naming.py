"""Naming enterprises that have no name yet, many at once."""

from collections.abc import Iterable

from django.db import connection

from authorization.spelling import spelled

# A name never comes without its spelling, by which administrators find it.
_NAME = """
UPDATE authorization_enterprise e SET name = n.name, name_spelled = n.spelled
  FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n(id, name, spelled)
 WHERE e.id = n.id AND e.name = ''
"""


def name_enterprises(names: Iterable[tuple[int, str]]) -> None:
    """Give each enterprise (by id) its name, unless it has one; empty names are left out."""
    given = [(pk, name) for pk, name in names if name]
    if not given:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _NAME,
            [
                [pk for pk, _ in given],
                [name for _, name in given],
                [spelled(name) for _, name in given],
            ],
        )
