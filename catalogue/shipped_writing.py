"""Writing a catalogue in the compact form of the shipped file, which shipped.py reads.

Codes, names and element lists are facts; the notes of sections and chapters stay out of the file.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from catalogue.importing.result import ReadCatalogue, ReadCode, ReadElement, ReadHeading
from catalogue.shipped import CATEGORIES

_HEAD = """\
# 海关进出口商品涉税规范申报目录, edition of {year}: codes, names and declaration elements (facts of
# the published annex), in the project's own form. Tab-separated; read by catalogue/shipped.py,
# written by catalogue/shipped_writing.py (manage.py write_shipped_catalogue).
# "*" year, in force from, to
# "=" an element list, numbered 1.. in this file's order: 归类要素, 价格要素, 其他要素, each
#     separated by ";"; an element's number is its place in the three read one after another
# "%" a section's number and title; the chapters below it belong to it
# "@" a chapter's number and title
# "+" a heading and its name; the codes below it belong to it
# "-" how many sub-headings above the next codes stay, and the one that is added, if any
# else a code: eight digits, name, its list's number, the annex's page, whence its list is
#     inherited ("^" the heading, empty its own row)
"""
_List = tuple[tuple[str, str], ...]


def shipped_text(read: ReadCatalogue, year: int, start: date, end: date) -> str:
    """Give the text of the shipped file.

    Raises ValueError where a name holds what the form parts by (tab, line break; `;` in an
    element), or categories don't stand in the order of the annex's columns.
    """
    numbers: dict[_List, int] = {}
    for code in read.codes.values():
        numbers.setdefault(_list_of(code.elements), len(numbers) + 1)
    lines = [
        _line("*", str(year), start.isoformat(), end.isoformat()),
        *(_line("=", *_columns(elements)) for elements in numbers),
        *_tree(read, numbers),
    ]
    return _HEAD.format(year=year) + "".join(lines)


def _list_of(elements: Iterable[ReadElement]) -> _List:
    return tuple((element.name, element.category) for element in elements)


def _columns(elements: _List) -> list[str]:
    places = [CATEGORIES.index(category) for _, category in elements]
    if places != sorted(places):
        raise ValueError(f"elements out of their columns' order: {elements}")
    if any(";" in name for name, _ in elements):
        raise ValueError(f"an element's name with a semicolon: {elements}")
    columns = [
        ";".join(name for name, category in elements if category == wanted) for wanted in CATEGORIES
    ]
    while columns and not columns[-1]:
        columns.pop()
    return columns or [""]


def _tree(read: ReadCatalogue, numbers: dict[_List, int]) -> Iterator[str]:
    """Give sections, chapters, headings, sub-headings and codes in the order of the codes."""
    named = {(heading.level, heading.code): heading for heading in read.headings}
    section, chapter, above = "", "", ""
    path: tuple[str, ...] = ()
    for code in read.codes.values():
        if code.hs8[:2] != chapter:
            chapter = code.hs8[:2]
            title = named.get(("chapter", chapter), ReadHeading("chapter", chapter, section, ""))
            if title.parent != section:
                section = title.parent
                yield _line("%", section, named["section", section].name)
            yield _line("@", chapter, title.name)
        if code.heading != above:
            above, path = code.heading, ()
            heading = named.get(("heading", above))
            yield _line("+", above, heading.name if heading else "")
        yield from _path_lines(path, code.path)
        path = code.path
        yield _code_line(code, numbers[_list_of(code.elements)])


def _path_lines(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[str]:
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    if same == len(new) < len(old):
        yield _line("-", str(same))
    for depth in range(same, len(new)):
        yield _line("-", str(depth), new[depth])


def _code_line(code: ReadCode, number: int) -> str:
    parts = [code.hs8, code.name, str(number), str(code.page)]
    if code.inherited_from:
        parts.append("^" if code.inherited_from == code.heading else code.inherited_from)
    return _line(*parts)


def _line(*parts: str) -> str:
    if any(mark in part for part in parts for mark in "\t\r\n"):
        raise ValueError(f"a tab or line break in {parts}")
    return "\t".join(parts) + "\n"
