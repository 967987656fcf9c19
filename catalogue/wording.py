"""How the catalogue's texts are written on a page. No database here."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

_OPENING, _CLOSING = "（([【〔［", "）)]】〕］"
_FIGURES = "零一二三四五六七八九"
_LEADING = ("品牌类型", "出口享惠情况")
_TAIL = ("GTIN", "CAS", "其他")


def split_hint(name: str) -> tuple[str, str]:
    """Part an element's printed name into the name itself and its bracket hint.

    加工方法（带骨、去骨） gives 加工方法 and 带骨、去骨. Only a bracket that ends the name is a hint;
    a name that is all bracket stays whole.
    """
    text = name.rstrip()
    if not text or text[-1] not in _CLOSING:
        return name, ""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] in _CLOSING:
            depth += 1
        elif text[at] in _OPENING:
            depth -= 1
            if depth == 0:
                return (text[:at], text[at + 1 : -1]) if at else (name, "")
    return name, ""


def skeleton(names: Iterable[str]) -> str:
    """Return the parts of a 规格型号 in their official order, each by its name, parted by `|`.

    品牌类型 | 出口享惠情况 | the catalogue's elements | GTIN | CAS | 其他 (海关总署公告 2019 年第 18
    号, 三十五; Single Window's message specification, GModel).
    """
    parts = (*_LEADING, *(split_hint(name)[0] for name in names), *_TAIL)
    return "|".join(part.replace("|", "/") for part in parts)


def dotted(code: str) -> str:
    """Write a code as customs prints it: 85.42, 8542.3990; other lengths stay as they are."""
    if len(code) == 4:
        return f"{code[:2]}.{code[2:]}"
    return f"{code[:4]}.{code[4:]}" if len(code) == 8 else code


def chinese_number(number: int) -> str:
    """Write a number from 1 to 99 as a section's number is written: 16 is 十六."""
    if not 1 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    text = "" if not tens else ("十" if tens == 1 else f"{_FIGURES[tens]}十")
    return text + (_FIGURES[ones] if ones else "")


def fold(text: str) -> str:
    """Fold width and case, for looking words up: ＬＥＤ（灯） is found by led(灯)."""
    return unicodedata.normalize("NFKC", text).lower()


def highlighted(text: str, words: Sequence[str]) -> SafeString:
    """Escape a text and mark where the folded words stand in it."""
    spans = _spans(text, words)
    if not spans:
        return escape(text)
    drawn, at = SafeString(""), 0
    for start, end in spans:
        drawn += escape(text[at:start]) + format_html("<mark>{}</mark>", text[start:end])
        at = end
    return drawn + escape(text[at:])


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Find where the words stand, as places in the unfolded text, overlapping ones joined."""
    folded, places = "", []
    for at, character in enumerate(text):
        piece = fold(character)
        folded += piece
        places += [at] * len(piece)
    found = sorted(
        (places[match.start()], places[match.end() - 1] + 1)
        for word in words
        if word
        for match in re.finditer(re.escape(word), folded)
    )
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
