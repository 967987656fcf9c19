"""What declared data does when two enterprises turn out to be one."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.dispatch import receiver

from authorization.joining import enterprises_joined, enterprises_joining
from declarations.locks import lock_declared_data


@receiver(enterprises_joining)
def wait_for_imports(sender: type[Any], **kwargs: Any) -> None:
    """Let no import run beside a join by hand: it remembers which enterprise each code leads to."""
    lock_declared_data()


@receiver(enterprises_joined)
def repoint_lines_and_verdicts(
    sender: type[Any], pairs: Sequence[tuple[int, int]], **kwargs: Any
) -> None:
    """Let every line and verdict of the absorbed enterprises name those that stay."""
    names = {"absorbed": [pair[0] for pair in pairs], "staying": [pair[1] for pair in pairs]}
    with connection.cursor() as cursor:
        for table in ("declarations_declaredline", "declarations_auditverdict"):
            for party in ("agent_id", "trader_id"):
                cursor.execute(
                    f"UPDATE {table} t SET {party} = p.staying"
                    " FROM unnest(%(absorbed)s::bigint[], %(staying)s::bigint[])"
                    "      AS p(absorbed, staying)"
                    f" WHERE t.{party} = p.absorbed",
                    names,
                )
