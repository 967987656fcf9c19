"""A small world that officers ask about: lines and verdicts of four enterprises, compared."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from authorization.models import Enterprise, User
from comparison.models import LibraryEntry
from comparison.working import work_outbox
from declarations.models import AuditVerdict, DeclaredLine, Release
from declarations.releases import withdraw
from tests.factories import make_audit, make_enterprise, make_goods, make_line

TEXTS = [
    ("深沟球轴承", "4|3|传动用|6204", "8482102000", "I"),
    ("圆锥滚子轴承", "4|3|传动用|30204", "8482200000", "I"),
    ("布沙发", "0|0|家居用|布作面", "9401619000", "E"),
    ("塑料桌", "0|0|家居用|塑料", "9403700000", "E"),
]


@dataclass
class World:
    """What the tests ask about."""

    broker: Enterprise
    traders: list[Enterprise]
    officer: User
    lines: list[DeclaredLine]
    withdrawn: Release

    @cached_property
    def shown_lines(self) -> list[DeclaredLine]:
        """All lines that are not hidden."""
        return list(DeclaredLine.objects.filter(is_hidden=False).select_related("content"))

    @cached_property
    def verdicts(self) -> list[AuditVerdict]:
        """All released verdicts."""
        released = AuditVerdict.objects.filter(release__released_at__isnull=False)
        return list(released.select_related("release", "line", "content"))

    @cached_property
    def marks(self) -> dict[tuple[int, int], str]:
        """The mark of each enterprise and content."""
        return {(one.enterprise_id, one.content_id): one.mark for one in LibraryEntry.objects.all()}

    def marks_of(self, line: DeclaredLine) -> set[str | None]:
        """The marks that a line's parties' entries have."""
        parties = (line.agent_id, line.trader_id)
        return {self.marks.get((party, line.content_id)) for party in parties}


def make_world(officer: User) -> World:
    """Store 36 lines of four enterprises over 36 days, and verdicts of two months."""
    broker = make_enterprise("大连虚构报关有限公司", authorized=False, broker=True)
    traders = [make_enterprise(f"沈阳{name}贸易有限公司", authorized=False) for name in "甲乙"] + [
        make_enterprise("鞍山丙有限公司", uscc=None)
    ]
    lines = []
    for number in range(36):
        name, g_model, code, flag = TEXTS[number % 4]
        trader = traders[number % 3]
        lines.append(
            make_line(
                agent=broker if number % 5 else trader,
                trader=trader,
                goods=make_goods(name, g_model + (" 新" if number % 7 == 0 else ""), code, flag),
                trade_mode="0110" if number % 6 else "0615",
                declared_on=date(2026, 2, 1) + timedelta(days=number // 2),
            )
        )
    lines[35].is_hidden, lines[35].declared_at = True, None
    lines[35].save()
    make_audit(*lines[:8], conforming=[bool(number % 3) for number in range(8)], auditor="A01")
    make_audit(
        *lines[4:12], conforming=[bool(number % 2) for number in range(8)],
        month=date(2026, 5, 1), auditor="A02", reason_codes=["R02"],
    )  # fmt: skip
    withdrawn = make_audit(*lines[12:15], conforming=False, auditor="A01")
    withdraw(withdrawn, "文件有误")
    make_audit(*lines[15:18], released=False)
    work_outbox()
    return World(broker, traders, officer, lines, withdrawn)
