"""The rows of a generated province in the two forms of COPY: staged ones as text, lines as binary."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from typing import NamedTuple, TypeVar

import numpy as np

from declarations.binary_copy import Array, binary_rows, numeric, whole
from declarations.demo.audited import Audited
from declarations.demo.declaring import Block, Line
from declarations.demo.province import Province
from declarations.demo.stock import GoodsBook
from declarations.goods_store import goods_key
from declarations.loading import FACTS

# What a row says; goods rows and audited rows each fill the columns that the loading reads of them.
_NAMED = "agent_uscc, agent_code, agent_name, trader_uscc, trader_code, trader_name"
GOODS_COLUMNS = (
    "row_number, sheet, sound, goods_key, entry_id, g_no, hs_code, ie_flag, g_name, g_model, "
    + _NAMED
)
AUDIT_COLUMNS = (
    "row_number, sheet, sound, goods_key, entry_id, g_no, trade_mode, declared_on, custom_master, "
    f"{_NAMED}, origin_country, destination_country, g_qty, g_unit, decl_price, decl_total, "
    "trade_curr, hs_code, ie_flag, g_name, g_model, conforming, reason_codes, reason_text, auditor"
)
# As declarations_declaredline has them, but for the id.
LINE_COLUMNS = ("entry_id", "g_no", *FACTS, "declared_at", "is_hidden")

_EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # PostgreSQL's, of days and moments
_HOME, _CURRENCY = "CHN", "USD"
_Number = TypeVar("_Number", int, Array)


class Ids(NamedTuple):
    """What is stored of a province: ids by the place in its goods, and by that in its parties."""

    goods: Array
    contents: Array
    enterprises: Array


def goods_rows(province: Province, declared: list[int]) -> Iterator[tuple[object, ...]]:
    """Every good of `declared` and every party at least once; the first of them in order.

    Which stand in one row means nothing here.
    """
    parties = province.parties
    pairs = zip(cycle(declared), cycle(parties), strict=False)
    count = max(len(declared), len(parties))
    for number, (place, party) in enumerate(islice(pairs, count), start=1):
        named = (party.uscc, party.customs_code, party.name)
        goods = province.goods[place].goods
        yield (number, 0, True, _bytea(goods_key(*goods)), "", 0, *goods, *named, *named)


def line_rows(
    province: Province, ids: Ids, declared_at: datetime.datetime
) -> Iterator[tuple[int, bytes]]:
    """The declared lines as rows of LINE_COLUMNS in the binary form, with how many each are."""
    for block in province.blocks():
        yield len(block.line), binary_rows(_line_columns(province, ids, declared_at, block))


def _line_columns(
    province: Province, ids: Ids, declared_at: datetime.datetime, block: Block
) -> list[Array]:
    trade, goods, head, good = province.trade, province.goods, block.head, block.good
    count = len(good)
    prices, others, is_import = goods.prices(good), goods.countries(good), goods.imports(good)
    days = (trade.day[head] - np.datetime64(_EPOCH.date())).astype(np.int64)
    moment = (declared_at - _EPOCH) // datetime.timedelta(microseconds=1)
    home = np.array(_HOME, "S")
    return [
        trade.entry_ids(head),
        whole(block.g_no, 2),
        whole(ids.goods[good], 8),
        whole(ids.contents[good], 8),
        whole(ids.enterprises[trade.agent[head]], 8),
        whole(ids.enterprises[trade.trader[head]], 8),
        trade.trade_modes(head),
        whole(days, 4),
        trade.customs(head),
        np.where(is_import, others, home),
        np.where(is_import, home, others),
        numeric(block.quantity, 0),
        goods.units(good),
        numeric(prices, 4),
        numeric(_cents(prices, block.quantity), 2),
        np.full(count, _CURRENCY, "S3"),
        whole(np.full(count, moment), 8),
        np.zeros(count, np.bool_),
    ]


def audit_rows(rows: Iterable[Audited], goods: GoodsBook) -> Iterator[tuple[object, ...]]:
    """Audited rows as rows of AUDIT_COLUMNS."""
    for number, row in enumerate(rows, start=1):
        seen = goods[row.good].goods
        codes, text = row.reason or ("", "")
        yield (
            number, 0, True, _bytea(goods_key(*seen)), *_line_facts(row.line, goods), *seen,
            row.reason is None, f"{{{codes}}}", text, row.auditor,
        )  # fmt: skip


def _line_facts(line: Line, goods: GoodsBook) -> tuple[object, ...]:
    """The columns of AUDIT_COLUMNS from entry_id to trade_curr."""
    stocked, agent, trader = goods[line.good], line.agent, line.trader
    is_import = stocked.goods.ie_flag == "I"
    cents = _cents(stocked.price, line.quantity)
    return (
        line.entry_id,
        line.g_no,
        line.trade_mode,
        line.declared_on,
        line.entry_id[:4],
        agent.uscc,
        agent.customs_code,
        agent.name,
        trader.uscc,
        trader.customs_code,
        trader.name,
        stocked.country if is_import else _HOME,
        _HOME if is_import else stocked.country,
        line.quantity,
        stocked.unit,
        f"{stocked.price / 10_000:.4f}",
        f"{cents // 100}.{cents % 100:02d}",
        _CURRENCY,
    )


def _cents(price: _Number, quantity: _Number) -> _Number:
    """The total of a line in cents of a US dollar, its unit price being in hundredths of those."""
    return (price * quantity + 50) // 100


def _bytea(key: bytes) -> str:
    return f"\\\\x{key.hex()}"
