"""The demo's five enterprises and their two years of trade, ending with two audited months.

Pure: rows by field name, the same for the same day. The random lines are followed by set pieces,
so that every mark, a conflict, a corrected line's audit and public contents are surely there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from declarations.demo.facts import change_fact
from declarations.demo.forms import SIMPLE_FORMS, vary_form
from declarations.demo.misdeclaring import spoil
from declarations.demo.parties import Party, customs_code, uscc
from declarations.demo.phrasebook import Goods, entries, make_goods
from declarations.demo.stock import Stocked, trade_facts

_DAYS = 700
_DECLARATIONS = 1450
_ROWS_A_MONTH = 420


def _party(district: str, serial: int, area: str, nature: str, name: str) -> Party:
    return Party(uscc(district, serial), customs_code(area, nature, serial), name)


BROKER = _party("210200", 1, "21029", "8", "大连澜桥岬报关有限公司")
AGENT_AND_TRADER = _party("210200", 2, "21022", "6", "大连栖岭帆国际贸易有限公司")
TRADER = _party("210100", 3, "21012", "3", "沈阳皓屿川机械进出口有限公司")
WITHOUT_DATA = _party("210800", 4, "21089", "6", "营口岫禾砚镁业有限公司")
UNAUTHORIZED = _party("210600", 5, "21069", "6", "丹东霁川禾食品有限公司")

# Which chapters each trader deals in.
_CHAPTERS = {
    AGENT_AND_TRADER: ("02", "03", "12", "16", "22", "39", "42", "48", "61", "62", "63", "64",
                       "69", "73", "94", "95", "96"),
    TRADER: ("39", "40", "68", "72", "73", "74", "76", "81", "82", "83", "84", "85", "86", "87",
             "90"),
    UNAUTHORIZED: ("03", "07", "08", "12", "16", "19", "20", "21", "23"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One declared line of the demo."""

    entry_id: str
    g_no: int
    stocked: Stocked
    agent: Party
    trader: Party
    trade_mode: str
    declared_on: date
    quantity: int

    def cells(self) -> dict[str, str]:
        """The row under the Chinese headings of a declarations workbook."""
        goods, price = self.stocked.goods, self.stocked.price / 10_000
        is_import = goods.ie_flag == "I"
        cents = (self.stocked.price * self.quantity + 50) // 100
        return {
            "报关单号": self.entry_id,
            "项号": str(self.g_no),
            "进出口标志": "进口" if is_import else "出口",
            "商品编号": goods.hs_code,
            "商品名称": goods.name,
            "规格型号": goods.g_model,
            "监管方式": self.trade_mode,
            "申报日期": self.declared_on.isoformat(),
            "申报地海关": self.entry_id[:4],
            "申报单位统一社会信用代码": self.agent.uscc,
            "申报单位海关注册编码": self.agent.customs_code,
            "申报单位名称": self.agent.name,
            "境内收发货人统一社会信用代码": self.trader.uscc,
            "境内收发货人海关注册编码": self.trader.customs_code,
            "境内收发货人名称": self.trader.name,
            "原产国": self.stocked.country if is_import else "CHN",
            "最终目的国": "CHN" if is_import else self.stocked.country,
            "成交数量": str(self.quantity),
            "成交单位": self.stocked.unit,
            "单价": f"{price:.4f}",
            "总价": f"{cents // 100}.{cents % 100:02d}",
            "币制": "USD",
        }


@dataclass(frozen=True, slots=True)
class DemoVerdict:
    """What customs answered to a line; `goods` is the text that it saw."""

    line: DemoLine
    goods: Goods
    reason: tuple[str, str] | None
    auditor: str = "审核一组"

    def cells(self) -> dict[str, str]:
        """The row under the Chinese headings of an audit workbook."""
        code, text = self.reason or ("", "")
        return {
            **self.line.cells(),
            "商品编号": self.goods.hs_code,
            "商品名称": self.goods.name,
            "规格型号": self.goods.g_model,
            "审核结论": "不规范" if self.reason else "规范",
            "原因代码": code,
            "原因说明": text,
            "审核人员": self.auditor,
        }


class Story:
    """The demo as of a day: `lines`, and `audits` by audit month (its first day)."""

    def __init__(self, today: date) -> None:
        self._rng = Random(20_260_901)  # noqa: S311 - invented data, no secret
        self._until = today.replace(day=1) - timedelta(days=1)
        self._serial = 0
        newest = self._until.replace(day=1)
        self.months = ((newest - timedelta(days=1)).replace(day=1), newest)
        self.lines: list[DemoLine] = []
        self.audits: dict[date, list[DemoVerdict]] = {month: [] for month in self.months}
        self._shared = [self._fresh(place) for place in self._places("39", "73")[:12]]
        self._stock = {trader: self._stock_of(trader) for trader in _CHAPTERS}
        for _ in range(_DECLARATIONS):
            self._declare()
        for month in self.months:
            self._audit(month)
        self._set_pieces()

    def _places(self, *chapters: str) -> list[int]:
        return [n for n, entry in enumerate(entries()) if entry.hs_code[:2] in chapters]

    def _fresh(self, place: int) -> Stocked:
        entry = entries()[place]
        goods = make_goods(self._rng, entry, self._until - timedelta(days=150))
        return trade_facts(self._rng, entry, goods, None)

    def _stock_of(self, trader: Party) -> list[Stocked]:
        """A trader's goods: per kind some of its own, some near copies, some declared badly."""
        rng = self._rng
        stock: list[Stocked] = []
        for place in self._places(*_CHAPTERS[trader]):
            own = [self._fresh(place) for _ in range(rng.choice((1, 2, 2, 3)))]
            stock += own
            first = own[0]
            chance = rng.random()
            if chance < 0.3:
                goods, code, text = spoil(first.goods, rng)
                stock.append(first._replace(goods=goods, reason=(code, text)))
            elif chance < 0.55:
                stock.append(first._replace(goods=vary_form(first.goods, rng)[0]))
            elif chance < 0.75:
                stock.append(first._replace(goods=change_fact(first.goods, rng)[0]))
        shared = self._shared if trader in (AGENT_AND_TRADER, TRADER) else []
        stock += shared
        rng.shuffle(stock)
        return stock

    def _agent(self, trader: Party) -> Party:
        """Who declares for a trader; 大连栖岭帆 declares for itself and sometimes for 丹东霁川禾."""
        chance = self._rng.random()
        if trader is AGENT_AND_TRADER:
            return trader if chance < 0.7 else BROKER
        if trader is UNAUTHORIZED and chance < 0.25:
            return AGENT_AND_TRADER
        return BROKER

    def _declare(self) -> None:
        """One declaration of some lines on some day; trade grows towards the end."""
        rng = self._rng
        trader = rng.choices(tuple(_CHAPTERS), (38, 44, 18))[0]
        flag = rng.choice("EEI")
        stock = [stocked for stocked in self._stock[trader] if stocked.goods.ie_flag == flag]
        weights = [1 / (rank + 3) ** 0.7 for rank in range(len(stock))]
        back = int(_DAYS * (1 - rng.random() ** 0.6))
        chosen = rng.choices(stock, weights, k=rng.choice((1, 1, 2, 2, 3, 4, 5, 6, 8)))
        self._add(trader, self._agent(trader), self._until - timedelta(days=back), chosen)

    def _add(
        self, trader: Party, agent: Party, declared_on: date, chosen: Sequence[Stocked]
    ) -> list[DemoLine]:
        rng = self._rng
        self._serial += 1
        flag = "1" if chosen[0].goods.ie_flag == "I" else "0"
        customs = rng.choice(("0901", "0901", "0901", "0903", "0902", "0906", "0801"))
        entry_id = f"{customs}{declared_on.year}{flag}9{self._serial:08d}"
        mode = rng.choice(("0110", "0110", "0110", "0110", "0615", "0214"))
        made = [
            DemoLine(
                entry_id, g_no, stocked, agent, trader, mode, declared_on,
                rng.choice((10, 20, 50, 100, 200, 500, 1000, 2000)),
            )
            for g_no, stocked in enumerate(chosen, start=1)
        ]  # fmt: skip
        self.lines += made
        return made

    def _audit(self, month: date) -> None:
        """A month's audited rows: lines of the two months before, judged by their own faults."""
        rng = self._rng
        end = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        recent = [
            line for line in self.lines if timedelta(0) <= end - line.declared_on <= timedelta(75)
        ]
        taken = {verdict.line for verdicts in self.audits.values() for verdict in verdicts}
        for line in rng.sample(recent, min(_ROWS_A_MONTH, len(recent))):
            # A few lines are looked at in both months.
            if line not in taken or rng.random() < 0.05:
                verdict = DemoVerdict(
                    line,
                    line.stocked.goods,
                    line.stocked.reason,
                    rng.choice(("审核一组", "审核二组")),
                )
                self.audits[month].append(verdict)

    def _set_pieces(self) -> None:
        """What the demo must show, whatever chance brought."""
        newest = self.months[1]
        day = newest + timedelta(days=4)
        for agent, trader, chapter in (
            (BROKER, TRADER, "84"),
            (BROKER, UNAUTHORIZED, "16"),
            (AGENT_AND_TRADER, AGENT_AND_TRADER, "94"),
        ):
            exports = [n for n in self._places(chapter) if entries()[n].ie_flag == "E"]
            good = self._fresh(exports[0])
            self._conforming(newest, day, trader, agent, good)
            self._conflict(newest, day, trader, agent, self._fresh(exports[1]))
        self._seen_otherwise(newest, day)
        self._only_audited(newest, day)

    def _conforming(
        self, month: date, day: date, trader: Party, agent: Party, good: Stocked
    ) -> None:
        """规范 by verdict and by 查重, 系统匹配 in another form, 未标记 with one fact changed."""
        rng = self._rng
        other_form, _ = vary_form(good.goods, rng, SIMPLE_FORMS)
        plain = good._replace(goods=vary_form(good.goods, rng, ("label", "unit", "use"))[0])
        changed = good._replace(goods=change_fact(good.goods, rng)[0])
        chosen = [good, good, good._replace(goods=other_form), plain, changed]
        lines = self._add(trader, agent, day, chosen)
        self.audits[month].append(DemoVerdict(lines[0], good.goods, None))

    def _conflict(self, month: date, day: date, trader: Party, agent: Party, good: Stocked) -> None:
        """Two lines of the same content, judged differently in the same month."""
        lines = self._add(trader, agent, day, [good, good])
        _, code, text = spoil(good.goods, self._rng)
        self.audits[month].append(DemoVerdict(lines[0], good.goods, None))
        self.audits[month].append(DemoVerdict(lines[1], good.goods, (code, text)))

    def _seen_otherwise(self, month: date, day: date) -> None:
        """A line that was corrected after its audit: the audited text is a row of its own."""
        good = self._shared[0]
        goods, code, text = spoil(good.goods, self._rng)
        (line,) = self._add(TRADER, BROKER, day, [good])
        self.audits[month].append(DemoVerdict(line, goods, (code, text)))

    def _only_audited(self, month: date, day: date) -> None:
        """A line that only the audit brings: it was never declared to this portal."""
        (line,) = self._add(TRADER, BROKER, day, [self._shared[1]])
        self.lines.remove(line)
        self.audits[month].append(DemoVerdict(line, line.stocked.goods, None))

    def waiting_rows(self, count: int, skipped: int = 0) -> list[dict[str, str]]:
        """Rows of an audit that is not released yet: the newest lines that nobody audited.

        `skipped` of the newest are left out, so that two audits name different lines.
        """
        audited = {verdict.line for verdicts in self.audits.values() for verdict in verdicts}
        newest = sorted(
            (line for line in self.lines if line not in audited),
            key=lambda line: (line.declared_on, line.entry_id, line.g_no),
            reverse=True,
        )
        return [
            DemoVerdict(line, line.stocked.goods, line.stocked.reason, "审核一组").cells()
            for line in newest[skipped : skipped + count]
        ]

    def declared_rows(self) -> Iterator[dict[str, str]]:
        """The declared lines, oldest first."""
        for line in sorted(self.lines, key=lambda line: (line.declared_on, line.entry_id)):
            yield line.cells()

    def audited_rows(self, month: date) -> Iterator[dict[str, str]]:
        """One audited month's rows."""
        for verdict in self.audits[month]:
            yield verdict.cells()
