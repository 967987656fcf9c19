"""Is what was read from a file the whole 规范申报目录, rightly read? For every kind of file.

A file in a layout that we don't know must end in a sentence, never in wrong lists. The bounds are
set around the edition of 2025: 8,961 codes under 1,228 headings, 38,737 elements, 55 codes that
the annex itself numbers irregularly, 107 without elements.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from catalogue.importing.result import (
    ReadCatalogue,
    ReadCode,
    ReportLine,
    UnreadableCatalogue,
)

_CATEGORIES = ("classification", "price", "other")
CHAPTERS = tuple(f"{number:02d}" for number in range(1, 98) if number != 77)
CODES = (7_000, 12_000)
MEAN_ELEMENTS = (3.0, 7.0)  # 4.3
MAX_ELEMENTS = 40  # of one code; 13
MAX_NAME = 255  # characters, the width of the column; the longest has 54
MAX_IRREGULAR = 0.02  # of the codes; 0.006
MAX_EMPTY = 0.04  # of the codes; 0.012
MAX_CROSSED = 0.02  # codes whose categories don't follow the columns, to codes; none
MAX_UNREAD = 0.001  # rows that were not read, to codes
MAX_BARE_HEADINGS = 0.01  # headings without codes, to headings; none
MAX_SUSPICIOUS = 0.01  # codes with a name that looks wrongly cut; 0.002
# Words that the element names of every edition hold, with the least share of codes.
COMMON = {"品牌": 0.25, "型号": 0.15, "用途": 0.2, "成分": 0.15}
# Headings some of whose codes have an element of this word in every edition.
ANCHORS = (
    ("03.03", "拉丁"),
    ("22.04", "品牌"),
    ("61.10", "织造方法"),
    ("62.03", "织造方法"),
    ("72.08", "规格"),
    ("85.17", "型号"),
    ("85.42", "功能"),
    ("87.03", "品牌"),
    ("94.03", "材质"),
)
_ODD_NAME = re.compile(r"\ufffd|^[.．、，；：）］]|[）］]\d{1,2}[.．、]|[；。]\d{1,2}[.．、]")


def check_catalogue(read: ReadCatalogue) -> None:
    """Check what was read; adds figures and sentences to `read.report`.

    Raises UnreadableCatalogue, with the report, where the file can't be the whole catalogue or
    its lists can't be trusted. All checks write to the report before the first fatal one raises.
    """
    faults = [fault for check in _CHECKS for fault in check(read)]
    read.report.lines.sort(key=lambda line: line.page)
    if faults:
        raise UnreadableCatalogue(f"{faults[0]}，没有导入。", read.report)


def _check_count(read: ReadCatalogue) -> Iterator[str]:
    figures = read.report.figures
    figures["codes"] = len(read.codes)
    figures["headings"] = len({code.heading for code in read.codes.values()})
    figures["elements"] = sum(len(code.elements) for code in read.codes.values())
    figures["pages"] = read.pages
    low, high = CODES
    if not low <= len(read.codes) <= high:
        yield f"只读到 {len(read.codes)} 个商品编码，完整的目录应在 {low} 到 {high} 个之间"


def _check_unread(read: ReadCatalogue) -> Iterator[str]:
    unread = int(read.report.figures.get("unread_rows", 0))
    if unread > MAX_UNREAD * len(read.codes):
        yield f"有 {unread} 行没有读懂，文件的版式与已知的目录不同"


def _check_codes(read: ReadCatalogue) -> Iterator[str]:
    """Every code has eight digits and stands in its heading and a chapter that there is."""
    strange = [code.hs8 for code in read.codes.values() if not _is_sound(code)]
    if strange:
        yield f"商品编码 {_some(strange)} 的写法或所属品目不对"
    missing = sorted(set(CHAPTERS) - {hs8[:2] for hs8 in read.codes})
    if missing:
        yield f"缺少第 {_some(missing)} 章，文件不是完整的目录"


def _is_sound(code: ReadCode) -> bool:
    return (
        re.fullmatch(r"[0-9]{8}", code.hs8) is not None
        and code.hs8[:2] in CHAPTERS
        and code.heading == f"{code.hs8[:2]}.{code.hs8[2:4]}"
        and bool(code.name)
    )


def _check_headings(read: ReadCatalogue) -> Iterator[str]:
    """Every heading has codes."""
    used = {code.heading for code in read.codes.values()}
    named = [heading.code for heading in read.headings if heading.level == "heading"]
    bare = [code for code in named if code not in used]
    read.report.figures["bare_headings"] = len(bare)
    for code in bare:
        _say(read, 0, f"品目 {code} 之下没有商品编码。")
    if len(bare) > MAX_BARE_HEADINGS * len(named):
        yield f"有 {len(bare)} 个品目之下没有商品编码（如 {_some(bare)}）"


def _check_numbering(read: ReadCatalogue) -> Iterator[str]:
    """Few lists are numbered other than 1, 2, 3 …: a shifted column or a lost row breaks many."""
    irregular = 0
    for code in read.codes.values():
        if any(element.printed_number for element in code.elements):
            irregular += 1
            printed = "、".join(e.printed_number or str(e.number) for e in code.elements)
            text = f"{code.hs8} 的申报要素编号不连续（{printed}；“-”为没有编号），已按位置编号。"
            _say(read, code.page, text)
    read.report.figures["irregular"] = irregular
    if irregular > MAX_IRREGULAR * len(read.codes):
        yield f"有 {irregular} 个商品编码的申报要素编号不连续，超过 2%，文件的版式可能不同"


def _check_elements(read: ReadCatalogue) -> Iterator[str]:
    codes = read.codes.values()
    empty = sum(not code.elements for code in codes)
    read.report.figures["empty"] = empty
    if empty > MAX_EMPTY * len(codes):
        yield f"有 {empty} 个商品编码没有申报要素，多得不像目录"
    mean = sum(len(code.elements) for code in codes) / max(len(codes), 1)
    low, high = MEAN_ELEMENTS
    if not low <= mean <= high or any(len(code.elements) > MAX_ELEMENTS for code in codes):
        yield f"每个商品编码平均有 {mean:.1f} 个申报要素，不像目录"
    wrong = [code.hs8 for code in codes if not _is_numbered(code)]
    if wrong:
        yield f"商品编码 {_some(wrong)} 的申报要素序号或类别不对"
    crossed = [code for code in codes if not _in_columns_order(code)]
    for code in crossed:
        _say(read, code.page, f"{code.hs8} 的申报要素没有按归类、价格、其他的次序排列。")
    if len(crossed) > MAX_CROSSED * len(codes):
        yield f"有 {len(crossed)} 个商品编码的申报要素没有按归类、价格、其他的次序排列，可能读错了列"
    long = [c.hs8 for c in codes if any(not 0 < len(e.name) <= MAX_NAME for e in c.elements)]
    if long:
        yield f"商品编码 {_some(long)} 的申报要素名称是空的或超过 {MAX_NAME} 个字"


def _is_numbered(code: ReadCode) -> bool:
    numbers = [element.number for element in code.elements]
    return numbers == list(range(1, len(numbers) + 1)) and all(
        element.category in _CATEGORIES for element in code.elements
    )


def _in_columns_order(code: ReadCode) -> bool:
    places = [_CATEGORIES.index(e.category) for e in code.elements if e.category in _CATEGORIES]
    return places == sorted(places)


def _check_names(read: ReadCatalogue) -> Iterator[str]:
    """Names look like names: not cut in the wrong place, not twice in one list."""
    suspicious = 0
    for code in read.codes.values():
        odd = [element.name for element in code.elements if _ODD_NAME.search(element.name)]
        odd += [n for n, count in Counter(e.name for e in code.elements).items() if count > 1]
        if odd:
            suspicious += 1
            _say(read, code.page, f"{code.hs8} 的申报要素“{odd[0]}”可能印错或读错，请对照原文。")
    read.report.figures["suspicious_names"] = suspicious
    if suspicious > MAX_SUSPICIOUS * len(read.codes):
        yield f"有 {suspicious} 个商品编码的申报要素名称像是断错了，文件的版式可能不同"


def _check_anchors(read: ReadCatalogue) -> Iterator[str]:
    """What every edition has is there, so that no column was taken for another."""
    for word, least in COMMON.items():
        having = sum(any(word in e.name for e in code.elements) for code in read.codes.values())
        if having < least * len(read.codes):
            yield f"只有 {having} 个商品编码有“{word}”要素，申报要素可能读错了列"
    for heading, word in ANCHORS:
        below = [code for code in read.codes.values() if code.heading == heading]
        if not any(word in e.name for code in below for e in code.elements):
            yield f"品目 {heading} 之下没有读到“{word}”要素，申报要素可能读错了列"


_CHECKS: tuple[Callable[[ReadCatalogue], Iterator[str]], ...] = (
    _check_count,
    _check_unread,
    _check_codes,
    _check_headings,
    _check_numbering,
    _check_elements,
    _check_names,
    _check_anchors,
)


def _some(things: list[str]) -> str:
    return "、".join(things[:5]) + (f"等 {len(things)} 个" if len(things) > 5 else "")


def _say(read: ReadCatalogue, page: int, text: str) -> None:
    read.report.lines.append(ReportLine(page, text))
