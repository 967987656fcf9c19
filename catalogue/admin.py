"""The catalogue and the outbox in the administrators' site.

Editions are put in force and withdrawn in catalogue/admin_editions.py, files uploaded in
catalogue/admin_uploads.py.
"""

from django.contrib import admin

from authorization.admin_base import ANY_WORD, ReadOnlyAdmin, ReadOnlyInline, Search
from catalogue.admin_editions import EditionAdmin
from catalogue.admin_uploads import CatalogueImportAdmin
from catalogue.models import (
    CatalogueCode,
    CatalogueHeading,
    CatalogueImport,
    Edition,
    Element,
    Outbox,
)

admin.site.register(Edition, EditionAdmin)
admin.site.register(CatalogueImport, CatalogueImportAdmin)


@admin.register(CatalogueHeading)
class CatalogueHeadingAdmin(ReadOnlyAdmin):
    """类、章、品目."""

    list_display = ["code", "name", "level", "edition"]
    list_display_links = ["code", "name"]
    list_select_related = ["edition"]
    list_filter = ["level", "edition"]
    searches = [
        Search(r"[0-9]{2}(\.[0-9]{0,2})?", "编号开头", "code__startswith"),
        Search(ANY_WORD, "名称中的字", "name__contains"),
    ]


class ElementInline(ReadOnlyInline):
    """A code's elements."""

    model = Element
    ordering = ["number"]


@admin.register(CatalogueCode)
class CatalogueCodeAdmin(ReadOnlyAdmin):
    """目录商品编码."""

    list_display = ["hs8", "name", "heading", "page", "edition"]
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

    list_display = ["code", "number", "name", "category", "printed_number"]
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

    list_display = ["id", "chapter", "content_id", "hs8", "cause", "cause_id", "written_at"]
    list_filter = ["cause"]
    searches = [Search(r"[0-9]{2}", "两位章号", "chapter")]
