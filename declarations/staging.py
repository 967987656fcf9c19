"""A file's rows on their way into the database: checked one by one, copied, checked together.

The rows stand in a temporary table that the transaction's end drops; a second import inside one
transaction drops the first's before. Everything that needs more
than one row or what is stored is set-based SQL from here on.
"""

from __future__ import annotations

import dataclasses
import hashlib
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from django.db import connection
from django.db.models import Count

from catalogue.models import CatalogueCode
from declarations.checks import CheckedRow, Context, check_row
from declarations.faults import Fault, FaultLog
from declarations.goods_checks import Editions
from declarations.goods_store import goods_key
from declarations.headers import LABELS, Layout
from declarations.reading import rejected
from declarations.rows import RawRow, Rows
from declarations.rules import RULES, sentence

Progress = Callable[[str, int], None]
PROGRESS_EVERY = 5_000
# A checked row with its place: row number and sheet, as the file has them.
SoundRow = tuple[int, int, CheckedRow]

CREATE_ROWS = """
DROP TABLE IF EXISTS import_row;
CREATE TEMPORARY TABLE import_row (
    row_number integer NOT NULL, sheet smallint NOT NULL, sound boolean NOT NULL,
    goods_key bytea,
    entry_id text NOT NULL, g_no integer NOT NULL, hs_code text, ie_flag text, g_name text,
    g_model text, trade_mode text, declared_on date, custom_master text,
    agent_uscc text, agent_code text, agent_name text,
    trader_uscc text, trader_code text, trader_name text,
    origin_country text, destination_country text, g_qty numeric, g_unit text,
    qty_1 numeric, unit_1 text, qty_2 numeric, unit_2 text,
    decl_price numeric, decl_total numeric, trade_curr text,
    conforming boolean, reason_codes text[], reason_text text, auditor text
) ON COMMIT DROP
"""
_FIELDS = [field.name for field in dataclasses.fields(CheckedRow)]
_VALUES = operator.attrgetter(*_FIELDS)
_COPY = f"COPY import_row (row_number, sheet, sound, goods_key, {', '.join(_FIELDS)}) FROM STDIN"
_BLANKS = [None] * (len(_FIELDS) - 2)

# The layout of rows that were checked elsewhere: a field goes by its label.
_NO_LAYOUT = Layout("", 0)


def editions_in_force() -> Editions:
    """The catalogues in force: year → eight-digit code → number of elements."""
    editions: dict[int, dict[str, int]] = {}
    counted = (
        CatalogueCode.objects.filter(edition__in_force=True)
        .annotate(count=Count("elements"))
        .values_list("edition__year", "hs8", "count")
    )
    for year, hs8, count in counted.iterator():
        editions.setdefault(year, {})[hs8] = count
    return editions


def file_hash(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Staging:
    """The staged rows of one file, inside the caller's transaction.

    `count` is the number of sound rows. Faults go to `log`; the caller decides when to stop.
    """

    def __init__(self, log: FaultLog) -> None:
        self.log = log
        self._layouts: list[Layout] = []
        self.count = 0

    def stage(self, table: Rows, context: Context, progress: Progress) -> None:
        """Check every row and copy it; rows with errors are staged by their line's name only."""
        with connection.cursor() as cursor:
            cursor.execute(CREATE_ROWS)
            with cursor.copy(_COPY) as copy:
                for values in self._checked(table, context, progress):
                    copy.write_row(values)
            cursor.execute("ANALYZE import_row")

    def stage_sound(self, parts: Iterable[Sequence[SoundRow]]) -> None:
        """Copy rows that were checked elsewhere, part by part.

        Between two parts the connection is free for whatever gives the next one.
        """
        with connection.cursor() as cursor:
            cursor.execute(CREATE_ROWS)
            for part in parts:
                with cursor.copy(_COPY) as copy:
                    for row_number, sheet, row in part:
                        copy.write_row(_sound_values(row_number, sheet, row))
                self.count += len(part)
            cursor.execute("ANALYZE import_row")

    def _checked(self, table: Rows, context: Context, progress: Progress) -> Iterator[list[object]]:
        number = 0
        for number, raw in enumerate(table.rows(), start=1):
            if number % PROGRESS_EVERY == 0:
                progress("检查", number)
            if isinstance(raw, Fault):
                self.log.add(raw)
                continue
            checked = check_row(raw.cells, context)
            for fault in raw.faults(checked.findings):
                self.log.add(fault)
            sheet = self._sheet(raw)
            if checked.row:
                self.count += 1
                yield _sound_values(raw.number, sheet, checked.row)
            elif checked.entry_id and checked.g_no:
                named = [checked.entry_id, checked.g_no]
                yield [raw.number, sheet, False, None, *named, *_BLANKS]
        if not number:
            raise rejected("file.empty")
        progress("检查", number)

    def _sheet(self, raw: RawRow) -> int:
        if not self._layouts or self._layouts[-1] is not raw.layout:
            self._layouts.append(raw.layout)
        return len(self._layouts) - 1

    def report(self, rule: str, field: str, query: str) -> None:
        """Add a fault for each row of a query: row_number, sheet, value, and what is read from it.

        `query` selects these four columns in this order; `field` names the column of the file.
        """
        level = RULES[rule].level
        with connection.cursor() as cursor:
            cursor.execute(query)
            for row_number, sheet, value, read in cursor:
                text = sentence(rule, value=value, read=read, label=LABELS[field])
                place = self._layouts[sheet] if self._layouts else _NO_LAYOUT
                self.log.add(place.fault(row_number, field, str(value), rule, level, text))

    def check_across_rows(self) -> None:
        """The rules that rows of one file break together (rules 3 and 12)."""
        self.report("line.repeated", "g_no", _REPEATED)
        self.report("entry.headers_differ", "entry_id", _HEADERS_DIFFER)


def _sound_values(row_number: int, sheet: int, row: CheckedRow) -> list[object]:
    key = goods_key(row.hs_code, row.ie_flag, row.g_name, row.g_model)
    return [row_number, sheet, True, key, *_VALUES(row)]


_REPEATED = """
SELECT row_number, sheet, entry_id || ' 第 ' || g_no || ' 项', first_row
  FROM (SELECT row_number, sheet, entry_id, g_no,
               first_value(row_number) OVER line AS first_row,
               row_number() OVER line AS place
          FROM import_row
        WINDOW line AS (PARTITION BY entry_id, g_no ORDER BY sheet, row_number)) AS numbered
 WHERE place > 1
 ORDER BY sheet, row_number
"""

_HEAD_FACTS = {
    "进出口标志": "ie_flag",
    "监管方式": "trade_mode",
    "申报日期": "declared_on",
    "申报单位": "(agent_uscc, agent_code)",
    "境内收发货人": "(trader_uscc, trader_code)",
}
_DIFFERING = ", ".join(
    f"CASE WHEN count(DISTINCT {column}) > 1 THEN '{label}' END"
    for label, column in _HEAD_FACTS.items()
)
_HEADERS_DIFFER = f"""
SELECT r.row_number, r.sheet, r.entry_id, d.differing
  FROM (SELECT entry_id, min(ARRAY[sheet, row_number]) AS first_row,
               concat_ws('、', {_DIFFERING}) AS differing
          FROM import_row WHERE sound GROUP BY entry_id HAVING count(*) > 1) AS d
  JOIN import_row r ON r.entry_id = d.entry_id AND ARRAY[r.sheet, r.row_number] = d.first_row
 WHERE d.differing <> ''
"""
