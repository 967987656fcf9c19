"""What the schema asks of a message as a whole: which nodes must be there, and their forms."""

from __future__ import annotations

from collections.abc import Iterator

from declarations.decmessage.message import Message, Part, node_fault
from declarations.decmessage.schema import HEAD, LIST, LISTS, NODES, PARTY_NODES, ROOT, Node
from declarations.faults import Fault

# Nodes whose absence has a sentence of its own, blank or not there.
_WITHOUT = {"EntryId": "entry.no_number", "DDate": "entry.no_date"}


def structure_faults(message: Message) -> Iterator[Fault]:
    """Every fault of a message's structure; notes in its parts which fields are faulted by it."""
    yield from message.faults
    file, head = message.file, message.head
    if head is None:
        yield node_fault(file, message.line, ROOT, "node.missing", HEAD)
    else:
        yield from _head_faults(file, head)
    if not message.lists_line:
        yield node_fault(file, message.line, ROOT, "node.missing", LISTS)
    elif not message.lines:
        yield node_fault(file, message.lists_line, f"{ROOT}/{LISTS}", "node.missing", LIST)
    numbers: dict[int, Part] = {}
    for part in message.lines:
        yield from _node_faults(file, part, NODES[LIST])
        yield from _repeated_number(file, part, numbers)


def _head_faults(file: str, head: Part) -> Iterator[Fault]:
    nodes = NODES[HEAD]
    for name, rule in _WITHOUT.items():
        held = head.nodes.get(name)
        if held is None or not held.text.strip():
            head.faulted.add(nodes[name].field)
            yield node_fault(file, held.line if held else head.line, f"{head.path}/{name}", rule)
    yield from _node_faults(file, head, nodes)
    for one, other in PARTY_NODES:
        if one not in head.nodes and other not in head.nodes:
            head.faulted.add(nodes[one].field)
            yield node_fault(file, head.line, head.path, "node.missing", f"{one}（或 {other}）")


def _node_faults(file: str, part: Part, nodes: dict[str, Node]) -> Iterator[Fault]:
    for name, node in nodes.items():
        held = part.nodes.get(name)
        if held is None:
            if node.required:
                part.faulted.add(node.field)
                yield node_fault(file, part.line, part.path, "node.missing", name)
            continue
        text = held.text.strip()
        if text and node.pattern and not node.pattern.fullmatch(text):
            rule = "node.form" if node.field else "node.form_unread"
            part.faulted.add(node.field)
            yield node_fault(file, held.line, f"{part.path}/{name}", rule, text, form=node.form)


def _repeated_number(file: str, part: Part, numbers: dict[int, Part]) -> Iterator[Fault]:
    held = part.nodes.get("GNo")
    text = held.text.strip() if held else ""
    if held is None or not (text.isascii() and text.isdigit()):
        return
    first = numbers.setdefault(int(text), part)
    if first is not part:
        part.faulted.add("g_no")
        part.nodes["GNo"] = held._replace(text="")
        line = first.nodes["GNo"].line
        yield node_fault(file, held.line, f"{part.path}/GNo", "line.in_one_file", text, read=line)
