"""Groups of contents that say the same: giving each content its form, finding whole groups."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db import connection

from comparison.failures import each
from comparison.forms import FORMS_VERSION, canonical_parts, key_of_parts
from comparison.stages import Stage, timed
from declarations.arrays import text_array

# By the index for prefixes; ":" follows "9".
_OF_CODES = "c.hs_code ~>=~ %(first)s AND c.hs_code ~<~ (%(last)s || ':')"

_GROUPS_OF_CODES = f"""
SELECT left(c.hs_code, 8) AS code, f.form_key, array_agg(f.content_id ORDER BY f.content_id)
  FROM declarations_content c JOIN comparison_contentform f ON f.content_id = c.id
 WHERE {_OF_CODES}
   AND (left(c.hs_code, 8), f.form_key) > (%(after_code)s, %(after_key)s)
 GROUP BY 1, 2 ORDER BY 1, 2
"""

_OUTDATED = """
SELECT c.id, c.hs_code, c.ie_flag, c.name, c.g_model, f.form_key
  FROM declarations_content c LEFT JOIN comparison_contentform f ON f.content_id = c.id
 WHERE c.id = ANY(%(contents)s) AND f.version IS DISTINCT FROM %(version)s
 ORDER BY c.id
"""

_STORE_FORMS = """
INSERT INTO comparison_contentform AS f (content_id, form_key, parts, version)
SELECT w.content_id, w.form_key, w.parts::text[], %s
  FROM unnest(%s::bigint[], %s::bytea[], %s::text[]) AS w(content_id, form_key, parts)
    ON CONFLICT (content_id) DO UPDATE
   SET form_key = excluded.form_key, parts = excluded.parts, version = excluded.version
"""

_WITHOUT_FORM = f"""
SELECT c.id FROM declarations_content c
 WHERE {_OF_CODES} AND c.id > %(seen)s
   AND NOT EXISTS (SELECT FROM comparison_contentform f
                    WHERE f.content_id = c.id AND f.version = %(version)s)
 ORDER BY c.id LIMIT %(size)s
"""


class _Missing(NamedTuple):
    """A content without a form by today's rules, and the key of the group that it leaves."""

    pk: int
    hs_code: str
    ie_flag: str
    name: str
    g_model: str
    left: bytes | None


class GroupBatch(NamedTuple):
    """The contents of some whole groups, and the code and form key of the last of them."""

    content_ids: list[int]
    code: str
    form_key: bytes


@timed(Stage.FORMS)
def give_forms(content_ids: Sequence[int]) -> list[bytes]:
    """Store the form key of each content that has none by today's rules.

    Returns the keys of groups that a content left, because newer rules gave it another form: what
    is left there must be compared again too. Raises ContentsFailed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OUTDATED, {"contents": list(content_ids), "version": FORMS_VERSION})
        missing = [_Missing(*row) for row in cursor.fetchall()]
        if not missing:
            return []
        columns = [list(column) for column in zip(*each(missing, _form_of), strict=True)]
        cursor.execute(_STORE_FORMS, [FORMS_VERSION, *columns])
    return [bytes(one.left) for one in missing if one.left is not None]


def _form_of(content: _Missing) -> tuple[int, bytes, str]:
    """Compute a content's form: its number, form key, and canonical parts as an array's text."""
    parts = canonical_parts(content.name, content.g_model)
    return content.pk, key_of_parts(content.hs_code, content.ie_flag, parts), text_array(parts)


@timed(Stage.FORMS)
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


def code_batches(
    first: str, last: str, after: tuple[str, bytes], size: int
) -> Iterator[GroupBatch]:
    """Walk all groups of the eight-digit codes `first` to `last` in batches of about `size`.

    `after` (code, form key) is the last group that is left out; ("", b"") leaves none out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _GROUPS_OF_CODES,
            {"first": first, "last": last, "after_code": after[0], "after_key": after[1]},
        )
        groups = cursor.fetchall()
    batch: list[int] = []
    for place, (code, key, members) in enumerate(groups, 1):
        batch.extend(members)
        if len(batch) >= size or place == len(groups):
            yield GroupBatch(batch, code, bytes(key))
            batch = []


def content_ids_without_form(first: str, last: str, size: int) -> Iterator[list[int]]:
    """Walk the contents of some eight-digit codes without a form by today's rules, in batches."""
    seen = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                _WITHOUT_FORM,
                {
                    "first": first,
                    "last": last,
                    "version": FORMS_VERSION,
                    "seen": seen,
                    "size": size,
                },
            )
            found = [pk for (pk,) in cursor.fetchall()]
        if not found:
            return
        yield found
        seen = found[-1]
