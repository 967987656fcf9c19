"""The parts of a phrasebook good by the element that each stands for."""

import re
from functools import cache

from catalogue.shipped import element_names
from declarations.demo.phrasebook import Goods

LEADING = 2  # 品牌类型 and 出口享惠情况 stand before the catalogue's elements


def parts_of(goods: Goods) -> list[str]:
    """The parts of the 规格型号, in order."""
    return goods.g_model.split("|")


def with_parts(goods: Goods, parts: list[str]) -> Goods:
    """The same good with other parts."""
    return goods._replace(g_model="|".join(parts))


def with_part(goods: Goods, place: int, text: str) -> Goods:
    """The same good with another text in one part (0 is 品牌类型)."""
    parts = parts_of(goods)
    parts[place] = text
    return with_parts(goods, parts)


def named_parts(goods: Goods) -> list[tuple[int, str, str]]:
    """(place, element name, text) of each part that is a catalogue element, place from 2."""
    return [
        (place, name, text)
        for place, (name, text) in enumerate(
            zip(_names(goods.hs_code), parts_of(goods)[LEADING:], strict=False),
            start=LEADING,
        )
    ]


@cache
def bare_name(name: str) -> str:
    """An element's name without its bracket hint, which may speak of other elements."""
    return re.split("[（(［]", name)[0]


def places_named(goods: Goods, *words: str) -> list[int]:
    """The places of the elements whose bare name holds one of `words` and that say something."""
    parts = parts_of(goods)
    return [place for place in _places(goods.hs_code, words) if place < len(parts) and parts[place]]


_names = cache(element_names)


@cache
def _places(hs_code: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """The places of a code's elements whose bare name holds one of `words`."""
    return tuple(
        place
        for place, name in enumerate(_names(hs_code), start=LEADING)
        if any(word in bare_name(name) for word in words)
    )
