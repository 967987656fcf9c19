"""Reading which rows of a list the user ticked.

A list's tick boxes are named `tick`. With JavaScript the ticks of other pages of the same query
come along in one field, `ticks`, separated by commas (one field, because Django refuses a form of
more than a thousand). A button on a row sends `only` with that row's key, whatever is ticked.
"""

import re

from django.contrib import messages
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

MAX_TICKS = 2_000
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class TickError(Exception):
    """The ticks don't fit the action; the text is a sentence for the user."""


def ticked_keys(request: HttpRequest) -> list[str]:
    """Return the keys of the ticked rows of a POST, each once, in the order they were sent.

    Raises TickError when there are none, more than 2,000, or a key is not one that a page made.
    """
    sent = request.POST
    only = sent.get("only", "")
    found = [only] if only else [*sent.getlist("tick"), *sent.get("ticks", "").split(",")]
    keys = list(dict.fromkeys(key for key in found if key))
    if not keys:
        raise TickError("请先在列表中勾选数据，再进行操作。")
    if len(keys) > MAX_TICKS:
        raise TickError(f"一次最多处理 {MAX_TICKS:,} 行，现在勾选了 {len(keys):,} 行，请分批操作。")
    if not all(_KEY.fullmatch(key) for key in keys):
        raise TickError("勾选的数据有误，请刷新页面后重新勾选。")
    return keys


def one_ticked_key(request: HttpRequest) -> str:
    """Return the key of the one ticked row; raises TickError for none or several."""
    keys = ticked_keys(request)
    if len(keys) > 1:
        raise TickError(f"只能选择一行，现在勾选了 {len(keys):,} 行，请只保留一行后再查看。")
    return keys[0]


def done(request: HttpRequest, sentence: str) -> None:
    """Tell the user that an action on ticked rows is done; the page then forgets the ticks."""
    messages.success(request, sentence, extra_tags="ticks-done")


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Return the list's URL that a POST names in `next`, where it is one of this site's."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else otherwise
