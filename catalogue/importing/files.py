"""Reading a catalogue file of any kind: its content says which, its ending must not contradict.

Whatever the kind, the self-checks have the last word (catalogue/importing/self_checks.py).
"""

from pathlib import Path

from catalogue.importing.held import NOTHING_HELD, Held
from catalogue.importing.result import Progress, ReadCatalogue, UnreadableCatalogue
from catalogue.importing.self_checks import check_catalogue
from catalogue.importing.sheet import read_xlsx
from catalogue.importing.tsv import no_progress, read_tsv
from catalogue.models import SourceKind

MEGABYTE = 2**20
# The official annex has 3 MB; a scanned one (which has no text to read) may have a hundred.
FILE_LIMIT = 64 * MEGABYTE
# How a kind of file begins.
_BEGINNINGS = (
    (b"%PDF-", SourceKind.PDF),
    (b"PK\x03\x04", SourceKind.XLSX),
    (b"\xd0\xcf\x11\xe0", None),  # the old Excel format
)
ENDINGS = {
    ".pdf": SourceKind.PDF,
    ".xlsx": SourceKind.XLSX,
    ".tsv": SourceKind.TSV,
    ".txt": SourceKind.TSV,
}


def kind_of(path: Path, name: str = "") -> SourceKind:
    """Tell a stored file's kind; `name` is its own name where the path is that of a copy.

    Raises UnreadableCatalogue as kind_of_start does.
    """
    with path.open("rb") as file:
        start = file.read(1024)
    return kind_of_start(path.stat().st_size, start, name or path.name)


def kind_of_start(size: int, start: bytes, name: str) -> SourceKind:
    """Tell a file's kind by its size in bytes, its first 1,024 of them, and its name's ending.

    Raises UnreadableCatalogue for an empty or too big file, a kind that can't be read, and an
    ending that contradicts the content.
    """
    if size == 0:
        raise UnreadableCatalogue("文件是空的，没有导入；请核对文件。")
    if size > FILE_LIMIT:
        raise UnreadableCatalogue(
            f"文件超过 {FILE_LIMIT // MEGABYTE} MB，没有导入；请核对是否选错了文件。"
        )
    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        raise UnreadableCatalogue(
            f"不能读取{f'扩展名为 {ending} ' if ending else '没有扩展名'}的文件，没有导入；"
            "请使用 .pdf（官方附件）、.xlsx 或 .tsv 文件。"
        )
    kind = next((kind for mark, kind in _BEGINNINGS if start.startswith(mark)), SourceKind.TSV)
    # A PDF may have some bytes before its mark.
    if b"%PDF-" in start and ENDINGS[ending] is SourceKind.PDF:
        kind = SourceKind.PDF
    if kind is not ENDINGS[ending]:
        raise UnreadableCatalogue(
            f"文件扩展名是 {ending}，内容却不是{ENDINGS[ending].label}，没有导入；请核对文件。"
        )
    return kind


def read_catalogue(
    path: Path,
    progress: Progress = no_progress,
    *,
    held: Held = NOTHING_HELD,
    name: str = "",
) -> ReadCatalogue:
    """Read a catalogue file and check it; `progress` is called with (pages or rows done, in all).

    `held` is what a file without categories and headings borrows from; `name` the file's own name
    where `path` is a copy. Raises UnreadableCatalogue, with one Chinese sentence and the report so
    far, for anything that is no catalogue; nothing is stored here. OSError where the file can't be
    opened.
    """
    kind = kind_of(path, name)
    if kind is SourceKind.PDF:
        from catalogue.importing.pdf import read_pdf  # its libraries are big: only where wanted

        read = read_pdf(path, progress)
    elif kind is SourceKind.XLSX:
        read = read_xlsx(path, progress, held)
    else:
        read = read_tsv(path, progress, held)
    check_catalogue(read)
    return read
