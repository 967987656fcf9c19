"""Releasing a month's audited rows, taking them back, and which verdicts count then.

The rule (design: "Data", AuditVerdict): only releases with released_at set and withdrawn_at empty
count. Of several in one audit month only the latest counts for a line, whatever text it names; of
what remains, the effective verdict of a line for a content is that of the newest month that names
this content.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone

from authorization.change_models import ChangeEvent
from authorization.events import By, note_of
from authorization.models import User
from catalogue.models import Outbox
from catalogue.outbox import wake_comparison
from declarations.differing import note_differences
from declarations.locks import lock_declared_data
from declarations.models import AuditVerdict, Release

# Sent inside the transaction of a release or withdrawal, once the verdicts' flags are set, with
# `release` and `cause` (Outbox.Cause.RELEASE or WITHDRAWAL).
verdicts_changed = Signal()


class CannotWithdraw(Exception):
    """The release can't be withdrawn; the message says why."""


_SET_FLAGS = """
WITH ranked AS (
    SELECT v.id, v.line_id, v.content_id, v.audit_month,
           row_number() OVER (PARTITION BY v.line_id, v.audit_month
                              ORDER BY r.released_at DESC, r.id DESC) AS place
      FROM declarations_auditverdict v
      JOIN declarations_release r ON r.id = v.release_id
     WHERE (%(lines)s::bigint[] IS NULL OR v.line_id = ANY(%(lines)s::bigint[]))
       AND r.released_at IS NOT NULL AND r.withdrawn_at IS NULL
), latest AS (
    SELECT id, row_number() OVER (PARTITION BY line_id, content_id
                                  ORDER BY audit_month DESC) = 1 AS is_effective
      FROM ranked WHERE place = 1
), wanted AS (
    SELECT v.id, latest.id IS NOT NULL AS counts, coalesce(latest.is_effective, false) AS effective
      FROM declarations_auditverdict v LEFT JOIN latest USING (id)
     WHERE %(lines)s::bigint[] IS NULL OR v.line_id = ANY(%(lines)s::bigint[])
)
UPDATE declarations_auditverdict v
   SET counts_in_month = w.counts, is_effective = w.effective
  FROM wanted w
 WHERE w.id = v.id AND (v.counts_in_month, v.is_effective) <> (w.counts, w.effective)
"""

# A line that only audits have brought takes everything from its newest effective verdict.
_SET_AUDITED_LINES = """
WITH named AS (
    SELECT l.id FROM declarations_declaredline l
     WHERE l.declared_at IS NULL AND CASE WHEN %(lines)s::bigint[] IS NULL
           THEN l.id IN (SELECT line_id FROM declarations_auditverdict)
           ELSE l.id = ANY(%(lines)s::bigint[]) END
), newest AS (
    SELECT DISTINCT ON (v.line_id) v.*
      FROM declarations_auditverdict v
     WHERE v.is_effective AND v.line_id IN (SELECT id FROM named)
     ORDER BY v.line_id, v.audit_month DESC
), shown AS (
    UPDATE declarations_declaredline l
       SET goods_id = n.goods_id, content_id = n.content_id,
           agent_id = n.agent_id, trader_id = n.trader_id,
           trade_mode = n.trade_mode, declared_on = n.declared_on, is_hidden = false,
           custom_master = coalesce(n.facts->>'custom_master', ''),
           origin_country = coalesce(n.facts->>'origin_country', ''),
           destination_country = coalesce(n.facts->>'destination_country', ''),
           g_qty = (n.facts->>'g_qty')::numeric, g_unit = coalesce(n.facts->>'g_unit', ''),
           decl_price = (n.facts->>'decl_price')::numeric,
           decl_total = (n.facts->>'decl_total')::numeric,
           trade_curr = coalesce(n.facts->>'trade_curr', '')
      FROM newest n WHERE n.line_id = l.id
)
UPDATE declarations_declaredline l SET is_hidden = true
 WHERE l.id IN (SELECT id FROM named) AND l.id NOT IN (SELECT line_id FROM newest)
"""

# Every content that a verdict of a named line names, and those that the lines show.
_WRITE_OUTBOX = """
WITH touched AS (
    SELECT content_id FROM declarations_auditverdict WHERE line_id = ANY(%(lines)s::bigint[])
    UNION
    SELECT content_id FROM declarations_declaredline WHERE id = ANY(%(lines)s::bigint[])
)
INSERT INTO catalogue_outbox (chapter, content_id, cause, cause_id, written_at)
SELECT left(c.hs_code, 2), c.id, %(cause)s, %(release)s, now()
  FROM touched t JOIN declarations_content c ON c.id = t.content_id
 ORDER BY c.id
"""


def release_verdicts(release: Release, user: User | None = None) -> None:
    """Make the verdicts stored under `release` effective from now on.

    Runs in one transaction: the verdicts' flags, the lines that only audits have brought, the
    outbox, and whatever listens to `verdicts_changed`. A release that was released before is left
    as it is.
    """
    with transaction.atomic():
        lock_declared_data()
        stored = Release.objects.select_for_update().get(pk=release.pk)
        if stored.released_at is not None:
            return
        stored.released_at = timezone.now()
        stored.released_by = user
        stored.save(update_fields=["released_at", "released_by"])
        _note(ChangeEvent.Kind.RELEASED, stored, user, {"released_at": stored.released_at})
        _apply(stored, Outbox.Cause.RELEASE)
    release.refresh_from_db()


def ask_withdrawal(release: Release, reason: str, user: User | None) -> None:
    """Write down that a release is to be withdrawn, by whom and why; `withdraw` then does it.

    Raises CannotWithdraw where `withdraw` would, and where it is asked for already.
    """
    with transaction.atomic():
        stored = Release.objects.select_for_update().get(pk=release.pk)
        _check_withdrawal(stored, reason)
        if stored.withdrawal_asked_at is not None:
            raise CannotWithdraw(f"发布 {stored.pk} 正在撤回，无需再次撤回；请稍候查看结果。")
        stored.withdrawal_asked_at = timezone.now()
        stored.withdrawal_asked_by = user
        stored.withdrawal_reason = reason.strip()
        stored.save(
            update_fields=["withdrawal_asked_at", "withdrawal_asked_by", "withdrawal_reason"]
        )
    release.refresh_from_db()


def withdraw(release: Release, reason: str, user: User | None = None) -> None:
    """Take a whole release back: everything is again what it would be without it.

    Raises CannotWithdraw when it was never released, is withdrawn already, or `reason` is empty.
    """
    with transaction.atomic():
        lock_declared_data()
        stored = Release.objects.select_for_update().get(pk=release.pk)
        _check_withdrawal(stored, reason)
        stored.withdrawn_at = timezone.now()
        stored.withdrawn_by = user
        stored.withdrawal_reason = reason.strip()
        stored.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        facts = {"withdrawn_at": stored.withdrawn_at, "reason": stored.withdrawal_reason}
        _note(ChangeEvent.Kind.RELEASE_WITHDRAWN, stored, user, facts)
        _apply(stored, Outbox.Cause.WITHDRAWAL)
    release.refresh_from_db()


def _check_withdrawal(release: Release, reason: str) -> None:
    if not reason.strip():
        raise CannotWithdraw("撤回必须写明原因，请填写后再撤回。")
    if release.released_at is None:
        raise CannotWithdraw(f"发布 {release.pk} 尚未发布，无需撤回。")
    if release.withdrawn_at is not None:
        raise CannotWithdraw(f"发布 {release.pk} 已经撤回，不能重复撤回。")


def recompute_all_verdicts() -> None:
    """Set the verdicts' flags, and the lines that only audits have brought, for all releases.

    What the increments keep already; a full comparison does not rely on them.
    """
    with transaction.atomic():
        lock_declared_data()
        with connection.cursor() as cursor:
            cursor.execute(_SET_FLAGS, {"lines": None})
            cursor.execute(_SET_AUDITED_LINES, {"lines": None})
        note_differences()


def _note(
    kind: ChangeEvent.Kind, release: Release, user: User | None, facts: dict[str, Any]
) -> None:
    """Write down who released or withdrew; times as this place's clocks show them."""
    after = {
        name: f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        if isinstance(value, datetime)
        else value
        for name, value in facts.items()
    }
    before = dict.fromkeys((name for name in after if name != "reason"), None)
    note_of(kind, ChangeEvent.Of.RELEASE, release, By(user), before, after)


def _apply(release: Release, cause: Outbox.Cause) -> None:
    """Set what follows from a release whose state has just changed."""
    # As numbers: of a release that its statistics don't know the planner expects one verdict, and
    # compares each with each.
    lines = list(
        AuditVerdict.objects.filter(release=release).values_list("line_id", flat=True).distinct()
    )
    names: dict[str, list[int] | int | str] = {
        "lines": lines,
        "release": release.pk,
        "cause": cause.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SET_FLAGS, names)
        # For whoever listens: a plan made for the flags as they were takes minutes on a month of
        # 100,000 rows.
        cursor.execute(
            "ANALYZE declarations_auditverdict"
            " (release_id, line_id, audit_month, agent_id, trader_id, counts_in_month)"
        )
        cursor.execute(_SET_AUDITED_LINES, names)
        cursor.execute(_WRITE_OUTBOX, names)
    note_differences(lines=lines)
    verdicts_changed.send(sender=Release, release=release, cause=cause)
    wake_comparison()
