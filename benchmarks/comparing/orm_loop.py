"""The way a first Django version would do it: `python -m benchmarks.comparing.orm_loop`.

It reads pairs of an enterprise and a content from standard input, one a line, and for each asks by
the ORM for the enterprise's rows of the content, its verdicts, and where there are none for a public
content of these words; then update_or_create. The lines' contents are normalised already, which a
first version would have to do too. It prints one line of JSON: seconds, entries, and each mark.
"""

import json
import sys
import time
from datetime import date

from django.db.models import Q

import benchmarks.without_database  # noqa: F401  sets Django up
from comparison.models import EntryChoice, LibraryEntry, Mark, Publication
from declarations.models import AuditVerdict, Content, DeclaredLine


def main() -> None:
    """Mark the pairs of standard input."""
    pairs = [tuple(map(int, line.split())) for line in sys.stdin]
    began = time.perf_counter()
    marks = [
        (enterprise, content, mark_entry(enterprise, content)) for enterprise, content in pairs
    ]
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": round(seconds, 3), "entries": len(marks), "marks": marks}))


def mark_entry(enterprise_id: int, content_id: int) -> str:
    """Compute and store one entry; returns its mark."""
    content = Content.objects.get(pk=content_id)
    named = Q(agent_id=enterprise_id) | Q(trader_id=enterprise_id)
    days = shown_days(content, named, enterprise_id)
    verdicts = list(
        AuditVerdict.objects.filter(named, content=content, is_effective=True).order_by(
            "-audit_month", "pk"
        )
    )
    newest = [v for v in verdicts if v.audit_month == verdicts[0].audit_month]
    good = [v for v in newest if v.conforming]
    bad = [v for v in newest if not v.conforming]
    reason: dict[str, object] = {"kind": "none"}
    mark, matched, source = Mark.UNMARKED, None, ""
    if newest:
        mark = Mark.NONCONFORMING if bad else Mark.CONFORMING
        reason = {
            "kind": "verdict",
            "month": f"{newest[0].audit_month:%Y-%m}",
            "conforming": len(good),
            "nonconforming": len(bad),
            "verdict": (bad or good)[0].pk,
        }
    elif is_public(content):
        mark, matched, source = Mark.SYSTEM_MATCHED, content, "public"
        reason = {"kind": "match", "relation": "identical"}
    LibraryEntry.objects.update_or_create(
        enterprise_id=enterprise_id,
        content=content,
        defaults={
            "hs_code": content.hs_code,
            "ie_flag": content.ie_flag,
            "mark": mark,
            "has_conflict": bool(good and bad),
            "matched_content": matched,
            "match_source": source,
            "reason": reason,
            "row_count": len(days),
            "first_declared_on": min(days),
            "last_declared_on": max(days),
        },
    )
    return mark.value


def shown_days(content: Content, named: Q, enterprise_id: int) -> list[date]:
    """List the days of the rows that the enterprise's library shows of a content."""
    lines = DeclaredLine.objects.filter(named, content=content, is_hidden=False)
    days = [line.declared_on for line in lines]
    audited = AuditVerdict.objects.filter(named, content=content, is_effective=True)
    for verdict in audited.select_related("line"):
        line = verdict.line
        if line.content_id != content.pk or enterprise_id not in (line.agent_id, line.trader_id):
            days.append(verdict.declared_on)
    return days


def is_public(content: Content) -> bool:
    """Say by the rule of publication whether a content is public."""
    effective = AuditVerdict.objects.filter(content=content, is_effective=True)
    newest = effective.order_by("-audit_month").first()
    if newest is None:
        return False
    if effective.filter(audit_month=newest.audit_month, conforming=False).exists():
        return False
    return any(
        all(publishes(party, content) for party in {verdict.agent_id, verdict.trader_id})
        for verdict in effective.filter(conforming=True)
    )


def publishes(enterprise_id: int, content: Content) -> bool:
    """Say whether a party neither set the content 不公开 nor has it 不规范 itself."""
    private = EntryChoice.objects.filter(
        enterprise_id=enterprise_id, content=content, publication=Publication.PRIVATE
    )
    if private.exists():
        return False
    own = AuditVerdict.objects.filter(
        Q(agent_id=enterprise_id) | Q(trader_id=enterprise_id), content=content, is_effective=True
    ).order_by("-audit_month")
    first = own.first()
    if first is None:
        return True
    return not own.filter(audit_month=first.audit_month, conforming=False).exists()


if __name__ == "__main__":
    main()
