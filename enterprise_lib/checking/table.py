"""A table under check: its rows with what was found, and its summary. Nothing of it is stored.

The rows of a table are checked at once when it comes; afterwards only a row that is changed is
checked again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db.models import TextChoices

from authorization.models import Enterprise
from catalogue.elements import ElementReader
from comparison.judging import Judged
from comparison.models import Mark, MatchSource
from comparison.outlook import Outlook, outlooks
from enterprise_lib.checking.checker import check_line, reader_of, text_of
from enterprise_lib.checking.lines import Line


class State(TextChoices):
    """What a self-check made of a row."""

    ERROR = "error", "不能自检"
    FINDINGS = "findings", "有提示"
    CLEAN = "clean", "无提示"


@dataclass(frozen=True)
class Note:
    """A finding as a table keeps it: the rule's title, the element, the sentence."""

    title: str
    element: str
    text: str


@dataclass(frozen=True)
class Row:
    """A row of a table: the line as it is now, the text it came with, what was found.

    `problem` is why it can't be checked; `corrected` the g_model in the official order.
    """

    line: Line
    original: str
    problem: str = ""
    notes: tuple[Note, ...] = ()
    corrected: str = ""
    outlook: Outlook | None = None

    @property
    def number(self) -> int:
        """The row's number in the table it came from."""
        return self.line.number

    @property
    def state(self) -> State:
        """What the self-check made of it."""
        if self.problem:
            return State.ERROR
        return State.FINDINGS if self.notes else State.CLEAN

    @property
    def is_changed(self) -> bool:
        """Whether the g_model was edited since the table came."""
        return self.line.g_model != self.original

    @property
    def said(self) -> str:
        """Everything that was found, one sentence after the other."""
        return self.problem or "".join(note.text for note in self.notes)


@dataclass
class CheckTable:
    """A table being worked on, by one user, for one session."""

    token: str
    source: str
    rows: list[Row]
    remarks: list[str] = field(default_factory=list)

    def row(self, number: int) -> Row | None:
        """Return the row of a number, or None."""
        return next((row for row in self.rows if row.number == number), None)

    def put(self, changed: Row) -> None:
        """Replace the row of the same number."""
        self.rows = [changed if row.number == changed.number else row for row in self.rows]

    def counts(self) -> Counter[str]:
        """Count the rows by state."""
        return Counter(row.state.value for row in self.rows)

    def frequent(self, most: int) -> list[tuple[str, int]]:
        """Return the rules that most rows break: (title, rows); rows not checked don't count."""
        checked = (row for row in self.rows if not row.problem)
        titles = Counter(title for row in checked for title in {n.title for n in row.notes})
        return titles.most_common(most)


def check_rows(enterprise: Enterprise, lines: Sequence[Line]) -> list[Row]:
    """Check lines; set-based where the database is asked, so that thousands cost few queries."""
    sound = [line for line in lines if not line.error]
    # Equal texts are read once: tables repeat their goods.
    once: dict[tuple[str, str, str, str], Row] = {}
    reader = reader_of(sound)
    for line in sound:
        key = (line.hs_code, line.ie_flag, line.name, line.g_model)
        if key not in once:
            once[key] = _checked(line, reader)
    foreseen = dict(
        zip(once, outlooks(enterprise, [text_of(row.line) for row in once.values()]), strict=True)
    )
    rows = []
    for line in lines:
        if line.error:
            rows.append(Row(line, line.g_model, line.error, corrected=line.g_model))
            continue
        key = (line.hs_code, line.ie_flag, line.name, line.g_model)
        own = tuple(Note("读取提醒", "", text) for text in line.notes)
        row = once[key]
        rows.append(replace(row, line=line, notes=(*own, *row.notes), outlook=foreseen[key]))
    return rows


def check_again(enterprise: Enterprise, row: Row, line: Line) -> Row:
    """Check a row whose line was changed; it keeps the text that it came with."""
    return replace(check_rows(enterprise, [line])[0], original=row.original)


def _checked(line: Line, reader: ElementReader) -> Row:
    checked = check_line(line, reader)
    notes = tuple(Note(f.title, f.element, f.text) for f in checked.findings)
    notes += tuple(Note("与目录不完全对应", "", text) for text in checked.notes)
    return Row(line, line.g_model, checked.problem, notes, checked.corrected)


def to_data(table: CheckTable) -> dict[str, Any]:
    """Return a table as plain data, for keeping it outside of the process."""
    return {
        "token": table.token,
        "source": table.source,
        "remarks": table.remarks,
        "rows": [
            [
                list(asdict(row.line).values()),
                row.original,
                row.problem,
                [[note.title, note.element, note.text] for note in row.notes],
                row.corrected,
                _outlook_data(row.outlook),
            ]
            for row in table.rows
        ],
    }


def from_data(data: dict[str, Any]) -> CheckTable:
    """Return the table that `to_data` wrote."""
    return CheckTable(data["token"], data["source"], list(_rows_of(data["rows"])), data["remarks"])


def _rows_of(kept: Iterable[list[Any]]) -> Iterator[Row]:
    for line, original, problem, notes, corrected, outlook in kept:
        number, hs_code, ie_flag, name, g_model, error, own_notes = line
        yield Row(
            Line(number, hs_code, ie_flag, name, g_model, error, tuple(own_notes)),
            original,
            problem,
            tuple(Note(*note) for note in notes),
            corrected,
            _outlook_of(outlook),
        )


def _outlook_data(outlook: Outlook | None) -> list[str] | None:
    if outlook is None:
        return None
    return [outlook.mark.value, outlook.judged or "", outlook.source or ""]


def _outlook_of(kept: list[str] | None) -> Outlook | None:
    if kept is None:
        return None
    mark, judged, source = kept
    return Outlook(
        Mark(mark), Judged(judged) if judged else None, MatchSource(source) if source else None
    )
