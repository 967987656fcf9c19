"""What officers' queries ask for, apart from how it was typed and how it is answered."""

from dataclasses import dataclass
from datetime import date

from django.db import models

from comparison.models import Mark
from declarations.models import IEFlag


class PartyRole(models.TextChoices):
    """企业类别: as what an enterprise stands on a declaration."""

    AGENT = "agent", "申报单位"
    TRADER = "trader", "收发货人"


class VerdictState(models.TextChoices):
    """What a released verdict stands for today."""

    EFFECTIVE = "effective", "现行有效"
    SUPERSEDED = "superseded", "已被替代"
    WITHDRAWN = "withdrawn", "已撤回"


@dataclass(frozen=True)
class ContentConditions:
    """Conditions on what was declared; an empty one is not asked for.

    `hs_prefix`: the first digits of a 商品编码. `words`: normalised words that the content's search
    text must all contain. `number`: one content's own id.
    """

    number: int | None = None
    hs_prefix: str = ""
    ie_flag: IEFlag | None = None
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.number or self.hs_prefix or self.ie_flag or self.words)


@dataclass(frozen=True)
class PartyConditions:
    """Whose rows: `enterprises` are ids (None: everybody's), `role` as what they stand there."""

    enterprises: tuple[int, ...] | None = None
    role: PartyRole | None = None


@dataclass(frozen=True)
class DeclaredConditions:
    """A query of declared lines. `declared_from` and `declared_to` are included.

    An 18-character 报关单号 in the keyword asks for that declaration; two of them match nothing.
    """

    content: ContentConditions = ContentConditions()
    parties: PartyConditions = PartyConditions()
    marks: frozenset[Mark] = frozenset()
    trade_mode: str = ""
    declared_from: date | None = None
    declared_to: date | None = None
    entry_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class VerdictConditions:
    """A query of released verdicts; `releases` are ids (None: all)."""

    content: ContentConditions = ContentConditions()
    parties: PartyConditions = PartyConditions()
    state: VerdictState | None = None
    month: date | None = None
    conforming: bool | None = None
    reason: str = ""
    auditor: str = ""
    releases: tuple[int, ...] | None = None
    declared_from: date | None = None
    declared_to: date | None = None
    entry_ids: tuple[str, ...] = ()
