"""The home page of customs officers: the three functions, and what waits for this officer in each."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count
from django.urls import reverse
from django.utils.timezone import localtime

from authorization.models import User
from comparison.models import ContentConflict
from customs_audit.models import AuditUpload, UploadRelease
from customs_audit.releasing import four_eyes
from customs_audit.upload_counts import counts_of
from declarations.models import Release
from portal.functions import NOTHING, Function, News

# Of each kind of thing that waits, so many are named; the list behind shows all.
NAMED = 3

UploadState = AuditUpload.State
ReleaseState = UploadRelease.State


def officer_functions(user: User) -> list[Function]:
    """Return the three functions with what waits for this officer: seven queries at most."""
    return [uploads(user), releases(user), questions()]


def uploads(user: User) -> Function:
    """Return the entry of 审核数据上传: what is to be mended or confirmed, own files first."""
    url = reverse("customs_audit:uploads")
    by_state = dict(AuditUpload.objects.order_by().values_list("state").annotate(Count("pk")))
    newest = AuditUpload.objects.order_by("-uploaded_at", "-pk").first()
    return Function(
        title="审核数据上传",
        url=url,
        icon="upload",
        summary="上传审核数据，逐行校验，修正不符合规则的数据",
        facts=[
            ("待修正", by_state.get(UploadState.TO_MEND, 0)),
            ("待发布", by_state.get(UploadState.TO_RELEASE, 0)),
            ("最近上传", f"{localtime(newest.uploaded_at):%Y-%m-%d}" if newest else NOTHING),
        ],
        news=_own_uploads(user),
    )


def _own_uploads(user: User) -> News:
    waiting = (UploadState.TO_CONFIRM, UploadState.TO_MEND, UploadState.TO_RELEASE)
    own = AuditUpload.objects.filter(uploaded_by=user, state__in=waiting)
    shown = list(own.only("state", "file_name", "rows_total").order_by("-pk")[:NAMED])
    counts = counts_of(one for one in shown if one.state != UploadState.TO_CONFIRM)
    news = []
    for one in shown:
        words = "的表头等待您确认"
        if one.state == UploadState.TO_MEND:
            words = f"还有 {counts[one.pk].faulty:,} 行待修正"
        elif one.state == UploadState.TO_RELEASE:
            in_release, clean = counts[one.pk].in_release, counts[one.pk].clean
            words = f"有 {clean:,} 行可以提交发布" if clean else f"有 {in_release:,} 行正在发布"
        news.append((f"“{one.file_name}”{words}", reverse("customs_audit:upload", args=[one.pk])))
    return news


def releases(user: User) -> Function:
    """Return the entry of 审核数据发布: what this officer may review, what came back to him."""
    waiting = list(
        UploadRelease.objects.filter(state=ReleaseState.TO_REVIEW)
        .select_related("upload", "submitted_by")
        .order_by("pk")
    )
    mine = [one for one in waiting if not four_eyes.why_not(one, user)]
    counting = Release.objects.filter(released_at__isnull=False, withdrawn_at=None)
    newest = counting.order_by("-audit_month", "-pk").first()
    return Function(
        title="审核数据发布",
        url=reverse("customs_audit:releases"),
        icon="audit",
        summary="复核并发布审核数据，撤回有误的发布",
        facts=[
            ("待复核", len(waiting)),
            ("最近的审核月份", f"{newest.audit_month:%Y-%m}" if newest else NOTHING),
        ],
        news=_to_review(mine),
    )


def _to_review(mine: Sequence[UploadRelease]) -> News:
    return [
        (
            f"{one.submitted_by or '系统'}提交的“{one.upload.file_name}”（{one.row_count:,} 行）等待您复核",
            reverse("customs_audit:release", args=[one.release_id]),
        )
        for one in mine[:NAMED]
    ]


def questions() -> Function:
    """Return the entry of what is asked: audited rows, and contents on which verdicts disagree."""
    conflicts = ContentConflict.objects.count()
    sentence = f"{conflicts:,} 条申报内容的审核结论不一致"
    return Function(
        title="审核数据查询",
        url=reverse("customs_audit:verdicts"),
        icon="search",
        summary="查询已审核数据和企业已申报数据",
        facts=[("结论冲突的内容", conflicts)],
        news=[(sentence, reverse("customs_audit:conflicts"))] if conflicts else [],
    )
