"""The hostile corpus: files made to hurt whoever reads them, and the rule that each ends in.

Each maker writes its file into a folder and returns it; the makers take care to be quick, for a file
that is slow to make is no test of what is slow to read.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from declarations.files.limits import UPLOAD_LIMITS, Limits
from tests.declarations.files import declared_row, write_csv, write_xlsx
from tests.declarations.reading_files.old_files import after_start, old_stream, write_compound
from tests.declarations.reading_files.packages import (
    DECLARATION,
    MAIN,
    Parts,
    changed,
    inline_row,
    letters,
    relations_xml,
    sheet_xml,
    strings_xml,
    workbook_parts,
    write_parts,
    write_rows,
)

ROW = inline_row(1, ["报关单号", "项号", "商品编号"])


class Hostile(NamedTuple):
    """A file of the corpus, and the rule whose sentence it ends in ("" for one that is read)."""

    name: str
    make: Callable[[Path], Path]
    rule: str
    limits: Limits


CORPUS: list[Hostile] = []
# Where reaching the real limit would only take long.
SMALL_MEMORY = 160 * 2**20


def ends_in(rule: str, **limits: int) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    """Add a maker to the corpus, with lower limits where it says so."""

    def add(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
        CORPUS.append(Hostile(make.__name__, make, rule, UPLOAD_LIMITS._replace(**limits)))
        return make

    return add


def a_workbook(folder: Path, name: str = "good.xlsx") -> Path:
    return write_xlsx(folder / name, [declared_row()])


# --- archives --------------------------------------------------------------------------------


@ends_in("file.ratio")
def zip_bomb(folder):
    """A sheet of 800 MB of spaces in 800 kB."""
    head, tail = sheet_xml(ROW + "#").split("#")
    parts = workbook_parts({"数据": ""})
    del parts["xl/worksheets/sheet1.xml"]
    packed = pack([head.encode(), *[b" " * 8_000_000] * 100, tail.encode()])
    return write_packed(folder / "a.xlsx", parts, {"xl/worksheets/sheet1.xml": packed})


@ends_in("file.unpacked")
def zip_bomb_of_many_entries(folder):
    """Ninety entries below every single limit, 1.3 GB together."""
    packed = pack([bytes(range(256)) * 58_000])
    entries = {f"xl/media/image{at}.png": packed for at in range(90)}
    return write_packed(folder / "a.xlsx", workbook_parts({"数据": sheet_xml(ROW)}), entries)


class Packed(NamedTuple):
    """What an entry holds, already packed."""

    size: int
    checksum: int
    content: bytes


def pack(blocks: list[bytes]) -> Packed:
    """Pack blocks one by one, so that one that comes again is packed only once."""
    packed: dict[bytes, bytes] = {}
    for block in blocks:
        if block not in packed:
            packer = zlib.compressobj(1, zlib.DEFLATED, -15)
            packed[block] = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(1, zlib.DEFLATED, -15).flush()
    checksum = 0
    for block in blocks:
        checksum = zlib.crc32(block, checksum)
    content = b"".join(packed[block] for block in blocks) + end
    return Packed(sum(map(len, blocks)), checksum, content)


def write_packed(path: Path, parts: Parts, entries: dict[str, Packed]) -> Path:
    """Write a package with entries that are packed already besides others."""
    write_parts(path, parts)
    with zipfile.ZipFile(path, "a") as archive:
        for name, packed in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.header_offset = archive.start_dir
            info.file_size, info.CRC = packed.size, packed.checksum
            info.compress_size = len(packed.content)
            archive.fp.seek(archive.start_dir)
            archive.fp.write(info.FileHeader(False) + packed.content)
            archive.start_dir = archive.fp.tell()
            archive.filelist.append(info)
            archive.NameToInfo[name] = info
            archive._didModify = True
    return path


@ends_in("file.content")
def nested_zip(folder):
    """An archive of archives."""
    inner = a_workbook(folder).read_bytes()
    return write_parts(folder / "a.xlsx", {f"{at}.zip": inner for at in range(10)})


@ends_in("file.unreadable")
def overlapping_entries(folder):
    """A hundred entries that are one and the same stretch of bytes (D. Fifield's better zip bomb)."""
    path = a_workbook(folder, "a.xlsx")
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    path.write_bytes(data)
    return path


@ends_in("file.entries")
def too_many_entries(folder):
    parts = workbook_parts({"数据": sheet_xml(ROW)}) | {f"a/{at}": "" for at in range(6000)}
    return write_parts(folder / "a.xlsx", parts, compression=zipfile.ZIP_STORED)


@ends_in("file.entries")
def a_directory_of_which_the_end_lies(folder):
    """The end of the directory speaks of four thousand million bytes."""
    path = a_workbook(folder, "a.xlsx")
    data = bytearray(path.read_bytes())
    data[-10:-6] = struct.pack("<L", 0xFFFFFF00)
    path.write_bytes(data)
    return path


@ends_in("file.unreadable")
def an_entry_that_is_longer_than_it_says(folder):
    """The directory says 100 bytes, the stream holds more: only 100 are read, which are no sheet."""
    path = write_rows(folder / "a.xlsx", ROW * 50)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    data[at + 24 : at + 28] = struct.pack("<L", 100)
    path.write_bytes(data)
    return path


@ends_in("file.unreadable")
def a_wrong_checksum(folder):
    path = write_rows(folder / "a.xlsx", ROW)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    data[at + 16] ^= 1
    path.write_bytes(data)
    return path


@ends_in("file.unreadable")
def two_parts_of_one_name(folder):
    path = a_workbook(folder, "a.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("XL/worksheets/sheet1.xml", sheet_xml(ROW))
    return path


@ends_in("file.encrypted")
def an_encrypted_archive(folder):
    path = a_workbook(folder, "a.xlsx")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    return path


@ends_in("file.unreadable")
def an_unknown_compression(folder):
    path = write_rows(folder / "a.xlsx", ROW)
    data, name = bytearray(path.read_bytes()), b"xl/worksheets/sheet1.xml"
    for mark, place in ((b"PK\x01\x02", 10), (b"PK\x03\x04", 8)):
        at = data.rindex(mark, 0, data.rindex(name) if place == 10 else data.index(name))
        data[at + place] = 99
    path.write_bytes(data)
    return path


# --- XML -------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
DOCTYPES = {
    "billion_laughs": f'<!DOCTYPE w [<!ENTITY l0 "哈">{LAUGHS}]>',
    "quadratic_blowup": f'<!DOCTYPE w [<!ENTITY a "{"a" * 50_000}">]>',
    "external_entity": '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "external_dtd": '<!DOCTYPE w SYSTEM "http://192.0.2.1/evil.dtd">',
}
PLACES = {
    "sheet": ("xl/worksheets/sheet1.xml", b"<worksheet"),
    "workbook": ("xl/workbook.xml", b"<workbook"),
    "strings": ("xl/sharedStrings.xml", b"<sst"),
    "styles": ("xl/styles.xml", b"<styleSheet"),
    "relations": ("xl/_rels/workbook.xml.rels", b"<Relationships"),
}


def with_doctype(kind, place):
    def make(folder):
        part, root = PLACES[place]
        doctype = DOCTYPES[kind].encode()
        return changed(a_workbook(folder), folder / "a.xlsx", part, root, doctype + root)

    make.__name__ = f"{kind}_in_{place}"
    return make


for kind in DOCTYPES:
    ends_in("file.doctype")(with_doctype(kind, "sheet"))
for place in list(PLACES)[1:]:
    ends_in("file.doctype")(with_doctype("billion_laughs", place))


@ends_in("file.doctype")
def a_doctype_in_utf_16(folder):
    text = sheet_xml(ROW).removeprefix(DECLARATION)
    text = '<?xml version="1.0" encoding="UTF-16"?>' + DOCTYPES["billion_laughs"] + text
    return write_parts(folder / "a.xlsx", workbook_parts({"数据": text.encode("utf-16")}))


@ends_in("file.unreadable")
def a_doctype_among_the_rows(folder):
    return write_rows(folder / "a.xlsx", ROW + DOCTYPES["billion_laughs"] + inline_row(2, ["&l9;"]))


@ends_in("file.unreadable")
def deep_xml(folder):
    """A million elements inside one another, where a cell should be."""
    deep = "<a>" * 1_000_000
    return write_rows(folder / "a.xlsx", f'<row r="1"><c r="A1">{deep}</c></row>')


@ends_in("file.unreadable")
def deep_xml_in_the_workbook(folder):
    parts = workbook_parts({"数据": sheet_xml(ROW)})
    parts["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}">' + "<a>" * 1_000_000
    return write_parts(folder / "a.xlsx", parts)


@ends_in("file.unreadable")
def an_element_of_200000_attributes(folder):
    many = " ".join(f'a{at}=""' for at in range(200_000))
    return write_rows(folder / "a.xlsx", f'<row r="1" {many}><c r="A1"')


@ends_in("file.unreadable")
def a_sheet_that_ends_in_the_middle(folder):
    text = sheet_xml(inline_row(1, ["a"]) + inline_row(2, ["b"]))
    return write_parts(folder / "a.xlsx", workbook_parts({"数据": text[: text.index('r="2"')]}))


@ends_in("file.unreadable")
def rows_that_go_backwards(folder):
    return write_rows(folder / "a.xlsx", inline_row(5, ["a"]) + inline_row(4, ["b"]))


@ends_in("file.unreadable")
def a_row_beyond_the_last(folder):
    return write_rows(folder / "a.xlsx", ROW + inline_row(1_048_577, ["b"]))


@ends_in("file.unreadable")
def a_string_that_is_not_there(folder):
    return write_rows(folder / "a.xlsx", '<row r="1"><c r="A1" t="s"><v>7</v></c></row>')


@ends_in("file.unreadable")
def a_string_before_the_first(folder):
    rows = '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'
    return write_rows(folder / "a.xlsx", rows, strings=strings_xml(["a"]))


@ends_in("file.unreadable")
def a_number_of_a_million_digits(folder):
    return write_rows(
        folder / "a.xlsx", f'<row r="1"><c r="A1" t="s"><v>{"9" * 1_000_000}</v></c></row>'
    )


@ends_in("file.unreadable")
def a_number_that_is_none(folder):
    return write_rows(folder / "a.xlsx", '<row r="1"><c r="A1"><v>nan</v></c></row>')


@ends_in("file.unreadable")
def an_infinite_number(folder):
    return write_rows(folder / "a.xlsx", '<row r="1"><c r="A1"><v>1e999</v></c></row>')


@ends_in("file.unreadable")
def a_broken_entity(folder):
    return write_rows(folder / "a.xlsx", '<row r="1"><c r="A1" t="str"><v>&lol;</v></c></row>')


@ends_in("file.unreadable")
def no_utf_8(folder):
    text = sheet_xml(inline_row(1, ["报关单号"])).encode().replace("报".encode(), b"\xff\xfe\xfd")
    return write_parts(folder / "a.xlsx", workbook_parts({"数据": text}))


# --- sizes -----------------------------------------------------------------------------------


@ends_in("sheet.columns")
def columns_16384(folder):
    return write_rows(folder / "a.xlsx", inline_row(1, ["x"] * 16_384))


@ends_in("sheet.columns")
def a_cell_in_the_last_corner(folder):
    """Two cells that a reader which lays a sheet out whole needs half a terabyte for."""
    return write_rows(folder / "a.xlsx", ROW + inline_row(1_048_576, ["x"], first=16_383))


@ends_in("file.empty")
def rows_1048576_all_empty(folder):
    rows = "".join(f'<row r="{at}" s="1" ht="15"/>' for at in range(1, 1_048_577))
    return write_rows(folder / "a.xlsx", rows)


@ends_in("file.empty")
def rows_300000_of_blank_cells(folder):
    rows = "".join(f'<row r="{at}"><c r="A{at}" s="1"/></row>' for at in range(1, 300_001))
    return write_rows(folder / "a.xlsx", rows)


@ends_in("file.workbook_rows", workbook_rows=20_000)
def more_rows_than_may_be(folder):
    rows = "".join(f'<row r="{at}"><c r="A{at}"><v>1</v></c></row>' for at in range(1, 20_030))
    return write_rows(folder / "a.xlsx", rows)


@ends_in("sheet.long_row")
def shared_string_bomb(folder):
    """One text of 32,767 characters, in every of 500 cells of 10,000 rows."""
    cells = "".join(f'<c r="{letters(at)}1" t="s"><v>0</v></c>' for at in range(500))
    rows = f'<row r="1">{cells}</row>'
    sheet = sheet_xml("".join(rows.replace('1"', f'{at}"') for at in range(1, 200)))
    parts = workbook_parts({"数据": sheet}, strings=strings_xml(["长" * 32_767]))
    return write_parts(folder / "a.xlsx", parts)


@ends_in("file.unpacked")
def shared_string_bomb_in_eight_columns(folder):
    """No row is too long, but all of them together are."""
    cells = "".join(f'<c r="{name}#" t="s"><v>0</v></c>' for name in "ABCDEFGH")
    rows = "".join(f'<row r="{at}">{cells.replace("#", str(at))}</row>' for at in range(1, 4_000))
    parts = workbook_parts({"数据": sheet_xml(rows)}, strings=strings_xml(["a" * 32_767]))
    return write_parts(folder / "a.xlsx", parts)


@ends_in("file.memory", memory_bytes=SMALL_MEMORY)
def a_table_of_strings_without_end(folder):
    """Twenty million shared strings in 40 MB."""
    numbers = Random(1)
    items = "".join(f"<si><t>{numbers.randrange(16, 256):x}</t></si>" for _ in range(100_000))
    head = f'{DECLARATION}<sst xmlns="{MAIN}">'.encode()
    packed = pack([head, *[items.encode()] * 200, b"</sst>"])
    parts = workbook_parts({"数据": sheet_xml(ROW)}, strings="")
    del parts["xl/sharedStrings.xml"]
    return write_packed(folder / "a.xlsx", parts, {"xl/sharedStrings.xml": packed})


@ends_in("sheet.long_cell")
def a_cell_of_40000_characters(folder):
    return write_rows(folder / "a.xlsx", inline_row(1, ["长" * 40_000]))


@ends_in("sheet.long_cell")
def a_cell_of_2_million_characters(folder):
    text = "".join(chr(0x4E00 + at % 2000) for at in range(20_000))
    return write_rows(folder / "a.xlsx", inline_row(1, [text * 100]))


@ends_in("file.workbook_size")
def a_workbook_above_50_megabytes(folder):
    path = a_workbook(folder, "a.xlsx")
    with path.open("r+b") as file:
        file.truncate(50 * 2**20 + 1)
    return path


@ends_in("file.size")
def a_csv_above_200_megabytes(folder):
    path = write_csv(folder / "a.csv", [declared_row()])
    with path.open("r+b") as file:
        file.truncate(200 * 2**20 + 1)
    return path


@ends_in("file.sheets")
def a_thousand_sheets(folder):
    return write_parts(
        folder / "a.xlsx", workbook_parts({f"表{at}": sheet_xml(ROW) for at in range(1000)})
    )


# --- what no upload may hold -----------------------------------------------------------------


@ends_in("file.macros")
def macros(folder):
    parts = workbook_parts({"数据": sheet_xml(ROW)}) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}
    return write_parts(folder / "a.xlsx", parts)


@ends_in("file.macros")
def an_excel_4_macro_sheet(folder):
    parts = workbook_parts({"数据": sheet_xml(ROW)})
    relations = parts["xl/_rels/workbook.xml.rels"]
    parts["xl/_rels/workbook.xml.rels"] = relations.replace('/worksheet"', '/xlMacrosheet"')
    return write_parts(folder / "a.xlsx", parts)


@ends_in("file.links")
def a_link_to_another_workbook(folder):
    link = f'<externalLink xmlns="{MAIN}"/>'
    parts = workbook_parts({"数据": sheet_xml(ROW)}) | {"xl/externalLinks/externalLink1.xml": link}
    return write_parts(folder / "a.xlsx", parts)


@ends_in("file.links")
def a_picture_from_elsewhere(folder):
    outside = ("rId1", "image", "http://192.0.2.1/pixel.png", ' TargetMode="External"')
    parts = workbook_parts({"数据": sheet_xml(ROW)})
    parts["xl/drawings/_rels/drawing1.xml.rels"] = relations_xml([outside])
    return write_parts(folder / "a.xlsx", parts)


@ends_in("file.links")
def a_template_from_elsewhere(folder):
    outside = ("rId9", "attachedTemplate", "file://192.0.2.1/x", ' TargetMode="External"')
    parts = workbook_parts({"数据": sheet_xml(ROW)})
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(
        "</Relationships>", relations_xml([outside]).partition('relationships">')[2]
    )
    return write_parts(folder / "a.xlsx", parts)


@ends_in("file.links")
def a_data_connection(folder):
    parts = workbook_parts({"数据": sheet_xml(ROW)}) | {"xl/connections.xml": "<connections/>"}
    return write_parts(folder / "a.xlsx", parts)


# --- not what the name says ------------------------------------------------------------------

PROGRAM = b"MZ\x90\x00" + bytes(4000)


def named(file_name, content, rule="file.content"):
    def make(folder):
        (folder / file_name).write_bytes(content)
        return folder / file_name

    return make, rule


for label, file_name, content in (
    ("a_program_named_xlsx", "a.xlsx", PROGRAM),
    ("a_program_named_csv", "a.csv", PROGRAM),
    ("a_program_named_xls", "a.xls", PROGRAM),
    ("a_text_named_xlsx", "a.xlsx", "报关单号,项号\n1,2\n".encode()),
    ("a_text_named_xls", "a.xls", "报关单号\t项号\n1\t2\n".encode("utf-16")),
    ("a_page_named_xls", "a.xls", b"\r\n<html xmlns:x='urn:schemas-microsoft-com:office:excel'>"),
    ("a_table_named_xls", "a.xls", b"<table><tr><td>1</td></tr></table>"),
    ("a_page_named_csv", "a.csv", b"<!DOCTYPE html><html><body>404</body></html>"),
    ("an_xml_table_named_xls", "a.xls", b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?>"
     b"<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>"),
    ("a_web_archive_named_xls", "a.xls", b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"),
    ("a_pdf_named_xlsx", "a.xlsx", b"%PDF-1.7\n"),
    ("a_picture_named_xlsx", "a.xlsx", b"\x89PNG\r\n\x1a\n"),
    ("a_rar_named_xlsx", "a.xlsx", b"Rar!\x1a\x07\x01\x00"),
    ("an_excel_3_table_named_xls", "a.xls", b"\x09\x02\x06\x00\x00\x00\x10\x00" + bytes(100)),
):  # fmt: skip
    make, rule = named(file_name, content)
    make.__name__ = label
    ends_in(rule)(make)


@ends_in("file.content")
def a_workbook_named_csv(folder):
    return a_workbook(folder).rename(folder / "a.csv")


@ends_in("file.content")
def a_workbook_named_xls(folder):
    return a_workbook(folder).rename(folder / "a.xls")


@ends_in("file.content")
def a_binary_workbook_named_xlsx(folder):
    return write_parts(
        folder / "a.xlsx", {"[Content_Types].xml": TYPES_ONLY, "xl/workbook.bin": b"\x83"}
    )


@ends_in("file.content")
def an_open_document_named_xlsx(folder):
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return write_parts(folder / "a.xlsx", {"mimetype": kind, "content.xml": "<a/>"})


@ends_in("file.content")
def a_word_document_named_xlsx(folder):
    return write_parts(
        folder / "a.xlsx", {"[Content_Types].xml": TYPES_ONLY, "word/document.xml": "<a/>"}
    )


TYPES_ONLY = "<Types/>"
for ending in (".xlsm", ".xlsb", ".ods", ".et", ".xltx"):

    def other(folder, ending=ending):
        return a_workbook(folder).rename(folder / f"a{ending}")

    other.__name__ = f"a_file_named_{ending[1:]}"
    ends_in("file.other_table")(other)


@ends_in("file.type")
def a_file_named_txt(folder):
    return write_csv(folder / "a.txt", [declared_row()])


# --- texts -----------------------------------------------------------------------------------


@ends_in("file.nul")
def nul_bytes_in_a_csv(folder):
    path = write_csv(folder / "a.csv", [declared_row()] * 100)
    path.write_bytes(path.read_bytes() + b"\x00,\x00\n")
    return path


@ends_in("file.encoding")
def utf_16_without_a_mark(folder):
    (folder / "a.csv").write_bytes("报关单号,项号\n1,2\n".encode("utf-16-le"))
    return folder / "a.csv"


@ends_in("file.encoding")
def no_encoding_at_all(folder):
    (folder / "a.csv").write_bytes("报关单号,项号\n".encode() + b"\xff\xff,\x81\xff\n")
    return folder / "a.csv"


@ends_in("file.quotes")
def a_quote_that_never_closes(folder):
    (folder / "a.csv").write_text("报关单号,项号\n1,2\n" + '3,"4\n' + "5,6\n" * 100_000, "utf-8")
    return folder / "a.csv"


@ends_in("file.quotes")
def a_quote_that_is_open_at_the_end(folder):
    (folder / "a.csv").write_text('报关单号,项号\n1,2\n3,"4\n5,6\n', "utf-8")
    return folder / "a.csv"


@ends_in("file.quotes")
def a_quote_that_swallows_a_thousand_rows(folder):
    row = "申报要素0|3|角接触球轴承,1,2,3\n"
    (folder / "a.csv").write_text(f'报关单号,"a\n{row * 3000}b",c\n{row * 10}', "utf-8")
    return folder / "a.csv"


@ends_in("sheet.columns")
def columns_16384_in_a_csv(folder):
    (folder / "a.csv").write_text("报关单号,项号\n" + "x," * 16_384 + "\n", "utf-8")
    return folder / "a.csv"


@ends_in("file.memory", memory_bytes=SMALL_MEMORY)
def a_csv_of_one_line(folder):
    with (folder / "a.csv").open("wb") as file:
        for _ in range(60):
            file.write(b"a," * 2**19)
    return folder / "a.csv"


@ends_in("file.csv_rows", csv_rows=20_000)
def a_csv_of_more_rows_than_may_be(folder):
    (folder / "a.csv").write_text("报关单号,项号\n" + "1,2\n" * 20_030, "utf-8")
    return folder / "a.csv"


# --- old workbooks ---------------------------------------------------------------------------


@ends_in("file.encrypted")
def an_encrypted_workbook(folder):
    """What Excel makes of a workbook with a password: a compound file around the package."""
    names = {"Workbook": ("EncryptionInfo", 2), "": ("EncryptedPackage", 2)}
    return write_compound(folder / "a.xlsx", bytes(8000), names)


@ends_in("file.encrypted")
def an_encrypted_old_workbook(folder):
    stream = old_stream()
    password = struct.pack("<HH", 0x2F, 54) + bytes(54)
    return write_compound(folder / "a.xls", after_start(stream, password))


@ends_in("file.macros")
def macros_in_an_old_workbook(folder):
    return write_compound(folder / "a.xls", old_stream(), {"": ("_VBA_PROJECT_CUR", 1)})


@ends_in("file.macros")
def an_excel_4_macro_sheet_in_an_old_workbook(folder):
    stream = bytearray(old_stream())
    at = stream.index(struct.pack("<H", 0x85), 20)
    stream[at + 9] = 1
    return write_compound(folder / "a.xls", bytes(stream))


@ends_in("file.links")
def a_link_in_an_old_workbook(folder):
    name = b"\x01\x01C:\x03secret.xls"
    link = struct.pack("<HHHHB", 0x1AE, len(name) + 5, 1, len(name), 0) + name
    return write_compound(folder / "a.xls", after_start(old_stream(), link))


@ends_in("file.content")
def a_word_document_named_xls(folder):
    return write_compound(folder / "a.xls", bytes(8000), {"Workbook": ("WordDocument", 2)})


@ends_in("file.content")
def an_old_workbook_named_xlsx(folder):
    return write_compound(folder / "a.xlsx", old_stream())


@ends_in("file.unreadable")
def an_old_workbook_whose_sectors_go_round(folder):
    path = write_compound(folder / "a.xls", old_stream())
    data = bytearray(path.read_bytes())
    table = int.from_bytes(data[76:80], "little")
    for at in range(128):
        struct.pack_into("<I", data, (table + 1) * 512 + at * 4, at)
    path.write_bytes(data)
    return path


@ends_in("file.unreadable")
def an_old_workbook_of_zeros(folder):
    return write_compound(folder / "a.xls", bytes(8000))


@ends_in("file.memory", memory_bytes=SMALL_MEMORY)
def shared_string_bomb_in_an_old_workbook(folder):
    """One text of 32,767 characters in 8,000 cells."""
    rows = [["a" * 32_767] * 200] * 40
    return write_compound(folder / "a.xls", old_stream(rows))
