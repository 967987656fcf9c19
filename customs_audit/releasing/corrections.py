"""Corrections made on a page: an audited verdict that an officer changes, as an upload of one row.

The row says what the verdict said but for what was changed. It is judged by the rules of every
upload and waits for a second officer; released, it is the later release of its month and so decides
for its line. What was declared was judged, so that the text may only become that of the stored
declared line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from authorization.models import CustomsCode, Enterprise, User
from customs_audit.checking import recheck, refresh_state, sentence_of
from customs_audit.mending.aside import set_aside
from customs_audit.models import (
    AuditKind,
    AuditUpload,
    UploadFault,
    UploadRelease,
    UploadRow,
    UploadRowChange,
)
from customs_audit.releasing.preparing import prepare
from declarations.audit_checks import VERDICTS
from declarations.cell_json import to_json
from declarations.faults import Level
from declarations.headers import LABELS
from declarations.models import AuditVerdict

Source = AuditUpload.Source
RowState = UploadRow.State
_WORDS = {conforming: word for word, conforming in VERDICTS.items()}
REPLACED = "由之后的更正代替。"
_GOODS = ("hs_code", "ie_flag", "g_name", "g_model")
# As text: a number of nineteen digits is more than a float can hold.
_FACTS = """
SELECT key, value FROM declarations_auditverdict v, jsonb_each_text(v.facts) WHERE v.id = %s
"""


class CannotCorrect(Exception):
    """The correction is not taken; `sentences` say why, one each."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Correction:
    """What an officer says instead: the verdict, its reasons, and whether the text is the line's."""

    conforming: bool
    reason_codes: Sequence[str] = ()
    reason_text: str = ""
    takes_declared_text: bool = False


@dataclass(frozen=True)
class CorrectedField:
    """A field that a correction changes, by its name, as pages show it."""

    label: str
    before: str
    after: str


def why_not(verdict: AuditVerdict) -> str:
    """Say in one sentence why a verdict can't be corrected now; "" where it can."""
    if not verdict.counts_in_month:
        return "这条结论已被撤回或被本月之后的发布替代，不能更正；请更正现在有效的结论。"
    waiting = _corrections_of(verdict).filter(state=RowState.IN_RELEASE).first()
    if waiting is not None:
        number = waiting.release.release_id if waiting.release else ""
        return f"这一商品项已有一次更正在待复核或发布中（发布 {number}），请先处理它。"
    return ""


def may_take_declared_text(verdict: AuditVerdict) -> bool:
    """Whether the line was declared with another text than the one that was judged."""
    line = verdict.line
    return line.declared_at is not None and line.goods_id != verdict.goods_id


def correct(verdict: AuditVerdict, wanted: Correction, user: User | None) -> UploadRelease:
    """Store a correction as an upload of one row, and submit it. Raises CannotCorrect.

    An earlier correction of the same line and month that was returned or withdrawn is set aside.
    """
    with transaction.atomic():
        held = (
            AuditVerdict.objects.select_for_update(of=["self"], no_key=True)
            .select_related("line__goods", "goods", "agent", "trader")
            .get(pk=verdict.pk)
        )
        if refused := why_not(held):
            raise CannotCorrect(refused)
        before = cells_of(held)
        after = _filled(before | _changes(held, wanted, user))
        changed = [name for name in LABELS if before.get(name) != after.get(name)]
        if not set(changed) - {"auditor"}:
            raise CannotCorrect("没有改动任何内容；请修改结论、原因或审核文本后再提交。")
        for row in _corrections_of(held).filter(state__in=[RowState.FAULTY, RowState.CLEAN]):
            alone = UploadRow.objects.filter(pk=row.pk)
            set_aside(row.upload, alone, reason=REPLACED, by=user)
        row = _store(held, after, user)
        _keep(row, before, changed, user)
        upload = row.upload
        recheck(upload, [row.number])
        errors = UploadFault.objects.filter(row=row, level=Level.ERROR)
        if errors:
            raise CannotCorrect(*(f"{LABELS[one.field]}：{sentence_of(one)}" for one in errors))
        refresh_state(upload)
        return prepare(upload, user)


def changes_of(submission: UploadRelease) -> list[CorrectedField]:
    """Return what a correction changes, field by field; nothing for any other upload."""
    if submission.upload.source != Source.CORRECTION:
        return []
    changes = UploadRowChange.objects.filter(
        row__upload=submission.upload_id, how=UploadRowChange.How.CORRECTION
    ).order_by("pk")
    return [
        CorrectedField(LABELS[one.field], str(one.before or "空"), str(one.after or "空"))
        for one in changes
    ]


def cells_of(verdict: AuditVerdict) -> dict[str, Any]:
    """Return what the audited row of a verdict said, as cells of an upload."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [verdict.pk])
        facts = {name: value for name, value in cursor.fetchall() if value and name in LABELS}
    goods, line = verdict.goods, verdict.line
    cells = {
        "entry_id": line.entry_id,
        "g_no": line.g_no,
        "hs_code": goods.hs_code,
        "ie_flag": goods.ie_flag,
        "g_name": goods.name,
        "g_model": goods.g_model,
        "trade_mode": verdict.trade_mode,
        "declared_on": to_json(verdict.declared_on),
        **facts,
        "verdict": _WORDS[verdict.conforming],
        "reason_code": ",".join(verdict.reason_codes),
        "reason_text": verdict.reason_text,
        "auditor": verdict.auditor,
    }
    for party, enterprise in (("agent", verdict.agent), ("trader", verdict.trader)):
        if not (cells.get(f"{party}_uscc") or cells.get(f"{party}_code")):
            cells |= _named(party, enterprise)
    return _filled(cells)


def _filled(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {name: cell for name, cell in cells.items() if cell != ""}


def _named(party: str, enterprise: Enterprise) -> dict[str, str]:
    """Name a party whose row kept no codes by what is known of the enterprise today."""
    if enterprise.uscc:
        return {f"{party}_uscc": enterprise.uscc}
    code = CustomsCode.objects.filter(enterprise=enterprise).order_by("code").first()
    return {f"{party}_code": code.code} if code else {}


def _changes(verdict: AuditVerdict, wanted: Correction, user: User | None) -> dict[str, Any]:
    cells: dict[str, Any] = {
        "verdict": _WORDS[wanted.conforming],
        "reason_code": ",".join(wanted.reason_codes),
        "reason_text": " ".join(wanted.reason_text.split()),
        "auditor": str(user) if user else verdict.auditor,
    }
    if wanted.takes_declared_text:
        if not may_take_declared_text(verdict):
            raise CannotCorrect("这一项没有另外的申报文本，审核文本保持不变；请取消勾选后再提交。")
        goods = verdict.line.goods
        texts = (goods.hs_code, goods.ie_flag, goods.name, goods.g_model)
        cells |= dict(zip(_GOODS, texts, strict=True))
    return cells


def _corrections_of(verdict: AuditVerdict) -> Any:
    """The rows of corrections of the same line in the same month."""
    return UploadRow.objects.filter(
        entry_id=verdict.line.entry_id,
        g_no=verdict.line.g_no,
        upload__source=Source.CORRECTION,
        upload__audit_month=verdict.audit_month,
    ).select_related("upload", "release")


def _store(verdict: AuditVerdict, cells: dict[str, Any], user: User | None) -> UploadRow:
    now = timezone.now()
    upload = AuditUpload.objects.create(
        state=AuditUpload.State.TO_MEND,
        source=Source.CORRECTION,
        audit_kind=AuditKind.REVIEW,
        audit_month=verdict.audit_month,
        file_name=f"更正 {verdict.line.entry_id} 第 {verdict.line.g_no} 项",
        uploaded_by=user,
        uploaded_at=now,
        rows_done=1,
        rows_total=1,
        started_at=now,
        ended_at=now,
    )
    filled = {name: cell for name, cell in cells.items() if cell != ""}
    return UploadRow.objects.create(upload=upload, number=1, state=RowState.FAULTY, cells=filled)


def _keep(
    row: UploadRow, before: Mapping[str, Any], changed: Sequence[str], user: User | None
) -> None:
    """Keep each change, as every other change of a cell is kept."""
    UploadRowChange.objects.bulk_create(
        UploadRowChange(
            row=row,
            field=name,
            version=row.version,
            before=before.get(name),
            after=row.cells.get(name),
            how=UploadRowChange.How.CORRECTION,
            by=user,
        )
        for name in changed
    )
