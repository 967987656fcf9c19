"""Checking lines: each read by the newest edition in force, with what the rules find in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from catalogue.checks import Finding, check_reading
from catalogue.elements import ElementName, ElementReader, Reading, edition_on
from catalogue.models import CatalogueCode, Element, ElementCategory
from comparison.judging import DeclaredText
from enterprise_lib.checking.composing import Layout, lay_out
from enterprise_lib.checking.lines import Line


@dataclass(frozen=True)
class CheckedLine:
    """A line, read and checked. `problem` says why the reading can't be trusted at all."""

    line: Line
    reading: Reading
    findings: list[Finding]
    problem: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader has to say on the whole; a problem says it better."""
        return () if self.problem else self.reading.notes

    @property
    def text(self) -> DeclaredText:
        """What would be declared."""
        return text_of(self.line)

    def layout(self) -> Layout:
        """Lay it out in the official order."""
        return lay_out(self.reading, self.findings, self.line.ie_flag)

    @property
    def corrected(self) -> str:
        """The text in the official order where each part has its place; else as it stands."""
        if self.reading.names is None:
            return self.line.g_model
        return self.layout().g_model


def text_of(line: Line) -> DeclaredText:
    """Return what a line declares."""
    return DeclaredText(line.hs_code, line.ie_flag, line.name, line.g_model)


def reader_of(lines: Iterable[Line]) -> ElementReader:
    """Return a reader by the newest edition in force that holds the lists of all these codes.

    Three queries, for however many codes; asking for each by itself would cost two apiece.
    """
    edition = edition_on()
    if edition is None:
        return ElementReader([])
    codes = {line.hs_code[:8] for line in lines}
    held = CatalogueCode.objects.filter(edition=edition, hs8__in=codes)
    names: dict[str, list[ElementName]] = defaultdict(list)
    rows = Element.objects.filter(code__in=held).order_by("code_id", "number")
    for hs8, number, name, category in rows.values_list("code__hs8", "number", "name", "category"):
        names[hs8].append(ElementName(number, name, str(ElementCategory(category).label)))
    lists = {hs8: tuple(names[hs8]) for hs8 in held.values_list("hs8", flat=True)}
    return ElementReader([(edition, lists)])


def check_line(line: Line, reader: ElementReader | None = None) -> CheckedLine:
    """Read and check one line that has no error of its own."""
    reader = reader or ElementReader()
    reading = reader.read(line.g_model, line.hs_code, line.ie_flag)
    findings = check_reading(reading, hs_code=line.hs_code, ie_flag=line.ie_flag, name=line.name)
    return CheckedLine(line, reading, list(findings), _problem(line, reading))


def _problem(line: Line, reading: Reading) -> str:
    if reading.edition is None:
        return "系统中还没有规范申报目录，暂不能对应要素；请联系管理员装入目录。"
    if reading.names is None:
        return (
            f"商品编码 {line.hs_code} 不在《规范申报目录》{reading.edition}中，"
            "各部分不能对应到要素；请核对商品编码。"
        )
    return ""
