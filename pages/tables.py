"""The base of our tables, and the kinds of column that they share.

Rows come cut and sorted from a row source (pages/paging.py); the table only draws them, so it
never counts, sorts or slices by itself.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django_tables2.data import TableData
from django_tables2.utils import AttributeDict

from pages.codes import code_link
from pages.excel import Column as SheetColumn

# Texts up to this fit two lines of the narrowest cell; a half-width character counts a half. In a
# wider cell portal.js takes the fold's sign off texts that fit.
LONG_TEXT = 24


class ShownRows(TableData):
    """The rows of one page, already in order."""

    def __len__(self) -> int:
        return len(self.data)

    def order_by(self, aliases: Sequence[str]) -> None:
        """Leave the order as it came: the row source has sorted all rows, not just these."""


class PortalTable(tables.Table):
    """A table of one page of rows.

    A column can be sorted by where the page's `sorts` names it (ListPage sees to that); columns
    that are not data (ticks, actions) stay out of exports.
    """

    def __init__(self, rows: Sequence[Any], **kwargs: Any) -> None:
        # Set here and not in a Meta, which a subclass would have to inherit by name.
        kwargs.setdefault("template_name", "django_tables2/portal_table.html")
        kwargs.setdefault("order_by_field", "sort")
        kwargs.setdefault("orderable", False)
        kwargs.setdefault("default", "")
        kwargs.setdefault("attrs", {"class": "list-table"} | (self._meta.attrs or {}))
        super().__init__(ShownRows(rows), **kwargs)

    @property
    def ticks_rows(self) -> bool:
        """Whether this table has a tick column."""
        return any(isinstance(column.column, TickColumn) for column in self.columns)

    def drawn_rows(self) -> Iterator[SafeString]:
        """Yield the shown rows as HTML.

        django-tables2 works out the attributes of every cell anew; ours belong to the column, so
        they are written once: a third of the time of a page of 100 rows.
        """
        columns = [(c.name, _attributes(c.attrs["td"])) for c in self.columns]
        for row in self.rows:
            cells = format_html_join(
                "", "<td{}>{}</td>", ((attrs, row.get_cell(name)) for name, attrs in columns)
            )
            yield format_html("<tr{}>{}</tr>", _attributes(row.attrs), cells)

    def export_columns(self) -> list[SheetColumn]:
        """Return the data columns as sheet columns, in the shown order."""
        return [SheetColumn(str(column.header)) for column in self._exported()]

    def export_rows(self) -> Iterator[list[Any]]:
        """Yield the values of the shown rows, without any HTML, in the shown order."""
        names = [column.name for column in self._exported()]
        for row in self.rows:
            yield [row.get_cell_value(name) for name in names]

    def _exported(self) -> list[Any]:
        columns = (c for c in self.columns.iterall() if not c.column.exclude_from_export)
        return [c for c in columns if c.visible or isinstance(c.column, SheetOnlyColumn)]


class PlainColumn(tables.Column):
    """A column with a class on its cells.

    `cell-short` keeps a short text on one line where the window is wide, `cell-name` gives a name
    room; any other text breaks anywhere.
    """

    cell_class = ""

    def __init__(self, *args: Any, cell_class: str = "", **kwargs: Any) -> None:
        names = f"{self.cell_class} {cell_class}".strip()
        if names:
            attrs = kwargs.setdefault("attrs", {})
            attrs.setdefault("td", {}).setdefault("class", names)
            attrs.setdefault("th", {}).setdefault("class", names)
        super().__init__(*args, **kwargs)


class TickColumn(PlainColumn):
    """Tick boxes named `tick`; the value is the row's key (accessor), see pages/ticks.py."""

    cell_class = "cell-tick"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, orderable=False, exclude_from_export=True, **kwargs)

    @property
    def header(self) -> SafeString:
        """The box that ticks the whole page; it needs JavaScript, which unhides it."""
        return format_html(
            '<input type="checkbox" class="form-check-input" data-tick-all hidden aria-label="{}">',
            "选择本页全部数据",
        )

    def render(self, value: Any, bound_row: Any) -> SafeString:
        """Draw one box, tied to the toolbar's form."""
        return format_html(
            '<input type="checkbox" class="form-check-input" name="tick" value="{}"'
            ' form="row-actions" aria-label="选择第 {} 行">',
            value,
            bound_row.row_counter + 1,
        )


class CodeColumn(PlainColumn):
    """A code: figures of one width, never broken over lines, exported as text.

    `second` names an attribute that is drawn in small type below, after `second_label` (项号 below
    报关单号); in a workbook it wants a SheetOnlyColumn of its own.
    """

    cell_class = "cell-code"

    def __init__(self, *args: Any, second: str = "", second_label: str = "", **kwargs: Any) -> None:
        self.second, self.second_label = second, second_label
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw the code, and the second one below it."""
        below = _of(record, self.second) if self.second else None
        if below in (None, ""):
            return format_html("{}", value)
        label = f"{self.second_label} " if self.second_label else ""
        return format_html('{}<span class="cell-second">{}{}</span>', value, label, below)

    def value(self, value: Any) -> str:
        """Return the code as text."""
        return "" if value is None else str(value)


class HsCodeColumn(CodeColumn):
    """A 商品编码: looks like any code, and leads to its page in the catalogue."""

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw the code as a link."""
        return code_link(str(value))


class SheetOnlyColumn(CodeColumn):
    """A text that a workbook has in a column of its own and the page shows within another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, visible=False, **kwargs)


class NumberColumn(PlainColumn):
    """A number, to the right, with separators; exported as a number."""

    cell_class = "cell-number"

    def render(self, value: Any) -> str:
        """Write the number with thousands separators."""
        return f"{value:,}"

    def value(self, value: Any) -> Any:
        """Return the number itself."""
        return value


class DayColumn(PlainColumn):
    """A date as 2025-09-30; exported as a date."""

    cell_class = "cell-date"

    def render(self, value: Any) -> str:
        """Write the day."""
        return f"{value:%Y-%m-%d}"

    def value(self, value: Any) -> Any:
        """Return the date itself."""
        return value


class LongTextColumn(PlainColumn):
    """A text that is cut after two lines, the whole of it one click or key press away."""

    cell_class = "cell-long"

    def render(self, value: Any) -> SafeString:
        """Draw the text, in a fold where it is too long for the cell."""
        return long_text(str(value))

    def value(self, value: Any) -> str:
        """Return the whole text."""
        return "" if value is None else str(value)


class MarkColumn(PlainColumn):
    """A 标记: the accessor gives its code (or its words).

    `conflict` names the record's flag that contrary verdicts exist; `note` names an attribute with
    a short text below the mark (such as 审核时文本).
    """

    cell_class = "cell-mark"

    def __init__(self, *args: Any, conflict: str = "", note: str = "", **kwargs: Any) -> None:
        self.conflict, self.note = conflict, note
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any) -> str:
        """Draw the badge: words, a shape and a colour."""
        conflict = bool(self.conflict and _of(record, self.conflict))
        note = str(_of(record, self.note) or "") if self.note else ""
        return _drawn_mark(_mark_code(value), conflict, note)

    def value(self, value: Any) -> str:
        """Return the words of the mark."""
        return MARK_LABELS.get(_mark_code(value), str(value))


class ActionsColumn(tables.TemplateColumn):
    """Buttons and links of one row, drawn by a template that gets `record`."""

    def __init__(self, template_name: str, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", "操作")
        kwargs.setdefault(
            "attrs", {"td": {"class": "cell-actions"}, "th": {"class": "cell-actions"}}
        )
        super().__init__(
            template_name=template_name, orderable=False, exclude_from_export=True, **kwargs
        )


# The words of the marks, by the codes of comparison's own enumeration (the manual's 标记类型).
MARK_LABELS = {
    "conforming": "规范",
    "nonconforming": "不规范",
    "system_matched": "系统匹配",
    "self_selected": "企业自选",
    "unmarked": "未标记",
}
_MARK_CODES = {label: code for code, label in MARK_LABELS.items()}


def _mark_code(value: Any) -> str:
    """Return the code, also of words: django-tables2 hands a model's choice over as its label."""
    return _MARK_CODES.get(str(value), str(value))


@lru_cache(maxsize=256)
def _drawn_mark(code: str, conflict: bool, note: str) -> str:
    """Draw a mark; a page has many rows and few different marks."""
    label = MARK_LABELS.get(code, code)
    context = {"mark": code, "label": label, "conflict": conflict, "note": note}
    return render_to_string("_mark.html", context)


def long_text(text: str) -> SafeString:
    """Return the text with a place to break after each `|`, folded where it is long."""
    broken = SafeString(escape(text).replace("|", "|<wbr>"))
    if sum(0.5 if c.isascii() else 1 for c in text) <= LONG_TEXT:
        return broken
    return format_html(
        '<details class="long-text"><summary title="点击展开或收起全文"><span>{}</span></summary>'
        "</details>",
        broken,
    )


def _attributes(attrs: AttributeDict) -> SafeString:
    """Return attributes as they stand in a tag, with a space before them."""
    written = attrs.as_html()
    return SafeString(f" {written}") if written else SafeString("")


def _of(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, dict) else getattr(record, name, None)
