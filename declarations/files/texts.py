"""Texts in a workbook's XML: entities and escapes read, and the table of shared strings.

A character that XML can't hold is written _xHHHH_ (ST_Xstring, ECMA-376 part 1, 22.9.2.19). A half
of a surrogate pair that stands alone stays one: the rules on a row's text find it.
"""

from __future__ import annotations

import re

from declarations.files.refusing import damaged
from declarations.files.xml_parts import CHUNK, Attributes, Part, PartReader

_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));|&")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(text: str) -> str:
    """Text as it stands in XML, with entities and escapes read. Raises Refused for a broken one."""
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    return unescaped(text) if "_x" in text else text


def unescaped(text: str) -> str:
    """Text with its _xHHHH_ escapes read; halves of a pair that stand together become one."""
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def _entity(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    if not (decimal or hexadecimal):
        raise damaged("XML 实体不对")
    number = int(decimal) if decimal else int(hexadecimal, 16)
    if number > 0x10FFFF or 0xD800 <= number < 0xE000 or number == 0:
        raise damaged("XML 实体不对")
    return chr(number)


class StringsReader(PartReader):
    """Reads shared strings of whatever form: rich text is joined, readings (phonetic) left out."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.found: list[str] = []
        self._parts: list[str] | None = None
        self._in_text = False
        self._in_reading = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Begin a string, or a text of it."""
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._in_reading = True
        elif name == "t":
            self._in_text = not self._in_reading and self._parts is not None

    def end(self, name: str) -> None:
        """Keep a string that is whole."""
        if name == "si" and self._parts is not None:
            text = "".join(self._parts)
            self.found.append(unescaped(text) if "_x" in text else text)
            self._parts = None
        elif name == "rPh":
            self._in_reading = False
        elif name == "t":
            self._in_text = False

    def text(self, text: str) -> None:
        """Take a text of the string."""
        if self._in_text and self._parts is not None:
            self._parts.append(text)


_PLAIN_STRING = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_TABLE_START = re.compile(
    rb'\s*(?:<\?xml version="1\.0"(?: encoding="(?:UTF-8|utf-8)")?(?: standalone="yes")?\s?\?>\s*)?'
    rb"<sst\b[^>]*>"
)


def read_strings(part: str, file: Part) -> list[str]:
    """The table of shared strings.

    Strings that are nothing but a text, which nearly all are, are taken out of the XML block by
    block; the blocks that hold others, and parts of another form altogether, are read by expat.
    """
    data = file.read(CHUNK)
    start = _TABLE_START.match(data)
    if not start or data[start.end() - 2 : start.end()] == b"/>":
        reader = StringsReader(part)
        reader.feed(data)
        reader.read(file)
        return reader.found
    found: list[str] = []
    parts = [data[start.end() :]]
    while data := file.read(CHUNK):
        cut = data.rfind(b"</si>")
        if cut < 0:
            parts.append(data)
            continue
        cut += 5
        parts.append(data[:cut])
        _add_block(part, b"".join(parts), found)
        parts = [data[cut:]]
    rest, closed, _ = b"".join(parts).partition(b"</sst>")
    if not closed:
        raise damaged(f"{part}：不完整")
    _add_block(part, rest, found)
    return found


def _add_block(part: str, block: bytes, found: list[str]) -> None:
    """Add the strings of a block that ends where one ends."""
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        raise damaged(f"{part}：不是 UTF-8") from error
    texts = _PLAIN_STRING.findall(text)
    if 4 * len(texts) != text.count("<"):
        reader = StringsReader(part)
        reader.feed(b"<sst>" + block + b"</sst>", last=True)
        found += reader.found
        return
    if "\r" in text:
        texts = [each.replace("\r\n", "\n").replace("\r", "\n") for each in texts]
    found += texts if "&" not in text and "_x" not in text else map(plain, texts)
