"""A small world for tests of the whole path: rows written to files and taken by the real importers.

Parties are named by 统一社会信用代码, customs code or both, lines by a small number; everything else
has a default, so that a test says only what it is about.
"""

import csv
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from authorization.models import CustomsCode, Enterprise
from comparison.models import LibraryEntry
from declarations.auditing import import_audit
from declarations.faults import FaultLog
from declarations.loading import import_declarations
from declarations.models import Content, DeclaredLine, Release

HEADINGS = {
    "entry_id": "报关单号",
    "g_no": "项号",
    "hs_code": "商品编码",
    "g_name": "商品名称",
    "g_model": "规格型号",
    "ie_flag": "进出口标志",
    "trade_mode": "监管方式",
    "declared_on": "申报日期",
    "agent_uscc": "申报单位统一社会信用代码",
    "agent_code": "申报单位海关编码",
    "agent_name": "申报单位",
    "trader_uscc": "收发货人统一社会信用代码",
    "trader_code": "收发货人海关编码",
    "trader_name": "境内收发货人",
}
AUDIT_HEADINGS = {"verdict": "审核结论", "reason_code": "原因代码", "reason_text": "原因说明"}


@dataclass(frozen=True)
class Party:
    """How a row names an enterprise."""

    uscc: str = ""
    code: str = ""
    name: str = ""

    @classmethod
    def of(cls, enterprise: Enterprise) -> "Party":
        """Name a stored enterprise by its 统一社会信用代码, or by its only code."""
        if enterprise.uscc:
            return cls(uscc=enterprise.uscc, name=enterprise.name)
        code = CustomsCode.objects.get(enterprise=enterprise).code
        return cls(code=code, name=enterprise.name)


@dataclass(frozen=True)
class Text:
    """What a line declares."""

    hs_code: str = "9401619000"
    name: str = "布沙发"
    g_model: str = "0|3|家居用|布面|木框架|装软垫|无品牌"
    ie_flag: str = "I"


SOFA = Text()
# The same facts in another form, and one fact changed.
SOFA_OTHER_FORM = replace(SOFA, g_model="0|3|用于家居|布面|木框架|装软垫|无牌")
SOFA_OTHER_FACT = replace(SOFA, g_model="0|3|家居用|布面|铁框架|装软垫|无品牌")
# Of another chapter, so that a worker may take either first.
TABLE = Text("3924100000", "塑料沥水篮", "0|3|厨房用|聚乙烯|无品牌|无型号")


@dataclass(frozen=True)
class Row:
    """A line of a declaration, and for an audited file its verdict."""

    line: int
    agent: Party
    trader: Party
    text: Text = field(default=SOFA)
    declared_on: date = date(2026, 8, 3)
    trade_mode: str = "0110"
    conforming: bool = True

    @property
    def entry_id(self) -> str:
        """An 18-character 报关单号 that fits the flag and the year."""
        flag = "1" if self.text.ie_flag == "I" else "0"
        return f"0901{self.declared_on.year}{flag}{self.line:09d}"

    def cells(self, audited: bool) -> dict[str, str]:
        """The row's cells under their Chinese headings."""
        values = {
            "entry_id": self.entry_id,
            "g_no": "1",
            "hs_code": self.text.hs_code,
            "g_name": self.text.name,
            "g_model": self.text.g_model,
            "ie_flag": self.text.ie_flag,
            "trade_mode": self.trade_mode,
            "declared_on": self.declared_on.isoformat(),
            "agent_uscc": self.agent.uscc,
            "agent_code": self.agent.code,
            "agent_name": self.agent.name,
            "trader_uscc": self.trader.uscc,
            "trader_code": self.trader.code,
            "trader_name": self.trader.name,
        }
        cells = {HEADINGS[name]: value for name, value in values.items()}
        if audited:
            cells["审核结论"] = "规范" if self.conforming else "不规范"
            cells["原因代码"] = "" if self.conforming else "R06"
            cells["原因说明"] = "" if self.conforming else "成分含量填报不全"
        return cells


def write_csv(rows: Sequence[Row], folder: Path, *, audited: bool = False) -> Path:
    """Write rows as a UTF-8 CSV file with Chinese headings; returns its path."""
    path = folder / "rows.csv"
    headings = [*HEADINGS.values(), *(AUDIT_HEADINGS.values() if audited else ())]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(row.cells(audited) for row in rows)
    return path


def declare(*rows: Row) -> dict[str, int]:
    """Import rows as declared lines by the real importer; returns its counts."""
    with tempfile.TemporaryDirectory() as name, FaultLog(Path(name), "faults") as log:
        return import_declarations(write_csv(rows, Path(name)), log)


def audit(month: str, *rows: Row) -> Release:
    """Import rows as a month's (YYYY-MM) audited file by the real importer; returns its release."""
    with tempfile.TemporaryDirectory() as name, FaultLog(Path(name), "faults") as log:
        path = write_csv(rows, Path(name), audited=True)
        counts = import_audit(path, date.fromisoformat(f"{month}-01"), log)
    return Release.objects.get(pk=counts["release"])


def line(row: Row) -> DeclaredLine:
    """The stored line that a row names."""
    return DeclaredLine.objects.get(entry_id=row.entry_id, g_no=1)


def content(text: Text) -> Content:
    """The stored content of a text."""
    return Content.objects.get(
        goods__hs_code=text.hs_code,
        goods__ie_flag=text.ie_flag,
        goods__name=text.name,
        goods__g_model=text.g_model,
    )


def marks(enterprise: Enterprise) -> dict[str, str]:
    """What an enterprise's library says: normalised g_model → mark."""
    entries = LibraryEntry.objects.filter(enterprise=enterprise).select_related("content")
    return {entry.content.g_model: entry.mark for entry in entries}


def mark_of(enterprise: Enterprise, text: Text) -> str:
    """The mark of a text in an enterprise's library, empty where it has no entry."""
    entry = LibraryEntry.objects.filter(enterprise=enterprise, content=content(text)).first()
    return entry.mark if entry else ""


def public_texts(texts: Iterable[Text]) -> list[Text]:
    """Those of the texts whose content is public."""
    return [text for text in texts if content(text).is_public]
