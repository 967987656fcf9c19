"""An .xlsx as a package (ECMA-376 part 2): its parts, their relationships, and what it may not hold.

What is refused and why: macros (the original is kept and given out again, so that reading without
them would hand them on), links to other files and data connections (Excel fetches them when the
original is opened), and a document type in any part that is read.
"""

from __future__ import annotations

import posixpath
import zipfile
from typing import IO, NamedTuple

from declarations.files.archives import ZIP_ERRORS
from declarations.files.refusing import Refused, damaged
from declarations.files.xml_parts import Attributes, each_element

# Relationship types end alike in both namespaces, Transitional and Strict.
_OFFICE_DOCUMENT = "/officedocument"
_HARMLESS_OUTSIDE = "/hyperlink"
_MACRO_TYPES = ("/vbaproject", "/xlmacrosheet", "/xlintlmacrosheet")
_LINK_TYPES = ("/externallink", "/externallinkpath", "/connections", "/attachedtemplate")
_MACRO_PARTS = ("xl/vbaproject.bin", "xl/macrosheets/")
_LINK_PARTS = ("xl/externallinks/", "xl/connections.xml")


class Relationship(NamedTuple):
    """What a part points to: `kind` is the last word of the type, in lower case."""

    kind: str
    target: str
    is_outside: bool


class _Part:
    """A part being read; one that is torn or changed ends in Refused."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """Read on."""
        try:
            return self._file.read(size)
        except ZIP_ERRORS as error:
            raise damaged(f"{self._name}：不完整") from error


class Package:
    """The parts of an .xlsx by name; names are compared without case, as Excel does."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._archive = zipfile.ZipFile(file)
        except ZIP_ERRORS as error:
            raise damaged("压缩包不完整") from error
        self._names = {
            _part_name(entry.filename): entry.filename for entry in self._archive.infolist()
        }
        self._refuse_by_names()
        self._refuse_outside()

    def has(self, part: str) -> bool:
        """Whether the part is there."""
        return part.lower() in self._names

    def open(self, part: str) -> _Part:
        """Open a part to be read. Raises Refused where it is missing."""
        name = self._names.get(part.lower())
        if name is None:
            raise damaged(f"缺少 {part}")
        try:
            return _Part(self._archive.open(name), part)
        except ZIP_ERRORS as error:
            raise damaged(f"{part}：不完整") from error

    def relationships(self, part: str) -> dict[str, Relationship]:
        """What a part points to, by the relationship's id; "" is the package itself."""
        folder, _, name = part.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        found: dict[str, Relationship] = {}

        def seen(element: str, attributes: Attributes) -> None:
            if element == "Relationship":
                found[attributes.get("Id", "")] = _relationship(folder, attributes)

        if self.has(rels):
            with self.open(rels) as file:
                each_element(rels, file, seen)
        return found

    def workbook_part(self) -> str:
        """The name of the workbook's part."""
        for relationship in self.relationships("").values():
            if relationship.kind == _OFFICE_DOCUMENT:
                return relationship.target
        raise damaged("缺少工作簿")

    def _refuse_by_names(self) -> None:
        for name in self._names:
            if name.startswith(_MACRO_PARTS):
                raise Refused("file.macros")
            if name.startswith(_LINK_PARTS):
                raise Refused("file.links")

    def _refuse_outside(self) -> None:
        """Look through every part's relationships."""
        for name in self._names:
            if not name.endswith(".rels"):
                continue
            folder, _, owner = name.rpartition("_rels/")
            for relationship in self.relationships(folder + owner.removesuffix(".rels")).values():
                if relationship.kind in _MACRO_TYPES:
                    raise Refused("file.macros")
                if relationship.kind in _LINK_TYPES:
                    raise Refused("file.links")
                if relationship.is_outside and relationship.kind != _HARMLESS_OUTSIDE:
                    raise Refused("file.links")


def _relationship(folder: str, attributes: Attributes) -> Relationship:
    kind = "/" + attributes.get("Type", "").rpartition("/")[2].lower()
    target = attributes.get("Target", "")
    if attributes.get("TargetMode", "").lower() == "external":
        return Relationship(kind, target, True)
    joined = target if target.startswith("/") else posixpath.join("/", folder, target)
    return Relationship(kind, _part_name(posixpath.normpath(joined)), False)


def _part_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
