"""The rules of marks and publication once more, written as plainly as can be.

Reads whole tables and loops: the comparison's SQL must give the same on any history. Nothing here
is shared with comparison/ but the models, the form key and the projection of one content.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from catalogue.elements import edition_on, element_names
from comparison.forms import form_key
from comparison.models import ContentConflict, EntryChoice, LibraryEntry, PublicContent
from comparison.projection import project
from declarations.models import AuditVerdict, Content, DeclaredLine


@dataclass(frozen=True)
class ExpectedEntry:
    mark: str
    has_conflict: bool
    matched: int | None
    source: str
    row_count: int
    first: date
    last: date


def effective_verdicts() -> list[AuditVerdict]:
    """Of several counting releases in one month the latest counts; then the newest per content."""
    in_month: dict[tuple[int, date], AuditVerdict] = {}
    verdicts = AuditVerdict.objects.select_related("release", "line")
    for verdict in sorted(
        (v for v in verdicts if v.release.released_at and not v.release.withdrawn_at),
        key=lambda v: (v.release.released_at, v.release_id),
    ):
        in_month[verdict.line_id, verdict.audit_month] = verdict
    newest: dict[tuple[int, int], AuditVerdict] = {}
    for verdict in sorted(in_month.values(), key=lambda v: v.audit_month):
        newest[verdict.line_id, verdict.content_id] = verdict
    return list(newest.values())


def official_marks(verdicts: list[AuditVerdict]) -> dict[tuple[int, int], tuple[str, bool]]:
    """(enterprise, content) → (conforming | nonconforming, conflict)."""
    own: dict[tuple[int, int], list[AuditVerdict]] = defaultdict(list)
    for verdict in verdicts:
        for party in {verdict.agent_id, verdict.trader_id}:
            own[party, verdict.content_id].append(verdict)
    marks = {}
    for key, found in own.items():
        month = max(v.audit_month for v in found)
        said = {v.conforming for v in found if v.audit_month == month}
        marks[key] = ("conforming" if said == {True} else "nonconforming", len(said) == 2)
    return marks


def public_contents(verdicts: list[AuditVerdict]) -> set[int]:
    """Apply the publication rule content by content."""
    official = official_marks(verdicts)
    private = {
        (c.enterprise_id, c.content_id) for c in EntryChoice.objects.filter(publication="private")
    }
    by_content: dict[int, list[AuditVerdict]] = defaultdict(list)
    for verdict in verdicts:
        by_content[verdict.content_id].append(verdict)
    public = set()
    for content, found in by_content.items():
        month = max(v.audit_month for v in found)
        if any(not v.conforming for v in found if v.audit_month == month):
            continue
        for verdict in found:
            parties = {verdict.agent_id, verdict.trader_id}
            blocked = any(
                (party, content) in private or official[party, content][0] == "nonconforming"
                for party in parties
            )
            if verdict.conforming and not blocked:
                public.add(content)
    return public


def shown_rows(verdicts: list[AuditVerdict]) -> dict[tuple[int, int], list[date]]:
    """(enterprise, content) → the dates of its rows in the 企业库."""
    rows: dict[tuple[int, int], list[date]] = defaultdict(list)
    for line in DeclaredLine.objects.filter(is_hidden=False):
        for party in {line.agent_id, line.trader_id}:
            rows[party, line.content_id].append(line.declared_on)
    for verdict in verdicts:
        line = verdict.line
        for party in {verdict.agent_id, verdict.trader_id}:
            still = line.content_id == verdict.content_id and party in {
                line.agent_id,
                line.trader_id,
            }
            if not still:
                rows[party, verdict.content_id].append(verdict.declared_on)
    return rows


def expected_entries() -> tuple[dict[tuple[int, int], ExpectedEntry], set[int]]:
    """Compute every entry, and the public set, from lines, verdicts and choices."""
    verdicts = effective_verdicts()
    official = official_marks(verdicts)
    public = public_contents(verdicts)
    contents = {c.pk: c for c in Content.objects.all()}
    forms = {pk: form_key(c.hs_code, c.ie_flag, c.name, c.g_model) for pk, c in contents.items()}
    chosen = {
        (c.enterprise_id, c.content_id) for c in EntryChoice.objects.filter(self_selected=True)
    }
    entries = {}
    for (enterprise, content), dates in shown_rows(verdicts).items():
        mark, conflict, matched, source = "unmarked", False, None, ""
        same = [pk for pk in contents if forms[pk] == forms[content]]
        same.sort(key=lambda pk: bytes(contents[pk].content_key))
        own = [pk for pk in same if official.get((enterprise, pk), ("",))[0] == "conforming"]
        shared = [pk for pk in same if pk in public]
        if (enterprise, content) in official:
            mark, conflict = official[enterprise, content]
        elif (enterprise, content) in chosen:
            mark = "self_selected"
        elif own:
            mark, matched, source = "system_matched", own[0], "own"
        elif shared:
            matched = content if content in public else shared[0]
            mark, source = "system_matched", "public"
        entries[enterprise, content] = ExpectedEntry(
            mark, conflict, matched, source, len(dates), min(dates), max(dates)
        )
    return entries, public


def stored_entries() -> tuple[dict[tuple[int, int], ExpectedEntry], set[int]]:
    """Read what the comparison has stored, in the same shape."""
    entries = {
        (e.enterprise_id, e.content_id): ExpectedEntry(
            e.mark,
            e.has_conflict,
            e.matched_content_id,
            e.match_source,
            e.row_count,
            e.first_declared_on,
            e.last_declared_on,
        )
        for e in LibraryEntry.objects.all()
    }
    public = set(Content.objects.filter(is_public=True).values_list("pk", flat=True))
    return entries, public


def expected_projections() -> dict[int, tuple[str, str, list[dict[str, object]]]]:
    """Project every public content anew by the newest edition in force."""
    edition = edition_on()
    wanted = {}
    for content in Content.objects.filter(is_public=True):
        shown = project(content, edition, element_names(edition, content.hs_code))
        wanted[content.pk] = (shown.name, shown.g_model, shown.elements)
    return wanted


def stored_projections() -> dict[int, tuple[str, str, list[dict[str, object]]]]:
    """Read what is stored of the public contents, in the same shape."""
    return {
        shown.pk: (shown.name, shown.g_model, shown.elements)
        for shown in PublicContent.objects.visible()
    }


def everything_stored() -> list[tuple[object, ...]]:
    """Read every computed value, reasons and projections included, for equality byte for byte."""
    entries = LibraryEntry.objects.order_by("enterprise_id", "content_id").values_list(
        "enterprise_id",
        "content_id",
        "mark",
        "has_conflict",
        "matched_content_id",
        "match_source",
        "reason",
        "row_count",
        "first_declared_on",
        "last_declared_on",
    )
    public = (
        Content.objects.filter(is_public=True)
        .order_by("pk")
        .values_list(
            "pk",
            "projection__name",
            "projection__g_model",
            "projection__elements",
            "projection__list_key",
            "projection__trade_modes",
            "projection__latest_month",
            "projection__enterprise_count",
        )
    )
    lines = DeclaredLine.objects.order_by("pk").values_list("pk", "content_id", "is_hidden")
    flags = AuditVerdict.objects.order_by("pk").values_list("pk", "counts_in_month", "is_effective")
    conflicts = ContentConflict.objects.order_by("content_id", "audit_month").values_list(
        "content_id",
        "audit_month",
        "conforming_rows",
        "nonconforming_rows",
        "divided_enterprises",
        "enterprises",
        "lines",
    )
    return [*entries, *public, *lines, *flags, *conflicts]
