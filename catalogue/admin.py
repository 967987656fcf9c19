"""The catalogue and the outbox in the administrators' site, to look at."""

from django.contrib import admin

from authorization.admin_base import ANY_WORD, ReadOnlyAdmin, ReadOnlyInline, Search
from catalogue.models import CatalogueCode, Edition, Element, Outbox


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    """目录版本."""

    list_display = ["year", "revision", "effective_from", "effective_to", "in_force", "loaded_at"]
    ordering = ["-year", "-revision"]


class ElementInline(ReadOnlyInline):
    """A code's elements."""

    model = Element
    ordering = ["number"]


@admin.register(CatalogueCode)
class CatalogueCodeAdmin(ReadOnlyAdmin):
    """目录商品编码."""

    list_display = ["hs8", "name", "heading", "edition"]
    list_select_related = ["edition"]
    list_filter = ["edition"]
    searches = [
        Search(r"[0-9]{1,8}", "税则号列开头", "hs8__startswith"),
        Search(ANY_WORD, "货品名称中的字", "name__contains"),
    ]
    inlines = [ElementInline]


@admin.register(Element)
class ElementAdmin(ReadOnlyAdmin):
    """申报要素."""

    list_display = ["code", "number", "name", "category"]
    list_display_links = ["code", "name"]
    list_select_related = ["code"]
    list_filter = ["category"]
    searches = [
        Search(r"[0-9]{1,8}", "税则号列开头", "code__hs8__startswith"),
        Search(ANY_WORD, "要素名称中的字", "name__contains"),
    ]


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """待比对."""

    list_display = ["id", "chapter", "content_id", "cause", "cause_id", "written_at"]
    list_filter = ["cause"]
    searches = [Search(r"[0-9]{2}", "两位章号", "chapter")]
