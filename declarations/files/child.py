"""The child that reads one file for its parent: `python -m declarations.files.child`.

Arguments: the parent's process number, the open file's number, its kind, and the limits (memory in
bytes, processor seconds for opening, and altogether). Everything it says is one JSON array a line on standard output, its kind first:

    ["sheets", [[name, [[row number, [cell, ...]], ...]], ...], [hidden name, ...]]
    ["rows", share of the file that is read, [[row number, [cell, ...]], ...]]
    ["end"]
    ["refused", rule, [[fact, value], ...]]

It begins with the first rows of every sheet, and then reads what each line on its standard input asks
for: a sheet's number. Cells are those of declarations.cell_json. The parent stops the child by
closing its pipes or by killing it; should the parent itself be killed, the child goes with it.
"""

from __future__ import annotations

import codecs
import datetime
import gc
import json
import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from declarations.files import confine
from declarations.files.refusing import Refused
from declarations.files.tables import open_table, prepare
from declarations.files.text_tables import ENCODINGS

# Rows are written so many at a time, and sent when they make a line of this many characters.
_WRITTEN_ROWS = 16
_LINE = 131_072
# Of names in a zip archive; of names in a compound file and of half characters.
_ENCODINGS_WITHIN = ("cp437", "utf-16-le")


def main() -> None:
    """Read the file as the parent asks."""
    parent, number, kind, memory, opening, seconds = sys.argv[1:]
    confine.die_with(int(parent))
    gc.disable()  # nothing here makes cycles, and looking for them costs a fifth
    for encoding in (*ENCODINGS, *_ENCODINGS_WITHIN):
        codecs.lookup(encoding)
    prepare(kind)
    with os.fdopen(int(number), "rb") as file:
        confine.limit(int(memory), int(opening), int(seconds))
        confine.shut_in()
        try:
            _serve(file, kind, sys.stdout.buffer)
        except BrokenPipeError:  # the parent has heard enough
            os._exit(0)


def _serve(file: IO[bytes], kind: str, out: IO[bytes]) -> None:
    try:
        table = open_table(file, kind, _bad)
        first = list(zip(table.sheets, table.first_rows(), strict=True))
        _send(out, _json(["sheets", first, list(table.hidden)]))
        confine.allow_all_time()
        for line in sys.stdin:
            _send_rows(out, table.rows(int(line)), file)
            _send(out, '["end"]')
    except Refused as refused:
        _send(out, _json(["refused", refused.rule, list(refused.facts.items())]))
    except MemoryError:
        _send(out, '["refused","file.memory",[]]')
    except BrokenPipeError:
        raise
    except Exception as error:
        _send(out, _json(["refused", "file.unreadable", [["value", type(error).__name__]]]))


def _send_rows(out: IO[bytes], rows: Iterator[tuple[int, list[Any]]], file: IO[bytes]) -> None:
    size = os.fstat(file.fileno()).st_size
    written: list[str] = []
    length = 0
    while some := list(islice(rows, _WRITTEN_ROWS)):
        text = _json(some)[1:-1]
        written.append(text)
        length += len(text)
        if length > _LINE:
            _send_block(out, written, file, size)
            written, length = [], 0
    if written:
        _send_block(out, written, file, size)


def _send_block(out: IO[bytes], written: list[str], file: IO[bytes], size: int) -> None:
    share = os.lseek(file.fileno(), 0, os.SEEK_CUR) / size
    _send(out, f'["rows",{share:.4f},[{",".join(written)}]]')


def _send(out: IO[bytes], message: str) -> None:
    out.write(message.encode("utf-8", "surrogatepass") + b"\n")
    out.flush()


def _bad(rule: str, text: str) -> dict[str, list[str]]:
    return {"b": [rule, text]}


def _as_json(cell: object) -> dict[str, Any]:
    """A date, a moment, a time of day or a duration as declarations.cell_json writes them."""
    if isinstance(cell, datetime.datetime):
        return {"t": cell.isoformat()}
    if isinstance(cell, datetime.date):
        return {"d": cell.isoformat()}
    if isinstance(cell, datetime.time):
        return {"h": cell.isoformat()}
    if isinstance(cell, datetime.timedelta):
        return {"s": cell.total_seconds()}
    raise TypeError(type(cell).__name__)


_json = json.JSONEncoder(
    ensure_ascii=False,
    separators=(",", ":"),
    allow_nan=False,
    check_circular=False,
    default=_as_json,
).encode

if __name__ == "__main__":
    main()
