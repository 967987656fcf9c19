"""The codes that an enterprise is known by.

海关注册编码: ten characters. 统一社会信用代码: GB 32100-2015, its check digit computed by python-stdnum.
The organisation code inside a 统一社会信用代码 has a check digit of its own (GB 11714), which some
issued codes fail, so that it is not looked at.
"""

import re
from functools import lru_cache

from stdnum.cn import uscc as stdnum_uscc

_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CUSTOMS_CODE = re.compile(r"[0-9]{4}[0-9A-Z][0-9][0-9A-Z]{4}")


@lru_cache(maxsize=50_000)
def uscc_problem(text: str) -> str | None:
    """The rule that a 统一社会信用代码 (upper case) breaks, or None."""
    if not _USCC.fullmatch(text):
        return "uscc.form"
    return None if stdnum_uscc.is_valid(text) else "uscc.check_digit"


def is_customs_code(text: str) -> bool:
    """Whether a text has the form of a 海关注册编码 (upper case)."""
    return _CUSTOMS_CODE.fullmatch(text) is not None
