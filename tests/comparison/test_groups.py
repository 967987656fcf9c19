"""Finding whole groups of contents."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comparison.groups import whole_groups

pytestmark = pytest.mark.django_db

MANY = 20_000


def test_finding_a_group_reads_its_contents_by_the_form_key_and_not_every_content():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO declarations_content (content_key, hs_code, ie_flag, name, g_model,"
            " search_text, search_grams, is_public)"
            " SELECT decode(md5(i::text), 'hex'), '9401619000', 'I', i::text, '', '', '{}', false"
            "   FROM generate_series(1, %s) i RETURNING id",
            [MANY],
        )
        first = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO comparison_contentform (content_id, form_key, parts, version)"
            " SELECT id, decode(md5(((id - %s) / 2)::text), 'hex'), '{}', 1 FROM declarations_content",
            [first],
        )
        cursor.execute("ANALYZE comparison_contentform")
        with CaptureQueriesContext(connection) as queries:
            assert list(whole_groups([first])) == [first, first + 1]
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Filter" not in plan
    assert "content_form_key" in plan
