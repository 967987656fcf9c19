"""The base of our tables, and the kinds of column that they share.

Rows come cut and sorted from a row source (pages/paging.py); the table only draws them, so it
never counts, sorts or slices by itself.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_tables2.data import TableData

from pages.excel import Column as SheetColumn

# Texts shorter than this fit their cell's two lines; a half-width character counts a half.
LONG_TEXT = 34


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

    class Meta:
        template_name = "django_tables2/portal_table.html"
        attrs = {"class": "list-table"}
        orderable = False
        order_by_field = "sort"
        default = ""

    def __init__(self, rows: Sequence[Any], **kwargs: Any) -> None:
        # A subclass whose Meta forgets to inherit from ours still gets our look.
        kwargs.setdefault("template_name", "django_tables2/portal_table.html")
        kwargs.setdefault("order_by_field", "sort")
        kwargs.setdefault("attrs", {"class": "list-table"} | (self._meta.attrs or {}))
        super().__init__(ShownRows(rows), **kwargs)

    @property
    def ticks_rows(self) -> bool:
        """Whether this table has a tick column."""
        return any(isinstance(column.column, TickColumn) for column in self.columns)

    def export_columns(self) -> list[SheetColumn]:
        """Return the visible data columns as sheet columns, in the shown order."""
        return [SheetColumn(str(column.header)) for column in self._exported()]

    def export_rows(self) -> Iterator[list[Any]]:
        """Yield the values of the shown rows, without any HTML, in the shown order."""
        names = [column.name for column in self._exported()]
        for row in self.rows:
            yield [row.get_cell_value(name) for name in names]

    def _exported(self) -> list[Any]:
        return [c for c in self.columns if c.visible and not c.column.exclude_from_export]


class PlainColumn(tables.Column):
    """A column with a class on its cells; texts of people, such as names, break anywhere."""

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
            '<input type="checkbox" class="form-check-input" data-tick-all hidden'
            ' aria-label="{}">',
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
    """A code: figures of one width, never broken over lines, exported as text."""

    cell_class = "cell-code"

    def value(self, value: Any) -> str:
        """Return the code as text."""
        return "" if value is None else str(value)


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
    """A 标记: the accessor gives the code of a TextChoices, `get_..._display` its words.

    `conflict` names the record's flag that contrary verdicts exist; `note` names an attribute with
    a short text below the mark (such as 审核时文本).
    """

    cell_class = "cell-mark"

    def __init__(self, *args: Any, conflict: str = "", note: str = "", **kwargs: Any) -> None:
        self.conflict, self.note = conflict, note
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any) -> str:
        """Draw the badge: words, a shape and a colour."""
        return render_to_string(
            "_mark.html",
            {
                "mark": value,
                "label": MARK_LABELS.get(str(value), str(value)),
                "conflict": bool(self.conflict and _of(record, self.conflict)),
                "note": _of(record, self.note) if self.note else "",
            },
        )

    def value(self, value: Any) -> str:
        """Return the words of the mark."""
        return MARK_LABELS.get(str(value), str(value))


class ActionsColumn(tables.TemplateColumn):
    """Buttons and links of one row, drawn by a template that gets `record`."""

    def __init__(self, template_name: str, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", "操作")
        kwargs.setdefault("attrs", {"td": {"class": "cell-actions"}, "th": {"class": "cell-actions"}})
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


def long_text(text: str) -> SafeString:
    """Return the text with a place to break after each `|`, folded where it is long."""
    pieces = text.split("|")
    last = len(pieces) - 1
    broken = format_html_join(
        "", "{}{}", ((piece, SafeString("|<wbr>") if i < last else "") for i, piece in enumerate(pieces))
    )
    if sum(0.5 if c.isascii() else 1 for c in text) <= LONG_TEXT:
        return broken
    return format_html(
        '<details class="long-text"><summary title="点击展开或收起全文"><span>{}</span></summary>'
        "</details>",
        broken,
    )


def _of(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, dict) else getattr(record, name, None)
