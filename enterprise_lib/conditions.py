"""What a query of the 企业库 asks for, apart from how it was typed and how it is answered."""

from dataclasses import dataclass, field
from datetime import date

from django.db import models

from comparison.models import Mark
from declarations.models import IEFlag


class PartyRole(models.TextChoices):
    """企业类别: as what this enterprise stands on a declaration."""

    AGENT = "agent", "申报单位"
    TRADER = "trader", "收发货人"


class Sort(models.TextChoices):
    """What the rows may be ordered by; within equals the newest 申报日期 comes first."""

    DECLARED_ON = "declared_on", "申报日期"
    HS_CODE = "hs_code", "商品编码"
    MARK = "mark", "标记类型"


@dataclass(frozen=True)
class Order:
    """A sort and its direction."""

    by: Sort = Sort.DECLARED_ON
    descending: bool = True


@dataclass(frozen=True)
class Conditions:
    """The conditions of a query; an empty one is not asked for, those given must all hold.

    `hs_prefix`: the first digits of a 商品编码. `declared_from` and `declared_to` are included.
    `words`: normalised words that the content's search text must all contain. `entry_ids`: an
    18-character 报关单号 in the keyword asks for that declaration; two of them match nothing.
    """

    marks: frozenset[Mark] = frozenset()
    trade_modes: frozenset[str] = frozenset()
    hs_prefix: str = ""
    ie_flag: IEFlag | None = None
    role: PartyRole | None = None
    declared_from: date | None = None
    declared_to: date | None = None
    words: tuple[str, ...] = field(default=())
    entry_ids: tuple[str, ...] = field(default=())

    @property
    def of_content(self) -> bool:
        """Whether any condition is one on the content (by search text, code or flag)."""
        return bool(self.hs_prefix or self.ie_flag or self.words)

    @property
    def of_row(self) -> bool:
        """Whether any condition tells rows of one content apart, so that its row count won't do."""
        return bool(
            self.trade_modes
            or self.role
            or self.declared_from
            or self.declared_to
            or self.entry_ids
        )
