"""What no page of ours sends is answered with a page, never with an error of the server."""

import pytest
from django.urls import reverse

from authorization.models import Role
from comparison.working import work_outbox
from tests.factories import client_for, make_audit, make_enterprise, make_line, make_user

pytestmark = pytest.mark.django_db

LONG = "9" * 30
KEYS = [
    "-5",
    "0",
    LONG,
    "L0",
    "L-1",
    "A" + "9" * 18,
    "Lx",
    "１２",
    "9223372036854775808",
    "²",
    "\0",
]
ACTIONS = [
    "enterprise_lib:open_elements",
    "enterprise_lib:self_select",
    "enterprise_lib:publication",
    "public_lib:open",
    "messages_app:mark_read",
]


@pytest.fixture
def operator():
    enterprise = make_enterprise()
    make_audit(make_line(trader=enterprise))
    work_outbox()
    return client_for(make_user(enterprise=enterprise))


@pytest.mark.parametrize("key", KEYS)
def test_ticks_that_no_page_made(operator, key):
    for name in ACTIONS:
        for field in ("tick", "ticks", "only", "all"):
            response = operator.post(reverse(name), {field: key})
            assert response.status_code in {302, 404}, (name, field)


@pytest.mark.parametrize("value", [*KEYS, "%", "'", "x" * 5000])
def test_parameters_that_no_link_made(operator, value):
    for name in ("enterprise_lib:list", "public_lib:list", "messages_app:list"):
        for field in ("page", "sort", "keyword", "hs_code", "declared_on_0"):
            response = operator.get(reverse(name), {field: value})
            assert response.status_code == 200, (name, field)


@pytest.mark.parametrize(
    "path", [f"/library/L{'9' * 18}/why/", f"/public/{LONG}/elements/", f"/messages/{LONG}/"]
)
def test_things_that_cannot_exist(operator, path):
    assert operator.get(path).status_code == 404


@pytest.mark.parametrize("value", KEYS)
def test_the_administrators_site(value):
    client = client_for(make_user(Role.ADMINISTRATOR))
    for path in (
        "/admin/declarations/declaredline/",
        "/admin/catalogue/outbox/",
        "/admin/authorization/user/",
    ):
        for field in ("q", "p", "cause", "role", "o", "id__in"):
            assert client.get(path, {field: value}).status_code in {200, 302, 400}, (path, field)
