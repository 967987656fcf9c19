"""XML parts of a workbook, read by expat as a stream: no DTD, no depth, no names of others.

OOXML has no document type (ECMA-376 part 2, 8.1.4), and only one makes parsing dangerous (entities
that grow, entities from elsewhere): it ends the file. Elements are told by their local names where
they bear the same prefix as the part's root, since writers choose prefixes as they like.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from xml.parsers import expat

from declarations.files.refusing import Refused, damaged

CHUNK = 2**18
# Elements inside one another; a sheet needs 6, rich text in a shared string 5.
DEEPEST = 64

Attributes = dict[str, str]


class Part(Protocol):
    """A part being read."""

    def read(self, size: int, /) -> bytes:
        """Read at most so many bytes."""


class PartReader:
    """Reads one part; a subclass says what to do at an element's start, end and text."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._prefix: str | None = None
        self._depth = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self._refuse_doctype

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet an element."""

    def end(self, name: str) -> None:
        """Leave an element."""

    def text(self, text: str) -> None:
        """Meet text inside an element."""

    def feed(self, data: bytes, last: bool = False) -> None:
        """Read on. Raises Refused where this is no XML or has a DTD."""
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as error:
            if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
                raise MemoryError from error
            raise damaged(f"{self._part}：{expat.errors.messages[error.code]}") from error
        except (LookupError, ValueError) as error:
            raise damaged(f"{self._part}：编码不对") from error

    def read(self, file: Part) -> None:
        """Read the whole part."""
        while data := file.read(CHUNK):
            self.feed(data)
        self.feed(b"", last=True)

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise damaged(f"{self._part}：层数过多")
        prefix, _, local = name.rpartition(":")
        if self._prefix is None:
            self._prefix = prefix
        self.start(local if prefix == self._prefix else name, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        prefix, _, local = name.rpartition(":")
        self.end(local if prefix == self._prefix else name)

    def _refuse_doctype(self, *_: object) -> None:
        raise Refused("file.doctype")


class _Elements(PartReader):
    def __init__(self, part: str, seen: Callable[[str, Attributes], None]) -> None:
        super().__init__(part)
        self._seen = seen

    def start(self, name: str, attributes: Attributes) -> None:
        self._seen(name, attributes)


def each_element(part: str, file: Part, seen: Callable[[str, Attributes], None]) -> None:
    """Read a part of which the elements' names and attributes are all that counts."""
    _Elements(part, seen).read(file)


def attribute(attributes: Attributes, name: str) -> str:
    """An attribute by its local name, whatever its prefix; "" where there is none."""
    if name in attributes:
        return attributes[name]
    ending = ":" + name
    return next((value for key, value in attributes.items() if key.endswith(ending)), "")


def is_true(value: str) -> bool:
    """Whether an xsd:boolean is true."""
    return value in ("1", "true", "on")
