"""The customs side in the administrators' site, to look at: officers have pages of their own."""

from django.contrib import admin

from authorization.admin_base import ReadOnlyAdmin
from authorization.change_models import ChangeEvent
from customs_audit import admin_files as admin_files
from customs_audit import admin_uploads as admin_uploads
from customs_audit.models import RuleLevel


@admin.register(RuleLevel)
class RuleLevelAdmin(ReadOnlyAdmin):
    """规则级别; changed on the page 校验规则."""

    changes_of = ChangeEvent.Of.RULE

    list_display = ["rule", "level", "changed_by", "changed_at", "applied_at"]
    list_select_related = ["changed_by"]
