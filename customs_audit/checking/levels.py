"""An administrator turns a rejecting rule into a warning, or back; rows that wait are judged again.

Only a rule whose breach can be stored all the same may be turned (declarations/rules.py). The
change and its place in the log of changes are one transaction; a worker judges again the rows that
the rule touches, and whoever was checking meanwhile does so at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from authorization.change_models import ChangeEvent
from authorization.events import By, note_of
from customs_audit.checking.judging import levels
from customs_audit.checking.rechecking import recheck
from customs_audit.checking.states import refresh_state
from customs_audit.models import AuditUpload, RuleLevel, UploadFault, UploadRow
from customs_audit.queueing import queue_levels
from customs_audit.upload_rules import without_facts
from declarations.faults import Level
from declarations.rules import RULES, Rule

# Rows that one transaction judges again.
AT_ONCE = 1_000
_WAITING = (AuditUpload.State.TO_MEND, AuditUpload.State.TO_RELEASE)
# Rows that a release holds keep what was judged when it was submitted.
_JUDGED = (UploadRow.State.FAULTY, UploadRow.State.CLEAN)


class CannotSwitch(Exception):
    """The rule's level can't be changed; the text is one sentence for the administrator."""


@dataclass(frozen=True)
class ShownRule:
    """A rule as the administrators' page shows it; `changed` is the last change of its level."""

    name: str
    rule: Rule
    level: Level
    changed: RuleLevel | None

    @property
    def words(self) -> str:
        """The rule's whole sentence, without the facts of a case."""
        return without_facts(self.rule.text)

    @property
    def usual(self) -> Level:
        """The level that the rule comes with, for audited rows."""
        return self.rule.level_for(audited=True)

    @property
    def other(self) -> Level:
        """The level that the rule would be turned to."""
        return Level.WARNING if self.level is Level.ERROR else Level.ERROR


def shown_rules() -> list[ShownRule]:
    """Every rule for audited rows with its level now, in the order of declarations/rules.py."""
    changed = {row.rule: row for row in RuleLevel.objects.select_related("changed_by")}
    return [
        ShownRule(
            name,
            rule,
            Level(changed[name].level)
            if name in changed and rule.switchable
            else rule.level_for(audited=True),
            changed.get(name),
        )
        for name, rule in RULES.items()
    ]


def set_level(by: By, name: str, level: Level) -> None:
    """Set a rule's level from now on, and have the rows that wait judged again.

    The level that it has already changes nothing. Raises CannotSwitch for a rule that is unknown
    or may not be turned.
    """
    rule = RULES.get(name)
    if rule is None:
        raise CannotSwitch(f"没有规则“{name}”；请刷新页面后重试。")
    if not rule.switchable:
        raise CannotSwitch(f"规则“{name}”的级别不能调整：违反它的数据无法入库，或它本来就是提醒。")
    with transaction.atomic():
        row, _ = RuleLevel.objects.select_for_update().get_or_create(
            rule=name, defaults={"level": rule.level_for(audited=True)}
        )
        before = Level(row.level)
        if before is level:
            return
        row.level, row.changed_by, row.changed_at = level, by.user, timezone.now()
        row.applied_at = None
        row.save()
        note_of(
            ChangeEvent.Kind.RULE_LEVEL,
            ChangeEvent.Of.RULE,
            row,
            by,
            {"level": before.label},
            {"level": level.label},
        )
        transaction.on_commit(queue_levels)


def apply_levels() -> int:
    """Judge again the rows that a changed level touches, in uploads that wait; how many rows.

    Does what is left where it was interrupted before.
    """
    done = 0
    for row in RuleLevel.objects.filter(applied_at=None).order_by("pk"):
        level = {row.rule: Level(row.level)}
        for upload in AuditUpload.objects.filter(state__in=_WAITING).order_by("pk"):
            done += judge_levels(upload, level)
        now = timezone.now()
        RuleLevel.objects.filter(pk=row.pk, changed_at=row.changed_at).update(applied_at=now)
    return done


def judge_levels(upload: AuditUpload, wanted: Mapping[str, Level]) -> int:
    """Judge again an upload's rows that a rule has faulted at another level; how many rows."""
    done = 0
    for numbers in _rows_at_other_level(upload, wanted):
        with transaction.atomic():
            recheck(upload, numbers)
            refresh_state(upload)
        done += len(numbers)
    return done


def judge_if_changed(upload: AuditUpload, levels_before: Mapping[str, Level]) -> None:
    """Judge again what a level that changed during an upload's check touches."""
    now = levels()
    if now != levels_before:
        changed = {
            name for name in {*now, *levels_before} if now.get(name) != levels_before.get(name)
        }
        judge_levels(
            upload, {name: now.get(name) or RULES[name].level_for(audited=True) for name in changed}
        )


def _rows_at_other_level(
    upload: AuditUpload, wanted: Mapping[str, Level]
) -> Iterator[Sequence[int]]:
    """Numbers of the rows to judge again, some at a time; each row once."""
    asked = Q(pk__in=())
    for rule, level in wanted.items():
        asked |= Q(rule=rule) & ~Q(level=level)
    faults = UploadFault.objects.filter(asked, upload=upload, row__state__in=_JUDGED)
    last = 0
    while numbers := list(
        faults.filter(row__number__gt=last)
        .annotate(number=F("row__number"))
        .order_by("number")
        .values_list("number", flat=True)
        .distinct()[:AT_ONCE]
    ):
        yield numbers
        last = numbers[-1]
