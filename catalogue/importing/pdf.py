"""The official PDF of the 规范申报目录 → a catalogue.

The way through: pdf_content.py (rules and characters) and pdf_grid.py (rows, lines) in the child
of pdf_process.py; here pdf_annex.py (heads, titles, notes), rows.py (inheritance) and
element_text.py (numbered names).
"""

from contextlib import closing
from pathlib import Path

from catalogue.importing.pdf_annex import AnnexReader
from catalogue.importing.pdf_process import PageRead, read_pages
from catalogue.importing.result import (
    Progress,
    ReadCatalogue,
    ReadReport,
    ReportLine,
    UnreadableCatalogue,
)

MAX_FILE_BYTES = 100 * 2**20  # the annex has 2.7 MiB
_TAIL = 2_048  # bytes: %%EOF stands this near the end of a whole PDF
_MAX_UNREADABLE = 0.001  # of the characters; the annex of 2025 has 20 of 590,000

EMPTY = "文件是空的，请重新下载官方附件后再导入。"
NOT_A_PDF = "这个文件不是 PDF，请选择官方发布的规范申报目录 PDF。"
TOO_BIG = f"文件超过 {MAX_FILE_BYTES // 2**20} MiB，不像规范申报目录，没有读取。"
TRUNCATED = "这个 PDF 不完整（缺少文件末尾），请重新下载官方附件后再导入。"
SCANNED = "这个 PDF 是扫描件，里面没有文字，请换用带文字的官方附件，或用 .xlsx、.tsv 导入。"
GARBLED = (
    "这个 PDF 的字体没有给出文字，读出来会缺字，没有导入，请换用官方附件，或用 .xlsx、.tsv 导入。"
)
NO_CATALOGUE = (
    "这个 PDF 里没有规范申报目录的表格"
    "（带框线，表头有税则号列、商品名称、归类要素、价格要素、其他要素），没有导入。"
)


def read_pdf(path: Path, progress: Progress | None = None) -> ReadCatalogue:
    """Read the official PDF; `progress` is called with (pages done, pages) after each page.

    Raises UnreadableCatalogue with one sentence for any file that is no such PDF, and where a page
    can't be read: half a catalogue would pass for the whole one.
    """
    _look_at(path)
    annex = AnnexReader()
    pages = characters = unreadable = images = 0
    lost: list[int] = []
    with closing(read_pages(path)) as answers:
        for page in answers:
            pages = page.pages
            characters += page.characters
            unreadable += page.unreadable
            images += page.images
            if _report_page(page, annex.report):
                lost.append(page.page)
            annex.take_page(page.page, page.width, page.blocks)
            if progress is not None:
                progress(page.page, pages)
    annex.finish()
    annex.report.lines.sort(key=lambda line: line.page)
    if not characters and images:
        raise UnreadableCatalogue(SCANNED, annex.report)
    if unreadable > _MAX_UNREADABLE * characters:
        raise UnreadableCatalogue(GARBLED, annex.report)
    if not annex.heads or not annex.rows.codes:
        raise UnreadableCatalogue(NO_CATALOGUE, annex.report)
    if lost:
        named = "、".join(str(page) for page in lost[:5]) + ("等" if len(lost) > 5 else "")
        raise UnreadableCatalogue(
            f"第 {named} 页没有读出文字，目录会不完整，没有导入；请换用完好的官方附件。",
            annex.report,
        )
    annex.report.figures["unread_rows"] = annex.unread_rows
    headings = [*annex.headings, *annex.rows.headings.values()]
    return ReadCatalogue(annex.rows.codes, headings, annex.report, pages)


def _look_at(path: Path) -> None:
    """Raise UnreadableCatalogue for what a glance at the file's ends shows to be no whole PDF."""
    size = path.stat().st_size
    if not size:
        raise UnreadableCatalogue(EMPTY)
    if size > MAX_FILE_BYTES:
        raise UnreadableCatalogue(TOO_BIG)
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1_024):
            raise UnreadableCatalogue(NOT_A_PDF)
        file.seek(max(size - _TAIL, 0))
        if b"%%EOF" not in file.read():
            raise UnreadableCatalogue(TRUNCATED)


def _report_page(page: PageRead, report: ReadReport) -> bool:
    """Add what can't be read of a page; give whether the page as a whole is lost."""
    is_picture = bool(page.images and not page.characters)
    if page.problem or is_picture:
        text = f"整页没有读入：{page.problem or '只有图片，没有文字'}。"
        report.lines.append(ReportLine(page.page, text))
    if page.unreadable:
        text = f"有 {page.unreadable} 个字的字体没有给出对应的文字，没有读入。"
        report.lines.append(ReportLine(page.page, text))
    return bool(page.problem or is_picture)
