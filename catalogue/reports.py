"""A reading's report as a page shows it: what was odd, page by page, and the figures in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# As many lines are shown at once; a file of another layout may have one for every row.
MOST_LINES = 500

FIGURES = {
    "pages": "页数",
    "headings": "品目",
    "codes": "税则号列",
    "elements": "申报要素",
    "unread_rows": "没有读懂的行",
    "irregular": "要素编号不连续的税则号列",
    "empty": "没有申报要素的税则号列",
    "bare_headings": "没有税则号列的品目",
    "suspicious_names": "名称可能断错的税则号列",
}


@dataclass(frozen=True)
class ShownReport:
    """`figures` are (name, value); `lines` are (place, sentence); `more` how many are left out."""

    figures: Sequence[tuple[str, str]]
    lines: Sequence[tuple[str, str]]
    more: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.figures or self.lines)


def shown_report(report: Mapping[str, Any]) -> ShownReport:
    """Put a stored report (ReadReport.as_json) into words."""
    lines = sorted(report.get("lines") or (), key=lambda line: line["page"])
    figures = report.get("figures") or {}
    # The database keeps them in an order of its own.
    names = [*(name for name in FIGURES if name in figures), *sorted(figures.keys() - FIGURES)]
    return ShownReport(
        [(FIGURES.get(name, name), _figure(figures[name])) for name in names],
        [
            (f"第 {line['page']} 页" if line["page"] else "整个文件", line["text"])
            for line in lines[:MOST_LINES]
        ],
        max(len(lines) - MOST_LINES, 0),
    )


def _figure(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")
