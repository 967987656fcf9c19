"""An .xlsx workbook: its visible sheets, and what its cells are made with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import IO, Any, NamedTuple

from declarations.files.cell_forms import CellForms
from declarations.files.dates import kind_of_format
from declarations.files.limits import FIRST_ROWS, MOST_SHEETS
from declarations.files.package import Package
from declarations.files.refusing import Refused, damaged
from declarations.files.sheets import Row, read_sheet
from declarations.files.texts import read_strings
from declarations.files.xml_parts import Attributes, attribute, each_element, is_true

_STYLES = "/styles"
_STRINGS = "/sharedstrings"
_WORKSHEET = "/worksheet"
# More formats than any program writes (Excel ends at 65,490).
_MOST_STYLES = 200_000


class _Sheet(NamedTuple):
    name: str
    part: str


class Workbook:
    """An opened .xlsx: `sheets` are the names of the visible worksheets, `hidden` of the others.

    Raises Refused where the package is damaged or holds what no upload may.
    """

    def __init__(self, file: IO[bytes], bad: Callable[[str, str], Any]) -> None:
        self._package = Package(file)
        self._part = self._package.workbook_part()
        self._bad = bad
        self._is_1904 = False
        self._found: list[_Sheet] = []
        self.hidden: list[str] = []
        self._relationships = self._package.relationships(self._part)
        with self._package.open(self._part) as part:
            each_element(self._part, part, self._see)
        self.sheets = [sheet.name for sheet in self._found]
        self._forms: CellForms | None = None

    def first_rows(self) -> list[list[Row]]:
        """The first rows of each visible sheet."""
        return [list(islice(self.rows(at), FIRST_ROWS)) for at in range(len(self.sheets))]

    def rows(self, index: int) -> Iterator[Row]:
        """The rows of a visible sheet that hold anything."""
        if self._forms is None:
            self._forms = CellForms(self._strings(), self._date_styles(), self._is_1904, self._bad)
        part = self._found[index].part
        return read_sheet(part, partial(self._package.open, part), self._forms)

    def _see(self, element: str, attributes: Attributes) -> None:
        if element == "workbookPr":
            self._is_1904 = is_true(attributes.get("date1904", ""))
        elif element == "sheet":
            name = attributes.get("name", "")
            relationship = self._relationships.get(attribute(attributes, "id"))
            if relationship is None:
                raise damaged(f"缺少工作表“{name}”")
            if relationship.kind != _WORKSHEET:
                return
            if attributes.get("state", "visible").lower() != "visible":
                self.hidden.append(name)
            else:
                self._found.append(_Sheet(name, relationship.target))
            if len(self._found) + len(self.hidden) > MOST_SHEETS:
                raise Refused("file.sheets", limit=MOST_SHEETS)

    def _target(self, kind: str) -> str | None:
        return next((r.target for r in self._relationships.values() if r.kind == kind), None)

    def _strings(self) -> list[str]:
        part = self._target(_STRINGS)
        if part is None or not self._package.has(part):
            return []
        with self._package.open(part) as file:
            return read_strings(part, file)

    def _date_styles(self) -> dict[str, str]:
        part = self._target(_STYLES)
        if part is None or not self._package.has(part):
            return {}
        styles = _Styles()
        with self._package.open(part) as file:
            each_element(part, file, styles.see)
        return styles.dates()


class _Styles:
    """The cell formats of a workbook (cellXfs), of which only the number format counts."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._numbers: list[int] = []
        self._in_cells = False

    def see(self, element: str, attributes: Attributes) -> None:
        """Take an element of the part."""
        if element == "numFmt":
            self._codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif element == "xf":
            if self._in_cells:
                self._numbers.append(_number(attributes.get("numFmtId")))
        else:
            if element in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                self._in_cells = element == "cellXfs"
        if len(self._numbers) + len(self._codes) > _MOST_STYLES:
            raise damaged("样式过多")

    def dates(self) -> dict[str, str]:
        """Style number, as text → DATE or DURATION."""
        kinds = {
            number: kind_of_format(number, self._codes.get(number)) for number in set(self._numbers)
        }
        return {
            str(style): kind
            for style, number in enumerate(self._numbers)
            if (kind := kinds[number]) is not None
        }


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else 0
