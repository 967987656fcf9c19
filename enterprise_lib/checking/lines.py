"""One line of a self-check: what was typed, pasted or uploaded, and whether it can be checked.

The rules on cells (Excel's damage to codes, formulas, error values) are those of an import
(declarations/cells.py), so that a table is told the same before and after it is declared.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from declarations.cells import Cell, Faulty, RowCheck
from declarations.faults import Level
from declarations.goods_checks import check_hs_code
from declarations.head_checks import check_ie_flag
from enterprise_lib.drafts import DECLARED_LENGTH, LONGEST_G_MODEL

# What Chinese input methods type for figures, and what people put between the digits of a code.
_HALF_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")
_PARTED_DIGITS = re.compile(r"[0-9][0-9\s.。·-]*[0-9]")
_NO_DIGIT = re.compile(r"[^0-9]+")
_SPACES = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_IMPORT_ONLY = "3"


@dataclass(frozen=True)
class Line:
    """A line to check. `number` is its row in the table, from 1; 0 outside of one.

    `error` is the sentence that says why it can't be checked; `notes` say what was read otherwise
    than it stands, or is too long for a 报关单.
    """

    number: int
    hs_code: str
    ie_flag: str
    name: str
    g_model: str
    error: str = ""
    notes: tuple[str, ...] = ()

    def with_text(self, g_model: str) -> "Line":
        """Return the line with another g_model, and the notes that this one calls for."""
        kept = tuple(note for note in self.notes if not note.startswith(_TOO_LONG))
        return replace(self, g_model=g_model, notes=kept + _length_notes(self.name, g_model))


# How the notes on what a 报关单 has no room for begin.
_TOO_LONG = "超过报关单"


def read_line(
    number: int, cells: Mapping[str, Cell], *, typed: bool = True, otherwise: str = ""
) -> Line:
    """Read a row's cells by field name (hs_code, ie_flag, g_name, g_model). Never raises.

    `typed` is False where text may have been a number once (a pasted table): digits may then have
    lost a leading zero. `otherwise` is the 进出口标志 of rows that name none; without it the second
    part of the g_model tells, which is 3 just for imports (报文格式说明, GModel).
    """
    row = RowCheck({**cells, "hs_code": _plain_code(cells.get("hs_code"))}, False, typed)
    hs_code = check_hs_code(row, 0, {})
    name, g_model = _text(row, "g_name"), _text(row, "g_model")
    ie_flag = _ie_flag(row, g_model, otherwise)
    if not row.findings_of("g_model"):
        if not g_model:
            row.say("field.blank", "g_model")
        elif len(g_model) > LONGEST_G_MODEL:
            return Line(
                number, hs_code or "", ie_flag, name, g_model[:LONGEST_G_MODEL],
                f"规格型号有 {len(g_model):,} 个字，超过 {LONGEST_G_MODEL:,} 个，无法自检；"
                f"报关单最多填 {DECLARED_LENGTH} 个字，请删减后重新自检。",
            )  # fmt: skip
    errors = [_worded(found.text) for found in row.findings if found.level is Level.ERROR]
    notes = [_worded(found.text) for found in row.findings if found.level is Level.WARNING]
    shown = str(cells.get("hs_code") or "").strip() if isinstance(hs_code, Faulty) else hs_code
    return Line(
        number,
        shown[:20],
        ie_flag,
        name,
        g_model,
        "".join(errors),
        (*notes, *_length_notes(name, g_model)),
    )


def one_line(text: str) -> str:
    """Return a text on one line: line breaks and tabs become spaces, none stays at the ends."""
    return _SPACES.sub(" ", text).strip()


def _worded(sentence: str) -> str:
    """Return an import's sentence in the words of these pages (the 报关单 says 商品编号)."""
    return sentence.replace("商品编号", "商品编码")


def _plain_code(cell: Cell) -> Cell:
    """Return a code as people write it (8542.3990.00, full-width digits) as bare digits."""
    if not isinstance(cell, str):
        return cell
    text = cell.translate(_HALF_WIDTH).strip()
    # 8.54E+09 is no code with a dot in it, but one that Excel has broken.
    return _NO_DIGIT.sub("", text) if _PARTED_DIGITS.fullmatch(text) else text


def _text(row: RowCheck, field: str) -> str:
    """A text cell on one line; a line break in it is told, since no 报关单 takes one."""
    text = row.text(field)
    if isinstance(text, Faulty):
        return ""
    return one_line(text)


def _ie_flag(row: RowCheck, g_model: str, otherwise: str) -> str:
    if row.cells.get("ie_flag") not in (None, ""):
        flag = check_ie_flag(row)
        return "" if isinstance(flag, Faulty) else flag
    if otherwise:
        return otherwise
    parts = g_model.replace("｜", "|").split("|")
    return "I" if len(parts) > 1 and parts[1].strip() == _IMPORT_ONLY else "E"


def _length_notes(name: str, g_model: str) -> tuple[str, ...]:
    return tuple(
        f"{_TOO_LONG} {DECLARED_LENGTH} 个字的上限：{label}有 {len(text):,} 个字，申报前请精简。"
        for label, text in (("商品名称", name), ("规格型号", g_model))
        if len(text) > DECLARED_LENGTH
    )
