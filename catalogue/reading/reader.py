"""Reading a whole string by a given list; no database."""

from collections.abc import Sequence

from catalogue.models import Edition
from catalogue.reading.model import ElementName, Part, PartKind, Reading
from catalogue.reading.placing import Labelled
from catalogue.reading.plan import Plan, plan_of
from catalogue.reading.signals import signal_of
from catalogue.reading.splitting import ANTI_DUMPING_GROUPS, Leading, Pieces, cut, leading_codes

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
    pieces = cut(g_model)
    values = [raw.strip() for raw in pieces.raws]
    at = pieces.tail
    body_end = len(values) if at < 0 else at
    brand_type, benefit = leading_codes(values[:body_end], plan.count if plan else 0)
    start = (brand_type is not None) + (benefit is not None)
    parts = _leading_parts(pieces, values, brand_type, benefit)
    if plan is None:
        parts += _without_list(pieces.raws[start:body_end], values[start:body_end])
        straight, confidence, notes = False, 0.0, (f"{_NO_LIST}。",)
    else:
        body = values[start:body_end]
        labels: list[Labelled | None] = []
        if ":" in g_model or "：" in g_model:
            body, labels = _labels(plan, body)
        placing = plan.place(body, tuple([signal_of(value) for value in body]), labels)
        labelled = bool(labels)
        straight, confidence, notes = placing.is_straight, placing.confidence, placing.notes
        raws = pieces.raws[start:body_end]
        if labelled:
            parts += [
                Part._make(
                    (
                        *spot.before,
                        value,
                        *spot.after,
                        label.text if label and label.places else "",
                        raw,
                    )
                )
                for spot, value, label, raw in zip(placing.spots, body, labels, raws, strict=True)
            ]
        else:
            parts += [
                Part._make((*spot.before, value, *spot.after, "", raw))
                for spot, value, raw in zip(placing.spots, body, raws, strict=True)
            ]
    if at >= 0:
        parts += _tail_parts(pieces, values)
    is_certain = straight and brand_type is not None and benefit is not None
    if straight and not is_certain:
        parts, confidence = [part._replace(is_certain=False) for part in parts], _HALF_SURE
    elif not straight:
        is_certain = plan is not None and all(part.is_certain for part in parts)
    return Reading(
        edition,
        tuple(parts),
        is_certain,
        None if plan is None else plan.names,
        confidence,
        notes,
        pieces.separators,
    )


def _leading_parts(
    pieces: Pieces, values: Sequence[str], brand_type: Leading | None, benefit: Leading | None
) -> list[Part]:
    parts = []
    for kind, name, found in (
        (PartKind.BRAND_TYPE, "品牌类型", brand_type),
        (PartKind.EXPORT_BENEFIT, "出口享惠情况", benefit),
    ):
        if found is not None:
            at = len(parts)
            parts.append(
                Part(
                    kind,
                    None,
                    name,
                    values[at],
                    "",
                    found.why,
                    found.meaning,
                    found.is_certain,
                    "",
                    pieces.raws[at],
                )
            )
    return parts


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
