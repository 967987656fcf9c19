"""The 企业库 while a new catalogue's rows wait in the outbox: they neither make nor end an entry."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Outbox
from comparison.working import work_outbox
from tests.factories import client_for, make_enterprise, make_line, make_user

pytestmark = pytest.mark.django_db


def queries_of_the_list(client) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/library/", {"keyword": "轴承"})
    assert "深沟球轴承" in response.content.decode()
    return [query["sql"] for query in queries]


def test_only_rows_of_contents_make_the_list_look_into_the_outbox():
    enterprise = make_enterprise()
    make_line(trader=enterprise)
    work_outbox()
    client = client_for(make_user(enterprise=enterprise))
    Outbox.objects.create(chapter="84", hs8="84821020", cause=Outbox.Cause.EDITION)
    calm = queries_of_the_list(client)
    assert not any("UNION SELECT o.content_id FROM catalogue_outbox" in sql for sql in calm)
    make_line(trader=enterprise, g_model="4|3|别的")
    moving = queries_of_the_list(client)
    assert any("UNION SELECT o.content_id FROM catalogue_outbox" in sql for sql in moving)
