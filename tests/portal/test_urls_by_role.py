"""Every URL of the portal × every role: who gets in, and what the others are told.

The table is the rule; a URL that it does not know fails the test, so that nobody adds a page
without saying who may open it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django.utils import timezone

from authorization.accounts import make_link
from authorization.events import By
from authorization.gate import GateMiddleware
from authorization.models import Enterprise, Role
from catalogue.models import Edition
from comparison.models import ComparisonRun
from comparison.working import work_outbox
from customs_audit.models import AuditUpload
from customs_audit.releasing import prepare
from customs_audit.workbook_models import MendWorkbook
from enterprise_lib.models import Draft
from messages_app.models import Message
from tests.customs_audit import upload_rows
from tests.customs_audit.mending.uploads import make_checked
from tests.customs_audit.releasing.uploads import make_upload
from tests.declarations.files import audited_row
from tests.factories import (
    Listed,
    client_for,
    make_audit,
    make_edition,
    make_enterprise,
    make_goods,
    make_line,
    make_user,
)
from tests.world import Party, Row

pytestmark = pytest.mark.django_db

VISITORS = ("anonymous", "operator", "waiting", "legal", "officer", "administrator")


@dataclass(frozen=True)
class Url:
    """A URL: what each of VISITORS gets by GET and by an empty POST, in that order.

    A number is the answer's status; a word is a redirect to that page (`PAGES`). `own` makes the
    thing that the URL names, of the enterprise that operator and legal belong to; `stranger` is
    what an operator of any other authorized enterprise gets for it.
    """

    get: str
    post: str
    own: Callable[[Enterprise], object] | None = None
    stranger: str = "404"


def a_declared_row(enterprise: Enterprise) -> str:
    line = make_line(trader=enterprise)
    work_outbox()
    return f"L{line.pk}"


def an_audited_row(enterprise: Enterprise) -> str:
    """A row of the text that customs saw, which is no longer the line's."""
    line = make_line(trader=enterprise)
    audited = make_audit(line, goods=make_goods("球轴承", "4|3|别的规格")).verdicts.get()
    work_outbox()
    return f"A{audited.pk}"


def a_message(enterprise: Enterprise) -> int:
    make_audit(make_line(trader=enterprise))
    return Message.objects.get(enterprise=enterprise).pk


def a_public_content(enterprise: Enterprise) -> int:
    line = make_line(trader=enterprise)
    make_audit(line)
    work_outbox()
    return line.content_id


def an_unpublished_content(enterprise: Enterprise) -> int:
    line = make_line(trader=enterprise)
    work_outbox()
    return line.content_id


def a_touched_content(enterprise: Enterprise) -> int:
    """A content whose code has another element list in the newest edition."""
    goods = make_goods()
    for year, names in ((2025, ["种类", "型号"]), (2026, ["种类", "用途", "型号"])):
        if not Edition.objects.filter(year=year).exists():
            make_edition(year, {goods.hs_code[:8]: Listed("轴承", names)})
    make_line(trader=enterprise, goods=goods, declared_on=timezone.localdate())
    work_outbox()
    return goods.content_id


def a_draft(enterprise: Enterprise) -> int:
    return Draft.objects.create(
        enterprise=enterprise,
        hs_code="9401619000",
        ie_flag="I",
        name="布沙发",
        g_model="0|3|家居用",
        created_by=make_user(enterprise=enterprise),
    ).pk


def a_listed_code(digits: str) -> Callable[[Enterprise], str]:
    """Store an edition with one code, and name it by as many of its digits as a URL wants."""

    def make(enterprise: Enterprise) -> str:
        make_edition(2025, {"85423990": Listed("其他")})
        return digits

    return make


def two_editions(enterprise: Enterprise) -> tuple[int, int]:
    make_edition(2024)
    make_edition(2025)
    return 2024, 2025


def a_release(enterprise: Enterprise) -> int:
    return make_audit(make_line(trader=enterprise)).pk


def a_verdict(enterprise: Enterprise) -> int:
    return make_audit(make_line(trader=enterprise)).verdicts.get().pk


def an_upload(enterprise: Enterprise) -> int:
    """An upload whose file is gone and whose headings are no question."""
    return upload_rows.make_upload(state="refused").pk


def a_submission(enterprise: Enterprise) -> int:
    """An upload with a clean row."""
    party = Party.of(enterprise)
    return make_upload("2026-09", Row(1, party, party)).pk


def a_submitted_release(enterprise: Enterprise) -> int:
    upload = AuditUpload.objects.get(pk=a_submission(enterprise))
    return prepare(upload, None).release_id


def a_mendable_upload(enterprise: Enterprise) -> int:
    """An upload with one row to mend."""
    return make_checked([audited_row(1, trade_mode="110")]).pk


def a_row_to_mend(enterprise: Enterprise) -> tuple[int, int]:
    return a_mendable_upload(enterprise), 1


def a_workbook(enterprise: Enterprise) -> tuple[int, int]:
    """A workbook that came back and is still open."""
    upload = a_mendable_upload(enterprise)
    return upload, MendWorkbook.objects.create(upload_id=upload, file_name="修正表.xlsx").pk


def a_run(enterprise: Enterprise) -> int:
    return ComparisonRun.objects.create(scope="increment", chapter="84", state="done").pk


def a_conflict(enterprise: Enterprise) -> tuple[int, str]:
    """A content with contrary verdicts of April 2026."""
    lines = make_line(trader=enterprise), make_line(trader=enterprise)
    make_audit(*lines, conforming=[True, False])
    work_outbox()
    return lines[0].content_id, "2026-04"


def an_operator(enterprise: Enterprise) -> int:
    return make_user(Role.OPERATOR, enterprise).pk


def a_link(enterprise: Enterprise) -> str:
    return make_link(By(None), make_user(Role.OPERATOR, enterprise))[1]


# Whose pages these are:      anonymous operator waiting legal    officer  administrator
ENTERPRISE = "                login     200      notice  200      403      403"
ENTERPRISE_NOT_THIS_METHOD = "login     405      notice  405      403      403"
EVERYBODY = "                 login     200      notice  200      200      200"
CUSTOMS = "                   login     403      403     403   200      403"
LEGAL = "                     login     403      403     200    403      403"
ALL = "                       login     200      200     200    200      200"
ALL_NOT_THIS_METHOD = "       login     405      notice  405      405      405"


def page(**more: object) -> Url:
    """A page of an authorized enterprise."""
    return Url(ENTERPRISE, ENTERPRISE_NOT_THIS_METHOD, **more)


def page_for_everybody(**more: object) -> Url:
    """A page of every role that is logged in, of an authorized enterprise where it is of one."""
    return Url(EVERYBODY, ALL_NOT_THIS_METHOD, **more)


def action(back_to: str) -> Url:
    """Something that an authorized enterprise does by POST; without ticks it only says so."""
    return Url(ENTERPRISE_NOT_THIS_METHOD, ENTERPRISE.replace("200", back_to))


def customs_page(**more: object) -> Url:
    """A page of customs officers."""
    return Url(CUSTOMS, CUSTOMS.replace("200", "405"), **more)


def customs_action(back_to: str) -> Url:
    """Something that customs officers do by POST; without ticks it only says so."""
    return Url(CUSTOMS.replace("200", "405"), CUSTOMS.replace("200", back_to))


def customs_action_on(own: Callable[[Enterprise], object], back_to: str) -> Url:
    """Something that customs officers do by POST to the thing that the URL names."""
    return Url(
        CUSTOMS.replace("200", "405"), CUSTOMS.replace("200", back_to), own=own, stranger="403"
    )


def legal_page(**more: object) -> Url:
    """A page of legal representatives; their enterprise must be authorized as well."""
    return Url(LEGAL, LEGAL.replace("200", "405"), **more)


def legal_action(back_to: str) -> Url:
    """Something that a legal representative does to an operator of his own by POST."""
    return Url(LEGAL.replace("200", "405"), LEGAL.replace("200", back_to), own=an_operator)


# fmt: off
LEGAL_ONLY = Url(
    "login 403 403 200 403 403",
    "login 403 403 405 403 403")
def mend_action(back_to: str, own: Callable[[Enterprise], object] = a_mendable_upload) -> Url:
    """An action of officers on an upload's rows."""
    return Url(
        CUSTOMS.replace("200", "405"), CUSTOMS.replace("200", back_to), own=own, stranger="403"
    )


LEGAL_ONLY_POST = Url(
    "login 403 403 405 403 403",
    "login 403 403 400 403 403")
TABLE: dict[str, list[Url]] = {
    #          anonymous operator waiting legal officer  administrator
    "home": [Url(
              "login     200      notice  200   200      admin", ALL_NOT_THIS_METHOD)],
    "login": [Url(
              "200       home     notice  home  home     admin",
              "200       home     notice  home  home     admin")],
    "logout": [Url(
              "home      home     home    home  home     home",
              "login     login    login   login login    login")],
    "unauthorized": [Url(
              "login     home     200     home  403      403",
              "login     405      405     405   403      403")],
    # An administrator of the portal and an officer hold no card; an operator may not use it.
    "authorization:card": [LEGAL_ONLY],
    "authorization:revoke": [LEGAL_ONLY],
    "authorization:challenge": [LEGAL_ONLY_POST],
    "authorization:accept": [LEGAL_ONLY_POST],
    "password_change": [Url(
              "login     200      200     200   200      200",
              "login     200      200     200   200      200")],
    "help": [Url(
              "200       200      200     200   200      200",
              "405       405      405     405   405      405")],
    "account:own": [Url(ALL, ALL.replace("200", "405"))],
    "account:own_sessions_end": [Url(ALL.replace("200", "405"), ALL.replace("200", "own"))],
    "account:link_set": [Url(
              "404       404      404     404   404      404",
              "404       404      404     404   404      404")],
    "account:link": [Url(
              "link      link     link    link  link     link",
              "405       405      405     405   405      405", own=a_link, stranger="link")],
    "account:second_factor": [Url(
              "login     403      403     403   403      200",
              "login     403      403     403   403      200")],
    "account:recovery_codes": [Url(
              "login     403      403     403   403      405",
              "login     403      403     403   403      200")],
    "account:single_window": [Url(
              "404       404      404     404   404      404",
              "405       405      405     405   405      405")],
    "account:single_window_back": [Url(
              "404       404      404     404   404      404",
              "405       405      405     405   405      405")],
    "account:users": [legal_page()],
    "account:user_add": [Url(LEGAL, LEGAL)],
    "account:user": [legal_page(own=an_operator)],
    "account:user_disable": [legal_action("user")],
    "account:user_enable": [legal_action("user")],
    "account:user_unlock": [legal_action("user")],
    "account:user_link": [legal_action("200")],
    "account:user_sessions_end": [legal_action("user")],
    "account:events": [legal_page()],
    "enterprise_lib:list": [page()],
    "enterprise_lib:open_elements": [action("library")],
    "enterprise_lib:elements": [page(own=a_declared_row), page(own=an_audited_row)],
    "enterprise_lib:why": [page(own=a_declared_row), page(own=an_audited_row)],
    "enterprise_lib:self_select": [action("library")],
    "enterprise_lib:self_select_undo": [action("library")],
    "enterprise_lib:publication": [action("library")],
    "enterprise_lib:publication_private": [action("library")],
    "enterprise_lib:check": [Url(ENTERPRISE, ENTERPRISE)],
    "enterprise_lib:check_take": [Url(ENTERPRISE_NOT_THIS_METHOD, ENTERPRISE)],
    # A table is its session's alone: for every other it is gone.
    "enterprise_lib:check_table": [Url(
        ENTERPRISE.replace("200", "check"), ENTERPRISE_NOT_THIS_METHOD,
        own=lambda enterprise: "nobodys", stranger="check")],
    "enterprise_lib:check_row": [Url(
        ENTERPRISE.replace("200", "check"), ENTERPRISE.replace("200", "check"),
        own=lambda enterprise: ("nobodys", 1), stranger="check")],
    "enterprise_lib:check_export": [Url(
        ENTERPRISE.replace("200", "check"), ENTERPRISE_NOT_THIS_METHOD,
        own=lambda enterprise: "nobodys", stranger="check")],
    "enterprise_lib:check_drafts": [Url(
        ENTERPRISE_NOT_THIS_METHOD, ENTERPRISE.replace("200", "check"),
        own=lambda enterprise: "nobodys", stranger="check")],
    "enterprise_lib:check_forget": [Url(
        ENTERPRISE_NOT_THIS_METHOD, ENTERPRISE.replace("200", "check"),
        own=lambda enterprise: "nobodys", stranger="check")],
    "enterprise_lib:drafts": [page()],
    "enterprise_lib:draft": [Url(ENTERPRISE, ENTERPRISE, own=a_draft)],
    "enterprise_lib:drafts_export": [action("drafts")],
    "enterprise_lib:drafts_delete": [action("drafts")],
    "enterprise_lib:impact": [page()],
    "enterprise_lib:impact_export": [Url(
        ENTERPRISE.replace("200", "impact"), ENTERPRISE_NOT_THIS_METHOD)],
    "enterprise_lib:impact_drafts": [action("impact")],
    "enterprise_lib:impact_detail": [
        Url(ENTERPRISE, ENTERPRISE, own=a_touched_content),
        Url(ENTERPRISE.replace("200", "impact"), ENTERPRISE.replace("200", "impact"),
            own=an_unpublished_content)],
    "enterprise_lib:customs_reads": [page()],
    "public_lib:list": [page()],
    "public_lib:open": [action("public")],
    "public_lib:elements": [
        page(own=a_public_content, stranger="200"),
        Url(ENTERPRISE.replace("200", "404"), ENTERPRISE_NOT_THIS_METHOD,
            own=an_unpublished_content)],
    "catalogue:index": [page_for_everybody()],
    "catalogue:search": [page_for_everybody()],
    "catalogue:chapter": [page_for_everybody(own=a_listed_code("85"), stranger="200")],
    "catalogue:heading": [page_for_everybody(own=a_listed_code("8542"), stranger="200")],
    "catalogue:code": [page_for_everybody(own=a_listed_code("85423990"), stranger="200")],
    "catalogue:choose_editions": [page_for_everybody()],
    "catalogue:changes": [page_for_everybody(own=two_editions, stranger="200")],
    "messages_app:list": [page()],
    "messages_app:mark_read": [action("messages")],
    "messages_app:detail": [page(own=a_message)],
    "customs_audit:uploads": [customs_page()],
    "customs_audit:uploads_moving": [customs_page()],
    "customs_audit:upload_take": [customs_action("uploads")],
    "customs_audit:upload_template": [
        customs_page(own=lambda enterprise: "monthly", stranger="403")],
    "customs_audit:upload": [customs_page(own=an_upload, stranger="403")],
    "customs_audit:upload_file": [Url(
        CUSTOMS.replace("200", "404"), CUSTOMS.replace("200", "405"), own=an_upload,
        stranger="403")],
    "customs_audit:upload_headings": [Url(
        CUSTOMS.replace("200", "upload"), CUSTOMS.replace("200", "upload"), own=an_upload,
        stranger="403")],
    "customs_audit:mend": [customs_page(own=a_mendable_upload, stranger="403")],
    "customs_audit:mend_row": [Url(
        CUSTOMS, CUSTOMS.replace("200", "row"), own=a_row_to_mend, stranger="403")],
    "customs_audit:mend_save": [Url(
        CUSTOMS.replace("200", "405"), CUSTOMS, own=a_mendable_upload, stranger="403")],
    # Without a fault of a row there is nothing to correct alike.
    "customs_audit:mend_same": [Url(
        CUSTOMS.replace("200", "404"), CUSTOMS.replace("200", "404"), own=a_mendable_upload,
        stranger="403")],
    "customs_audit:mend_aside": [Url(
        CUSTOMS.replace("200", "mend"), CUSTOMS.replace("200", "mend"), own=a_mendable_upload,
        stranger="403")],
    "customs_audit:mend_back": [mend_action("mend")],
    "customs_audit:mend_right": [mend_action("mend")],
    "customs_audit:mend_declared": [mend_action("mend")],
    "customs_audit:mend_repair": [mend_action("upload")],
    "customs_audit:mend_workbook": [customs_page(own=a_mendable_upload, stranger="403")],
    "customs_audit:mend_workbook_take": [mend_action("upload")],
    "customs_audit:mend_workbook_page": [customs_page(own=a_workbook, stranger="403")],
    "customs_audit:mend_workbook_decide": [mend_action("book", own=a_workbook)],
    "customs_audit:mend_workbook_apply": [mend_action("mend", own=a_workbook)],
    "customs_audit:mend_workbook_drop": [mend_action("upload", own=a_workbook)],
    "customs_audit:releases": [customs_page()],
    "customs_audit:release": [customs_page(own=a_release, stranger="403")],
    "customs_audit:submit_release": [customs_action_on(a_submission, "releases")],
    "customs_audit:approve_release": [customs_action_on(a_submitted_release, "release")],
    "customs_audit:return_release": [
        Url(CUSTOMS, CUSTOMS, own=a_submitted_release, stranger="403")],
    "customs_audit:withdraw_release": [Url(CUSTOMS, CUSTOMS, own=a_release, stranger="403")],
    "customs_audit:correct_verdict": [Url(CUSTOMS, CUSTOMS, own=a_verdict, stranger="403")],
    "customs_audit:conflicts": [customs_page()],
    "customs_audit:conflict": [customs_page(own=a_conflict, stranger="403")],
    # One without rows has nothing to export: back to its page.
    "customs_audit:upload_mended": [
        customs_page(own=a_mendable_upload, stranger="403"),
        Url(CUSTOMS.replace("200", "upload"), CUSTOMS.replace("200", "405"), own=an_upload,
            stranger="403")],
    "customs_audit:verdicts": [customs_page()],
    "customs_audit:declared": [customs_page()],
    "customs_audit:state_case": [customs_action("declared")],
    "customs_audit:agreement": [customs_page()],
    "customs_audit:differing": [customs_page()],
    "customs_audit:runs": [customs_page()],
    "customs_audit:run": [customs_page(own=a_run, stranger="403")],
    "customs_audit:cancel_run": [customs_action("runs")],
    "customs_audit:retry_run": [customs_action("runs")],
    "customs_audit:failures": [customs_page()],
    "customs_audit:retry_failures": [customs_action("failures")],
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
        "admin:catalogue_edition_put_in_force": [1],
        "admin:catalogue_edition_withdraw": [1],
        "admin:catalogue_edition_compare": [1],
        "admin:catalogue_catalogueimport_progress": [1],
        "admin:comparison_comparisonrun_begin": [],
        "admin:catalogue_catalogueimport_file": [1],
        "admin:card_trust": [],
        "admin:code_tables": [],
        "admin:rules": [],
        "admin:authorization_enterprise_find": [],
        "admin:authorization_enterprise_revoke": [1],
        "admin:authorization_enterprise_correct": [1],
        "admin:authorization_enterprise_customs_code": [1],
        "admin:authorization_keptcertificate_download": ["0" * 64],
        "admin:authorization_keptproof_download": ["0" * 64],
        "admin:authorization_user_account": [1],
        "admin:authorization_user_account_action": [1, "disable"],
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
def enterprise():
    return make_enterprise()


@pytest.fixture
def visitors(enterprise):
    """One client for each kind of visitor; operator and legal are of the same enterprise."""
    waiting = make_enterprise(authorized=False)
    return {
        "anonymous": client_for(),
        "operator": client_for(make_user(Role.OPERATOR, enterprise)),
        "waiting": client_for(make_user(Role.OPERATOR, waiting)),
        "legal": client_for(make_user(Role.LEGAL_REPRESENTATIVE, enterprise)),
        "officer": client_for(make_user(Role.OFFICER)),
        "administrator": client_for(make_user(Role.ADMINISTRATOR)),
    }


PAGES = {
    "login": "login",
    "home": "home",
    "notice": "unauthorized",
    "admin": "admin:index",
    "uploads": "customs_audit:uploads",
    "releases": "customs_audit:releases",
    "runs": "customs_audit:runs",
    "failures": "customs_audit:failures",
    "declared": "customs_audit:declared",
    "library": "enterprise_lib:list",
    "impact": "enterprise_lib:impact",
    "check": "enterprise_lib:check",
    "drafts": "enterprise_lib:drafts",
    "public": "public_lib:list",
    "messages": "messages_app:list",
    "own": "account:own",
    "link": "account:link_set",
}


def outcome(response: HttpResponse) -> str:
    """Name an answer in the table's words."""
    if response.status_code != 302:
        return str(response.status_code)
    words = {reverse(name): word for word, name in PAGES.items()}
    if re.fullmatch(r"/account/users/[0-9]+/", response.url):
        return "user"
    if re.fullmatch(r"/customs/uploads/[0-9]+/", response.url):
        return "upload"
    if re.fullmatch(r"/customs/uploads/[0-9]+/mend/", response.url):
        return "mend"
    if re.fullmatch(r"/customs/uploads/[0-9]+/mend/rows/1/", response.url):
        return "row"
    if re.fullmatch(r"/customs/uploads/[0-9]+/mend/workbooks/[0-9]+/", response.url):
        return "book"
    if re.fullmatch(r"/customs/releases/[0-9]+/", response.url):
        return "release"
    return words.get(response.url.partition("?")[0], f"302 {response.url}")


CASES = [
    pytest.param(name, url, id=f"{name}-{number}" if number else name)
    for name, urls in TABLE.items()
    for number, url in enumerate(urls)
]


def address_of(name: str, url: Url, enterprise: Enterprise) -> str:
    """Make what a URL names, one thing or several, and return its address."""
    own = url.own(enterprise) if url.own else ()
    return reverse(name, args=own if isinstance(own, tuple) else [own])


@pytest.mark.parametrize(("name", "url"), CASES)
def test_each_visitor_gets_what_the_table_says(visitors, enterprise, name, url):
    address = address_of(name, url, enterprise)
    for method in ("get", "post"):
        got = {
            visitor: outcome(client.generic(method.upper(), address))
            for visitor, client in visitors.items()
        }
        assert got == dict(zip(VISITORS, getattr(url, method).split(), strict=True)), method


@pytest.mark.parametrize(("name", "url"), [case for case in CASES if case.values[1].own])
def test_another_enterprise_is_told_that_there_is_no_such_thing(enterprise, name, url):
    address = address_of(name, url, enterprise)
    method = "post" if "405" in url.get else "get"
    allowed = dict(zip(VISITORS, getattr(url, method).split(), strict=True))
    for role, visitor in ((Role.OPERATOR, "operator"), (Role.LEGAL_REPRESENTATIVE, "legal")):
        stranger = client_for(make_user(role))
        told = "403" if allowed[visitor] == "403" else url.stranger
        assert outcome(stranger.generic(method.upper(), address)) == told


@pytest.mark.parametrize(
    "name", [name for name, urls in TABLE.items() if "405" in urls[0].get and not urls[0].own]
)
def test_what_changes_something_needs_a_form_of_this_site(enterprise, name):
    client = client_for(make_user(enterprise=enterprise), enforce_csrf_checks=True)
    assert client.post(address_of(name, TABLE[name][0], enterprise)).status_code == 403


@pytest.mark.parametrize(
    "name", [name for name, urls in TABLE.items() if "library" in urls[0].post]
)
def test_another_enterprises_rows_cannot_be_named_in_a_form(enterprise, name):
    theirs = a_declared_row(enterprise)
    stranger = client_for(make_user())
    assert stranger.post(reverse(name), {"tick": [theirs]}).status_code == 404
    owner = client_for(make_user(enterprise=enterprise))
    assert owner.post(reverse(name), {"tick": [theirs]}).status_code == 302


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
    everybody = {
        "anonymous": "login",
        "officer": "403",
        "operator": "403",
        "waiting": "403",
        "legal": "403",
    }
    tables = 0
    for name, args in ADMIN.items():
        url = "/admin/nothing-here/" if name.endswith(("$", "/")) else reverse(name, args=args)
        # A table's pages are all alike: of most only those ask who come nearest to getting in.
        tables += name.endswith("_changelist")
        asking = everybody if tables <= 2 else {"anonymous": "login", "officer": "403"}
        for visitor, expected in asking.items():
            assert (url, visitor, outcome(visitors[visitor].generic(method, url))) == (
                url,
                visitor,
                expected,
            )


def test_administrators_get_into_every_list_of_their_site(visitors):
    for model in models_of_the_rooms():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert visitors["administrator"].get(url).status_code == 200


def test_a_view_that_states_no_role_is_closed_to_everybody(rf):
    gate = GateMiddleware(lambda request: HttpResponse())
    for role in Role:
        request = rf.get("/new/")
        request.user, request.resolver_match = make_user(role), None
        with pytest.raises(PermissionDenied):
            gate.process_view(request, lambda request: HttpResponse(), (), {})
