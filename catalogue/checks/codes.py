"""GTIN and CAS numbers: their forms and check digits."""

import re
import unicodedata

from stdnum import casrn, ean

from catalogue.checks.plan import Asked, Fault

_GTIN_LENGTHS = (8, 12, 13, 14)
_LABEL = re.compile(r"^\s*(?:GTIN码?|CAS\s*(?:号|NO)?|条码|条形码)\s*[.:：]?\s*", re.IGNORECASE)
_CAS = re.compile(r"(?<![\d-])(\d{2,7})-(\d{2})-(\d)(?![\d-])")
_DASHES = str.maketrans("‐‑‒–—―−－", "--------")
_DIGITS = re.compile(r"[0-9][0-9 \-]*")


def is_cas(text: str) -> bool:
    """Whether a text holds a number of the CAS form."""
    return bool(_CAS.search(text))


def check_gtin(asked: Asked, text: str) -> Fault | None:
    """A barcode number: 8, 12, 13 or 14 digits with a right check digit; a text is left alone."""
    value = _LABEL.sub("", unicodedata.normalize("NFKC", text)).strip()
    if _CAS.fullmatch(value) or not _DIGITS.fullmatch(value):
        return None
    digits = re.sub("[ -]", "", value)
    if len(digits) not in _GTIN_LENGTHS:
        return Fault("gtin_form", {"value": value})
    wanted = ean.calc_check_digit(digits[:-1])
    if digits[-1] != wanted:
        return Fault("gtin_check_digit", {"value": value, "wanted": wanted})
    return None


def check_gtin_place(asked: Asked, text: str) -> Fault | None:
    """The place of the GTIN behind the elements, where older strings hold part numbers and dates.

    Only what has a GTIN's twelve to fourteen digits is held against its check digit.
    """
    value = unicodedata.normalize("NFKC", text).strip()
    if not 12 <= sum(char.isdigit() for char in value) <= 14:
        return None
    return check_gtin(asked, text)


def check_cas(asked: Asked, text: str) -> Fault | None:
    """CAS numbers, one or several: their form where nothing else stands there, their check digits."""
    value = unicodedata.normalize("NFKC", text).translate(_DASHES)
    found = False
    for match in _CAS.finditer(value):
        found = True
        wanted = casrn.calc_check_digit(match[1] + match[2])
        if match[3] != wanted:
            return Fault("cas_check_digit", {"value": match.group(), "wanted": wanted})
    if found:
        return None
    value = _LABEL.sub("", value).strip()
    if re.fullmatch(r"[0-9][0-9 \-.]*", value):
        return Fault("cas_form", {"value": value})
    return None
