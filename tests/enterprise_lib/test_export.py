"""导出本页数据: a workbook of just the shown page."""

from datetime import datetime

from tests.enterprise_lib.library import keys_on, notices_on, sheet_of
from tests.world import SOFA, Party, Row, Text, declare

HEADINGS = [
    "标记类型", "文本来源", "商品编码", "商品名称", "规格型号", "监管方式", "进出口", "申报日期",
    "报关单号", "项号", "企业类别", "公开状态",
]  # fmt: skip


def test_it_holds_the_shown_page_in_the_shown_order_and_columns(library):
    query = "/library/?sort=hs_code&per_page=20&hs_code=94"
    shown = library.client.get(query).context["page"].rows
    response = library.client.get(f"{query}&export=xlsx")
    assert response.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert ".xlsx" in response.headers["Content-Disposition"]
    header, *rows = sheet_of(response)
    assert header == HEADINGS
    assert len(rows) == len(shown) > 3
    for row, cells in zip(shown, rows, strict=True):
        assert cells == [
            row.mark.label,
            row.text_note or None,
            row.goods.hs_code,
            row.goods.name,
            row.goods.g_model,
            row.trade_mode_text,
            row.ie_flag.label,
            datetime.combine(row.declared_on, datetime.min.time()),
            row.entry_id,
            str(row.g_no),
            row.roles,
            row.publication.label if row.publication else None,
        ]
    assert "审核时文本（2026-09）" in [cells[1] for cells in rows]


def test_it_holds_the_second_page_where_the_second_is_shown(library):
    broker, trader = Party.of(library.broker), Party.of(library.trader)
    declare(*[Row(n, broker, trader, SOFA) for n in range(100, 125)])
    shown = library.client.get("/library/?page=2")
    rows = sheet_of(library.client.get("/library/?page=2&export=xlsx"))[1:]
    assert len(rows) == len(keys_on(shown)) == 34 - 20
    assert [cells[8] for cells in rows] == [row.entry_id for row in shown.context["page"].rows]


def test_codes_are_texts_and_nothing_becomes_a_formula(library):
    text = Text("9401619000", "=1+1", "@SUM(A1)|3|-家居|+布面")
    declare(Row(90, Party.of(library.broker), Party.of(library.trader), text))
    response = library.client.get("/library/?hs_code=9401&keyword=家居&export=xlsx")
    row = next(cells for cells in sheet_of(response) if cells[3] == "=1+1")
    assert row[2] == "9401619000"
    assert row[4] == "@SUM(A1)|3|-家居|+布面"
    assert isinstance(row[8], str)
    assert len(row[8]) == 18
    from io import BytesIO

    import openpyxl

    sheet = openpyxl.load_workbook(BytesIO(response.getvalue())).active
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "d", "n"}
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_nothing_to_export_is_told_on_the_same_query(library):
    response = library.client.get("/library/?keyword=没有的商品&export=xlsx", follow=True)
    assert "没有数据可以导出" in notices_on(response)
    assert response.redirect_chain[0][0].startswith("/library/?keyword=")
    assert "export" not in response.redirect_chain[0][0]


def test_a_wrong_query_is_not_exported(library):
    response = library.client.get("/library/?hs_code=x&export=xlsx")
    assert response.headers["Content-Type"].startswith("text/html")
    assert "应为 2 至 10 位数字" in response.content.decode()
