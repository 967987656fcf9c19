"""What stands on a PDF page: its ruled lines and its characters, with their places.

This is the only module that knows pypdfium2. All coordinates are PDF points (1/72 inch) from the
page's lower left corner, y upwards. Chosen for its speed; see docs/architecture.md.
"""

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from catalogue.importing.result import UnreadableCatalogue

MAX_PAGES = 3_000  # the annex has 534 to 642
MAX_CHARACTERS = 40_000  # on a page; the fullest has 2,500
MAX_OBJECTS = 60_000  # on a page; the fullest has 2,000
_THIN = 3.0  # points: a filled box thinner than this is a rule
_MAX_SEGMENTS = 2_000  # of one path
_HYPHEN = 2  # what pdfium gives for a hyphen at the end of a line
UNKNOWN = "\ufffd"  # stands for a character whose font does not say what it means
_UNREADABLE = {0, 0xFFFE, 0xFFFF, 0xFFFD}

DAMAGED = "这个 PDF 不完整或已经损坏，请重新下载官方附件后再导入。"
ENCRYPTED = "这个 PDF 设有打开密码，不能读取，请换用没有密码的官方附件。"
TOO_MANY_PAGES = f"这个 PDF 超过 {MAX_PAGES} 页，不像规范申报目录，没有读取。"


class Rule(NamedTuple):
    """A straight line along an axis: at `place` on the other axis, from `start` to `end`."""

    place: float
    start: float
    end: float


class Character(NamedTuple):
    """One character: its left and right edge, its baseline and its line's height."""

    left: float
    right: float
    baseline: float
    size: float
    text: str


class PageContent(NamedTuple):
    """A page's rules and characters; `unreadable` counts characters without a known meaning."""

    width: float
    height: float
    horizontals: list[Rule]
    verticals: list[Rule]
    characters: list[Character]
    unreadable: int
    rotated: bool
    images: int


class OversizedPage(Exception):
    """A page holds more than any catalogue's page could."""


def open_document(path: Path) -> pypdfium2.PdfDocument:
    """Open a PDF. Raises UnreadableCatalogue for what is none, is encrypted or far too long."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
            raise UnreadableCatalogue(ENCRYPTED) from error
        raise UnreadableCatalogue(DAMAGED) from error
    if len(document) > MAX_PAGES:
        raise UnreadableCatalogue(TOO_MANY_PAGES)
    return document


def page_content(document: pypdfium2.PdfDocument, index: int) -> PageContent:
    """Read page `index` (from 0). Raises OversizedPage, or PdfiumError where it is damaged."""
    page = document[index]
    try:
        width, height = page.get_size()
        horizontals, verticals, images = _rules(page.raw)
        text = page.get_textpage()
        try:
            characters, unreadable = _characters(text.raw)
        finally:
            text.close()
        return PageContent(
            width, height, horizontals, verticals, characters, unreadable,
            page.get_rotation() != 0, images,
        )  # fmt: skip
    finally:
        page.close()


def _rules(page: pdfium.FPDF_PAGE) -> tuple[list[Rule], list[Rule], int]:
    """Give the page's horizontal and vertical rules, and how many pictures it shows."""
    count = pdfium.FPDFPage_CountObjects(page)
    if count > MAX_OBJECTS:
        raise OversizedPage
    horizontals: list[Rule] = []
    verticals: list[Rule] = []
    images = 0
    for number in range(count):
        thing = pdfium.FPDFPage_GetObject(page, number)
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            images += 1
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            for left, bottom, right, top in _boxes(thing):
                if top - bottom < _THIN < right - left:
                    horizontals.append(Rule((bottom + top) / 2, left, right))
                elif right - left < _THIN < top - bottom:
                    verticals.append(Rule((left + right) / 2, bottom, top))
    return horizontals, verticals, images


_Box = tuple[float, float, float, float]


def _boxes(path: pdfium.FPDF_PAGEOBJECT) -> Iterator[_Box]:
    """Give the boxes (left, bottom, right, top) of a path: filled shapes whole, strokes by line."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    segments = pdfium.FPDFPath_CountSegments(path)
    if segments > _MAX_SEGMENTS:
        return
    if fill.value and not stroke.value and segments <= 5:
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if pdfium.FPDFPageObj_GetBounds(path, left, bottom, right, top):
            yield left.value, bottom.value, right.value, top.value
        return
    if not (fill.value or stroke.value):
        return
    for points in _subpaths(path, segments):
        if stroke.value:
            for (x1, y1), (x2, y2) in pairwise(points):
                yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
        else:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            yield min(xs), min(ys), max(xs), max(ys)


def _subpaths(path: pdfium.FPDF_PAGEOBJECT, segments: int) -> Iterator[list[tuple[float, float]]]:
    """Give each closed or open piece of a path as its corners on the page; curves are left out."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(path, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    for number in range(segments):
        segment = pdfium.FPDFPath_GetPathSegment(path, number)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = []
        elif kind != pdfium.FPDF_SEGMENT_LINETO:
            continue
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        points.append(
            (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
        )
        if pdfium.FPDFPathSegment_GetClose(segment) and points[0] != points[-1]:
            points.append(points[0])
    if len(points) > 1:
        yield points


def _characters(text: pdfium.FPDF_TEXTPAGE) -> tuple[list[Character], int]:
    """Give the printed characters, without those that pdfium adds, and how many are unknown."""
    count = pdfium.FPDFText_CountChars(text)
    if count > MAX_CHARACTERS:
        raise OversizedPage
    found: list[Character] = []
    unreadable = 0
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    for number in range(count):
        if pdfium.FPDFText_IsGenerated(text, number) == 1:
            continue
        character = _character(pdfium.FPDFText_GetUnicode(text, number))
        if not character:
            continue
        unreadable += character == UNKNOWN
        pdfium.FPDFText_GetLooseCharBox(text, number, box)
        pdfium.FPDFText_GetCharOrigin(text, number, x, y)
        found.append(
            Character(
                box.left,
                box.right,
                y.value,
                box.top - box.bottom,
                character,
            )
        )
    return found, unreadable


def _character(code: int) -> str:
    """Give the character of a code point, UNKNOWN for none, nothing for control characters."""
    if code == _HYPHEN:
        return "-"
    if code in _UNREADABLE or 0xD800 <= code <= 0xF8FF:  # halves of pairs, private use
        return UNKNOWN
    return chr(code) if code >= 0x20 else ""
