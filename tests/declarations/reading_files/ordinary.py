"""Ordinary files: one table as many programs write it, each of which must be read without a word.

Excel's, LibreOffice's and WPS's own forms are written by hand, as these programs write them: none of
them runs where tests do.
"""

import datetime
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter
import xlwt
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from tests.declarations.reading_files.old_files import old_book
from tests.declarations.reading_files.packages import (
    DECLARATION,
    MAIN,
    STRICT_MAIN,
    STRICT_RELATIONS,
    inline_row,
    letters,
    relations_xml,
    sheet_xml,
    strings_xml,
    workbook_parts,
    write_parts,
)

HEAD = ["报关单号", "项号", "商品名称", "申报日期", "成交数量"]
DAYS = [datetime.date(2025, 3, 14), datetime.date(2024, 12, 31)]
TABLE: list[list[Any]] = [
    HEAD,
    ["090120251000000001", "1", "轮毂轴承", DAYS[0], 10.5],
    ["090120251000000002", "2", '<带"符号">&空格  的', DAYS[1], 0.1],
]
FIRST_DAY = datetime.date(1899, 12, 30)
ORDINARY: list[tuple[str, Callable[[Path], Path]]] = []


def ordinary(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """Add a maker to the variants; what it writes reads as TABLE, from row 1 on."""
    ORDINARY.append((make.__name__, make))
    return make


def picture() -> io.BytesIO:
    """A PNG of one white pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\xff"))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b""))


# --- by XlsxWriter ---------------------------------------------------------------------------


def by_xlsxwriter(
    change: Callable[..., None] | None = None, **options: Any
) -> Callable[[Path], Path]:
    """A maker by XlsxWriter; `change` does what the variant is about."""

    def make(folder: Path) -> Path:
        path = folder / "a.xlsx"
        book = xlsxwriter.Workbook(str(path), options)
        sheet = book.add_worksheet("数据")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(TABLE):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime.date):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, cell)
        if change:
            change(book, sheet)
        book.close()
        return path

    return make


def fonts(book, sheet):
    bold = book.add_format(
        {"bold": True, "font_name": "宋体", "font_color": "red", "bg_color": "yellow"}
    )
    sheet.set_row(0, 30, bold)
    sheet.set_column(0, 2, 22, bold)


def pictures(book, sheet):
    sheet.insert_image(5, 5, "a.png", {"image_data": picture()})


def charts(book, sheet):
    beside, alone = (book.add_chart({"type": kind}) for kind in ("column", "line"))
    for chart in (beside, alone):
        chart.add_series({"values": "=数据!$E$2:$E$3"})
    sheet.insert_chart(6, 1, beside)
    book.add_chartsheet("图").set_chart(alone)


def links(book, sheet):
    sheet.write_url(0, 0, "https://example.com/a?b=1&c=2", string="报关单号")


def a_note(book, sheet):
    sheet.write_comment(1, 1, "请核对", {"author": "张三"})


def filters(book, sheet):
    sheet.autofilter(0, 0, 2, 4)
    sheet.filter_column(1, "x == 1")
    sheet.set_row(2, options={"hidden": True})


def formats(book, sheet):
    accounting = book.add_format({"num_format": '_ ¥* #,##0.00_ ;[Red]_ ¥* -#,##0.00_ ;_ ¥* "-"_ '})
    sheet.write_number(1, 4, 10.5, accounting)
    sheet.write_number(2, 4, 0.1, book.add_format({"num_format": '0.0"件/日";[红色]-0.0'}))


def rich_text(book, sheet):
    bold = book.add_format({"bold": True})
    sheet.write_rich_string(1, 2, "轮", bold, "毂轴", "承")


def rules(book, sheet):
    sheet.data_validation(1, 1, 99, 1, {"validate": "list", "source": ["1", "2"]})
    sheet.conditional_format(1, 4, 99, 4, {"type": "3_color_scale"})
    book.define_name("税号", "=数据!$A$1")
    sheet.protect("secret")
    sheet.set_header("&C审核数据")


def a_table(book, sheet):
    columns = [{"header": heading} for heading in HEAD]
    sheet.add_table(0, 0, 2, 4, {"columns": columns, "style": "Table Style Medium 9"})


def frozen(book, sheet):
    sheet.freeze_panes(1, 1)
    sheet.set_column(3, 3, None, None, {"hidden": True, "level": 1})


for name, change, options in (
    ("xlsxwriter", None, {}),
    ("xlsxwriter_in_constant_memory", None, {"constant_memory": True}),
    ("dates_of_1904", None, {"date_1904": True}),
    ("zip64", None, {"use_zip64": True}),
    ("fonts_and_colours", fonts, {}),
    ("filters_and_hidden_rows", filters, {}),
    ("frozen_panes_and_hidden_columns", frozen, {}),
    ("comments", a_note, {}),
    ("pictures", pictures, {}),
    ("charts_and_a_chart_sheet", charts, {}),
    ("hyperlinks", links, {}),
    ("number_formats", formats, {}),
    ("rich_text", rich_text, {}),
    ("lists_rules_names_and_protection", rules, {}),
    ("a_table_with_a_style", a_table, {}),
):
    ORDINARY.append((name, by_xlsxwriter(change, **options)))


# --- by openpyxl -----------------------------------------------------------------------------


def by_openpyxl(change: Callable[..., None] | None = None) -> Callable[[Path], Path]:
    """A maker by openpyxl."""

    def make(folder: Path) -> Path:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "数据"
        for row in TABLE:
            sheet.append(row)
        if change:
            change(book, sheet)
        book.save(folder / "a.xlsx")
        return folder / "a.xlsx"

    return make


def comments(book, sheet):
    sheet["A2"].comment = Comment("请核对", "张三")
    sheet.add_data_validation(DataValidation(type="list", formula1='"1,2"'))


def widths(book, sheet):
    sheet.column_dimensions["A"].width = 30
    sheet.row_dimensions[2].height = 40
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = "A1:E3"
    sheet.print_title_rows = "1:1"


ORDINARY += [
    ("openpyxl", by_openpyxl()),
    ("openpyxl_with_comments_and_lists", by_openpyxl(comments)),
    ("openpyxl_with_widths_and_print_titles", by_openpyxl(widths)),
]


@ordinary
def openpyxl_streaming(folder):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    for row in TABLE:
        sheet.append(row)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


# --- by hand, as programs do -----------------------------------------------------------------


def serial(day: datetime.date) -> int:
    return (day - FIRST_DAY).days


def texts() -> list[str]:
    return [cell for row in TABLE for cell in row if isinstance(cell, str)]


def shared_rows(text: str, number: str, day: str, row: str) -> str:
    """The table's rows: a form for each kind of cell and for the row, filled by name."""
    found = texts()
    rows = []
    for at, cells in enumerate(TABLE, start=1):
        made = ""
        for column, cell in enumerate(cells):
            place = f"{letters(column)}{at}"
            if isinstance(cell, str):
                made += text.format(r=place, v=found.index(cell))
            elif isinstance(cell, datetime.date):
                made += day.format(r=place, v=serial(cell), iso=cell.isoformat())
            else:
                made += number.format(r=place, v=cell)
        rows.append(row.format(r=at, cells=made))
    return "".join(rows)


PLAIN = {
    "text": '<c r="{r}" t="s"><v>{v}</v></c>',
    "number": '<c r="{r}"><v>{v}</v></c>',
    "day": '<c r="{r}" s="1"><v>{v}</v></c>',
    "row": '<row r="{r}">{cells}</row>',
}


def by_hand(folder: Path, sheet: str, **options: Any) -> Path:
    options.setdefault("strings", strings_xml(texts()))
    return write_parts(folder / "a.xlsx", workbook_parts({"数据": sheet}, **options))


@ordinary
def excel(folder):
    """Excel 365: spans, dyDescent, a revision id, selections before and margins after."""
    before = (
        '<dimension ref="A1:E3"/><sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        '<selection activeCell="B2" sqref="B2"/></sheetView></sheetViews>'
        '<sheetFormatPr defaultRowHeight="14.25" x14ac:dyDescent="0.2"/>'
        '<cols><col min="1" max="1" width="21" customWidth="1"/></cols>'
    )
    after = (
        '<phoneticPr fontId="1" type="noConversion"/><pageMargins left="0.7" right="0.7" top="0.75"'
        ' bottom="0.75" header="0.3" footer="0.3"/><extLst><ext uri="{05C60535}"><x14:a/></ext></extLst>'
    )
    row = '<row r="{r}" spans="1:5" x14ac:dyDescent="0.2">{cells}</row>'
    return by_hand(
        folder, sheet_xml(shared_rows(**PLAIN | {"row": row}), before=before, after=after)
    )


@ordinary
def excel_with_readings_in_its_strings(folder):
    items = "".join(
        f"<si><t>{escape(text)}</t><rPh sb='0' eb='1'><t>ダミー</t></rPh>"
        '<phoneticPr fontId="1" type="noConversion"/></si>'
        for text in texts()
    )
    strings = f'{DECLARATION}<sst xmlns="{MAIN}">{items}</sst>'
    return by_hand(folder, sheet_xml(shared_rows(**PLAIN)), strings=strings)


@ordinary
def strict_open_xml(folder):
    """Excel's “Strict Open XML 电子表格”: namespaces of its own, dates as ISO 8601."""
    rows = shared_rows(**PLAIN | {"day": '<c r="{r}" s="1" t="d"><v>{iso}T00:00:00</v></c>'})
    return by_hand(
        folder,
        sheet_xml(rows, main=STRICT_MAIN),
        strings=strings_xml(texts(), STRICT_MAIN),
        properties='<workbookPr dateCompatibility="0" defaultThemeVersion="166925"/>',
        main=STRICT_MAIN,
        base=STRICT_RELATIONS,
    )


@ordinary
def libreoffice(folder):
    """LibreOffice 7: every attribute of a row, t="n", a general style first, codes with a language."""
    row = (
        '<row r="{r}" customFormat="false" ht="12.8" hidden="false" customHeight="false"'
        ' outlineLevel="0" collapsed="false">{cells}</row>'
    )
    forms = {
        "text": '<c r="{r}" s="0" t="s"><v>{v}</v></c>',
        "number": '<c r="{r}" s="0" t="n"><v>{v}</v></c>',
        "day": '<c r="{r}" s="1" t="n"><v>{v}</v></c>',
    }
    styles = (
        f'{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts count="2">'
        '<numFmt numFmtId="164" formatCode="General"/>'
        '<numFmt numFmtId="165" formatCode="[$-804]yyyy\\-mm\\-dd"/></numFmts>'
        '<cellStyleXfs count="1"><xf numFmtId="164"><alignment/></xf></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="164" applyFont="false"><protection locked="true"/></xf>'
        '<xf numFmtId="165" applyFont="true"/></cellXfs></styleSheet>'
    )
    before = (
        '<sheetPr filterMode="false"><pageSetUpPr fitToPage="false"/></sheetPr>'
        '<dimension ref="A1:E3"/><cols><col collapsed="false" min="1" max="16384" width="11.53"/></cols>'
    )
    return by_hand(folder, sheet_xml(shared_rows(**forms, row=row), before=before), styles=styles)


@ordinary
def wps(folder):
    """WPS 表格: its own general format, Chinese dates by number, parts of its own."""
    styles = (
        f'{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts count="3">'
        '<numFmt numFmtId="41" formatCode="_ * #,##0_ ;_ * \\-#,##0_ ;_ * &quot;-&quot;_ ;_ @_ "/>'
        '<numFmt numFmtId="176" formatCode="G/通用格式"/>'
        '<numFmt numFmtId="31" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/></numFmts>'
        '<cellStyleXfs count="1"><xf numFmtId="0"><alignment vertical="center"/></xf></cellStyleXfs>'
        '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="31" applyNumberFormat="1"/>'
        '<xf numFmtId="176" applyNumberFormat="1"/></cellXfs></styleSheet>'
    )
    rows = shared_rows(
        **PLAIN
        | {
            "number": '<c r="{r}" s="2"><v>{v}</v></c>',
            "row": '<row r="{r}" spans="1:5">{cells}</row>',
        }
    )
    parts = workbook_parts({"数据": sheet_xml(rows)}, strings=strings_xml(texts()), styles=styles)
    parts["docProps/custom.xml"] = '<Properties><property name="KSOProductBuildVer"/></Properties>'
    parts["xl/cellimages.xml"] = "<etc:cellImages/>"
    return write_parts(folder / "a.xlsx", parts)


@ordinary
def dates_by_built_in_numbers(folder):
    """Chinese Excel leaves out the code of its own date formats."""
    styles = (
        f'{DECLARATION}<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="31"/></cellXfs></styleSheet>'
    )
    return by_hand(folder, sheet_xml(shared_rows(**PLAIN)), styles=styles)


@ordinary
def the_open_xml_kit(folder):
    """.NET's Open XML SDK: every element prefixed, absolute targets, one line."""
    rows = shared_rows(
        **{key: form.replace("<", "<x:").replace("<x:/", "</x:") for key, form in PLAIN.items()}
    )
    sheet = f'<?xml version="1.0" encoding="utf-8"?><x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    items = "".join(f"<x:si><x:t>{escape(text)}</x:t></x:si>" for text in texts())
    parts = workbook_parts({"数据": sheet}, strings=f'<x:sst xmlns:x="{MAIN}">{items}</x:sst>')
    relations = parts["xl/_rels/workbook.xml.rels"]
    for folder_name in ("worksheets/", "styles", "sharedStrings"):
        relations = relations.replace(f'Target="{folder_name}', f'Target="/xl/{folder_name}')
    parts["xl/_rels/workbook.xml.rels"] = relations
    return write_parts(folder / "a.xlsx", parts)


@ordinary
def pretty_printed(folder):
    """An element a line, as some tools leave it."""
    rows = shared_rows(**PLAIN).replace("><", ">\n    <")
    return by_hand(folder, sheet_xml("\n  " + rows + "\n"))


@ordinary
def a_row_a_line(folder):
    row = '\r\n<row r="{r}">{cells}</row>'
    return by_hand(folder, sheet_xml(shared_rows(**PLAIN | {"row": row}) + "\r\n"))


@ordinary
def a_comment_of_its_writer(folder):
    return by_hand(folder, sheet_xml("<!-- made by hand -->" + shared_rows(**PLAIN)))


@ordinary
def cells_without_places(folder):
    """Rows and cells that say nowhere where they stand."""
    forms = {key: form.replace(' r="{r}"', "") for key, form in PLAIN.items()}
    return by_hand(folder, sheet_xml(shared_rows(**forms)))


@ordinary
def attributes_in_another_order(folder):
    forms = {"text": '<c t="s" r="{r}"><v>{v}</v></c>', "day": '<c s="1" r="{r}"><v>{v}</v></c>'}
    return by_hand(folder, sheet_xml(shared_rows(**PLAIN | forms)))


@ordinary
def parts_in_utf_16(folder):
    text = sheet_xml(shared_rows(**PLAIN)).replace("UTF-8", "UTF-16").encode("utf-16")
    return by_hand(folder, text)


@ordinary
def characters_by_number(folder):
    """Entities instead of characters, and escapes of Excel's own."""
    coded = "".join(
        f'<si><t xml:space="preserve">{"".join(f"&#x{ord(letter):x};" for letter in text)}</t></si>'
        for text in texts()
    )
    return by_hand(
        folder, sheet_xml(shared_rows(**PLAIN)), strings=f'<sst xmlns="{MAIN}">{coded}</sst>'
    )


@ordinary
def inline_rich_text(folder):
    rows = inline_row(1, HEAD)
    for at, (entry, number, name, day, quantity) in enumerate(TABLE[1:], start=2):
        rich = f'<is><r><rPr><b/></rPr><t xml:space="preserve">{escape(name[:3])}</t></r>'
        rows += (
            inline_row(at, [entry, number]).removesuffix("</row>")
            + f'<c r="C{at}" t="inlineStr">{rich}<r><t xml:space="preserve">{escape(name[3:])}</t></r></is></c>'
            + f'<c r="D{at}" s="1"><v>{serial(day)}</v></c><c r="E{at}"><v>{quantity}</v></c></row>'
        )
    return by_hand(folder, sheet_xml(rows), strings=None)


@ordinary
def blank_formatted_rows_to_the_end(folder):
    """Somebody coloured whole columns: each of the million rows has blank cells."""
    blank = "".join(f'<row r="{at}"><c r="A{at}" s="3"/></row>' for at in range(4, 100_000))
    last = '<row r="1048576" hidden="1" ht="0"/>'
    return by_hand(folder, sheet_xml(shared_rows(**PLAIN) + blank + last))


@ordinary
def a_workbook_at_another_place(folder):
    parts = workbook_parts({"数据": sheet_xml(shared_rows(**PLAIN))}, strings=strings_xml(texts()))
    moved = {
        name.replace("xl/workbook.xml", "office/book1.xml"): text for name, text in parts.items()
    }
    moved["office/_rels/book1.xml.rels"] = moved.pop("xl/_rels/workbook.xml.rels").replace(
        'Target="', 'Target="../xl/'
    )
    moved["_rels/.rels"] = parts["_rels/.rels"].replace("xl/workbook.xml", "./office/book1.xml")
    return write_parts(folder / "a.xlsx", moved)


@ordinary
def names_with_backslashes(folder):
    """Archives of old .NET programs."""
    parts = workbook_parts({"数据": sheet_xml(shared_rows(**PLAIN))}, strings=strings_xml(texts()))
    return write_parts(
        folder / "a.xlsx", {name.replace("/", "\\"): text for name, text in parts.items()}
    )


@ordinary
def stored_without_packing(folder):
    parts = workbook_parts({"数据": sheet_xml(shared_rows(**PLAIN))}, strings=strings_xml(texts()))
    return write_parts(folder / "a.XLSX", parts, compression=zipfile.ZIP_STORED)


@ordinary
def a_streamed_archive(folder):
    """Sizes after the entries, as programs write that send while they pack."""

    class Pipe(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            return file.write(data)

    parts = workbook_parts({"数据": sheet_xml(shared_rows(**PLAIN))}, strings=strings_xml(texts()))
    with (folder / "a.xlsx").open("wb") as file:
        write_parts(Pipe(), parts)
    return folder / "a.xlsx"


@ordinary
def merged_cells(folder):
    """Merged blocks beside the table keep their text in the first cell, and nothing is made up."""
    after = '<mergeCells count="1"><mergeCell ref="A5:E9"/></mergeCells>'
    return by_hand(folder, sheet_xml(shared_rows(**PLAIN), after=after))


@ordinary
def parts_of_others(folder):
    parts = workbook_parts({"数据": sheet_xml(shared_rows(**PLAIN))}, strings=strings_xml(texts()))
    parts["xl/printerSettings/printerSettings1.bin"] = bytes(500)
    parts["customXml/item1.xml"] = "<a/>"
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = relations_xml(
        [
            ("rId1", "printerSettings", "../printerSettings/printerSettings1.bin", ""),
            ("rId2", "hyperlink", "file:///C:/a%20b.docx", ' TargetMode="External"'),
        ]
    )
    return write_parts(folder / "a.xlsx", parts)


# --- old workbooks and texts -----------------------------------------------------------------


@ordinary
def old_workbook(folder):
    old_book(TABLE).save(str(folder / "a.xls"))
    return folder / "a.xls"


@ordinary
def old_workbook_of_1904(folder):
    book = old_book([[cell if isinstance(cell, str) else "" for cell in row] for row in TABLE])
    book.dates_1904 = True
    day = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')
    for at, row in enumerate(TABLE[1:], start=1):
        book.get_sheet(0).write(at, 3, serial(row[3]) - 1462, day)
        book.get_sheet(0).write(at, 4, row[4])
    book.save(str(folder / "a.XLS"))
    return folder / "a.XLS"
