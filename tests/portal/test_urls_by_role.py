"""Every URL of the portal × every role: who gets in, and what the others are told.

The table is the rule; a URL that it does not know fails the test, so that nobody adds a page
without saying who may open it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from authorization.models import Role
from tests.factories import client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db

VISITORS = ("anonymous", "operator", "waiting", "legal", "officer", "administrator")


@dataclass(frozen=True)
class Row:
    """One URL and method: what each of VISITORS gets, in that order.

    A number is the answer's status; login, notice, home and admin are redirects to these pages.
    """

    gets: str
    method: str = "GET"
    # Makes what the URL needs, for the operator's own enterprise, and returns its arguments.
    args: Callable[[Client], list[object]] | None = None

    def expected(self) -> dict[str, str]:
        return dict(zip(VISITORS, self.gets.split(), strict=True))


def enterprise_side(status: str = "200", **more) -> Row:
    """Pages for an authorized enterprise only."""
    return Row(f"login {status} notice {status} 403 403", **more)


# fmt: off
TABLE: dict[str, list[Row]] = {
    #                              anonymous operator waiting legal officer administrator
    "home":                   [Row("login    200      notice  200   releases admin")],
    "login":                  [Row("200      home     notice  home  releases admin"),
                               Row("200      home     notice  home  releases admin", "POST")],
    "logout":                 [Row("home     home     home    home  home     home"),
                               Row("login    login    login   login login    login", "POST")],
    "unauthorized":           [Row("login    home     200     home  403      403")],
    "password_change":        [Row("login    200      200     200   200      200"),
                               Row("login    200      200     200   200      200", "POST")],
    "help":                   [Row("200      200      200     200   200      200")],
}
# fmt: on


def named_urls(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """Walk the resolver and name every URL; one without a name is named by its pattern."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named_urls(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"


def unknown_urls(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """Return the URLs that neither the table nor the admin's own list knows."""
    return set(named_urls(patterns)) - set(TABLE) - set(ADMIN)


def models_of_the_rooms() -> list[type]:
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def admin_urls() -> dict[str, list[object]]:
    """Name every URL of Django's admin with arguments for it: they share one rule."""
    urls: dict[str, list[object]] = {
        "admin:index": [],
        "admin:login": [],
        "admin:logout": [],
        "admin:password_change": [],
        "admin:password_change_done": [],
        "admin:autocomplete": [],
        "admin:jsi18n": [],
        "admin:view_on_site": [1, 1],
        "admin:app_list": ["authorization"],
        "admin:auth_user_password_change": [1],
        "admin:(?P<url>.*)$": [],
        "admin:<path:object_id>/": [],
    }
    for model in models_of_the_rooms():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls |= {
            f"{name}_changelist": [],
            f"{name}_add": [],
            f"{name}_change": [1],
            f"{name}_history": [1],
            f"{name}_delete": [1],
        }
    return urls


ADMIN = admin_urls()


@pytest.fixture
def visitors():
    """One client for each kind of visitor; operator and legal are of the same enterprise."""
    enterprise = make_enterprise()
    waiting = make_enterprise(authorized=False)
    return {
        "anonymous": client_for(),
        "operator": client_for(make_user(Role.OPERATOR, enterprise)),
        "waiting": client_for(make_user(Role.OPERATOR, waiting)),
        "legal": client_for(make_user(Role.LEGAL_REPRESENTATIVE, enterprise)),
        "officer": client_for(make_user(Role.OFFICER)),
        "administrator": client_for(make_user(Role.ADMINISTRATOR)),
    }


def outcome(response: HttpResponse) -> str:
    """Name an answer in the table's words."""
    if response.status_code != 302:
        return str(response.status_code)
    places = {
        reverse("login"): "login",
        reverse("home"): "home",
        reverse("unauthorized"): "notice",
        reverse("admin:index"): "admin",
        reverse("customs_audit:releases"): "releases",
    }
    return places.get(response.url.partition("?")[0], f"302 {response.url}")


CASES = [
    pytest.param(name, row, id=f"{row.method} {name}")
    for name, rows in TABLE.items()
    for row in rows
]


@pytest.mark.parametrize(("name", "row"), CASES)
def test_each_visitor_gets_what_the_table_says(visitors, name, row):
    args = row.args(visitors["operator"]) if row.args else []
    url = reverse(name, args=args)
    got = {
        visitor: outcome(client.generic(row.method, url)) for visitor, client in visitors.items()
    }
    assert got == row.expected()


def test_the_table_knows_every_url():
    assert unknown_urls(get_resolver().url_patterns) == set()


def test_the_table_names_no_url_that_is_gone():
    assert set(TABLE) - set(named_urls(get_resolver().url_patterns)) == set()


def test_a_url_that_the_table_does_not_know_is_found():
    added = [*get_resolver().url_patterns, path("new/", lambda request: None, name="new")]
    assert unknown_urls(added) == {"new"}
    assert unknown_urls([path("bare/", lambda request: None)]) == {"bare/"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_administrators_site_is_for_administrators_only(visitors, method):
    for name, args in ADMIN.items():
        url = "/admin/nothing-here/" if name.endswith(("$", "/")) else reverse(name, args=args)
        for visitor, expected in {
            "anonymous": "login",
            "operator": "403",
            "waiting": "403",
            "legal": "403",
            "officer": "403",
        }.items():
            assert (url, visitor, outcome(visitors[visitor].generic(method, url))) == (
                url,
                visitor,
                expected,
            )


def test_administrators_get_into_every_list_of_their_site(visitors):
    for model in models_of_the_rooms():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert visitors["administrator"].get(url).status_code == 200


def test_a_view_that_states_no_role_is_closed_to_everybody(rf, visitors):
    from django.core.exceptions import PermissionDenied

    from authorization.gate import GateMiddleware

    gate = GateMiddleware(lambda request: HttpResponse())
    for role in Role:
        request = rf.get("/new/")
        request.user, request.resolver_match = make_user(role), None
        with pytest.raises(PermissionDenied):
            gate.process_view(request, lambda request: HttpResponse(), (), {})


def test_every_room_has_its_place_in_the_table():
    # Rooms whose pages are still to come are told apart from rooms that were forgotten.
    rooms = {name.partition(":")[0] for name in TABLE if ":" in name}
    spaces = {
        resolver.namespace
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver) and resolver.namespace and resolver.url_patterns
    }
    assert spaces - {"admin"} == rooms
    assert apps.is_installed("django.contrib.admin")
