"""Checked rows and their faults into the database, by COPY, a part at a time.

Everything happens in the caller's transaction: whoever is killed in it leaves nothing. Rows and
faults go by turns, so that memory stays flat however many there are. PostgreSQL takes a part in
while the next one is checked: a thread of its own waits for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType

from django.db import connection

from customs_audit.models import AuditUpload
from declarations.cells import Finding

_ROWS = "customs_audit_uploadrow"
_FAULTS = "customs_audit_uploadfault"
_COPY_ROWS = f"""
COPY {_ROWS} (id, upload_id, number, sheet, row_number, state, version, cells, errors, warnings,
              entry_id, g_no, goods_key, content_key, head_key, conforming, auditor,
              set_aside_reason)
FROM STDIN
"""
_COPY_FAULTS = f"COPY {_FAULTS} (row_id, upload_id, field, rule, level, value, facts) FROM STDIN"
# Any process may take numbers from a sequence meanwhile: a part's need not follow one another.
_NEXT_IDS = f"SELECT nextval('{_ROWS}_id_seq') FROM generate_series(1, %s)"

# What no text of PostgreSQL holds.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class RowStore:
    """Copies parts of an upload's rows, one after another; `count` is how many rows were begun.

    While a part is being copied (from `begin` on) the connection is taken, until `wait` returns.
    """

    def __init__(self, upload: AuditUpload) -> None:
        self.upload_id = upload.pk
        self.count = 0
        self._thread = ThreadPoolExecutor(1, "copying")
        self._copying: Future[None] | None = None
        self._lines: SimpleQueue[str | None] = SimpleQueue()

    def __enter__(self) -> RowStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._copying is not None and kind is not None:
            self._lines.put(None)  # twice does no harm: nobody reads on
        self._thread.shutdown()
        if kind is None:
            self.wait()

    def wait(self) -> None:
        """Wait until the part that was begun is copied; raises what went wrong with it."""
        copying, self._copying = self._copying, None
        if copying is not None:
            copying.result()

    def begin(self, count: int) -> tuple[int, list[int]]:
        """Begin a part of so many rows: the number of the first, and their ids. Waits before."""
        self.wait()
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_IDS, [count])
            ids = sorted(number for (number,) in cursor.fetchall())
        first = self.count + 1
        self.count += count
        self._lines = SimpleQueue()
        faults: list[str] = []
        self._faults = faults
        # Django's own connections belong to one thread; this one is lent, and waited for.
        raw = connection.connection
        self._copying = self._thread.submit(_copy, raw, self._lines, faults)
        return first, ids

    def add(self, rows: str, faults: Iterable[str]) -> None:
        """Give lines of the part that was begun."""
        self._faults.extend(faults)
        self._lines.put(rows)

    def end(self) -> None:
        """Say that every line of the part was given; it is copied from here on."""
        self._lines.put(None)


def _copy(raw: object, rows: SimpleQueue[str | None], faults: list[str]) -> None:
    with raw.cursor() as cursor:  # type: ignore[attr-defined]
        with cursor.copy(_COPY_ROWS) as copy:
            for lines in iter(rows.get, None):
                copy.write(lines)
        if faults:
            with cursor.copy(_COPY_FAULTS) as copy:
                copy.write("".join(faults))


def storable(text: str) -> str:
    """A text with a sign in place of what PostgreSQL can't hold."""
    return text if text.isprintable() else _UNSTORABLE.sub("\ufffd", text)


def stored_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """A finding's facts as they are stored: numbers and texts."""
    return {
        name: fact if isinstance(fact, (int, float)) else storable(str(fact))
        for name, fact in facts.items()
    }


def fault_columns(found: Finding) -> str:
    """A finding as columns of COPY: field, rule, level, value, facts."""
    value = escaped(storable(found.value))
    facts = escaped(encode(stored_facts(found.facts))) if found.facts else "{}"
    return f"{found.field}\t{found.rule}\t{found.level.value}\t{value}\t{facts}"


def bytea(key: bytes | None) -> str:
    """A key as a column of COPY."""
    return r"\N" if key is None else r"\\x" + key.hex()


def escaped(text: str) -> str:
    """A text as a column of COPY."""
    return text.translate(_ESCAPES) if "\\" in text or not text.isprintable() else text
