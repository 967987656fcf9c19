"""Template tags of the frame that stands round every page."""

from django import template

from portal.menu import Item, menu_for

register = template.Library()


@register.simple_tag(takes_context=True)
def function_menu(context: template.Context) -> list[Item]:
    """Return the menu of the present user's role; nobody logged in has none."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return []
    return menu_for(user, request.path)
