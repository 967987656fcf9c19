"""Finding an enterprise by what somebody types: either code or its beginning, its name, its pinyin.

Quick at a million enterprises, since each word is looked up by an index: the codes by their unique
ones, names by the trigrams of their spelling (docs/decisions/finding.md).
"""

import re
import unicodedata

from django.db.models import Q

from authorization.models import CustomsCode, Enterprise
from authorization.spelling import letters_of

# Whoever finds more has typed too little.
MOST_FOUND = 1_000
# Fewer letters have no trigram: then only the beginning of a name is looked for.
_TRIGRAM = 3
# The beginning of a code: both begin with digits (登记管理部门 and 区划; 关区).
_CODE = re.compile(r"[0-9]{4}[0-9A-Z]{0,14}|[0-9A-HJ-NPQRTUWXY]{18}", re.ASCII)
_CHINESE = re.compile(r"[^\W\x00-\x7f]+")
_LEGAL_FORM = re.compile(r"(有限责任公司|股份有限公司|有限公司|公司)$")


def enterprises_named(typed: str, most: int = MOST_FOUND) -> list[int]:
    """Return the ids of the enterprises that every typed word names, at most so many.

    A word is a code or its first four or more characters, a part of the name, or letters: a part
    of its pinyin or of its initials (one or two letters: their beginning).
    """
    words = typed.split()
    if not words or "\0" in typed:
        return []
    rows = Enterprise.objects.all()
    for word in words:
        rows = rows.filter(_by_code(word, most) or _by_name(word))
    return list(rows.order_by().values_list("pk", flat=True)[:most])


def _by_code(word: str, most: int) -> Q | None:
    """Ask for those whose code begins so; None where no code does."""
    code = word.upper()
    if not _CODE.fullmatch(code):
        return None
    by_uscc = Enterprise.objects.filter(uscc__startswith=code).order_by()
    by_customs_code = CustomsCode.objects.filter(code__startswith=code).order_by()
    ids = {
        *by_uscc.values_list("pk", flat=True)[:most],
        *by_customs_code.values_list("enterprise_id", flat=True)[:most],
    }
    return Q(pk__in=ids) if ids else None


def _by_name(word: str) -> Q:
    word = unicodedata.normalize("NFKC", word)
    letters = letters_of(word)
    if not letters:
        return Q(pk__in=())
    if word.isascii():
        spelled = letters if len(letters) >= _TRIGRAM else f"|{letters}"
        return Q(name_spelled__contains=spelled)
    # The index knows the spelling; other names are spelled alike. Brackets and the like, written
    # in several ways, are in neither.
    condition = Q()
    for part in _CHINESE.findall(word):
        condition &= Q(name__contains=part)
    # Every name has these: to look them up costs more than all the rest.
    telling = letters_of(_LEGAL_FORM.sub("", word)) or letters
    if len(telling) >= _TRIGRAM:
        condition &= Q(name_spelled__contains=telling)
    return condition
