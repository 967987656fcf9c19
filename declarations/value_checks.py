"""Rules on a line's countries, currency, units, quantities and prices (rule 10)."""

from __future__ import annotations

from decimal import Decimal

from declarations import code_tables
from declarations.cells import FAULTY, RowCheck

PRICE_TOLERANCE = Decimal("0.005")
CENT = Decimal("0.01")
# Decimals and whole digits of each amount (报文格式说明, 海关精度; quantities NUMBER(19,5)).
AMOUNT_FORMS = {
    "decl_price": (4, 15),
    "decl_total": (2, 17),
    "g_qty": (5, 14),
    "qty_1": (5, 14),
    "qty_2": (5, 14),
}
CODE_LENGTH = 3  # of countries, currencies and units, in letters or digits


def check_codes(row: RowCheck) -> dict[str, object]:
    """Countries, currency and units (rule 10): in their tables, all of them optional.

    One that its table lacks is kept, where that only warns, if it is as long as the table's codes.
    """
    values: dict[str, object] = {}
    for name, rule, read in (
        ("origin_country", "country.unknown", code_tables.country_code),
        ("destination_country", "country.unknown", code_tables.country_code),
        ("trade_curr", "currency.unknown", code_tables.currency_code),
        ("g_unit", "unit.unknown", code_tables.unit_code),
        ("unit_1", "unit.unknown", code_tables.unit_code),
        ("unit_2", "unit.unknown", code_tables.unit_code),
    ):
        text, code = row.table_code(name, CODE_LENGTH, read)
        values[name] = text if not text else code
        if text and code is None:
            kept = text if len(text) == CODE_LENGTH else ""
            values[name] = FAULTY if row.say(rule, name) else kept
    return values


def check_amounts(row: RowCheck) -> dict[str, object]:
    """Prices and quantities (rule 10): 单价 15.4, 总价 17.2, quantities 14.5 digits, all optional."""
    values: dict[str, object] = {
        name: row.amount(name, *form) for name, form in AMOUNT_FORMS.items()
    }
    for name in ("g_qty", "qty_1", "qty_2"):
        if values[name] == 0 and row.say("amount.sign", name, limit="等于 0"):
            values[name] = FAULTY
    price, quantity, total = values["decl_price"], values["g_qty"], values["decl_total"]
    if isinstance(price, Decimal) and isinstance(total, Decimal) and isinstance(quantity, Decimal):
        product = price * quantity
        if abs(product - total) > max(CENT, total * PRICE_TOLERANCE):
            row.say("amount.product", "decl_total", read=f"{product.normalize():f}")
    return values
