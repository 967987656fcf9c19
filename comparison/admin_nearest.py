"""What is kept of nearest contents in the administrators' site, to look at."""

from django.contrib import admin

from authorization.admin_base import ReadOnlyAdmin, Search
from comparison.models import NearestPublic, NearestWork, RankedPublic

_OF_CONTENT = [
    Search(r"[0-9]{8}", "税则号列", "hs8"),
    Search(r"[0-9]{1,7}|[0-9]{9,}", "内容编号", "pk"),
]


@admin.register(RankedPublic)
class RankedPublicAdmin(ReadOnlyAdmin):
    """参与最接近比对的公开数据."""

    list_display = ["content", "hs8", "ie_flag"]
    list_select_related = ["content"]
    fields = ["content", "hs8", "ie_flag", "parts"]
    searches = _OF_CONTENT


@admin.register(NearestPublic)
class NearestPublicAdmin(ReadOnlyAdmin):
    """最接近的公开数据."""

    list_display = ["content", "hs8", "ie_flag", "nearest", "score", "is_known", "is_told"]
    list_select_related = ["content", "nearest"]
    fields = ["content", "hs8", "ie_flag", "parts", "nearest", "score", "is_known", "is_told"]
    searches = _OF_CONTENT


@admin.register(NearestWork)
class NearestWorkAdmin(ReadOnlyAdmin):
    """待比对最接近数据."""

    list_display = ["id", "chapter", "hs8", "ie_flag", "enterprise_id"]
    searches = [Search(r"[0-9]{2}", "章", "chapter")]
