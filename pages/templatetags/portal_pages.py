"""Template tags of the shared pages: icons, marks, and links that keep the query."""

from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pages.codes import code_link
from pages.tables import MARK_LABELS, long_text

register = template.Library()
register.filter("code_link", code_link)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of static/portal/icons.svg; without a label it is decoration only."""
    href = f"{static('portal/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href
    )


@register.inclusion_tag("_mark.html")
def mark(code: Any, label: str = "", *, conflict: bool = False, note: str = "") -> dict[str, Any]:
    """Draw a mark by its code; the label is looked up unless given."""
    return {
        "mark": str(code),
        "label": label or MARK_LABELS.get(str(code), str(code)),
        "conflict": conflict,
        "note": note,
    }


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """Return the present query string with some parameters set, or dropped where given None."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    encoded: str = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag(takes_context=True)
def sort_query(context: template.Context, sort: str) -> str:
    """Return the query string of another sort, from the first page on."""
    return str(with_query(context, sort=sort, page=None))


@register.simple_tag
def swap_result() -> SafeString:
    """Return the attributes that make a link or GET form fetch the result only, where htmx runs."""
    return SafeString(
        'hx-boost="true" hx-target="#result" hx-swap="outerHTML show:none" hx-indicator="#result"'
    )


@register.simple_tag(takes_context=True)
def query_inputs(context: template.Context, *without: str) -> SafeString:
    """Return the present query as hidden inputs, for a GET form that must keep it."""
    lists = context["request"].GET.lists()
    pairs = ((name, value) for name, values in lists if name not in without for value in values)
    return format_html_join("\n", '<input type="hidden" name="{}" value="{}">', pairs)


@register.filter
def foldable(text: str) -> SafeString:
    """Show a long text cut, with the whole of it one click away."""
    return long_text(str(text))


@register.filter
def thousands(number: int | None) -> str:
    """Write a whole number with thousands separators; nothing for None."""
    return "" if number is None else f"{number:,}"


@register.filter
def fact(value: Any) -> str:
    """Write a fact's value: a number with separators, a text as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)
