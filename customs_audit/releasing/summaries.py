"""What pages show of releases: those of one upload, and previews in words and figures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authorization.models import User
from comparison.models import Mark
from customs_audit.filters import ReleaseState, state_of
from customs_audit.models import AuditUpload, UploadRelease, UploadRow
from customs_audit.releasing.four_eyes import why_not

NEW_ENTRY = "（新条目）"
# Official marks first, as a list of marks has them.
_ORDER = ["", *Mark.values]


@dataclass(frozen=True)
class ToldMark:
    """So many entries whose mark becomes another; `before` is "" for a new entry."""

    before: str
    after: str
    count: int


@dataclass(frozen=True)
class Told:
    """A preview as a page shows it: figures with their names, marks, the moment; or why not."""

    at: datetime
    faulty: str
    figures: list[tuple[str, str]]
    marks: list[ToldMark]
    undecided: int


@dataclass(frozen=True)
class UploadReleaseLine:
    """A release in an upload's list of them."""

    submission: UploadRelease
    state: ReleaseState
    why: str


def summary(upload: AuditUpload, user: User) -> dict[str, Any]:
    """Return what templates/customs_audit/_upload_releases.html draws: two queries.

    `clean` rows may be submitted now; `lines` are the upload's releases, the newest first;
    `is_moving` says whether to look again in a while.
    """
    found = (
        UploadRelease.objects.filter(upload=upload)
        .select_related("upload", "release", "submitted_by", "reviewed_by")
        .order_by("-pk")
    )
    lines = [UploadReleaseLine(one, state_of(one.release), _why(one, user)) for one in found]
    return {
        "upload": upload,
        "clean": upload.rows.filter(state=UploadRow.State.CLEAN).count(),
        "lines": lines,
        "is_moving": any(
            line.state in (ReleaseState.RUNNING, ReleaseState.WITHDRAWING) for line in lines
        ),
    }


def _why(submission: UploadRelease, user: User) -> str:
    """Say what is to be known of a release: why not by this user, or why it does not count."""
    if submission.state == UploadRelease.State.TO_REVIEW:
        return why_not(submission, user)
    return submission.release.withdrawal_reason or submission.message


def told_changes(preview: dict[str, Any]) -> Told:
    """Put a release's preview (releasing/figures.py, ReleaseChanges) into words."""
    if "faulty" in preview:
        return Told(_moment(preview), preview["faulty"], [], [], 0)
    said = preview
    rows = f"{said['rows']:,}（规范 {said['conforming']:,}，不规范 {said['rows'] - said['conforming']:,}）"
    figures = [
        ("审核行数", rows),
        ("涉及企业", _with_new(said["enterprises"], said["new_enterprises"], "家")),
        ("申报内容", _with_new(said["contents"], said["new_contents"], "条")),
        ("尚无申报数据的商品项", _count(said["audited_only"], "项，以审核数据补足")),
        ("替代本月较早的结论", _contrary(said["superseding"], said["contradicting"])),
        ("与以往月份的结论相反", _count(said["contradicting_earlier"], "行")),
        ("以后月份已另有结论", _count(said["outdated"], "行，不改变现在的标记")),
        ("公共库", _public(said)),
    ]
    return Told(_moment(said), "", figures, _marks(said), said["undecided"])


def told_withdrawal(preview: dict[str, Any]) -> Told:
    """Put a withdrawal's preview (WithdrawalChanges) into words."""
    said = preview
    figures = [
        ("审核行数", f"{said['rows']:,}"),
        ("涉及企业", _count(said["enterprises"], "家")),
        ("申报内容", _count(said["contents"], "条")),
        ("恢复本月较早的结论", _count(said["taken_over"], "行")),
        ("不再显示的商品项", _count(said["hidden"], "项，没有申报数据")),
        ("公共库", _public(said)),
    ]
    return Told(_moment(said), "", figures, _marks(said), said["undecided"])


def _moment(preview: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(preview["at"])


def _marks(preview: dict[str, Any]) -> list[ToldMark]:
    marks = [ToldMark(**one) for one in preview["marks"]]
    return sorted(marks, key=lambda one: (_ORDER.index(one.after), _ORDER.index(one.before)))


def _count(count: int, unit: str) -> str:
    return f"{count:,} {unit}" if count else "无"


def _with_new(count: int, new: int, unit: str) -> str:
    return f"{count:,} {unit}" + (f"，其中新出现 {new:,} {unit}" if new else "")


def _contrary(count: int, contrary: int) -> str:
    return _count(count, "行") + (f"，其中 {contrary:,} 行结论相反" if contrary else "")


def _public(preview: dict[str, Any]) -> str:
    opened, closed = preview["opened"], preview["closed"]
    words = [f"新公开 {opened:,} 条"] if opened else []
    words += [f"不再公开 {closed:,} 条"] if closed else []
    return "，".join(words) or "不变"
