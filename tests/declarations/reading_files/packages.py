"""Workbooks put together by hand, part by part, as writers do and as none does."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = (
    DECLARATION
    + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    + '<Default Extension="rels"'
    + ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    + '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
# Style 1 is a date, style 2 a text, style 3 a number of two decimals.
STYLES = (
    DECLARATION
    + f'<styleSheet xmlns="{MAIN}"><numFmts count="1">'
    + '<numFmt numFmtId="176" formatCode="yyyy/m/d;@"/></numFmts>'
    + '<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>'
    + '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="176" applyNumberFormat="1"/>'
    + '<xf numFmtId="49"/><xf numFmtId="2"/></cellXfs></styleSheet>'
)

Parts = dict[str, str | bytes]


def sheet_xml(rows: str, *, before: str = "", after: str = "", main: str = MAIN) -> str:
    """A worksheet of these <row> elements."""
    return (
        f'{DECLARATION}<worksheet xmlns="{main}" xmlns:r="{RELATIONS}">'
        f"{before}<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def strings_xml(texts: Sequence[str], main: str = MAIN) -> str:
    """A table of shared strings of plain texts."""
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    return f'{DECLARATION}<sst xmlns="{main}" count="{len(texts)}">{items}</sst>'


def letters(column: int) -> str:
    """A column's letters, from 0 on."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def inline_row(number: int, texts: Sequence[str], first: int = 0) -> str:
    """A row of inline strings, as many libraries write them."""
    cells = "".join(
        f'<c r="{letters(first + at)}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        for at, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


def relations_xml(relations: Sequence[tuple[str, str, str, str]], base: str = RELATIONS) -> str:
    """Relationships: (id, last word of the type, target, " TargetMode=..." or "")."""
    items = "".join(
        f'<Relationship Id="{name}" Type="{base}/{kind}" Target="{target}"{mode}/>'
        for name, kind, target, mode in relations
    )
    return f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONS}">{items}</Relationships>'


def workbook_parts(
    sheets: Mapping[str, str],
    *,
    strings: str | None = None,
    styles: str = STYLES,
    properties: str = "",
    states: Mapping[str, str] | None = None,
    main: str = MAIN,
    base: str = RELATIONS,
) -> Parts:
    """The parts of a workbook of these sheets (name → XML of the part)."""
    states = states or {}
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"{states.get(name, "")}/>'
        for at, name in enumerate(sheets, start=1)
    )
    relations = [
        (f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml", "")
        for at in range(1, len(sheets) + 1)
    ]
    relations.append(("rIdStyles", "styles", "styles.xml", ""))
    parts: Parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relations_xml([("rId1", "officeDocument", "xl/workbook.xml", "")], base),
        "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{main}" xmlns:r="{base}">'
        f"{properties}<sheets>{listed}</sheets></workbook>",
        "xl/styles.xml": styles,
    }
    if strings is not None:
        relations.append(("rIdStrings", "sharedStrings", "sharedStrings.xml", ""))
        parts["xl/sharedStrings.xml"] = strings
    parts["xl/_rels/workbook.xml.rels"] = relations_xml(relations, base)
    for at, text in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{at}.xml"] = text
    return parts


def write_parts(path: Path, parts: Mapping[str, str | bytes], **options: int) -> Path:
    """Write a package; options as for zipfile.ZipFile."""
    with zipfile.ZipFile(path, "w", **{"compression": zipfile.ZIP_DEFLATED, **options}) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def write_rows(path: Path, rows: str, **options: str) -> Path:
    """Write a workbook of one sheet "数据" of these <row> elements."""
    return write_parts(path, workbook_parts({"数据": sheet_xml(rows)}, **options))


def changed(source: Path, target: Path, part: str, old: bytes, new: bytes) -> Path:
    """A copy of a workbook with a text in one of its parts changed; the text must be there."""
    with zipfile.ZipFile(source) as archive:
        parts: Parts = {name: archive.read(name) for name in archive.namelist()}
    content = parts[part]
    assert isinstance(content, bytes) and old in content
    parts[part] = content.replace(old, new, 1)
    return write_parts(target, parts)
