"""Checked rows and their faults into the database, by COPY, a part at a time.

Everything happens in the caller's transaction: whoever is killed in it leaves nothing. Rows and
faults go by turns, so that memory stays flat however many there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from customs_audit.checking.row_facts import RowFacts
from customs_audit.models import AuditUpload, UploadRow
from declarations.cells import Finding
from declarations.faults import Level

PART = 5_000

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
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class RowStore:
    """Takes checked rows in the file's order and copies them in parts; `count` is how many."""

    def __init__(self, upload: AuditUpload) -> None:
        self._upload_id = upload.pk
        self._ids: list[int] = []
        self._rows: list[str] = []
        self._faults: list[str] = []
        self.count = 0

    def add(
        self,
        place: tuple[int, int],
        cells: Mapping[str, Any],
        facts: RowFacts,
        findings: Iterable[Finding],
    ) -> None:
        """Take one row: its sheet and row number, its cells as JSON, its columns, its findings."""
        if not self._ids:
            self._ids = _take_ids(PART)
        row_id = self._ids.pop()
        self.count += 1
        errors = warnings = 0
        for found in findings:
            is_error = found.level is Level.ERROR
            errors += is_error
            warnings += not is_error
            self._faults.append(f"{row_id}\t{self._upload_id}\t{fault_columns(found)}\n")
        state = UploadRow.State.FAULTY if errors else UploadRow.State.CLEAN
        sheet, row_number = place
        self._rows.append(
            f"{row_id}\t{self._upload_id}\t{self.count}\t{sheet}\t{row_number}\t{state.value}\t1\t"
            f"{_escaped(_encode(cells))}\t{errors}\t{warnings}\t{fact_columns(facts)}\t\n"
        )
        if len(self._rows) >= PART:
            self.flush()

    def flush(self) -> None:
        """Copy what was taken since."""
        with connection.cursor() as cursor:
            for statement, lines in ((_COPY_ROWS, self._rows), (_COPY_FAULTS, self._faults)):
                if lines:
                    with cursor.copy(statement) as copy:
                        copy.write("".join(lines))
                    lines.clear()


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
    value = _escaped(storable(found.value))
    facts = _escaped(_encode(stored_facts(found.facts)))
    return f"{found.field}\t{found.rule}\t{found.level.value}\t{value}\t{facts}"


def fact_columns(facts: RowFacts) -> str:
    """A row's facts as columns of COPY, in the order of RowFacts."""
    return "\t".join(
        (
            facts.entry_id,
            _nullable(facts.g_no),
            *(_bytea(key) for key in (facts.goods_key, facts.content_key, facts.head_key)),
            r"\N" if facts.conforming is None else "t" if facts.conforming else "f",
            _escaped(facts.auditor),
        )
    )


def _nullable(number: int | None) -> str:
    return r"\N" if number is None else str(number)


def _bytea(key: bytes | None) -> str:
    return r"\N" if key is None else r"\\x" + key.hex()


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if "\\" in text or not text.isprintable() else text


def _take_ids(count: int) -> list[int]:
    """Numbers for so many rows, in descending order."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_IDS, [count])
        return sorted((number for (number,) in cursor.fetchall()), reverse=True)
