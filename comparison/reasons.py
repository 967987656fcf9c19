"""Why a content is marked as it is: the stored codes and values, rendered to Chinese, with both texts.

`explain` is asked for one entry when its page is opened; it shows this enterprise its own rows,
and of others only the projection (comparison/projection.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from catalogue.elements import edition_on, element_names
from comparison.judging import judge
from comparison.models import EntryChoice, LibraryEntry, Mark, MatchSource
from comparison.nearest import (
    Reference,
    own_entries,
    own_reference,
    public_ones,
    public_reference,
    text_of,
)
from comparison.projection import NO_LONGER_PUBLIC, shown_count, shown_month
from comparison.sidebyside import ComparedElement
from comparison.wording import matched_sentence, nearest_sentence, whose
from declarations.code_tables import reason_name
from declarations.models import AuditVerdict

# How many of the verdicts behind a mark the page lists.
SHOWN_VERDICTS = 20


@dataclass(frozen=True)
class Fact:
    """One line of the facts behind a mark: what it is, and its value."""

    label: str
    value: str


@dataclass(frozen=True)
class Explanation:
    """A mark's reason in Chinese: one sentence, the facts behind it, both sides element by element.

    `reference` says what `comparison` compares with; empty where there is nothing to compare.
    """

    sentence: str
    facts: Sequence[Fact] = field(default_factory=list)
    comparison: Sequence[ComparedElement] = field(default_factory=list)
    reference: str = ""


def explain(entry: LibraryEntry) -> Explanation:
    """Say why an entry has its mark. Costs at most eight queries."""
    if entry.mark in {Mark.CONFORMING, Mark.NONCONFORMING}:
        return _of_verdicts(entry)
    if entry.mark == Mark.SYSTEM_MATCHED:
        return _of_match(entry)
    if entry.mark == Mark.SELF_SELECTED:
        return _of_choice(entry)
    return _of_nothing(entry)


def _of_verdicts(entry: LibraryEntry) -> Explanation:
    month = date.fromisoformat(f"{entry.reason['month']}-01")
    enterprise = entry.enterprise_id
    verdicts = list(
        AuditVerdict.objects.filter(
            Q(agent_id=enterprise) | Q(trader_id=enterprise),
            is_effective=True,
            content_id=entry.content_id,
            audit_month=month,
        )
        .select_related("line")
        .order_by("conforming", "-declared_on", "id")[:SHOWN_VERDICTS]
    )
    good, bad = entry.reason["conforming"], entry.reason["nonconforming"]
    label = entry.reason["month"]
    facts = [
        Fact("审核月份", label),
        Fact("审核结论", f"规范 {good} 条，不规范 {bad} 条"),
        *(Fact("审核的报关单", _verdict_text(verdict)) for verdict in verdicts),
    ]
    if good + bad > len(verdicts):
        facts.append(Fact("审核的报关单", f"另有 {good + bad - len(verdicts)} 条，未逐条列出"))
    facts.append(Fact("覆盖范围", f"本企业相同申报内容共 {entry.row_count} 条，均按此标记"))
    if entry.mark == Mark.CONFORMING:
        return Explanation(f"与 {label} 审核为规范的同一申报内容一致（{good} 条报关单）。", facts)
    reasons = "；".join(dict.fromkeys(_reason_text(v) for v in verdicts if not v.conforming))
    if not reasons:  # withdrawn or replaced a moment ago
        return Explanation(f"{label} 的审核结论已撤回或更新，标记将在下次比对时更新。", facts)
    sentence = f"{label} 海关审核为不规范：{reasons}。"
    if entry.has_conflict:
        sentence += f"同月另有 {good} 条审核为规范，结论不一致，按不规范标记。"
    return Explanation(sentence, facts)


def _verdict_text(verdict: AuditVerdict) -> str:
    line = verdict.line
    said = "规范" if verdict.conforming else f"不规范（{_reason_text(verdict)}）"
    return f"{line.entry_id} 第 {line.g_no} 项，{verdict.declared_on:%Y-%m-%d} 申报：{said}"


def _reason_text(verdict: AuditVerdict) -> str:
    """Put a verdict's reason codes and text into words."""
    words = [f"{reason_name(code)}（{code}）" for code in verdict.reason_codes]
    if verdict.reason_text:
        words.append(verdict.reason_text.rstrip("。；"))
    return "，".join(words) or "未写明原因"


def _of_match(entry: LibraryEntry) -> Explanation:
    """Explain a 系统匹配 by the reason stored with it, and by both texts."""
    match = {"content": entry.matched_content_id, "source": entry.match_source, **entry.reason}
    seen = _seen(entry, match)
    if seen is None:
        return Explanation(
            f"原与{whose(entry.match_source)}一致而系统匹配；{NO_LONGER_PUBLIC}，标记将在下次比对时更新。",
            [Fact("匹配来源", MatchSource(entry.match_source).label)],
        )
    sentence = matched_sentence(entry.reason, entry.match_source, entry.hs_code)
    name = _reference_name(seen.reference)
    return Explanation(sentence, seen.facts, seen.comparison, f"{name}（规范）")


def _of_choice(entry: LibraryEntry) -> Explanation:
    choice = EntryChoice.objects.filter(
        enterprise_id=entry.enterprise_id, content_id=entry.content_id
    ).first()
    facts = []
    if choice is not None and choice.self_selected_at is not None:
        facts.append(Fact("设置时间", f"{choice.self_selected_at.astimezone():%Y-%m-%d %H:%M}"))
    facts.append(Fact("覆盖范围", f"本企业相同申报内容共 {entry.row_count} 条"))
    sentence = "由本企业设为自选；海关尚未审核本企业的这一申报内容。"
    if match := entry.reason.get("match"):
        seen = _seen(entry, match)
        if seen is None:
            return Explanation(sentence, facts)
        sentence += matched_sentence(match, match["source"], entry.hs_code)
        name = _reference_name(seen.reference)
        return Explanation(sentence, [*facts, *seen.facts], seen.comparison, f"{name}（规范）")
    nearest = _of_nothing(entry)
    return Explanation(
        sentence + nearest.sentence,
        [*facts, *nearest.facts],
        nearest.comparison,
        nearest.reference,
    )


def _of_nothing(entry: LibraryEntry) -> Explanation:
    nearest = entry.reason.get("nearest")
    seen = _seen(entry, nearest) if nearest else None
    sentence = nearest_sentence(entry.reason, entry.hs_code, is_seen=seen is not None)
    if seen is None:
        return Explanation(sentence)
    name = _reference_name(seen.reference)
    return Explanation(sentence, seen.facts, seen.comparison, f"最接近的规范数据（{name}）")


@dataclass(frozen=True)
class _Seen:
    """A content that a reason names, as this enterprise may see it now, beside the entry's own."""

    reference: Reference
    facts: Sequence[Fact]
    comparison: Sequence[ComparedElement]


def _seen(entry: LibraryEntry, named: Mapping[str, Any]) -> _Seen | None:
    """Fetch the content that a reason names, if this enterprise may still see it."""
    reference = _reference(entry.enterprise_id, named["content"], named["source"])
    if reference is None:
        return None
    names = element_names(edition_on(entry.last_declared_on), entry.hs_code)
    judgement = judge(text_of(entry), reference.text, names=names, b_keys=reference.keys)
    facts = _reference_facts(reference)
    if reference.hs_code != entry.hs_code:
        facts.append(
            Fact(
                "商品编码",
                f"前八位相同，末两位不同：本条 {entry.hs_code}，参考 {reference.hs_code}",
            )
        )
    return _Seen(reference, facts, judgement.elements)


def _reference(enterprise_id: int, content_id: int | None, source: str) -> Reference | None:
    if content_id is None:
        return None
    if source == MatchSource.OWN:
        held = own_entries(enterprise_id).filter(content_id=content_id).first()
        return own_reference(held) if held else None
    public = public_ones().filter(pk=content_id).first()
    return public_reference(public) if public else None


def _reference_name(reference: Reference) -> str:
    return MatchSource(reference.source).label


def _reference_facts(reference: Reference) -> list[Fact]:
    facts = [Fact("参考来源", _reference_name(reference)), Fact("参考商品编码", reference.hs_code)]
    if reference.source == MatchSource.PUBLIC:
        facts.append(Fact("审核月份", shown_month(reference.month, reference.enterprise_count)))
        facts.append(Fact("公开企业数", shown_count(reference.enterprise_count)))
    return facts
