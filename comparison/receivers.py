"""What the comparison does at once when lower rooms change what it rests on."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.dispatch import receiver

from authorization.joining import enterprises_joined, enterprises_joining
from catalogue.models import Outbox
from catalogue.outbox import wake_comparison
from comparison.marking import Cause
from comparison.official import mark_official
from comparison.projection import outdated_among, refresh_statistics
from comparison.publication import lock_contents, switch_publication
from declarations.models import AuditVerdict, Release
from declarations.releases import verdicts_changed

# Two choices for one content: 不公开 and the later 自选 stay.
_MERGE_CHOICES = """
INSERT INTO comparison_entrychoice AS s (
    enterprise_id, content_id, self_selected, self_selected_at, publication, publication_at)
SELECT %(staying)s, content_id, self_selected, self_selected_at, publication, publication_at
  FROM comparison_entrychoice WHERE enterprise_id = %(absorbed)s
ON CONFLICT (enterprise_id, content_id) DO UPDATE SET
    self_selected = CASE
        WHEN excluded.self_selected_at IS NULL THEN s.self_selected
        WHEN s.self_selected_at IS NULL OR excluded.self_selected_at > s.self_selected_at
        THEN excluded.self_selected ELSE s.self_selected END,
    self_selected_at = greatest(s.self_selected_at, excluded.self_selected_at),
    publication = CASE WHEN 'private' IN (s.publication, excluded.publication)
                       THEN 'private' ELSE 'public' END,
    publication_at = CASE WHEN s.publication = 'private' AND excluded.publication <> 'private'
                          THEN s.publication_at
                          WHEN excluded.publication = 'private' AND s.publication <> 'private'
                          THEN excluded.publication_at
                          ELSE greatest(s.publication_at, excluded.publication_at) END
"""

# Lines and verdicts that were not compared yet have outbox rows of their own.
_JOIN_CONTENTS = """
SELECT content_id FROM comparison_libraryentry WHERE enterprise_id = %(absorbed)s
UNION SELECT content_id FROM comparison_entrychoice WHERE enterprise_id = %(absorbed)s
"""


# Whatever a worker may store an entry of one of these enterprises for.
_HELD_CONTENTS = """
SELECT content_id FROM declarations_declaredline WHERE agent_id = ANY(%(enterprises)s)
UNION SELECT content_id FROM declarations_declaredline WHERE trader_id = ANY(%(enterprises)s)
UNION SELECT content_id FROM declarations_auditverdict WHERE agent_id = ANY(%(enterprises)s)
UNION SELECT content_id FROM declarations_auditverdict WHERE trader_id = ANY(%(enterprises)s)
UNION SELECT content_id FROM comparison_libraryentry WHERE enterprise_id = ANY(%(enterprises)s)
UNION SELECT content_id FROM comparison_entrychoice WHERE enterprise_id = ANY(%(enterprises)s)
"""


@receiver(verdicts_changed)
def decide_what_a_release_names(
    sender: type[Release], release: Release, cause: Outbox.Cause, **kwargs: Any
) -> None:
    """Store the public flags and official marks that follow, in the release's own transaction.

    A content that becomes public is shown once the outbox has made its projection. Where one is
    there from former days, made by other rules or another edition, the flag waits for the outbox.
    """
    touched = sorted(
        AuditVerdict.objects.filter(line__verdicts__release=release)
        .values_list("content_id", flat=True)
        .distinct()
    )
    lock_contents(touched)
    outdated = outdated_among(touched)
    switch_publication(sorted(outdated), may_open=False)
    switched = switch_publication([pk for pk in touched if pk not in outdated], may_open=True)
    # Of those that stay public it follows by the outbox: each costs all grams of its text anew.
    refresh_statistics([pk for pk, is_public in switched.items() if is_public])
    lines = AuditVerdict.objects.filter(release=release).values_list("line_id", flat=True)
    mark_official(touched, list(lines), Cause(cause.value, release.pk))


@receiver(enterprises_joining)
def hold_their_contents(sender: type[Any], enterprises: Sequence[int], **kwargs: Any) -> None:
    """Lock all contents of enterprises that will be joined, in one order, before anything else.

    Else the join would hold entries, choices and enterprises that a worker wants who holds the
    contents.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD_CONTENTS, {"enterprises": list(enterprises)})
        lock_contents([content_id for (content_id,) in cursor.fetchall()])


@receiver(enterprises_joined)
def join_libraries(sender: type[Any], pairs: Sequence[tuple[int, int]], **kwargs: Any) -> None:
    """Move choices and history to the enterprise that stays, and have both libraries compared."""
    with connection.cursor() as cursor:
        for absorbed, staying in pairs:
            names = {"absorbed": absorbed, "staying": staying}
            cursor.execute(_JOIN_CONTENTS, names)
            touched = sorted(row[0] for row in cursor.fetchall())
            cursor.execute(_MERGE_CHOICES, names)
            for statement in (
                "DELETE FROM comparison_entrychoice WHERE enterprise_id = %(absorbed)s",
                "DELETE FROM comparison_libraryentry WHERE enterprise_id = %(absorbed)s",
                "UPDATE comparison_markhistory SET enterprise_id = %(staying)s"
                " WHERE enterprise_id = %(absorbed)s",
            ):
                cursor.execute(statement, names)
            switch_publication(touched, may_open=False)
            cursor.execute(
                "INSERT INTO catalogue_outbox (chapter, content_id, cause, cause_id, written_at)"
                " SELECT left(hs_code, 2), id, %s, %s, now()"
                "   FROM declarations_content WHERE id = ANY(%s) ORDER BY id",
                [Outbox.Cause.JOIN.value, staying, touched],
            )
    wake_comparison()
