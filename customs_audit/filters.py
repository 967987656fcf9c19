"""The conditions of the officers' lists."""

import django_filters
from django.db import models
from django.db.models import QuerySet

from comparison.models import ComparisonRun
from declarations.models import Release
from pages.filters import PortalFilterSet


class ReleaseState(models.TextChoices):
    """Where a release stands."""

    EFFECTIVE = "effective", "有效"
    WITHDRAWN = "withdrawn", "已撤回"
    UNRELEASED = "unreleased", "未发布"


def state_of(release: Release) -> ReleaseState:
    """Return where a release stands today."""
    if release.withdrawn_at is not None:
        return ReleaseState.WITHDRAWN
    return ReleaseState.UNRELEASED if release.released_at is None else ReleaseState.EFFECTIVE


class ReleaseFilterSet(PortalFilterSet):
    """Conditions on releases."""

    state = django_filters.ChoiceFilter(
        label="状态", choices=ReleaseState.choices, method="of_state"
    )

    def of_state(self, qs: "QuerySet[Release]", name: str, value: str) -> "QuerySet[Release]":
        """Narrow to releases that stand there."""
        if value == ReleaseState.UNRELEASED:
            return qs.filter(released_at=None)
        return qs.filter(
            released_at__isnull=False, withdrawn_at__isnull=value == ReleaseState.EFFECTIVE
        )


class RunFilterSet(PortalFilterSet):
    """Conditions on runs of the comparison."""

    state = django_filters.ChoiceFilter(label="状态", choices=ComparisonRun.State.choices)
    scope = django_filters.ChoiceFilter(label="范围", choices=ComparisonRun.Scope.choices)
