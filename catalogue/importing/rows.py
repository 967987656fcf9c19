"""Rows of the annex in their order → codes with the element lists they have or inherit.

A heading (`01.01`) and the sub-headings under it (rows without a code, their depth printed as
dashes) may carry a list of elements; a code takes the list of its own row, else that of the
nearest row above it in the tree. Rows come from any reader, page after page.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from catalogue.importing.element_text import split_elements
from catalogue.importing.result import (
    ReadCode,
    ReadElement,
    ReadHeading,
    ReadReport,
    ReportLine,
)

DASHES = tuple("-－‐‑–—―─")
_DASHES = re.compile(f"[{''.join(DASHES)}]+")
_SPACES = re.compile(r"\s+")
COLONS = ("：", ":")
_TAIL = "：:；;"
_HEADING = re.compile(r"\d{2}\.\d{2}")
_CODE = re.compile(r"\d{4}\.?\d{4}|\d{4}\.\d{2}\.\d{2}")
_SUBHEADING = re.compile(r"\d{4}\.\d{1,3}")


class TableRow(NamedTuple):
    """A row of the table: `cells` are (category, text) in the order of the element columns."""

    page: int
    code: str
    name: str
    cells: tuple[tuple[str, str], ...]
    remark: str = ""


class _Level(NamedTuple):
    """A row that others stand under: its depth in dashes (0: the heading), its list if any.

    `label` is how an inherited list names it: the printed number, else the name as printed.
    """

    depth: int
    label: str
    name: str
    elements: tuple[ReadElement, ...]


@dataclass
class Inheritance:
    """Takes the rows one by one, then `finish`; gathers codes, headings and what was odd."""

    report: ReadReport = field(default_factory=ReadReport)
    codes: dict[str, ReadCode] = field(default_factory=dict)
    headings: dict[str, ReadHeading] = field(default_factory=dict)
    part: str = ""  # the title of the 分章 that the next headings stand in
    _heading: str = ""
    _above: list[_Level] = field(default_factory=list)
    _undashed: TableRow | None = None

    def take(self, row: TableRow) -> None:
        """Read the next row."""
        depth, name = _depth_and_name(row.name)
        if self._undashed is not None:
            self._settle_undashed(depth)
        code = _SPACES.sub("", row.code)
        if _HEADING.fullmatch(code):
            self._take_heading(row, code, name)
        elif _CODE.fullmatch(code):
            self._take_code(row, code.replace(".", ""), depth, name)
        elif not code or _SUBHEADING.fullmatch(code):
            if depth or not name:
                self._take_subheading(row, depth, name)
            else:
                self._undashed = row
        else:
            self._say(row.page, f"税则号列“{code}”不是已知的写法，这一行没有读入。")

    def finish(self) -> None:
        """Read what waited for the row after it."""
        if self._undashed is not None:
            self._settle_undashed(0)

    def _take_heading(self, row: TableRow, code: str, name: str) -> None:
        if code in self.headings:
            self._say(row.page, f"品目 {code} 出现了不止一次。")
        self._heading = code
        self.headings[code] = ReadHeading("heading", code, code[:2], name.rstrip(_TAIL), self.part)
        self._above = [_Level(0, code, name, split_elements(row.cells))]

    def _take_subheading(self, row: TableRow, depth: int, name: str) -> None:
        if not (name or any(text for _, text in row.cells)):
            return
        if not name:
            self._say(row.page, "有一行只有申报要素，没有税则号列和商品名称，没有读入。")
            return
        while self._above and self._above[-1].depth >= depth:
            self._above.pop()
        self._above.append(_Level(depth, name, name, split_elements(row.cells)))

    def _settle_undashed(self, following: int) -> None:
        """Read a sub-heading printed without its dashes: the row below it tells its depth."""
        row = self._undashed
        self._undashed = None
        if row is None:
            return
        self._say(row.page, f"子目“{row.name}”前面没有短横，按下一行推定了层级。")
        self._take_subheading(row, max(following - 1, 1), row.name)

    def _take_code(self, row: TableRow, hs8: str, depth: int, name: str) -> None:
        if self._heading.replace(".", "") != hs8[:4]:
            self._say(row.page, f"商品编码 {hs8} 不在品目 {self._heading or '（无）'} 之下。")
            self._heading = f"{hs8[:2]}.{hs8[2:4]}"
            self._above = []
        if hs8 in self.codes:
            self._say(row.page, f"商品编码 {hs8} 出现了不止一次，以第一次为准。")
            return
        depth = self._checked_depth(row, hs8, depth)
        while self._above and self._above[-1].depth >= max(depth, 1):
            self._above.pop()
        own = split_elements(row.cells)
        elements, source = own, ""
        if not own:
            for level in reversed(self._above):
                if level.elements:
                    elements, source = level.elements, level.label
                    break
        self.codes[hs8] = ReadCode(
            hs8,
            self._heading,
            name,
            elements,
            tuple(level.name.rstrip(_TAIL) for level in self._above if level.depth),
            source,
            row.page,
            row.remark,
        )
        if name.endswith(COLONS):
            # A sub-heading that the source prints with a code of its own.
            self._above.append(_Level(max(depth, 1), row.code, name, own))

    def _checked_depth(self, row: TableRow, hs8: str, printed: int) -> int:
        """Give the depth of a code, the deeper of what the dashes and what its digits say.

        The Harmonized System's fifth digit is the first dash, the eighth the fourth; a zero at
        the end divides no further. A dash too few would put the code beside its own sub-heading.
        """
        told = len(hs8.rstrip("0")) - 4
        if printed < told:
            self._say(row.page, f"商品编码 {hs8} 前的短横比编码的层级少，按编码定了层级。")
        return max(printed, told)

    def _say(self, page: int, text: str) -> None:
        self.report.lines.append(ReportLine(page, text))


def _depth_and_name(text: str) -> tuple[int, str]:
    """Take the dashes off a name and count them."""
    name = _SPACES.sub("", text)
    dashes = _DASHES.match(name)
    if dashes is None:
        return 0, name
    return len(dashes[0]), name[dashes.end() :]
