"""An audited month's file of declared lines, as an officer would upload it.

`python -m benchmarks.validating.file PATH ROWS SEED` writes lines of the database that it is given:
they repeat goods, parties and heads as generate_lines makes them. Of a hundred rows two have an error
and some have another text than was declared. Prints what the file holds as JSON.
"""

import csv
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import django
import xlsxwriter

COLUMNS = (
    "entry_id", "g_no", "hs_code", "g_name", "g_model", "ie_flag", "trade_mode", "declared_on",
    "agent_uscc", "agent_name", "trader_uscc", "trader_name", "g_qty", "g_unit", "decl_price",
    "decl_total", "verdict", "reason_code", "reason_text", "auditor",
)  # fmt: skip
NUMBERS = {"g_no", "g_qty", "decl_price", "decl_total"}
FAULTY, CONFORMING = 2, 70  # of a hundred rows
SELDOM = 2  # of a thousand rows: judged otherwise than the same text elsewhere
# Which cell of a faulty row becomes what.
FAULTS: tuple[tuple[str, Any], ...] = (
    ("trade_mode", 110.0),
    ("trade_mode", "0111"),
    ("g_unit", 35.0),
    ("g_unit", "999"),
    ("hs_code", "84821"),
    ("entry_id", 2.90920211000002e17),
    ("agent_uscc", "91210200MA0000015X"),
    ("declared_on", 45730.4),
    ("declared_on", "昨天"),
    ("g_qty", -1.0),
    ("verdict", "合格"),
    ("reason_code", "R1"),
    ("g_model", ""),
    ("g_name", "零件"),
    ("g_no", 0.0),
)
_LINES = """
SELECT l.entry_id, l.g_no, g.hs_code, g.name, g.g_model, g.ie_flag, l.trade_mode,
       to_char(l.declared_on, 'YYYY-MM-DD'), a.uscc, a.name, t.uscc, t.name,
       l.g_qty::float8, l.g_unit, l.decl_price::float8, l.decl_total::float8, v.conforming
  FROM (SELECT * FROM declarations_declaredline WHERE declared_at IS NOT NULL
         ORDER BY hashint8extended(id, %s) LIMIT %s) AS l
  JOIN declarations_goods g ON g.id = l.goods_id
  JOIN authorization_enterprise a ON a.id = l.agent_id
  JOIN authorization_enterprise t ON t.id = l.trader_id
  LEFT JOIN LATERAL (
       SELECT conforming FROM declarations_auditverdict
        WHERE content_id = l.content_id AND is_effective
        ORDER BY audit_month DESC, id LIMIT 1) AS v ON true
 ORDER BY l.declared_on, l.entry_id, l.g_no
"""


def rows_of(count: int, seed: int) -> Iterator[list[Any]]:
    """Choose so many declared lines, and judge them; the same seed gives the same."""
    from django.db import connection

    rng = random.Random(seed)
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [seed, count])
        for *line, judged in cursor:
            # As the text was judged before, else one verdict for one text; seldom another.
            conforming = judged
            if conforming is None:
                conforming = crc32("|".join(line[2:6]).encode()) % 100 < CONFORMING
            conforming ^= rng.randrange(1000) < SELDOM
            row = [
                *line,
                "规范" if conforming else "不规范",
                "" if conforming else f"R{rng.randint(1, 12):02d}",
                "" if conforming else "填报不具体，请核对。",
                f"关员{rng.randint(1, 40):02d}",
            ]
            if rng.randrange(100) < FAULTY:
                field, cell = rng.choice(FAULTS)
                row[COLUMNS.index(field)] = cell
            yield row


def write_xlsx(path: Path, headings: list[str], rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """Write a workbook, passing the rows on."""
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet("审核数据")
    sheet.write_row(0, 0, headings)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            else:
                sheet.write_number(number, column, cell)
        yield row
    workbook.close()


def write_csv(path: Path, headings: list[str], rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """Write a .csv, passing the rows on."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for row in rows:
            writer.writerow(f"{cell:.15g}" if isinstance(cell, float) else cell for cell in row)
            yield row


def main() -> None:
    """Write the file."""
    path, count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    django.setup()
    from declarations.headers import LABELS

    write = write_xlsx if path.suffix == ".xlsx" else write_csv
    goods, parties, entries, rows = set(), set(), set(), 0
    for row in write(path, [LABELS[name] for name in COLUMNS], rows_of(count, seed)):
        rows += 1
        goods.add(hash(tuple(row[2:6])))
        parties.add(hash(tuple(row[8:12])))
        entries.add(row[0])
    print(
        json.dumps(
            {
                "rows": rows,
                "columns": len(COLUMNS),
                "goods": len(goods),
                "goods_repeated": round(1 - len(goods) / rows, 4),
                "parties": len(parties),
                "entries": len(entries),
                "mib": round(path.stat().st_size / 2**20, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
