"""Parsing one DecMessage file: expat alone, with everything refused that makes XML dangerous.

No DOCTYPE is let in, so that no entity can be declared, and nothing is ever fetched. The whole
file is given to expat at once: what one token costs then grows with its length only, and nothing
nests deeper than the schema. Expat counts the lines; no tree is built.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn
from xml.parsers import expat

from declarations.decmessage.limits import (
    MOST_BYTES,
    MOST_DEPTH,
    MOST_FAULTS,
    MOST_LINES,
    MOST_NODES,
    MOST_UNKNOWN,
)
from declarations.decmessage.rules import NODE_RULES, node_sentence
from declarations.decmessage.schema import HEAD, KNOWN, LIST, LISTS, NODES, ROOT
from declarations.faults import Fault, RejectedFile, shown

LONGEST_SHOWN = 40


class NodeFault(Fault):
    """A fault in an XML file: `sheet` is the file, `row` the line, `column` the node's path."""

    __slots__ = ()

    def __str__(self) -> str:
        line = f"第 {self.row} 行" if self.row else ""
        path = f" {self.column}" if self.column else ""
        return f"文件“{self.sheet}”{line}{path}：{self.text}"


def node_fault(
    file: str, line: int, path: str, rule: str, value: str = "", **facts: object
) -> Fault:
    """A fault of `rule` at a node; `value` and `facts` fill its sentence."""
    text = node_sentence(rule, value=shown(value), **facts)
    return NodeFault(line, path, shown(value), rule, NODE_RULES[rule].level, text, file)


class Value(NamedTuple):
    """A node's text, as it stands, and the line of its start tag."""

    text: str
    line: int


@dataclass(slots=True)
class Part:
    """A DecHead or a DecList: its path, the line of its start tag, its nodes by name.

    `faulted` are the fields with which the structure finds fault.
    """

    path: str
    line: int
    nodes: dict[str, Value] = field(default_factory=dict)
    faulted: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Message:
    """What one file says.

    `line` and `lists_line` are those of DecMessage and DecLists (0 where there is none); `faults`
    are what stands where it can't; `unknown` maps the path of each unknown node to its first line
    and how often it stands there, but for `more_unknown` ones beyond MOST_UNKNOWN. `nodes` counts
    all nodes.
    """

    file: str
    line: int = 0
    lists_line: int = 0
    head: Part | None = None
    lines: list[Part] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unknown: dict[str, tuple[int, int]] = field(default_factory=dict)
    more_unknown: int = 0
    nodes: int = 0


def read_message(file: str, data: bytes) -> Message:
    """Parse a DecMessage file of this name. Raises RejectedFile, with one fault, where it is none."""
    if len(data) > MOST_BYTES:
        _refuse(file, "xml.size")
    if not data.strip():
        _refuse(file, "xml.empty")
    reading = _Reading(file)
    # Told the encoding, expat believes no other; line numbers are those of the file as it came.
    reading.parse(_text(file, data).encode())
    return reading.message


def _refuse(file: str, rule: str, line: int = 0, value: str = "") -> NoReturn:
    raise RejectedFile([node_fault(file, line, "", rule, value)])


# --- encodings -------------------------------------------------------------------------------

_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,100}?\bencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_CODECS = {
    "UTF-8": "utf-8", "UTF8": "utf-8", "US-ASCII": "utf-8", "ASCII": "utf-8",
    "GB18030": "gb18030", "GBK": "gb18030", "GB2312": "gb18030", "CP936": "gb18030",
}  # fmt: skip
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _text(file: str, data: bytes) -> str:
    """The file's text by the encoding that it declares; UTF-8 where it declares none."""
    match = _DECLARED.match(data)
    declared = match[1].decode("ascii", "replace").upper() if match else "UTF-8"
    if data.startswith(_UTF_16):
        codec = "utf-16"
    elif data.startswith(codecs.BOM_UTF8):
        codec = "utf-8-sig"
    elif declared in _CODECS:
        codec = _CODECS[declared]
    else:
        _refuse(file, "xml.encoding_unknown", 1, declared)
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        value = declared if codec in _CODECS.values() else codec.upper()
        _refuse(file, "xml.encoding", line, value)


# --- nodes -----------------------------------------------------------------------------------

_MALFORMED = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "没有写完",
    expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]: "结束标签与开始标签不符",
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "标签没有写完",
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION]: "CDATA 没有结束",
    expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]: "有 XML 不允许的字符",
    expat.errors.codes[expat.errors.XML_ERROR_BAD_CHAR_REF]: "有 XML 不允许的字符编号",
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: "有未定义的实体",
    expat.errors.codes[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE]: "属性重复",
    expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: "DecMessage 之后还有内容",
}
_OTHERWISE = "不合 XML 语法"


class _Reading:
    """The handlers of one parse and where it stands.

    `_path` holds the names of the nodes that were entered; what isn't read is counted by `_skipped`
    only, the depth below it.
    """

    def __init__(self, file: str) -> None:
        self.message = Message(file)
        self._path: list[str] = []
        self._skipped = 0
        self._part: Part | None = None
        self._text: list[str] = []
        self._node_line = 0
        self._stray: set[str] = set()
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def parse(self, data: bytes) -> None:
        """Parse the whole file. Raises RejectedFile."""
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            why = _MALFORMED.get(error.code, _OTHERWISE)
            _refuse(self.message.file, "xml.malformed", error.lineno, why)

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber

    def _refuse(self, rule: str, value: str = "") -> NoReturn:
        _refuse(self.message.file, rule, self._line, value)

    def _doctype(self, *about: object) -> None:
        self._refuse("xml.doctype")

    def _say(self, rule: str, path: str, value: str, **facts: object) -> None:
        fault = node_fault(self.message.file, self._line, path, rule, value, **facts)
        self.message.faults.append(fault)
        if len(self.message.faults) > MOST_FAULTS:
            self._refuse("xml.faults")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self.message.nodes += 1
        if self.message.nodes > MOST_NODES:
            self._refuse("xml.nodes")
        if len(self._path) + self._skipped >= MOST_DEPTH:
            self._refuse("xml.depth")
        if self._skipped or not self._enters(name):
            self._skipped += 1
        else:
            self._path.append(name)

    def _enters(self, name: str) -> bool:
        """Whether a node is read, given where it stands; notes what is wrong with it otherwise."""
        within = self._path[-1] if self._path else ""
        if not within:
            return self._enters_root(name)
        if within in NODES and name in NODES[within]:
            return self._enters_value(name)
        if within == ROOT and name in (HEAD, LISTS):
            return self._enters_group(name)
        if within == LISTS and name == LIST:
            return self._enters_line()
        if within not in KNOWN:  # a node that holds a value
            self._say("node.nested", self._place(), within)
        elif name not in KNOWN[within]:
            self._note_unknown(f"{'/'.join(self._path)}/{name}")
        return False

    def _enters_root(self, name: str) -> bool:
        if name != ROOT:
            self._refuse("xml.root", name[:LONGEST_SHOWN])
        self.message.line = self._line
        return True

    def _enters_group(self, name: str) -> bool:
        message, path = self.message, f"{ROOT}/{name}"
        first = message.lists_line if name == LISTS else message.head and message.head.line
        if first:
            self._say("node.repeated", path, name, read=first)
            return False
        if name == LISTS:
            message.lists_line = self._line
        else:
            message.head = self._part = Part(path, self._line)
        return True

    def _enters_line(self) -> bool:
        lines = self.message.lines
        if len(lines) >= MOST_LINES:
            self._refuse("lines.many")
        self._part = Part(f"{ROOT}/{LISTS}/{LIST}[{len(lines) + 1}]", self._line)
        lines.append(self._part)
        return True

    def _enters_value(self, name: str) -> bool:
        part = self._part
        if part is None or name in part.nodes:
            first = part.nodes[name].line if part else 0
            self._say("node.repeated", self._place(name), name, read=first)
            return False
        self._text = []
        self._node_line = self._line
        return True

    def _note_unknown(self, path: str) -> None:
        unknown = self.message.unknown
        if path in unknown or len(unknown) < MOST_UNKNOWN:
            line, count = unknown.get(path, (self._line, 0))
            unknown[path] = line, count + 1
        else:
            self.message.more_unknown += 1

    def _place(self, name: str = "") -> str:
        """The path of the present node or of one in it, with the number of its DecList."""
        if self._part is None or len(self._path) < 2 or self._path[-1] == LISTS:
            return "/".join(self._path)
        *_, last = self._path
        node = name or ("" if last in NODES else last)
        return f"{self._part.path}/{node}" if node else self._part.path

    def _end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        name = self._path.pop()
        if self._part is not None and name not in KNOWN:
            self._part.nodes[name] = Value("".join(self._text), self._node_line)
        elif name in NODES:
            self._part = None

    def _characters(self, text: str) -> None:
        if self._skipped or not self._path:
            return
        if self._path[-1] not in KNOWN:
            self._text.append(text)
        elif text.strip():
            path = self._place()
            if path not in self._stray:
                self._stray.add(path)
                self._say("node.text", path, text.strip()[:LONGEST_SHOWN])
