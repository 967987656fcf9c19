"""A small library for tests of the pages: one broker, two traders, every mark, an audited text."""

import html
import re
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO

import openpyxl
from django.http import HttpResponse
from django.test import Client

from authorization.models import Enterprise, User
from comparison.choices import set_self_selected
from comparison.working import work_outbox
from declarations.models import AuditVerdict
from tests.factories import client_for, make_enterprise, make_user
from tests.world import (
    SOFA,
    SOFA_OTHER_FACT,
    SOFA_OTHER_FORM,
    Party,
    Row,
    Text,
    audit,
    content,
    declare,
    line,
)

BEARING = Text("8482102000", "深沟球轴承", "4|3|深沟球|SKODO牌|6204")
DESK = Text("9403700000", "塑料桌", "0|3|家用|塑料|无品牌|无型号")
STOOL = Text("9401619000", "木凳", "0|3|餐厅用|布面|木框架|装软垫|无品牌")
# More parts than any list of elements has: what stands under none must still be shown.
LONG = Text("8482102000", "轴承", "4|3|滚珠|ZWOB牌|6305|||备注|甲|乙|丙|丁|戊|己|庚")


@dataclass
class Library:
    """The broker's library; `rows` are the declared rows by what they are there for."""

    broker: Enterprise
    trader: Enterprise
    other: Enterprise
    user: User
    client: Client
    rows: dict[str, Row]

    def key(self, name: str) -> str:
        """The key of a declared row."""
        return f"L{line(self.rows[name]).pk}"

    @property
    def audited_key(self) -> str:
        """The key of the broker's only audited row whose line says something else now."""
        verdict = AuditVerdict.objects.get(line=line(self.rows["corrected"]))
        return f"A{verdict.pk}"


def make_library() -> Library:
    """Declare and audit by the real importers, compare, choose.

    The broker's rows: conforming (twice the same content), nonconforming, matched, selected,
    unmarked, long, corrected (with its audited text); foreign is the other traders' only.
    """
    broker = make_enterprise("大连虚构报关行有限公司", broker=True)
    trader, other = make_enterprise("大连虚构家居有限公司"), make_enterprise("沈阳虚构家具有限公司")

    def of(number: int, text: Text, month: int, **more) -> Row:
        return Row(
            number, Party.of(broker), Party.of(trader), text, date(2026, month, number), **more
        )

    rows = {
        "conforming": of(1, SOFA, 8),
        "conforming again": of(2, SOFA, 7, trade_mode="0615"),
        "nonconforming": of(3, DESK, 8, conforming=False),
        "matched": of(4, SOFA_OTHER_FORM, 6),
        "selected": of(5, SOFA_OTHER_FACT, 5),
        "unmarked": of(6, BEARING, 4),
        "long": of(7, LONG, 3),
        "corrected": of(8, STOOL, 2),
        "foreign": Row(9, Party.of(other), Party.of(other), BEARING, date(2026, 8, 9)),
    }
    declare(*rows.values())
    audit("2026-09", rows["conforming"], rows["nonconforming"], rows["corrected"])
    declare(replace(rows["corrected"], text=replace(STOOL, name="塑料凳")))
    user = make_user(enterprise=broker, display_name="李操作")
    work_outbox()
    set_self_selected(broker, [content(SOFA_OTHER_FACT).pk], True, user)
    work_outbox()
    return Library(broker, trader, other, user, client_for(user), rows)


def keys_on(response: HttpResponse) -> list[str]:
    """The keys of a list's rows, in the shown order."""
    return re.findall(r'name="tick" value="([LA]\d+)"', response.content.decode())


def words_on(response: HttpResponse) -> str:
    """A page's text as read: no markup, white space folded."""
    text = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def notices_on(response: HttpResponse) -> str:
    """The notices of a page as read."""
    found = re.findall(r'<span class="notice-text">(.*?)</span>', response.content.decode(), re.S)
    return html.unescape(" ".join(found))


def sheet_of(response: HttpResponse) -> list[list[object]]:
    """The rows of a downloaded workbook, its header first."""
    book = openpyxl.load_workbook(BytesIO(response.getvalue()))
    return [list(row) for row in book.active.iter_rows(values_only=True)]
