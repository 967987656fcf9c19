"""Template tags of 目录查询: names of elements, codes as printed, changes."""

from collections.abc import Sequence

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from catalogue.browsing import full_name
from catalogue.changes import ElementChange
from catalogue.models import Element
from catalogue.tables import change_sign
from catalogue.wording import dotted, split_hint
from pages.tables import long_text

register = template.Library()
register.filter("dotted", dotted)


register.filter("full_name", full_name)


@register.filter
def breakable(text: str) -> SafeString:
    """Write a declared string with a place to break after each `|`."""
    return SafeString(escape(text).replace("|", "|<wbr>"))


@register.filter
def with_hint(name: str) -> SafeString:
    """Write an element's name with its bracket hint in a quieter tone."""
    plain, hint = split_hint(name)
    if not hint:
        return format_html("{}", name)
    return format_html('{}<span class="hint">（{}）</span>', plain, hint)


@register.filter
def listed(elements: Sequence[Element]) -> SafeString:
    """Write a list of elements in one text, folded where it is long."""
    if not elements:
        return SafeString('<span class="muted">没有申报要素</span>')
    # A number never stands alone at the end of a line.
    return long_text("　".join(f"{e.number}\N{NO-BREAK SPACE}{e.name}" for e in elements))


@register.filter
def sign(change: ElementChange) -> SafeString:
    """Draw what became of an element."""
    return change_sign(change)
