"""DecMessage files for tests, made of the same rows as the other files (tests/declarations/files.py)."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from declarations.decmessage.schema import HEAD, LIST, NODES
from tests.declarations.files import Row, declared_row

HEAD_NAMES = {node.field: node.name for node in NODES[HEAD].values() if node.field}
LIST_NAMES = {node.field: node.name for node in NODES[LIST].values() if node.field}
_SWAPPED = {
    "origin_country": "DestinationCountry",
    "destination_country": "OriginCountry",
}


def message(rows: Iterable[Row] | None = None, *, prefix: str = "", extra: str = "") -> str:
    """One declaration as XML, one node a line; `extra` stands at the end of its head.

    Its first line is the XML declaration; DecHead stands in line 3.
    """
    lines = list(rows or [declared_row()])
    name = f"{prefix}:" if prefix else ""
    space = "http://www.chinaport.gov.cn/dec"
    text = ['<?xml version="1.0" encoding="UTF-8"?>']
    text.append(f'<{name}DecMessage xmlns{name[:-1] and f":{prefix}"}="{space}">')
    text.append(f"<{name}DecHead>")
    text += _nodes(lines[0], HEAD_NAMES, name)
    text += [extra] if extra else []
    text += [f"</{name}DecHead>", f"<{name}DecLists>"]
    for row in lines:
        names = LIST_NAMES | (_SWAPPED if row["ie_flag"] == "E" else {})
        text += [f"<{name}DecList>", *_nodes(row, names, name), f"</{name}DecList>"]
    text += [f"</{name}DecLists>", f"</{name}DecMessage>"]
    return "\n".join(text)


def _nodes(row: Row, names: Mapping[str, str], prefix: str) -> list[str]:
    return [
        f"<{prefix}{node}>{escape(row[field])}</{prefix}{node}>"
        for field, node in names.items()
        if field in row
    ]


def messages(rows: Iterable[Row]) -> dict[str, str]:
    """A file name → XML for each declaration among the rows."""
    entries: dict[str, list[Row]] = {}
    for row in rows:
        entries.setdefault(row["entry_id"], []).append(row)
    return {f"报文/{entry_id}.xml": message(lines) for entry_id, lines in entries.items()}


def write_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """An archive of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
