"""Small PDFs for tests, written by hand: ruled tables and lines of Chinese text.

The font is named, not embedded (every PDF reader knows the Adobe GB1 characters); each character
is as wide as the size of the font.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

WIDTH, HEIGHT = 595, 842
SIZE = 6
EDGES = (28, 87, 231, 390, 510, 564)
HEAD = ("税则号列", "商品名称", "归类要素", "价格要素", "其他要素")
_LEADING = 8
_PADDING = 2


@dataclass
class SmallPdf:
    """Draws from the top of each page downwards; `save` writes the file."""

    pages: list[list[str]] = field(default_factory=list)
    is_encrypted: bool = False
    _y: float = 0

    def page(self) -> "SmallPdf":
        """Begin a page."""
        self.pages.append([])
        self._y = HEIGHT - 50
        return self

    def line(self, text: str, *, left: float | None = None) -> "SmallPdf":
        """Write a line of text, in the middle of the page unless `left` says where."""
        self._y -= 8
        start = (WIDTH - SIZE * len(text)) / 2 if left is None else left
        self._text(start, self._y, text)
        self._y -= 4
        return self

    def note(self, text: str) -> "SmallPdf":
        """Write a line at the left margin."""
        return self.line(text, left=EDGES[0] + _PADDING)

    def head(
        self, labels: Sequence[str] = HEAD, edges: Sequence[float] = EDGES, above: int = 3
    ) -> "SmallPdf":
        """Draw a table's head; its last `above` columns stand under 申报要素."""
        top, middle, bottom = self._y - 4, self._y - 16, self._y - 28
        left, split = edges[0], edges[len(edges) - 1 - above]
        for y, start in ((top, left), (middle, split), (bottom, left)):
            self._horizontal(y, start, edges[-1])
        for x in edges:
            under = split < x < edges[-1]
            self._vertical(x, bottom, middle if under else top)
        self._text((split + edges[-1]) / 2 - 2 * SIZE, middle + 3, "申报要素")
        for x, label in zip(edges, labels, strict=False):
            self._text(x + _PADDING, (bottom if x >= split else bottom + 6) + 3, label)
        self._y = bottom
        return self

    def row(self, *cells: str, edges: Sequence[float] = EDGES) -> "SmallPdf":
        """Draw a row of a table: code, name, and the element cells; long text is wrapped."""
        columns = list(pairwise(edges))
        wrapped = []
        for (start, end), text in zip(columns, [*cells, *[""] * len(columns)], strict=False):
            fitting = int((end - start - 2 * _PADDING) // SIZE)
            wrapped.append([text[i : i + fitting] for i in range(0, len(text), fitting)])
        lines = max(1, *(len(cell) for cell in wrapped))
        top = self._y
        bottom = top - lines * _LEADING - 4
        for y in (top, bottom):
            self._horizontal(y, edges[0], edges[-1])
        for x in edges:
            self._vertical(x, bottom, top)
        for (start, _), cell in zip(columns, wrapped, strict=True):
            for number, text in enumerate(cell, 1):
                self._text(start + _PADDING, top - number * _LEADING, text)
        self._y = bottom
        return self

    def over(self, column: int, text: str) -> "SmallPdf":
        """Write into a cell of the last row without wrapping, over the border if need be."""
        self._text(EDGES[column] + _PADDING, self._y + 4, text)
        return self

    def picture(self) -> "SmallPdf":
        """Draw a picture over the page, as a scanner gives it."""
        self.pages[-1].append(f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Picture Do Q")
        return self

    def save(self, path: Path) -> Path:
        """Write the file and give its path."""
        path.write_bytes(self.data())
        return path

    def data(self) -> bytes:
        """Give the bytes of the file."""
        kids = " ".join(f"{7 + 2 * n} 0 R" for n in range(len(self.pages)))
        picture = b"\x80"
        bodies = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode(),
            b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
            b" /DescendantFonts [4 0 R] >>",
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo"
            b" << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor 5 0 R >>",
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -200 1000 900]"
            b" /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
            b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
            b" /BitsPerComponent 8 /Length 1 >>\nstream\n" + picture + b"\nendstream",
        ]
        for number, operations in enumerate(self.pages):
            content = "\n".join(operations).encode()
            bodies.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}]"
                " /Resources << /Font << /F 3 0 R >> /XObject << /Picture 6 0 R >> >>"
                f" /Contents {8 + 2 * number} 0 R >>".encode()
            )
            bodies.append(b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
        return _file(bodies, _ENCRYPTION if self.is_encrypted else b"")

    def _text(self, x: float, y: float, text: str) -> None:
        if text:
            codes = text.encode("utf-16-be", "surrogatepass").hex()
            self.pages[-1].append(f"BT /F {SIZE} Tf {x} {y} Td <{codes}> Tj ET")

    def _horizontal(self, y: float, start: float, end: float) -> None:
        self.pages[-1].append(f"{start} {y} {end - start} 0.5 re f")

    def _vertical(self, x: float, bottom: float, top: float) -> None:
        self.pages[-1].append(f"{x} {bottom} 0.5 {top - bottom} re f")


# Any password opens nothing here: the keys are invented.
_ENCRYPTION = (
    b" /Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <"
    + b"11" * 32
    + b"> /U <"
    + b"22" * 32
    + b"> >> /ID [<33> <33>]"
)


def _file(bodies: Sequence[bytes], trailer: bytes) -> bytes:
    data = b"%PDF-1.5\n"
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(data))
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R" % (len(bodies) + 1) + trailer + b" >>\n"
    return data + b"startxref\n%d\n%%%%EOF\n" % start
