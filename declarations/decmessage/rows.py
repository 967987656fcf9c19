"""From DecMessage files to the stream of declaration rows that every import reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from declarations.cells import Cell, Finding
from declarations.decmessage.archive import Held, open_archive
from declarations.decmessage.limits import MOST_BYTES, MOST_FAULTS, MOST_NODES_IN_ALL
from declarations.decmessage.message import Message, NodeFault, Part, node_fault, read_message
from declarations.decmessage.schema import HEAD, LIST, LISTS, NODES, ROOT
from declarations.decmessage.structure import structure_faults
from declarations.decmessage.unknown import UnknownNodes
from declarations.faults import Fault, Level, RejectedFile
from declarations.headers import Layout
from declarations.rows import Head, RawRow, set_countries_right

SUFFIXES = (".xml", ".zip")

_FIELDS: dict[str, dict[str, str]] = {
    group: {node.field: node.name for node in nodes.values() if node.field}
    for group, nodes in NODES.items()
}


@dataclass
class MessageLayout(Layout):
    """Where a message's fields stand; its rows are numbered as its DecLists are, from 1.

    `head_lines` maps each node of the DecHead to its line, "" to that of the DecHead itself;
    `list_lines` holds the lines of the DecLists.
    """

    head_lines: dict[str, int] = field(default_factory=dict)
    list_lines: list[int] = field(default_factory=list)

    def heading(self, name: str) -> str:
        """The node that holds a field."""
        return _FIELDS[HEAD].get(name) or _FIELDS[LIST][name]

    def fault(
        self, number: int, name: str, value: str, rule: str, level: Level, text: str
    ) -> Fault:
        """A fault at a field's node; of a DecList's nodes the line is that of the DecList."""
        node = self.heading(name)
        if name in _FIELDS[HEAD]:
            path, line = f"{ROOT}/{HEAD}", self.head_lines.get(node, self.head_lines[""])
        else:
            path, line = f"{ROOT}/{LISTS}/{LIST}[{number}]", self.list_lines[number - 1]
        return NodeFault(line, f"{path}/{node}", value, rule, level, text, self.sheet)


@dataclass(slots=True)
class MessageRow(RawRow):
    """One goods line of a message: what its structure faults is not faulted again for its meaning."""

    part: Part = field(default_factory=lambda: Part("", 0))
    faulted: frozenset[str] = frozenset()

    def faults(self, findings: Iterable[Finding]) -> Iterator[Fault]:
        """The findings at their nodes."""
        others = (found for found in findings if self.column_of(found.field) not in self.faulted)
        for fault in RawRow.faults(self, others):
            path, _, node = fault.column.rpartition("/")
            held = self.part.nodes.get(node) if path == self.part.path else None
            yield fault._replace(row=held.line) if held else fault


class Messages:
    """A DecMessage file, or a .zip of many, as a table of declarations (declarations/rows.py).

    Raises RejectedFile where the file or the archive as a whole can't be read.
    """

    def __init__(self, path: Path) -> None:
        self.notes: list[Fault] = []
        self._name = path.name
        is_archive = path.suffix.lower() == ".zip"
        self._files = open_archive(path) if is_archive else iter([_one_file(path)])
        self._unknown = UnknownNodes()
        self._entries: dict[str, str] = {}
        self._nodes = 0

    def rows(self) -> Iterator[RawRow | Fault]:
        """Every goods line in the order of the files, and every fault of their structure."""
        errors = 0
        for held in self._files:
            for row in self._of_file(held):
                yield row
                errors += isinstance(row, Fault) and row.level is Level.ERROR
            if errors > MOST_FAULTS or self._nodes > MOST_NODES_IN_ALL:
                rule = "xml.faults" if errors > MOST_FAULTS else "zip.nodes"
                yield node_fault(self._name, 0, "", rule)
                return
        yield from self._unknown.faults(self._name)

    def _of_file(self, held: Held | Fault) -> Iterator[RawRow | Fault]:
        if isinstance(held, Fault):
            yield held
            return
        try:
            message = read_message(*held)
        except RejectedFile as rejected:
            yield from rejected.faults
            return
        self._nodes += message.nodes
        self._unknown.add(message)
        yield from structure_faults(message)
        if message.head:
            yield from self._repeated_entry(message.file, message.head)
            yield from _rows(message, message.head)

    def _repeated_entry(self, file: str, head: Part) -> Iterator[Fault]:
        held = head.nodes.get("EntryId")
        entry_id = held.text.strip().upper() if held else ""
        if held is None or not entry_id:
            return
        first = self._entries.setdefault(entry_id, file)
        if first is not file:
            head.faulted.add("entry_id")
            head.nodes["EntryId"] = held._replace(text="")
            path = f"{head.path}/EntryId"
            yield node_fault(file, held.line, path, "entry.in_two_files", entry_id, read=first)


def _one_file(path: Path) -> Held:
    with path.open("rb") as file:
        return path.name, file.read(MOST_BYTES + 1)


def _rows(message: Message, head: Part) -> Iterator[RawRow]:
    layout = MessageLayout(
        message.file,
        message.line,
        swaps_countries=True,
        head_lines={"": head.line} | {name: value.line for name, value in head.nodes.items()},
        list_lines=[part.line for part in message.lines],
    )
    head_cells = _cells(head, HEAD)
    place = Head(layout, 1, dict.fromkeys(_FIELDS[HEAD], ""))
    for number, part in enumerate(message.lines, start=1):
        faulted = frozenset(head.faulted | part.faulted)
        cells = head_cells | _cells(part, LIST)
        row = MessageRow(layout, number, cells, place, part=part, faulted=faulted)
        set_countries_right(row)
        yield row


def _cells(part: Part, group: str) -> dict[str, Cell]:
    return {
        name: part.nodes[node].text for name, node in _FIELDS[group].items() if node in part.nodes
    }
