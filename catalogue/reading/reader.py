"""Reading a whole string by a given list; no database."""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import repeat

from catalogue.models import Edition
from catalogue.reading.model import ElementName, Part, PartKind, Reading
from catalogue.reading.placing import Labelled
from catalogue.reading.plan import Plan, plan_of
from catalogue.reading.signals import signal_of
from catalogue.reading.splitting import (
    ANTI_DUMPING_GROUPS,
    KNOWN_BENEFITS,
    KNOWN_TYPES,
    Leading,
    Pieces,
    cut,
    leading_codes,
)

_NO_LIST = "目录中没有该商品编码，无法对应要素"
_UNREAD = (PartKind.UNMATCHED, None, "未对应要素")
_HALF_SURE = 0.85


def read_by(
    g_model: str,
    ie_flag: str,
    edition: Edition | None,
    names: Sequence[ElementName] | None,
    hs_code: str = "",
) -> Reading:
    """Read a 规格型号 by a given element list; a pure function of its arguments.

    `hs_code` (four or more digits) lets it know what older lists of that heading had. Certain
    only where both leading codes are there, the catalogue elements are all there with at most
    GTIN, CAS and 其他 behind them, and no part's text speaks against its element; single parts may
    be certain where the whole is not.
    """
    plan = None if names is None else plan_of(tuple(names), hs_code[:4])
    return read_by_plan(g_model, edition, plan)


def read_by_plan(g_model: str, edition: Edition | None, plan: Plan | None) -> Reading:
    """Read a 规格型号 by a prepared list."""
    if plan is not None and plan.accepts(g_model):
        raws = g_model.split("|")
        return _read_in_order(raws, edition, plan)
    return read_at_length(g_model, edition, plan)


def _read_in_order(raws: list[str], edition: Edition | None, plan: Plan) -> Reading:
    """Read what needs no more than counting; no part has a label or white space before it."""
    placing = plan.in_order(len(raws) - _LEADING)
    kinds, numbers, names, categories, whys, meanings, certain = placing.columns
    values = body = raws[_LEADING:]
    if any(map(str.endswith, body, repeat(" "))):
        values = [value.strip() for value in body]
    columns = zip(
        kinds, numbers, names, values, categories, whys, meanings, certain, repeat(""), body
    )
    parts = (*_KNOWN_LEADING[raws[0], raws[1]], *map(_new_part, columns))
    return _new_reading((edition, parts, True, plan.names, 1.0, (), ("|",) * (len(raws) - 1)))


def read_at_length(g_model: str, edition: Edition | None, plan: Plan | None) -> Reading:
    """Read as read_by_plan, by all rules."""
    pieces = cut(g_model)
    raws, at = pieces.raws, pieces.tail
    values = [raw.strip() for raw in raws]
    end = len(values) if at < 0 else at
    brand_type, benefit = leading_codes(values, end, plan.count if plan else 0)
    start = (brand_type is not None) + (benefit is not None)
    body = values[start:end] if start or at >= 0 else values
    if start < _LEADING or (raws[0], raws[1]) not in _KNOWN_LEADING:
        lead = _leading_parts(raws, values, brand_type, benefit)
    else:
        lead = _KNOWN_LEADING[raws[0], raws[1]]
    tail = _tail_parts(pieces, values) if at >= 0 else ()
    if plan is None:
        parts = (*lead, *_without_list(raws[start:end], body), *tail)
        return Reading(edition, parts, False, None, 0.0, (f"{_NO_LIST}。",), pieces.separators)
    labels: Sequence[Labelled | None] = ()
    if ":" in g_model or "：" in g_model:
        body, labels = _labels(plan, body)
    placing = plan.place(body, tuple(map(signal_of, body)), labels)
    kinds, numbers, names, categories, whys, meanings, sure = placing.columns
    certain: Iterable[object] = sure
    confidence, is_certain = placing.confidence, placing.is_straight
    if not is_certain:
        is_certain = all(sure) and all(part.is_certain for part in (*lead, *tail))
    elif brand_type is None or benefit is None:
        is_certain, confidence, certain = False, _HALF_SURE, repeat(False)
    texts = [label.text if label and label.places else "" for label in labels] or repeat("")
    columns = zip(
        kinds,
        numbers,
        names,
        body,
        categories,
        whys,
        meanings,
        certain,
        texts,
        raws[start:end],
        strict=False,
    )
    parts = (*lead, *map(_new_part, columns), *tail)
    notes, separators = placing.notes, pieces.separators
    return Reading(edition, parts, is_certain, plan.names, confidence, notes, separators)


# Part._make without its check of the length: most of the time goes into making parts.
_new_part = partial(tuple.__new__, Part)
_new_reading = partial(tuple.__new__, Reading)
_LEADING = 2
_LEADING_FIELDS = (
    (PartKind.BRAND_TYPE, None, "品牌类型"),
    (PartKind.EXPORT_BENEFIT, None, "出口享惠情况"),
)


def _leading_parts(
    raws: Sequence[str],
    values: Sequence[str],
    brand_type: Leading | None,
    benefit: Leading | None,
) -> tuple[Part, ...]:
    if brand_type is None:
        return ()
    _, meaning, why, sure = brand_type
    first: Part = _new_part((*_LEADING_FIELDS[0], values[0], "", why, meaning, sure, "", raws[0]))
    if benefit is None:
        return (first,)
    _, meaning, why, sure = benefit
    second: Part = _new_part((*_LEADING_FIELDS[1], values[1], "", why, meaning, sure, "", raws[1]))
    return first, second


_KNOWN_LEADING = {
    (code, other): _leading_parts([code, other], [code, other], first, second)
    for code, first in KNOWN_TYPES.items()
    for other, second in KNOWN_BENEFITS.items()
}


def _without_list(raws: Sequence[str], values: Sequence[str]) -> list[Part]:
    return [
        Part._make((*_UNREAD, value, "", _NO_LIST, "", False, "", raw))
        for value, raw in zip(values, raws, strict=True)
    ]


def _labels(plan: Plan, body: Sequence[str]) -> tuple[list[str], list[Labelled | None]]:
    """Take off the labels that name an element."""
    values, labels = [], []
    for value in body:
        found = plan.label_of(value)
        values.append(value if found is None else value[found[1] :])
        labels.append(None if found is None else found[0])
    return values, labels


def _tail_parts(pieces: Pieces, values: Sequence[str]) -> list[Part]:
    """The anti-dumping part, and the empty ones behind it."""
    why = "末尾五组尖括号是原厂商、反倾销、反补贴信息"
    if pieces.groups != ANTI_DUMPING_GROUPS:
        why = f"末尾的尖括号是原厂商、反倾销、反补贴信息，应有五组，填了 {pieces.groups} 组"
    at = pieces.tail
    tail = Part(
        PartKind.ANTI_DUMPING,
        None,
        "反倾销反补贴信息",
        values[at],
        "",
        why,
        "",
        pieces.groups == ANTI_DUMPING_GROUPS,
        "",
        pieces.raws[at],
    )
    empty = [
        Part(PartKind.OTHER, None, "其他", value, "", "末尾多余的空项", "", True, "", raw)
        for value, raw in zip(values[at + 1 :], pieces.raws[at + 1 :], strict=True)
    ]
    return [tail, *empty]
