"""What an enterprise chooses for its contents: 企业自选 and 公开状态.

A choice, its history and what follows from it at once are one transaction; what it means for
other enterprises' marks follows by the outbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from authorization.models import Enterprise, User
from catalogue.models import Outbox
from catalogue.outbox import wake_comparison
from comparison.groups import whole_groups
from comparison.marking import Cause, mark_entries
from comparison.models import (
    OFFICIAL_MARKS,
    EntryChoice,
    LibraryEntry,
    Mark,
    MarkHistory,
    Publication,
)
from comparison.publication import lock_contents, switch_publication


class ChoiceRefused(Exception):
    """The choice is not allowed; the message is a sentence for the page, nothing is changed."""


@dataclass(frozen=True)
class ChoiceResult:
    """How far a choice reached: rows of the 企业库, contents, contents that had it already."""

    rows: int
    contents: int
    skipped: int
    sentence: str


def set_self_selected(
    enterprise: Enterprise, content_ids: Sequence[int], chosen: bool, user: User
) -> ChoiceResult:
    """Make contents 企业自选 for this enterprise, or take that back.

    Raises ChoiceRefused for contents with customs' verdict, and for those that are not in this
    enterprise's library; then no content is changed.
    """
    with transaction.atomic():
        entries, groups = _locked_entries(enterprise, content_ids)
        audited = sum(entry.mark in OFFICIAL_MARKS for entry in entries)
        if chosen and audited:
            raise ChoiceRefused(
                f"所选数据中有 {audited} 种申报内容已由海关审核（规范或不规范），以海关审核结论为准，"
                "不能设为自选，请取消勾选这些数据后再试。"
            )
        choices = _choices(enterprise, entries)
        touched = [e for e in entries if choices[e.content_id].self_selected != chosen]
        now = timezone.now()
        for entry in touched:
            choice = choices[entry.content_id]
            choice.self_selected, choice.self_selected_at = chosen, now
        _store(
            choices,
            touched,
            user,
            MarkHistory.Subject.SELF_SELECTED,
            before=_yes_no(not chosen),
            after=_yes_no(chosen),
        )
        if touched:
            cause = Cause(Outbox.Cause.CHOICE)
            mark_entries(
                groups, dict.fromkeys(groups, cause), enterprise_id=enterprise.pk, user_id=user.pk
            )
    verb = "设为自选" if chosen else "取消自选"
    return _result(entries, touched, verb)


def set_publication(
    enterprise: Enterprise, content_ids: Sequence[int], publication: Publication, user: User
) -> ChoiceResult:
    """Set whether this enterprise lets its conforming contents be public.

    Closing takes effect at once; opening follows when the comparison has looked at the content.
    Raises ChoiceRefused for contents that are not 规范 here; then no content is changed.
    """
    with transaction.atomic():
        entries, _ = _locked_entries(enterprise, content_ids)
        others = sum(entry.mark != Mark.CONFORMING for entry in entries)
        if others:
            raise ChoiceRefused(
                f"所选数据中有 {others} 种申报内容不是海关审核规范的数据，只有规范数据可以设置公开状态，"
                "请取消勾选这些数据后再试。"
            )
        choices = _choices(enterprise, entries)
        touched = [e for e in entries if choices[e.content_id].publication != publication]
        now = timezone.now()
        for entry in touched:
            choice = choices[entry.content_id]
            choice.publication, choice.publication_at = publication, now
        before = Publication.PRIVATE if publication == Publication.PUBLIC else Publication.PUBLIC
        _store(
            choices,
            touched,
            user,
            MarkHistory.Subject.PUBLICATION,
            before=before.value,
            after=publication.value,
        )
        ids = [entry.content_id for entry in touched]
        switch_publication(ids, may_open=False)
        Outbox.objects.bulk_create(
            Outbox(
                chapter=entry.hs_code[:2], content_id=entry.content_id, cause=Outbox.Cause.CHOICE
            )
            for entry in touched
        )
        if touched:
            wake_comparison()
    return _result(entries, touched, f"设为{publication.label}")


def _locked_entries(
    enterprise: Enterprise, content_ids: Sequence[int]
) -> tuple[list[LibraryEntry], list[int]]:
    """Lock the contents' whole groups; return this enterprise's entries and the groups' ids."""
    wanted = sorted(set(content_ids))
    if not wanted:
        raise ChoiceRefused("没有勾选任何数据，请先在列表中勾选。")
    groups: list[int] = []
    # A content may have joined a group while this waited for its lock.
    while (found := list(whole_groups(wanted))) != groups:
        groups = found
        lock_contents(groups)
    entries = list(
        LibraryEntry.objects.filter(enterprise=enterprise, content_id__in=wanted).order_by(
            "content_id"
        )
    )
    if len(entries) != len(wanted):
        raise ChoiceRefused("所选数据中有尚未比对的数据，请稍候刷新页面再试。")
    return entries, groups


def _choices(enterprise: Enterprise, entries: Sequence[LibraryEntry]) -> dict[int, EntryChoice]:
    """Fetch the choice of each entry's content, or a new unsaved one."""
    held = {
        choice.content_id: choice
        for choice in EntryChoice.objects.select_for_update().filter(
            enterprise=enterprise, content_id__in=[entry.content_id for entry in entries]
        )
    }
    return {
        entry.content_id: held.get(
            entry.content_id, EntryChoice(enterprise=enterprise, content_id=entry.content_id)
        )
        for entry in entries
    }


def _store(
    choices: dict[int, EntryChoice],
    touched: Sequence[LibraryEntry],
    user: User,
    subject: MarkHistory.Subject,
    *,
    before: str,
    after: str,
) -> None:
    for entry in touched:
        choices[entry.content_id].save()
    MarkHistory.objects.bulk_create(
        MarkHistory(
            enterprise_id=entry.enterprise_id,
            content_id=entry.content_id,
            subject=subject,
            before=before,
            after=after,
            cause=Outbox.Cause.CHOICE,
            user=user,
        )
        for entry in touched
    )


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _result(
    entries: Sequence[LibraryEntry], touched: Sequence[LibraryEntry], verb: str
) -> ChoiceResult:
    rows = sum(entry.row_count for entry in touched)
    skipped = len(entries) - len(touched)
    if not touched:
        sentence = f"所选数据原来就已{verb}，没有变化。"
    else:
        sentence = f"已将 {len(touched)} 种申报内容（共 {rows} 条相同内容的数据）{verb}。"
        if skipped:
            sentence += f"另有 {skipped} 种原来就是如此，没有变化。"
    return ChoiceResult(rows, len(touched), skipped, sentence)
