"""Submitting clean rows for release, releasing them after a second look, giving them back.

A row is in at most one release that stands: its state and its release change together, by one
statement that takes only rows that are 待发布. Whoever comes second (another click, another officer,
a page opened long ago) is told how things stand by one sentence, and nothing is changed.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from authorization.models import User
from customs_audit.checking import refresh_state
from customs_audit.models import AuditUpload, UploadRelease, UploadRow
from customs_audit.queueing import queue_release
from customs_audit.releasing import four_eyes
from declarations.models import Release

State = UploadRelease.State
# An upload that has been checked, and has rows that may be released.
_CHECKED = (AuditUpload.State.TO_MEND, AuditUpload.State.TO_RELEASE)
REASON_LENGTH = 500


class CannotRelease(Exception):
    """What was asked for can't be done as things stand; the text is one sentence for the page."""


def prepare(
    upload: AuditUpload, user: User | None, numbers: Sequence[int] | None = None
) -> UploadRelease:
    """Submit clean rows of an upload for release: all of them, or those of these numbers.

    Raises CannotRelease where the upload is not checked yet, a named row is not 待发布 any more, or
    there is none.
    """
    with transaction.atomic():
        held = lock_upload(upload.pk)
        if held.state not in _CHECKED:
            raise CannotRelease(
                f"这份数据现在是“{held.get_state_display()}”，没有可以提交发布的行；请刷新页面查看。"
            )
        submitted = UploadRelease.objects.create(
            upload=held,
            release=Release.objects.create(
                audit_month=held.audit_month, file_name=held.file_name, file_hash=held.file_hash
            ),
            submitted_by=user,
        )
        rows = UploadRow.objects.filter(upload=held, state=UploadRow.State.CLEAN)
        if numbers is not None:
            rows = rows.filter(number__in=set(numbers))
        taken = rows.update(state=UploadRow.State.IN_RELEASE, release=submitted)
        if numbers is not None and taken < len(set(numbers)):
            raise CannotRelease(
                f"勾选的行中有 {len(set(numbers)) - taken:,} 行已不是“待发布”，没有提交任何行；"
                "请刷新页面后重新勾选。"
            )
        if not taken:
            raise CannotRelease("没有“待发布”的行可以提交；请先修正有错误的行，或刷新页面查看。")
        submitted.row_count = taken
        submitted.save(update_fields=["row_count"])
        refresh_state(held)
    return submitted


def approve(release: UploadRelease, user: User) -> UploadRelease:
    """Release submitted rows: a worker stores their verdicts from now on.

    Raises CannotRelease where they are not 待复核 any more, or four eyes forbid it.
    """
    with transaction.atomic():
        held = _to_review(release, "复核发布")
        refused = four_eyes.why_not(held, user)
        if refused:
            raise CannotRelease(refused)
        held.state, held.reviewed_by, held.reviewed_at = State.RUNNING, user, timezone.now()
        held.attempts, held.started_at, held.message = 0, None, ""
        held.save(
            update_fields=[
                "state", "reviewed_by", "reviewed_at", "attempts", "started_at", "message",
            ]
        )  # fmt: skip
        transaction.on_commit(lambda: queue_release(held))
    return held


def give_back(release: UploadRelease, reason: str, user: User | None) -> UploadRelease:
    """Return submitted rows with a reason: they are 待发布 again. Raises CannotRelease."""
    reason = " ".join(reason.split())
    if not reason:
        raise CannotRelease("退回必须写明原因，请填写后再退回。")
    if len(reason) > REASON_LENGTH:
        raise CannotRelease(f"退回原因最多 {REASON_LENGTH} 个字，请精简后再退回。")
    with transaction.atomic():
        held = _to_review(release, "退回")
        held.state, held.reviewed_by, held.reviewed_at = State.RETURNED, user, timezone.now()
        held.message, held.ended_at = reason, held.reviewed_at
        held.save(update_fields=["state", "reviewed_by", "reviewed_at", "message", "ended_at"])
        rows_back(held)
    return held


def rows_back(release: UploadRelease) -> list[int]:
    """Make the rows of a release that is not going to be what they were; returns their numbers.

    That is 待发布, unless an error has come to a row meanwhile.
    """
    upload = lock_upload(release.upload_id)
    rows = UploadRow.objects.filter(release=release, state=UploadRow.State.IN_RELEASE)
    numbers = list(rows.order_by("number").values_list("number", flat=True))
    clean, faulty = Value(UploadRow.State.CLEAN), Value(UploadRow.State.FAULTY)
    rows.update(state=Case(When(errors=0, then=clean), default=faulty), release=None)
    refresh_state(upload)
    return numbers


def lock_upload(upload_id: int) -> AuditUpload:
    """Hold an upload until the transaction ends; always before its rows, as mending does."""
    return AuditUpload.objects.select_for_update(no_key=True).get(pk=upload_id)


def _to_review(release: UploadRelease, what: str) -> UploadRelease:
    held = (
        UploadRelease.objects.select_for_update(of=["self"])
        .select_related("upload", "release")
        .get(pk=release.pk)
    )
    if held.state != State.TO_REVIEW:
        raise CannotRelease(
            f"发布 {held.release_id} 现在是“{held.get_state_display()}”，不能再{what}；没有改变任何数据。"
        )
    return held
