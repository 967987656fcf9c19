"""The ledger of reads and exports: noting one (design §6; the other side is shown to enterprises).

Each entry names the one before it by its hash, so that entries are written one after another: under
an advisory lock that is held for one short transaction of its own, whatever page waits for it. A
note is stored before anything is shown or handed out; where it can't be stored nothing is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from authorization import ledger_heads, ledger_proof
from authorization.cards import configured
from authorization.events import By
from authorization.ledger_models import LedgerEntry
from authorization.models import Role

# An arbitrary number of our own; pg_locks shows it as the lock's objid.
LEDGER_LOCK = 20_190_041

_LONGEST_WHAT = 200
_LONGEST_VALUE = 500
_NOTED = "ledger_number"

Query = Iterable[tuple[str, str]]
Response = TypeVar("Response", bound=HttpResponseBase)


def note_read(
    by: By,
    *,
    what: str,
    enterprises: Iterable[int],
    case: str = "",
    query: Query = (),
    named: Iterable[int] = (),
    rows: int = 0,
    facts: Mapping[str, Any] | None = None,
) -> LedgerEntry:
    """Note that a page with data of these enterprises is being shown to an officer.

    `what`: the page in its own words. `query`: its conditions in words, as (label, value). `named`:
    those enterprises that the query itself names; they alone are told its words in full and the
    `case`, its reference or reason. Call it before the page is drawn, outside any transaction
    (RuntimeError inside one: the next note would wait for all of it).
    """
    return _note(
        LedgerEntry.Kind.READ,
        by,
        what=what,
        enterprises=enterprises,
        case=case,
        query=query,
        named=named,
        rows=rows,
        facts=facts or {},
    )


def note_export(
    by: By,
    *,
    what: str,
    enterprises: Iterable[int] = (),
    rows: int,
    case: str = "",
    query: Query = (),
    named: Iterable[int] = (),
    facts: Mapping[str, Any] | None = None,
) -> LedgerEntry:
    """Note that a file is being handed out to anybody; hand it out by `noted(response, entry)`.

    `enterprises`: those whose data stand in it. Otherwise as `note_read`.
    """
    return _note(
        LedgerEntry.Kind.EXPORT,
        by,
        what=what,
        enterprises=enterprises,
        case=case,
        query=query,
        named=named,
        rows=rows,
        facts=facts or {},
    )


@transaction.atomic(durable=True)
def _note(
    kind: LedgerEntry.Kind,
    by: By,
    *,
    enterprises: Iterable[int],
    named: Iterable[int],
    query: Query,
    what: str,
    case: str,
    **values: Any,
) -> LedgerEntry:
    concerned = _as_they_are({*enterprises, *named})
    entry = LedgerEntry(
        kind=kind,
        address=by.address or "",
        what=_line(what, _LONGEST_WHAT),
        case=_line(case, _LONGEST_WHAT),
        query=[[_line(label, 40), _line(value, _LONGEST_VALUE)] for label, value in query],
        enterprises=concerned,
        named=sorted(set(named) & {one[0] for one in concerned}),
        **_actor(by),
        **values,
    )
    _chain(entry, [one[0] for one in concerned])
    transaction.on_commit(lambda: ledger_heads.keep(entry.number, bytes(entry.hash)))
    return entry


# In one statement, while others wait: the enterprises by which the entry is found.
_LOOK_UP = """
INSERT INTO authorization_ledgerenterprise (entry_id, "then", enterprise_id, by_customs)
SELECT %s, number, number, %s FROM unnest(%s::bigint[]) number
"""


def _chain(entry: LedgerEntry, concerned: list[int]) -> None:
    """Give an entry its number, its time and its hashes, and store it; from here on others wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LEDGER_LOCK])
    newest = LedgerEntry.objects.order_by("-number").values_list("number", "hash").first()
    number, previous = newest or (0, ledger_proof.BEGINNING)
    entry.number, entry.previous = number + 1, bytes(previous)
    entry.at = timezone.now()
    entry.hash = ledger_proof.digest(entry)
    entry.seal = ledger_proof.seal(entry.hash, configured.sealing_keys())
    entry.save(force_insert=True)
    if concerned:
        with connection.cursor() as cursor:
            cursor.execute(_LOOK_UP, [entry.number, entry.role == Role.OFFICER, concerned])


def _actor(by: By) -> dict[str, Any]:
    user = by.user
    if user is None:
        return {"user_id": None, "who": "系统", "role": ""}
    return {
        "user_id": user.pk,
        "who": f"{user.display_name}（{user.username}）",
        "role": str(user.role),
    }


# Locked as the foreign keys will be: whoever joins one of them is waited for here, before others wait
# for us.
_AS_THEY_ARE = """
SELECT e.id, e.name, coalesce(e.uscc, (
           SELECT min(c.code) FROM authorization_customscode c WHERE c.enterprise_id = e.id), '')
  FROM authorization_enterprise e WHERE e.id = ANY(%s) ORDER BY e.id FOR KEY SHARE OF e
"""


def _as_they_are(numbers: set[int]) -> list[list[Any]]:
    """Write down what enterprises are called today, in the order of their ids."""
    if not numbers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AS_THEY_ARE, [list(numbers)])
        return [list(row) for row in cursor]


def _line(text: str, longest: int) -> str:
    """Keep a text on one line, without what PostgreSQL can't store, and not too long."""
    line = " ".join(text.replace("\0", "").split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


# --- downloads ------------------------------------------------------------------------------------


def noted(response: Response, entry: LedgerEntry) -> Response:
    """Say of a download that it stands in the ledger."""
    setattr(response, _NOTED, entry.number)
    return response


def without_data(response: Response) -> Response:
    """Say of a download that it holds nobody's data (an empty template), so that none is noted."""
    setattr(response, _NOTED, 0)
    return response


class NotNoted(RuntimeError):
    """A view handed out a file without noting it."""


class DownloadsAreNoted:
    """Hands out no file that is not in the ledger: whoever writes an export can't forget it."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the answer pass, unless it is a download that nobody noted. Raises NotNoted."""
        response: HttpResponseBase = self.get_response(request)
        disposition = response.headers.get("Content-Disposition", "")
        if disposition.startswith("attachment") and not hasattr(response, _NOTED):
            raise NotNoted(f"{request.path}: call ledger.note_export and ledger.noted first")
        return response


def concerned(rows: Sequence[Any]) -> list[int]:
    """Collect the parties of lines or verdicts: agent and trader of each, once."""
    return sorted({number for row in rows for number in (row.agent_id, row.trader_id)})
