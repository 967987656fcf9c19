"""Why a content is marked as it is: the stored codes and values, rendered to Chinese.

`explain` is asked for one entry when its page is opened; it shows this enterprise its own rows,
and of others only the projection (comparison/projection.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from catalogue.elements import edition_on, element_names, read_by
from comparison.forms import explain_forms, form_labels
from comparison.models import EntryChoice, LibraryEntry, Mark, MatchSource, PublicContent
from comparison.nearest import Reference, nearest_reference, own_reference, public_reference
from comparison.projection import HIDDEN, NO_LONGER_PUBLIC, shown_count, shown_month
from comparison.sidebyside import ComparedElement, compare_elements
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
    own = entry.match_source == MatchSource.OWN
    reference = _matched_reference(entry)
    if reference is None:
        whose = "本企业规范数据" if own else "公共库规范数据"
        return Explanation(
            f"原与{whose}一致而系统匹配；{NO_LONGER_PUBLIC}，标记将在下次比对时更新。",
            [Fact("匹配来源", MatchSource(entry.match_source).label)],
        )
    if entry.reason.get("relation") == "identical":
        sentence = "与公共库中海关审核为规范的同一申报内容一致。"
    else:
        forms = form_labels(explain_forms(_texts(entry), (reference.name, reference.g_model)))
        whose = "本企业规范数据" if own else "公共库规范数据"
        sentence = f"与{whose}仅填报形式不同：{forms or '书写形式'}。"
    facts = _reference_facts(reference)
    if reference.hs_code != entry.hs_code:
        facts.append(
            Fact(
                "商品编码",
                f"前八位相同，末两位不同：本条 {entry.hs_code}，参考 {reference.hs_code}",
            )
        )
    return Explanation(
        sentence, facts, _compare(entry, reference), f"{_reference_name(reference)}（规范）"
    )


def _matched_reference(entry: LibraryEntry) -> Reference | None:
    """Fetch what the match rests on, if this enterprise may still see it."""
    if entry.matched_content_id is None:
        return None
    if entry.match_source == MatchSource.OWN:
        matched = (
            LibraryEntry.objects.filter(
                enterprise_id=entry.enterprise_id,
                content_id=entry.matched_content_id,
                mark=Mark.CONFORMING,
            )
            .select_related("content")
            .first()
        )
        return own_reference(matched) if matched else None
    public = PublicContent.objects.visible().filter(pk=entry.matched_content_id).first()
    return public_reference(public) if public else None


def _of_choice(entry: LibraryEntry) -> Explanation:
    choice = EntryChoice.objects.filter(
        enterprise_id=entry.enterprise_id, content_id=entry.content_id
    ).first()
    facts = []
    if choice is not None and choice.self_selected_at is not None:
        facts.append(Fact("设置时间", f"{choice.self_selected_at.astimezone():%Y-%m-%d %H:%M}"))
    facts.append(Fact("覆盖范围", f"本企业相同申报内容共 {entry.row_count} 条"))
    nearest = _of_nothing(entry)
    return Explanation(
        "由本企业设为自选；海关尚未审核本企业的这一申报内容。",
        [*facts, *nearest.facts],
        nearest.comparison,
        nearest.reference,
    )


def _of_nothing(entry: LibraryEntry) -> Explanation:
    reference = nearest_reference(entry)
    if reference is None:
        return Explanation(
            f"海关尚未审核这一申报内容；税则号列 {entry.hs_code[:8]} 下本企业和公共库都没有规范数据可供比对。"
        )
    compared = _compare(entry, reference)
    differing = "".join(
        f"“{row.name}”" for row in compared if not row.same and row.theirs != HIDDEN
    )
    if differing:
        where = f"在{differing}上不同"
    elif any(row.theirs == HIDDEN for row in compared):
        where = f"在可见的各项上没有不同，{HIDDEN}的部分不作比对"
    else:
        where = "只在填报形式上不同"
    return Explanation(
        f"无相同申报要素的规范数据；最接近的一条{where}。",
        _reference_facts(reference),
        compared,
        f"最接近的规范数据（{_reference_name(reference)}）",
    )


def _texts(entry: LibraryEntry) -> tuple[str, str]:
    return entry.content.name, entry.content.g_model


def _reference_name(reference: Reference) -> str:
    return MatchSource(reference.source).label


def _reference_facts(reference: Reference) -> list[Fact]:
    facts = [Fact("参考来源", _reference_name(reference)), Fact("参考商品编码", reference.hs_code)]
    if reference.source == MatchSource.PUBLIC:
        facts.append(Fact("审核月份", shown_month(reference.month, reference.enterprise_count)))
        facts.append(Fact("公开企业数", shown_count(reference.enterprise_count)))
    return facts


def _compare(entry: LibraryEntry, reference: Reference) -> list[ComparedElement]:
    """Lay both sides side by side, read by the edition of the entry's last declared date."""
    edition = edition_on(entry.last_declared_on)
    names = element_names(edition, entry.hs_code)
    mine = read_by(entry.content.g_model, entry.ie_flag, edition, names, entry.hs_code)
    theirs = read_by(reference.g_model, entry.ie_flag, edition, names, entry.hs_code)
    return compare_elements(entry.content.name, mine, reference.name, theirs, hidden_word=HIDDEN)
