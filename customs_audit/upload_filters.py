"""The conditions of the list of uploads: month, person, state, kind, rule, file name."""

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from authorization.models import User
from customs_audit.models import AuditKind, AuditUpload, UploadFault
from customs_audit.upload_rules import rule_choices
from declarations.faults import Level
from pages.filters import KeywordFilter, PortalFilterSet

NOBODY = "none"


def months_of_uploads() -> list[tuple[str, str]]:
    """Return the months that were uploaded for, the newest first."""
    months = AuditUpload.objects.values_list("audit_month", flat=True)
    return [
        (f"{month:%Y-%m-%d}", f"{month:%Y-%m}")
        for month in months.distinct().order_by("-audit_month")
    ]


def uploaders() -> list[tuple[str, str]]:
    """Return who uploaded anything, by name, and the way that needs no person."""
    people = AuditUpload.objects.exclude(uploaded_by=None).values("uploaded_by").distinct()
    users = User.objects.filter(pk__in=people).order_by("display_name", "username")
    return [*((str(user.pk), str(user)) for user in users), (NOBODY, "系统（收件文件夹）")]


class UploadFilterSet(PortalFilterSet):
    """Conditions on uploads."""

    audit_month = django_filters.ChoiceFilter(label="审核月份", choices=months_of_uploads)
    audit_kind = django_filters.ChoiceFilter(label="审核类别", choices=AuditKind.choices)
    state = django_filters.ChoiceFilter(label="状态", choices=AuditUpload.State.choices)
    uploaded_by = django_filters.ChoiceFilter(
        label="上传人", choices=uploaders, method="of_uploader"
    )
    rule = django_filters.ChoiceFilter(label="校验规则", choices=rule_choices, method="of_rule")
    file_name = KeywordFilter(label="文件名")

    def of_uploader(
        self, qs: "QuerySet[AuditUpload]", name: str, value: str
    ) -> "QuerySet[AuditUpload]":
        """Narrow to those of one person, or of nobody."""
        return qs.filter(uploaded_by=None if value == NOBODY else int(value))

    def of_rule(
        self, qs: "QuerySet[AuditUpload]", name: str, value: str
    ) -> "QuerySet[AuditUpload]":
        """Narrow to those of which some row breaks this rule now."""
        faults = UploadFault.objects.filter(
            # Both levels are named, so that the index is entered by its whole beginning.
            upload=OuterRef("pk"),
            level__in=[level.value for level in Level],
            rule=value,
        )
        return qs.filter(Exists(faults))
