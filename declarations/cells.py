"""A row under check: its cells, the findings so far, and reading codes and numbers out of cells.

Every reader returns the value to keep, ``""`` (or None for amounts) where the cell is blank, and
FAULTY where an error was found, so that a rule that builds on the value can leave it alone.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

from declarations.faults import Level, shown
from declarations.headers import LABELS
from declarations.identifiers import has_full_width
from declarations.rules import RULES, sentence


class BadCell(NamedTuple):
    """A spreadsheet cell whose value can't be trusted: a formula, or an error such as #REF!."""

    rule: str
    text: str

    def __str__(self) -> str:
        return self.text


Cell = (
    str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | BadCell | None
)


class Finding(NamedTuple):
    """A rule broken by one field of a row; the row's place makes it a fault.

    `facts` fill the rule's sentence, beside the value and the field's label.
    """

    field: str
    value: str
    rule: str
    level: Level
    facts: Mapping[str, object] = {}

    @property
    def text(self) -> str:
        """The sentence."""
        return told(self.rule, self.field, self.value, self.facts)


def told(rule: str, field: str, value: str, facts: Mapping[str, object]) -> str:
    """The sentence of a rule that a field with this value breaks."""
    return sentence(rule, **{"value": value, "label": LABELS.get(field, field), **facts})


class Faulty:
    """The type of FAULTY."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "FAULTY"


FAULTY = Faulty()

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE)
_AMOUNT = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
# A spreadsheet's number has fifteen reliable digits; a longer code in one is broken.
RELIABLE_NUMBER = 1e15
# What eighteen digits lose when they become a number of this exponent.
_LOST_DIGITS = {"17": "末 3 位", "16": "前导零和末 2 位"}


@dataclass(slots=True)
class RowCheck:
    """One row's cells by field name, and what the rules have found so far.

    `typed` tells whether text in a cell is known to have been text: a CSV file doesn't say, so
    that digits in it may have gone through a spreadsheet's number and lost a leading zero.
    `levels` holds the rules whose level an administrator has changed.
    """

    cells: Mapping[str, Cell]
    audited: bool
    typed: bool = True
    findings: list[Finding] = field(default_factory=list)
    levels: Mapping[str, Level] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        """Whether any finding so far keeps the row out."""
        return any(found.level is Level.ERROR for found in self.findings)

    def findings_of(self, name: str) -> list[Finding]:
        """What the rules have found in one field so far."""
        return [found for found in self.findings if found.field == name]

    def say(self, rule: str, name: str, **facts: object) -> bool:
        """Note that a field breaks a rule; returns whether this keeps the row out."""
        cell = self.cells.get(name)
        value = "" if cell is None else shown(cell)
        level = self.levels.get(rule) or RULES[rule].level_for(self.audited)
        self.findings.append(Finding(name, value, rule, level, facts))
        return level is Level.ERROR

    def sound(self, name: str) -> Cell | Faulty:
        """The cell, or FAULTY (and a finding) where it is a formula or an error."""
        cell = self.cells.get(name)
        if isinstance(cell, BadCell):
            self.say(cell.rule, name)
            return FAULTY
        return cell

    def text(self, name: str) -> str | Faulty:
        """A free text, exactly as it stands; numbers and dates are no text."""
        cell = self.sound(name)
        if cell is None:
            return ""
        if isinstance(cell, (str, Faulty)):
            return cell
        self.say("text.number", name)
        return FAULTY

    def label(self, name: str) -> str | Faulty:
        """A short text on one line, without spaces around it; a number is taken as its digits."""
        cell = self.cells.get(name)
        if cell is None:
            return ""
        if not isinstance(cell, str):
            if isinstance(self.sound(name), Faulty):
                return FAULTY
            cell = shown(cell)
        return cell.strip() if cell.isprintable() else _CONTROL.sub(" ", cell).strip()

    def code(self, name: str) -> str | Faulty:
        """A code: text only, half-width, upper case; a number has lost what made it a code."""
        cell = self.cells.get(name)
        if cell is None:
            return ""
        if not isinstance(cell, str):
            if not isinstance(self.sound(name), Faulty):
                broken = isinstance(cell, (int, float)) and cell >= RELIABLE_NUMBER
                if broken:
                    self._say_broken(name)
                else:
                    self.say("code.number", name)
            return FAULTY
        text = cell.strip().upper()
        if not text or (text.isascii() and text.isalnum()):
            return text
        if _SCIENTIFIC.fullmatch(text):  # has a dot or a plus sign, or it were a code
            self._say_broken(name)
            return FAULTY
        if has_full_width(text):
            self.say("code.full_width", name)
            return FAULTY
        return text

    def _say_broken(self, name: str) -> None:
        """Name what became of a code that is a number of more digits than a spreadsheet keeps.

        Of eighteen digits the last three are gone, or the leading zero and the last two; in a
        海关注册编码 an E was taken for an exponent's.
        """
        if name.endswith("_code"):
            self.say("code.scientific", name)
            return
        exponent = shown(self.cells[name]).strip().upper().partition("E")[2].lstrip("+")
        self.say("code.digits_lost", name, lost=_LOST_DIGITS.get(exponent, "末几位"))

    def repairable_code(self, name: str, lengths: tuple[int, ...]) -> str | Faulty:
        """A code of digits only, read from a number too where its digits prove what it was.

        A number of one of these lengths is whole; one a digit short lost a leading zero. Both are
        read with a warning, and the rules on the code itself decide whether the result is one.
        """
        cell = self.cells.get(name)
        if isinstance(cell, str):
            digits = "" if self.typed else cell.strip()
        elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
            whole = 0 < cell < RELIABLE_NUMBER and cell == int(cell)
            digits = str(int(cell)) if whole else ""
            if len(digits) in lengths:
                self.say("code.number_read", name, read=digits)
                return digits
        else:
            digits = ""
        if len(digits) + 1 not in lengths or not (digits.isascii() and digits.isdigit()):
            return self.code(name)
        self.say("code.zero_padded", name, read="0" + digits)
        return "0" + digits

    def table_code(
        self, name: str, width: int, reading: Callable[[str], str | None]
    ) -> tuple[str | Faulty, str | None]:
        """A code of a table, as it stands and as `reading` knows it (None: the table lacks it).

        Digits that only with zeros before them are a code of the table (35 for 035) lost them.
        """
        cell = self.cells.get(name)
        digits = ""
        if isinstance(cell, str):
            digits = "" if self.typed else cell.strip()
        elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
            whole = 0 <= cell < RELIABLE_NUMBER and cell == int(cell)
            digits = str(int(cell)) if whole else ""
        if digits.isascii() and digits.isdigit() and reading(digits) is None:
            padded = digits.zfill(width)
            if len(digits) < width and reading(padded) is not None:
                self.say("code.zero_padded", name, read=padded)
                return padded, reading(padded)
        elif digits and not isinstance(cell, str):
            self.say("code.number_read", name, read=digits)
            return digits, reading(digits)
        text = self.code(name)
        return text, reading(text) if text else None

    def amount(self, name: str, places: int, whole_digits: int) -> Decimal | Faulty | None:
        """A number that is not negative, with at most so many decimals and whole digits."""
        cell = self.cells.get(name)
        if cell is None or cell == "":
            return None
        if isinstance(self.sound(name), Faulty):
            return FAULTY
        number = _decimal(cell)
        if number is None:
            self.say("amount.form", name)
        elif abs(number) >= 10**whole_digits:
            self.say("amount.size", name, limit=whole_digits)
        elif not (
            (number < 0 and self.say("amount.sign", name, limit="小于 0"))
            or (number != round(number, places) and self.say("amount.places", name, limit=places))
        ):
            return number
        return FAULTY


def _decimal(cell: Cell) -> Decimal | None:
    if isinstance(cell, str):
        text = cell.strip()
        return Decimal(text) if _AMOUNT.fullmatch(text) else None
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return None
    try:
        # Fifteen digits undo what binary fractions add (0.1 + 0.2), as Excel itself shows them.
        number = Decimal(f"{cell:.15g}")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
