"""The conditions of the officers' lists."""

import django_filters
from django.db import models
from django.db.models import Q, QuerySet

from comparison.models import ComparisonRun, ContentConflict, FailedContent
from customs_audit.models import UploadRelease
from declarations.models import Release
from pages.filters import CodePrefixFilter, PortalFilterSet


class ReleaseState(models.TextChoices):
    """Where a release stands, whichever way it came."""

    TO_REVIEW = "to_review", "待复核"
    RUNNING = "running", "发布中"
    EFFECTIVE = "effective", "已发布"
    WITHDRAWING = "withdrawing", "撤回中"
    WITHDRAWN = "withdrawn", "已撤回"
    RETURNED = "returned", "已退回"
    FAILED = "failed", "发布失败"
    UNRELEASED = "unreleased", "未发布"


# What has not become verdicts stands where its submission stands.
_SUBMITTED = {
    ReleaseState.TO_REVIEW: UploadRelease.State.TO_REVIEW,
    ReleaseState.RUNNING: UploadRelease.State.RUNNING,
    ReleaseState.RETURNED: UploadRelease.State.RETURNED,
    ReleaseState.FAILED: UploadRelease.State.FAILED,
}
_CONDITIONS = {
    ReleaseState.EFFECTIVE: Q(
        released_at__isnull=False, withdrawn_at=None, withdrawal_asked_at=None
    ),
    ReleaseState.WITHDRAWING: Q(withdrawn_at=None, withdrawal_asked_at__isnull=False),
    ReleaseState.WITHDRAWN: Q(withdrawn_at__isnull=False),
    ReleaseState.UNRELEASED: Q(released_at=None, of_upload=None),
    **{state: Q(of_upload__state=stored) for state, stored in _SUBMITTED.items()},
}


def submission_of(release: Release) -> UploadRelease | None:
    """Return the submission of an upload's rows that a release is of; None for a command's."""
    return getattr(release, "of_upload", None)


def state_of(release: Release) -> ReleaseState:
    """Return where a release stands today."""
    if release.withdrawn_at is not None:
        return ReleaseState.WITHDRAWN
    if release.released_at is not None:
        asked = release.withdrawal_asked_at is not None
        return ReleaseState.WITHDRAWING if asked else ReleaseState.EFFECTIVE
    submission = submission_of(release)
    stands = [
        state for state, stored in _SUBMITTED.items() if submission and submission.state == stored
    ]
    return stands[0] if stands else ReleaseState.UNRELEASED


class ReleaseFilterSet(PortalFilterSet):
    """Conditions on releases."""

    state = django_filters.ChoiceFilter(
        label="状态", choices=ReleaseState.choices, method="of_state"
    )

    def of_state(self, qs: "QuerySet[Release]", name: str, value: str) -> "QuerySet[Release]":
        """Narrow to releases that stand there."""
        return qs.filter(_CONDITIONS[ReleaseState(value)])


class RunFilterSet(PortalFilterSet):
    """Conditions on runs of the comparison."""

    state = django_filters.ChoiceFilter(label="状态", choices=ComparisonRun.State.choices)
    scope = django_filters.ChoiceFilter(label="范围", choices=ComparisonRun.Scope.choices)


class FailureFilterSet(PortalFilterSet):
    """Conditions on contents whose comparison raises."""

    hs_code = CodePrefixFilter(label="商品编码", field_name="content__hs_code")
    run = django_filters.NumberFilter(
        label="运行编号", field_name="run_id", min_value=1, max_value=2**62
    )

    class Meta:
        model = FailedContent
        fields: list[str] = []


class Disagreement(models.TextChoices):
    """Between whom verdicts disagree."""

    WITHIN = "within", "同一企业内不一致"
    BETWEEN = "between", "仅不同企业间不一致"


def audit_months() -> list[tuple[str, str]]:
    """Return the months in which verdicts disagree, the newest first."""
    months = ContentConflict.objects.values_list("audit_month", flat=True)
    return [
        (f"{month:%Y-%m-%d}", f"{month:%Y-%m}")
        for month in months.distinct().order_by("-audit_month")
    ]


class ConflictFilterSet(PortalFilterSet):
    """Conditions on conflicts of verdicts."""

    hs_code = CodePrefixFilter(label="商品编码")
    audit_month = django_filters.ChoiceFilter(label="审核月份", choices=audit_months)
    kind = django_filters.ChoiceFilter(
        label="冲突类型", choices=Disagreement.choices, method="of_kind"
    )

    def of_kind(
        self, qs: "QuerySet[ContentConflict]", name: str, value: str
    ) -> "QuerySet[ContentConflict]":
        """Narrow to those inside an enterprise, or to the others."""
        if value == Disagreement.WITHIN:
            return qs.filter(divided_enterprises__gt=0)
        return qs.filter(divided_enterprises=0)
