"""The note on nodes that the interface does not know: told once for all files of an import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from declarations.decmessage.limits import MOST_UNKNOWN
from declarations.decmessage.message import Message, node_fault
from declarations.decmessage.schema import KNOWN, NODES
from declarations.faults import Fault


@dataclass(slots=True)
class _Kind:
    """Where an unknown node was seen first, and how often it was seen."""

    file: str
    line: int
    count: int = 0


@dataclass(slots=True)
class UnknownNodes:
    """Unknown nodes by path, and how many stand beyond MOST_UNKNOWN of them."""

    kinds: dict[str, _Kind] = field(default_factory=dict)
    more: int = 0

    def add(self, message: Message) -> None:
        """Take up those of a message."""
        self.more += message.more_unknown
        for path, (line, count) in message.unknown.items():
            if path not in self.kinds and len(self.kinds) >= MOST_UNKNOWN:
                self.more += count
            else:
                self.kinds.setdefault(path, _Kind(message.file, line)).count += count

    def faults(self, file: str) -> Iterator[Fault]:
        """One warning for each path; `file` is what was imported."""
        for path, kind in self.kinds.items():
            yield node_fault(
                kind.file,
                kind.line,
                path,
                "node.unknown",
                path.rpartition("/")[2],
                count=kind.count,
                like=_like(path),
            )
        if self.more:
            yield node_fault(file, 0, "", "node.unknown_more", count=self.more)


def _like(path: str) -> str:
    """What was meant where a node's name differs in case only."""
    within, _, name = path.rpartition("/")
    group = within.rpartition("/")[2]
    for known in (*NODES.get(group, ()), *KNOWN[group], *NODES, "DecLists"):
        if known.casefold() == name.casefold() and known != name:
            return f"；节点名区分大小写，应为 {known}"
    return ""
