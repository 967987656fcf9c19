"""The reading child as its parent sees it: started, listened to, watched, ended.

Whatever the child says is taken for hostile: a line has a greatest length, must be of the form that
`declarations.files.child` describes, and anything else ends the file with a sentence.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import IO, Any

from declarations.cell_json import from_json
from declarations.cells import BadCell, Cell
from declarations.faults import RejectedFile
from declarations.files.limits import FIRST_ROWS, LAST_ROW, MIB, MOST_COLUMNS, MOST_SHEETS, Limits
from declarations.files.sentences import REFUSALS
from declarations.files.tables import CSV
from declarations.reading import Row, rejected

logger = logging.getLogger(__name__)

_PROJECT = Path(__file__).resolve().parents[2]
_PROGRAM = (sys.executable, "-m", "declarations.files.child")
_CHUNK = MIB
_PIPE = MIB
_LONGEST_LINE = 64 * MIB
_USUAL_LINE = MIB
_LONGEST_FACT = 200
_LONGEST_WHOLE = 20
_CELL_TYPES = frozenset({str, int, float, bool, BadCell, date, datetime, time_of_day, timedelta})
_BAD_RULES = ("cell.formula", "cell.error")
_PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class Child:
    """The process that reads one open file; `sheets` comes first, then any number of `rows`."""

    def __init__(self, file: IO[bytes], kind: str, limits: Limits) -> None:
        self._is_csv = kind == CSV
        self._limits = limits
        self._buffer = bytearray()
        self._searched = 0
        self._waited = 0.0
        self._was_late = False
        self.is_busy = False
        number = file.fileno()
        os.lseek(number, 0, os.SEEK_SET)
        self._process = subprocess.Popen(
            [*_PROGRAM, *_arguments(number, kind, limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(number,),
            cwd=_PROJECT,
            env={"PYTHONUTF8": "1"} | {k: os.environ[k] for k in _PASSED_ON if k in os.environ},
            bufsize=0,
        )
        self._in, self._out = _pipes(self._process)

    def sheets(self) -> tuple[list[tuple[str, list[Row]]], list[str]]:
        """The name and the first rows of each visible sheet, and the names of the hidden."""
        message = self._message("sheets", 3)
        with _distrust():
            sheets = [(_text(name), self._rows(first, 0)) for name, first in message[1]]
            hidden = [_text(name) for name in message[2]]
            if len(sheets) + len(hidden) > MOST_SHEETS:
                raise ValueError("more sheets than there may be")
            if any(len(first) > FIRST_ROWS for _, first in sheets):
                raise ValueError("more rows than were asked for")
        return sheets, hidden

    def rows(self, sheet: int) -> Iterator[tuple[float, list[Row]]]:
        """The rows of a sheet block by block, each with the share of the file that is read."""
        self.is_busy = True
        with suppress(BrokenPipeError):  # what it says, or how it ended, tells why
            self._in.write(b"%d\n" % sheet)
        last = 0
        while True:
            message = self._message("rows", 3)
            if message[0] == "end":
                self.is_busy = False
                return
            with _distrust():
                share = min(1.0, max(0.0, float(message[1])))
                rows = self._rows(message[2], last)
                last = rows[-1][0]
            yield share, rows

    def close(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._in.close()
        self._out.close()
        self._process.wait()

    def _rows(self, rows: Sequence[Any], last: int) -> list[Row]:
        for number, cells in rows:
            if type(number) is not int or number <= last:
                raise ValueError("row numbers that do not grow")
            if type(cells) is not list or len(cells) > MOST_COLUMNS:
                raise ValueError("a row that is none")
            if not _CELL_TYPES.issuperset(map(type, cells)):
                raise ValueError("a cell that is none")
            last = number
        if last > LAST_ROW and not self._is_csv:
            raise ValueError("a row number that no sheet has")
        return [(number, cells) for number, cells in rows]

    def _message(self, kind: str, length: int) -> list[Any]:
        line = self._line()
        with _distrust():
            # Hooks for numbers take as long as all the rest: only where one may be too large.
            is_usual = len(line) <= _USUAL_LINE and not _LARGE_NUMBER.search(line)
            decoder = _QUICK if is_usual else _CAREFUL
            message = decoder.decode(line.decode("utf-8", "surrogatepass"))
            if message[0] == "refused":
                raise _refusal(message)
            if message[0] == kind and len(message) == length:
                return list(message)
            if message == ["end"] and kind == "rows":
                return list(message)
            raise ValueError(f"{kind} was asked for")

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n", self._searched)) < 0:
            self._searched = len(self._buffer)
            if self._searched > _LONGEST_LINE:
                with _distrust():
                    raise ValueError("a line without end")
            data = self._read()
            if not data:
                raise self._ended()
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._searched = 0
        return line

    def _read(self) -> bytes:
        """What the child says next; b"" when it is over, or has kept the parent waiting too long."""
        limits = self._limits
        patience = min(limits.silent_seconds, limits.waiting_seconds - self._waited)
        started = time.monotonic()
        ready = select.poll()
        ready.register(self._out, select.POLLIN | select.POLLHUP)
        if not ready.poll(max(0, patience) * 1000):
            self._was_late = True
            return b""
        self._waited += time.monotonic() - started
        return os.read(self._out.fileno(), _CHUNK)

    def _ended(self) -> RejectedFile:
        """Why it ended without a word."""
        if self._was_late:
            self._process.kill()
        code = self._process.wait()
        logger.warning("the reading child ended by itself: %s", code)
        if self._was_late or code in (-signal.SIGXCPU, -signal.SIGPROF):
            return rejected("file.time")
        if code < 0:
            return rejected("file.memory")
        return rejected("file.unreadable", value="读取中断")


def _arguments(number: int, kind: str, limits: Limits) -> tuple[str, ...]:
    costs = (limits.memory_bytes, limits.opening_seconds, limits.cpu_seconds)
    return tuple(map(str, (os.getpid(), number, kind, *costs)))


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise TypeError("a child without pipes")
    with suppress(AttributeError, OSError):  # Linux; so that the child can be a few blocks ahead
        fcntl.fcntl(process.stdout.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)
    return process.stdin, process.stdout


@contextmanager
def _distrust() -> Iterator[None]:
    """End the file where what the child says is not of the form that was agreed."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        logger.warning("the reading child said what it must not", exc_info=True)
        raise rejected("file.unreadable", value="读取中断") from None


def _refusal(message: Sequence[Any]) -> RejectedFile:
    _, rule, facts = message
    if rule not in REFUSALS:
        raise ValueError(f"no refusal: {rule!r}")
    return rejected(rule, **{_text(name): _fact(value) for name, value in facts})


def _fact(value: Any) -> str | int:
    if type(value) is int:
        return value
    text = _text(value)[:_LONGEST_FACT]
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("no text")
    return value


def _cell(value: dict[str, Any]) -> Cell:
    cell = from_json(value)
    if isinstance(cell, BadCell) and not (
        cell.rule in _BAD_RULES and type(cell.text) is str and len(cell.text) < _LONGEST_FACT
    ):
        raise ValueError("no bad cell")
    return cell


def _number(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError("no number")
    return number


def _whole(text: str) -> int:
    if len(text) > _LONGEST_WHOLE:
        raise ValueError("no number")
    return int(text)


# More digits than a whole number may have, or an exponent that may be beyond any float.
_LARGE_NUMBER = re.compile(rb"[0-9]{%d}|[eE][+-]?0*[0-9]{3}" % (_LONGEST_WHOLE + 1))
_QUICK = json.JSONDecoder(object_hook=_cell, parse_constant=_number)
_CAREFUL = json.JSONDecoder(
    object_hook=_cell, parse_float=_number, parse_int=_whole, parse_constant=_number
)
