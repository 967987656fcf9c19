"""How a row of an error workbook names the row that it came from.

Four columns, hidden in the sheet: upload, row number, the row's version when the workbook was
written, and a check value over the three, so that a key that was typed, shifted or mixed up with
another workbook's is told from ours and never changes a wrong row.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.crypto import constant_time_compare, salted_hmac

KEY_HEADINGS = ("上传编号", "序号", "版本", "校验值")
PLACE_HEADING = "文件行号"
SENTENCE_HEADING = "问题说明"
SHEET = "修正"
# Rows of one workbook: what Excel still opens at once and a request still writes.
MOST_ROWS = 20_000

_SALT = "customs_audit.mending.workbook"
_LENGTH = 16


class RowKey(NamedTuple):
    """The row that a line of a workbook is about, and the version that its author saw."""

    upload: int
    number: int
    version: int

    def cells(self) -> tuple[str, str, str, str]:
        """The key as the four columns hold it."""
        return str(self.upload), str(self.number), str(self.version), self._check()

    @classmethod
    def read(cls, cells: tuple[str, str, str, str]) -> RowKey | None:
        """Read a key; None for one that the portal never wrote."""
        *numbers, check = (cell.strip() for cell in cells)
        if not all(text.isascii() and text.isdecimal() and len(text) < 12 for text in numbers):
            return None
        key = cls(*map(int, numbers))
        return key if constant_time_compare(key._check(), check) else None

    def _check(self) -> str:
        text = f"{self.upload}:{self.number}:{self.version}"
        return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()[:_LENGTH]
