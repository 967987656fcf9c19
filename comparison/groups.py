"""Groups of contents that say the same: giving each content its form, finding whole groups."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection

from comparison.forms import FORMS_VERSION, form_key
from comparison.models import ContentForm
from declarations.models import Content

_CHAPTER_GROUPS = """
SELECT f.form_key, array_agg(f.content_id ORDER BY f.content_id)
  FROM declarations_content c JOIN comparison_contentform f ON f.content_id = c.id
 WHERE c.hs_code LIKE %s
 GROUP BY f.form_key ORDER BY f.form_key
"""


def give_forms(content_ids: Sequence[int]) -> list[bytes]:
    """Store the form key of each content that has none by today's rules.

    Returns the keys of groups that a content left, because newer rules gave it another form: what
    is left there must be compared again too.
    """
    held = {
        row.content_id: row
        for row in ContentForm.objects.filter(content_id__in=content_ids).iterator()
    }
    missing = [pk for pk in content_ids if pk not in held or held[pk].version != FORMS_VERSION]
    if not missing:
        return []
    fresh = [
        ContentForm(
            content_id=content.pk,
            form_key=form_key(content.hs_code, content.ie_flag, content.name, content.g_model),
            version=FORMS_VERSION,
        )
        for content in Content.objects.filter(pk__in=missing)
        .only("hs_code", "ie_flag", "name", "g_model")
        .iterator()
    ]
    ContentForm.objects.bulk_create(
        sorted(fresh, key=lambda row: row.content_id),
        update_conflicts=True,
        unique_fields=["content"],
        update_fields=["form_key", "version"],
    )
    return [bytes(held[pk].form_key) for pk in missing if pk in held]


def whole_groups(content_ids: Iterable[int], left: Sequence[bytes] = ()) -> dict[int, bytes]:
    """Find every content of the groups that these contents are in, or have left.

    Returns content id → form key, in the order of the ids.
    """
    with connection.cursor() as cursor:
        # One array: "this or that" would read the whole table instead of its index.
        cursor.execute(
            """
            SELECT content_id, form_key FROM comparison_contentform
             WHERE form_key = ANY(%(left)s::bytea[] || ARRAY(
                   SELECT form_key FROM comparison_contentform
                    WHERE content_id = ANY(%(contents)s)))
             ORDER BY content_id
            """,
            {"contents": list(content_ids), "left": list(left)},
        )
        return {content_id: bytes(key) for content_id, key in cursor.fetchall()}


def chapter_batches(chapter: str, size: int) -> Iterator[list[int]]:
    """Walk all groups of a chapter (two digits) in batches of about `size` contents."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAPTER_GROUPS, [f"{chapter}%"])
        groups = cursor.fetchall()
    batch: list[int] = []
    for _, members in groups:
        batch.extend(members)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def content_ids_without_form(chapter: str, size: int) -> Iterator[list[int]]:
    """Walk the contents of a chapter that have no form by today's rules, in batches."""
    while True:
        found = list(
            Content.objects.filter(hs_code__startswith=chapter)
            .exclude(form__version=FORMS_VERSION)
            .order_by("pk")
            .values_list("pk", flat=True)[:size]
        )
        if not found:
            return
        yield found
