"""A small public library made by the real path: audited files, the comparison, the projection."""

from datetime import date
from pathlib import Path

from authorization.models import Enterprise
from catalogue.models import CatalogueCode, Edition, Element, ElementCategory
from comparison.working import work_outbox
from declarations.auditing import import_audit
from declarations.faults import FaultLog
from declarations.models import Content, Release
from tests.declarations.files import audited_row, write_xlsx

# 8482103000 角接触球轴承 as the tests' own edition reads it.
ELEMENTS = ("用途", "品牌（中文或外文名称）", "型号", "签约日期", "生产厂商")


def store_edition() -> Edition:
    """Store an edition with one code whose elements are of each kind that the projection knows."""
    edition = Edition.objects.create(
        year=2025, effective_from=date(2025, 1, 1), source_hash="0" * 64, in_force=True
    )
    code = CatalogueCode.objects.create(
        edition=edition, hs8="84821030", heading="8482", name="角接触球轴承"
    )
    Element.objects.bulk_create(
        Element(code=code, number=number, name=name, category=ElementCategory.PRICE)
        for number, name in enumerate(ELEMENTS, 1)
    )
    return edition


def g_model(use="机床用", brand="海浪牌", model="LB5", signed="20250109", maker="营口虚构轴承厂"):
    """A complete 规格型号 of that code."""
    return f"1|3|{use}|{brand}|{model}|{signed}|{maker}"


def publish(folder: Path, month: str, *rows: dict) -> Release:
    """Import rows as a month's audited file and compare; returns the release."""
    path = write_xlsx(folder / f"audit{Release.objects.count()}.xlsx", rows)
    with FaultLog(folder, "faults") as log:
        counts = import_audit(path, date.fromisoformat(f"{month}-01"), log)
    work_outbox()
    return Release.objects.get(pk=counts["release"])


def row(serial: int, agent: Enterprise, trader: Enterprise, **cells) -> dict:
    """An audited row of two stored enterprises, 规范 unless said otherwise."""
    return audited_row(
        serial,
        agent_uscc=agent.uscc,
        agent_code=agent.customs_codes.first().code,
        agent_name=agent.name,
        trader_uscc=trader.uscc,
        trader_code=trader.customs_codes.first().code,
        trader_name=trader.name,
        **{"g_model": g_model()} | cells,
    )


def the_content() -> Content:
    """The only content that there is."""
    return Content.objects.get()
