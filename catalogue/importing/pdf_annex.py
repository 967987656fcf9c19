"""The blocks of the annex's pages, one after another → table rows, titles and notes.

Between the titles of 类 and 章 stand notes (with small tables of their own); a table of the
catalogue begins with its head and goes on over page breaks, without a head, until the next title.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from catalogue.importing.pdf_content import UNKNOWN
from catalogue.importing.pdf_grid import SPLIT, Block, GridRow, TextLine
from catalogue.importing.result import ReadHeading, ReadReport, ReportLine, UnreadableCatalogue
from catalogue.importing.rows import COLONS, DASHES, Inheritance, TableRow
from catalogue.importing.titles import Title, next_chapter, read_title

_SAME_EDGE = 6.0  # points: how far the columns of a page may stand from those of the head
_CENTRED = 4.0  # points
_FULL = 26.0  # points: a note's line that ends this near the right margin goes on in the next
_NOTES = "注释："
_ITEM = re.compile(
    r"[一二三四五六七八九十]+、|[(（][一二三四五六七八九十\d]+[)）]|\d+[.．、]|\*|\S{0,4}注释："
)
_SPACES = re.compile(r"\s+")
_CODE_LABELS = {"税则号列", "税则号", "税号", "税则列号", "商品编码", "商品编号"}
_NAME_LABELS = {"商品名称", "货品名称"}
_CATEGORY_LABELS = {
    "归类要素": "classification",
    "价格要素": "price",
    "其他要素": "other",
    "审单及其他要素": "other",
}
_REMARK_LABELS = {"备注", "说明", "说明举例", "举例说明", "举例"}
_ABOVE = "申报要素"
_HEAD_WORDS = re.compile("|".join([*_CODE_LABELS, *_NAME_LABELS, _ABOVE]))
_PAGE_NUMBER = re.compile(r"[-—–―·\s]*(第\s*)?\d{1,4}(\s*页)?[-—–―·\s]*")
_LOOKS_LIKE_CODE = re.compile(r"\d{4}\.?\d{4}|\d{2}\.\d{2}")


class Columns(NamedTuple):
    """Which column holds what, by its place from the left, and where the borders stand."""

    edges: tuple[float, ...]
    code: int
    name: int
    elements: tuple[tuple[int, str], ...]
    remark: int | None


@dataclass
class _Open:
    """A 类 or 章 whose name and note are being read."""

    level: str
    code: str
    parent: str
    title: list[str]
    note: list[str] = field(default_factory=list)
    joins: bool = False
    in_title: bool = True


@dataclass
class AnnexReader:
    """Takes the pages in order, then `finish`; gives headings, and codes through `rows`."""

    report: ReadReport = field(default_factory=ReadReport)
    headings: list[ReadHeading] = field(default_factory=list)
    unread_rows: int = 0
    heads: int = 0
    _columns: Columns | None = None
    _in_table: bool = False
    _section: int = 0
    _margin: float = 0.0
    _chapter: int = 0
    _open: _Open | None = None
    _waiting: TableRow | None = None

    def __post_init__(self) -> None:
        self.rows = Inheritance(report=self.report)

    def take_page(self, page: int, width: float, blocks: list[Block]) -> None:
        """Read the next page (from 1), `width` points wide."""
        self._margin = min(
            (b.left if isinstance(b, TextLine) else b.edges[0] for b in blocks), default=0.0
        )
        is_first = True  # a row that the page's end cut in two goes on in the first one
        for block in blocks:
            if isinstance(block, TextLine):
                self._take_line(page, width, block)
            else:
                self._take_row(page, block, is_first=is_first)
                is_first = False

    def finish(self) -> None:
        """Read what waited for more."""
        self._flush()
        self.rows.finish()
        self._close()

    # Text between tables

    def _take_line(self, page: int, width: float, line: TextLine) -> None:
        is_centred = (
            abs((line.left + line.right) / 2 - width / 2) < _CENTRED
            and line.left > self._margin + 2
        )
        title = read_title(line.text) if is_centred else None
        if title is not None and self._begin(title):
            return
        if not _HEAD_WORDS.sub("", _SPACES.sub("", line.text)):
            return  # a head that the page's end cut in two
        edge = line.height < 0.1 or line.height > 0.9
        if edge and _PAGE_NUMBER.fullmatch(line.text):
            return
        if self._in_table:
            self._say(page, f"表格之外的文字没有读入：{line.text[:40]}")
        elif self._open is not None:
            self._add_text(width, line, is_centred)

    def _begin(self, title: Title) -> bool:
        """Begin a 类 or 章 if its number is the one that is due; give whether it did."""
        if title.kind == "类" and title.number == self._section + 1:
            self._section += 1
            level, code, parent = "section", f"{self._section:02d}", ""
        elif title.kind == "章" and title.number == next_chapter(self._chapter):
            self._chapter = title.number
            level, code, parent = "chapter", f"{title.number:02d}", self._section_code()
        else:
            return False
        self._close()
        self._in_table = False
        self.rows.part = ""
        self._open = _Open(level, code, parent, [title.name])
        return True

    def _section_code(self) -> str:
        return f"{self._section:02d}" if self._section else ""

    def _add_text(self, width: float, line: TextLine, is_centred: bool) -> None:
        """Add a line to the open title or its note, joined where the layout broke it."""
        opened, text = self._open, line.text
        if opened is None:
            return
        if opened.in_title and is_centred:
            # The second line of a long title, which may have 注释： behind it.
            opened.title.append(text.removesuffix(_NOTES))
            if not text.endswith(_NOTES):
                return
            text = _NOTES
        opened.in_title = False
        if opened.joins and opened.note and not _ITEM.match(text):
            opened.note[-1] += text
        else:
            opened.note.append(text)
        opened.joins = width - line.right < line.left + _FULL and line.left < width / 4

    def _close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            name = _SPACES.sub("", "".join(opened.title))
            note = "\n".join(opened.note)
            self.headings.append(ReadHeading(opened.level, opened.code, opened.parent, name, note))

    # Rows

    def _take_row(self, page: int, row: GridRow, *, is_first: bool) -> None:
        labels = [_SPACES.sub("", cell.split(SPLIT)[-1]) for cell in row.cells]
        if any(label in _CODE_LABELS for label in labels):
            self._flush()
            self._columns = _columns(page, row.edges, labels)
            self.heads += 1
            if self._open is not None:
                self._close()
            self._in_table = True
        elif set("".join(labels)) <= set(_ABOVE) and any(labels):
            pass  # the upper half of a head that the page's end cut in two
        elif not self._in_table:
            self._take_note_row(row)
        elif not self._fits(row):
            if any(row.cells):
                self._unread(page, row, "栏线与表头不同")
        elif row.merged:
            self._unread(page, row, "单元格与下一行合并，分不清属于哪一行")
        else:
            self._take_table_row(page, row, is_first=is_first)

    def _take_note_row(self, row: GridRow) -> None:
        """Keep a row of a table inside a note as a line of the note."""
        if self._open is not None:
            self._open.note.append("\t".join(cell.replace(SPLIT, " ") for cell in row.cells))
            self._open.joins = self._open.in_title = False

    def _fits(self, row: GridRow) -> bool:
        columns = self._columns
        return (
            columns is not None
            and len(row.edges) == len(columns.edges)
            and all(abs(a - b) < _SAME_EDGE for a, b in zip(row.edges, columns.edges, strict=True))
        )

    def _unread(self, page: int, row: GridRow, why: str) -> None:
        self.unread_rows += 1
        text = "；".join(cell for cell in row.cells if cell)[:60]
        self._say(page, f"有一行的{why}，没有读入：{text}")

    def _take_table_row(self, page: int, row: GridRow, *, is_first: bool) -> None:
        columns = self._columns
        if columns is None:
            return
        cells = [cell.replace(SPLIT, "") for cell in row.cells]
        taken = TableRow(
            page,
            cells[columns.code],
            # The report says that a page has such characters; a name is plain enough without.
            cells[columns.name].replace(UNKNOWN, ""),
            tuple((category, cells[place]) for place, category in columns.elements),
            "" if columns.remark is None else cells[columns.remark],
        )
        if not any(cells):
            return
        title = read_title(taken.name) if not taken.code else None
        is_part = title is not None and title.kind == "分章"
        if is_first and not is_part and self._waiting and _goes_on(self._waiting, taken):
            self._waiting = _continued(self._waiting, taken)
            return
        self._flush()
        if is_part:
            self.rows.part = taken.name
            return
        self._follow_chapter(taken)
        self._waiting = taken

    def _follow_chapter(self, row: TableRow) -> None:
        """Keep in step with the codes where a chapter's title was not found."""
        code = _SPACES.sub("", row.code)
        if _LOOKS_LIKE_CODE.fullmatch(code) and int(code[:2]) != self._chapter:
            self._say(row.page, f"没有读到第 {int(code[:2])} 章的标题。")
            self._chapter = int(code[:2])

    def _flush(self) -> None:
        if self._waiting is not None:
            self.rows.take(self._waiting)
            self._waiting = None

    def _say(self, page: int, text: str) -> None:
        self.report.lines.append(ReportLine(page, text))


def _goes_on(row: TableRow, more: TableRow) -> bool:
    """Tell whether a page's first row is the rest of the last one of the page before."""
    if more.code:
        return False
    return not more.name or not (more.name.startswith(DASHES) or row.name.endswith(COLONS))


def _continued(row: TableRow, more: TableRow) -> TableRow:
    """Join a row with its rest on the next page."""
    cells = tuple(
        (category, text + rest)
        for (category, text), (_, rest) in zip(row.cells, more.cells, strict=True)
    )
    return row._replace(name=row.name + more.name, cells=cells, remark=row.remark + more.remark)


def _columns(page: int, edges: tuple[float, ...], labels: list[str]) -> Columns:
    """Read the head. Raises UnreadableCatalogue where it is not the annex's."""
    code = [place for place, label in enumerate(labels) if label in _CODE_LABELS]
    name = [place for place, label in enumerate(labels) if label in _NAME_LABELS]
    elements = [
        (place, _CATEGORY_LABELS[label])
        for place, label in enumerate(labels)
        if label in _CATEGORY_LABELS
    ]
    remark = [place for place, label in enumerate(labels) if label in _REMARK_LABELS]
    known = len(code) + len(name) + len(elements) + len(remark)
    categories = [category for _, category in elements]
    if (
        len(code) != 1
        or len(name) != 1
        or categories != ["classification", "price", "other"]
        or len(remark) > 1
        or known != len(labels)
    ):
        raise UnreadableCatalogue(
            f"第 {page} 页的表头是“{'、'.join(label or '（空）' for label in labels)}”，"
            "与已知的版式（税则号列、商品名称、归类要素、价格要素、其他要素）不同，没有导入。"
        )
    return Columns(edges, code[0], name[0], tuple(elements), remark[0] if remark else None)
