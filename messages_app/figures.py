"""The figures of a version as a page shows them: by role, with the way to the rows behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.http import urlencode

from messages_app.models import Message, MessageVersion
from messages_app.queries import MonthFigures


@dataclass(frozen=True)
class RoleFigures:
    """An enterprise's own audited lines of the month in one of its roles.

    `url` leads to the 企业库 with the query that shows this role's 不规范 rows, of all months.
    """

    label: str
    figures: MonthFigures
    url: str

    @property
    def rate(self) -> Decimal | None:
        """规范申报率 in per cent, None where nothing was audited."""
        return self.figures.rate


@dataclass(frozen=True)
class HistoryItem:
    """A version as the history lists it; `changes` say what differs from the one before."""

    version: MessageVersion
    changes: Sequence[str]


def figures_of(version: MessageVersion) -> list[RoleFigures]:
    """Return the figures as 申报单位 and as 收发货人."""
    return [
        RoleFigures(
            "申报单位",
            MonthFigures(
                version.agent_audited, version.agent_audited - version.agent_nonconforming
            ),
            _library("agent"),
        ),
        RoleFigures(
            "收发货人",
            MonthFigures(
                version.trader_audited, version.trader_audited - version.trader_nonconforming
            ),
            _library("trader"),
        ),
    ]


def history_of(message: Message) -> list[HistoryItem]:
    """Return all versions of a message, the newest first: one query."""
    versions = list(message.versions.select_related("release").order_by("number"))
    before = [None, *versions]
    items = [
        HistoryItem(version, _changes(earlier, version))
        for earlier, version in zip(before, versions, strict=False)
    ]
    return items[::-1]


FIGURES = {
    "agent_audited": "作为申报单位审核",
    "agent_nonconforming": "作为申报单位不规范",
    "trader_audited": "作为收发货人审核",
    "trader_nonconforming": "作为收发货人不规范",
}


def _changes(earlier: MessageVersion | None, version: MessageVersion) -> list[str]:
    """Say each figure that differs: from, to."""
    if earlier is None:
        return []
    pairs = (
        (label, getattr(earlier, name), getattr(version, name)) for name, label in FIGURES.items()
    )
    return [f"{label} {old:,} 条改为 {new:,} 条" for label, old, new in pairs if old != new]


def _library(role: str) -> str:
    """Return the 企业库's URL for the 不规范 rows of one role."""
    # The names are those of the 企业库's query form; tests/messages_app holds them together.
    query = urlencode({"mark": "nonconforming", "role": role})
    return f"{reverse('enterprise_lib:list')}?{query}"
