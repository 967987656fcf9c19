"""申报要素详情: a row's 规格型号, element by element, as the page shows it."""

from dataclasses import dataclass

from catalogue.elements import Part, PartKind, element_names, read
from catalogue.models import Edition
from declarations.models import Goods


@dataclass(frozen=True)
class DetailRow:
    """One line of the detail: an element with its value, or a part that stands under none.

    `number` is the catalogue's; `meaning` decodes 品牌类型 and 出口享惠情况; `is_declared` is False for
    an element of the catalogue that the string doesn't reach.
    """

    number: int | None
    name: str
    value: str
    meaning: str
    category: str
    why: str
    is_declared: bool = True
    is_unmatched: bool = False


@dataclass(frozen=True)
class Detail:
    """A whole 规格型号, read by the newest edition in force; `note` says what to be careful about."""

    edition: Edition | None
    rows: list[DetailRow]
    note: str


def read_elements(goods: Goods) -> Detail:
    """Read the exact declared text. No part is lost, whatever the string looks like."""
    reading = read(goods.g_model, goods.hs_code, goods.ie_flag)
    rows = [_declared(part) for part in reading.parts]
    names = element_names(reading.edition, goods.hs_code)
    reached = {part.number for part in reading.parts if part.number is not None}
    missing = [
        DetailRow(name.number, name.name, "", "", name.category, "规格型号中没有这一部分", False)
        for name in names or ()
        if name.number not in reached
    ]
    # Behind the last element of the string, where the missing ones would stand.
    place = max((i for i, row in enumerate(rows, 1) if not row.is_unmatched), default=0)
    rows[place:place] = missing
    return Detail(reading.edition, rows, _note(reading.edition, names is None, reading.is_certain))


def _declared(part: Part) -> DetailRow:
    return DetailRow(
        part.number,
        part.name,
        part.value,
        part.meaning,
        part.category,
        part.why,
        is_unmatched=part.kind is PartKind.UNMATCHED,
    )


def _note(edition: Edition | None, code_is_missing: bool, is_certain: bool) -> str:
    if edition is None:
        return "系统中还没有规范申报目录，各部分暂不能对应到要素。"
    if code_is_missing:
        return f"{edition}目录中没有这个商品编码，各部分未对应到要素，请核对商品编码。"
    if not is_certain:
        return "填报的部分与目录要素的个数或格式不一致，下面按顺序对应，仅供参考，请逐项核对。"
    return ""
