"""A 商品编码 wherever it is shown leads to its page in the catalogue.

The page is found by its URL's name, since pages/ knows no other room; where the site has none the
code is plain text.
"""

import re
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

_CODE = re.compile(r"[0-9]{8}(?:[0-9]{2}|[0-9]{5})?", re.ASCII)
_ANY_CODE = "00000000"


def code_link(text: str) -> SafeString:
    """Draw a code of 8, 10 or 13 digits as a link to its eight-digit page; else the plain text."""
    address = _address(get_urlconf() or settings.ROOT_URLCONF)
    if not address or not _CODE.fullmatch(text):
        return format_html("{}", text)
    url = address.replace(_ANY_CODE, text[:8])
    return format_html(
        '<a class="code-link" href="{}" title="在规范申报目录中查看">{}</a>', url, text
    )


@lru_cache(maxsize=8)
def _address(urlconf: str) -> str:
    """Look the page's address up once: a list draws a hundred codes."""
    try:
        return reverse("catalogue:code", args=[_ANY_CODE], urlconf=urlconf)
    except NoReverseMatch:
        return ""
