"""Every address that hands out a file × the ledger: no file leaves without an entry.

The table is the rule; a list with an export, or a view that hands out a file, that it does not know
fails the test. What the table could miss the middleware refuses (authorization/ledger.py).
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from authorization.events import By
from authorization.ledger import note_read
from authorization.ledger_models import LedgerEntry
from authorization.models import Enterprise, KeptCertificate, Role, User
from catalogue.models import CatalogueImport
from comparison.models import FailedContent
from customs_audit.models import AuditUpload
from pages.views import ListPage
from tests.factories import Listed, client_for, make_audit, make_edition, make_line, make_user
from tests.portal.test_urls_by_role import (
    a_conflict,
    a_declared_row,
    a_draft,
    a_mendable_upload,
    a_public_content,
    a_touched_content,
)

pytestmark = pytest.mark.django_db
PROJECT = Path(__file__).resolve().parents[2]
ROOMS = ("authorization", "catalogue", "customs_audit", "enterprise_lib", "messages_app", "pages",
         "portal", "public_lib")  # fmt: skip


@dataclass(frozen=True)
class Export:
    """An address: what is made for it, who asks for it, whose data stand in it."""

    make: Callable[[Enterprise, Client], str]
    role: Role = Role.OPERATOR
    of_own: bool = False
    method: str = "get"


def listed(name: str, make: Callable[[Enterprise], object] | None = None) -> Callable[..., str]:
    """Ask a list for its shown page."""

    def address(enterprise: Enterprise, client: Client) -> str:
        if make:
            make(enterprise)
        return f"{reverse(name)}?export=xlsx"

    return address


def read_by_customs(enterprise: Enterprise) -> None:
    note_read(By(make_user(Role.OFFICER)), what="查询", enterprises=[enterprise.pk])


def a_failure(enterprise: Enterprise) -> None:
    line = make_line(trader=enterprise)
    FailedContent.objects.create(content_id=line.content_id, error="ValueError")


def two_judged(enterprise: Enterprise) -> None:
    make_audit(make_line(trader=enterprise), conforming=True, auditor="甲")
    make_audit(make_line(trader=enterprise), conforming=False, auditor="乙")


def changed_editions(enterprise: Enterprise, client: Client) -> str:
    make_edition(2024, {"85423990": Listed("其他", ["用途"])})
    make_edition(2025, {"85423990": Listed("其他", ["用途", "型号"])})
    return f"{reverse('catalogue:changes', args=[2024, 2025])}?export=all"


def a_checked_table(enterprise: Enterprise, client: Client) -> str:
    text = "商品编码\t进出口标志\t商品名称\t规格型号\n9401619000\tI\t布沙发\t0|3|家居用"
    shown = client.post(reverse("enterprise_lib:check_take"), {"text": text, "otherwise": ""})
    return f"{shown.url.partition('?')[0]}export/"


def an_upload_of(enterprise: Enterprise) -> AuditUpload:
    upload = AuditUpload.objects.get(pk=a_mendable_upload(enterprise))
    upload.file.save("审核.csv", ContentFile(b"row"))
    return upload


def of_upload(name: str) -> Callable[..., str]:
    return lambda enterprise, client: reverse(name, args=[an_upload_of(enterprise).pk])


def a_certificate(enterprise: Enterprise, client: Client) -> str:
    kept = KeptCertificate.objects.first()
    return reverse("admin:authorization_keptcertificate_download", args=[kept.pk])


def a_catalogue_file(enterprise: Enterprise, client: Client) -> str:
    upload = CatalogueImport.objects.create(
        file_name="2025.tsv", year=2025, state="failed", uploaded_by=User.objects.first()
    )
    upload.file.save("2025.tsv", ContentFile(b"row"))
    return reverse("admin:catalogue_catalogueimport_file", args=[upload.pk])


OFFICER, ADMINISTRATOR = Role.OFFICER, Role.ADMINISTRATOR
LISTS = {
    "enterprise_lib:list": Export(listed("enterprise_lib:list", a_declared_row), of_own=True),
    "enterprise_lib:drafts": Export(listed("enterprise_lib:drafts", a_draft), of_own=True),
    "enterprise_lib:customs_reads": Export(
        listed("enterprise_lib:customs_reads", read_by_customs), of_own=True
    ),
    "public_lib:list": Export(listed("public_lib:list", a_public_content)),
    "customs_audit:uploads": Export(listed("customs_audit:uploads", a_mendable_upload), OFFICER),
    "customs_audit:conflicts": Export(listed("customs_audit:conflicts", a_conflict), OFFICER),
    "customs_audit:verdicts": Export(
        listed("customs_audit:verdicts", two_judged), OFFICER, of_own=True
    ),
    "customs_audit:declared": Export(
        listed("customs_audit:declared", a_declared_row), OFFICER, of_own=True
    ),
    "customs_audit:differing": Export(listed("customs_audit:differing", two_judged), OFFICER),
    "customs_audit:failures": Export(listed("customs_audit:failures", a_failure), OFFICER),
}
# By the function that hands the file out.
VIEWS = {
    "enterprise_lib/checking/views.py:export_table": Export(a_checked_table, of_own=True),
    "enterprise_lib/checking/views.py:line_sheet": Export(
        lambda enterprise, client: reverse("enterprise_lib:check"), of_own=True, method="sheet"
    ),
    "enterprise_lib/impact_views.py:impact_export": Export(
        lambda enterprise, client: (
            a_touched_content(enterprise) and reverse("enterprise_lib:impact_export")
        ),
        of_own=True,
    ),
    "enterprise_lib/draft_views.py:export_drafts": Export(
        lambda enterprise, client: reverse("enterprise_lib:drafts_export"),
        of_own=True,
        method="drafts",
    ),
    "catalogue/change_views.py:export": Export(changed_editions),
    "catalogue/admin_uploads.py:file_view": Export(a_catalogue_file, ADMINISTRATOR),
    "authorization/admin_cards.py:_file": Export(a_certificate, ADMINISTRATOR),
    "customs_audit/upload_views.py:original": Export(
        of_upload("customs_audit:upload_file"), OFFICER
    ),
    "customs_audit/asking/upload_exports.py:mended": Export(
        of_upload("customs_audit:upload_mended"), OFFICER
    ),
    "customs_audit/mending/workbook_views.py:error_workbook": Export(
        of_upload("customs_audit:mend_workbook"), OFFICER
    ),
}


def ask(export: Export, client: Client, url: str, enterprise: Enterprise):
    if export.method == "drafts":
        return client.post(url, {"tick": [str(a_draft(enterprise))]})
    if export.method == "sheet":
        line = {"hs_code": "9401619000", "ie_flag": "I", "name": "布沙发", "g_model": "0|3|家居用"}
        return client.post(url, {**line, "do": "download"})
    return client.get(url)


@pytest.mark.parametrize("name", [*LISTS, *VIEWS])
def test_it_leaves_one_entry_that_says_who_took_what(name):
    export = (LISTS | VIEWS)[name]
    operator = make_user()
    user = operator if export.role == Role.OPERATOR else make_user(export.role)
    client = client_for(user)
    url = export.make(operator.enterprise, client)
    before = LedgerEntry.objects.count()
    answer = ask(export, client, url, operator.enterprise)
    assert answer.status_code == 200, url
    assert answer["Content-Disposition"].startswith("attachment")
    assert LedgerEntry.objects.count() == before + 1
    entry = LedgerEntry.objects.order_by("number").last()
    assert (entry.kind, entry.user, entry.role) == ("export", user, user.role)
    assert entry.address.startswith("10.") and entry.what
    named = operator.enterprise_id in {one[0] for one in entry.enterprises}
    assert named == export.of_own


def all_urls(
    patterns: list[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from all_urls(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", pattern.callback


def test_the_table_knows_every_list_with_an_export():
    lists = {
        name
        for name, callback in all_urls(get_resolver().url_patterns)
        if issubclass(getattr(callback, "view_class", object), ListPage)
        and callback.view_class.export_name
    }
    assert lists == set(LISTS)


def handing_out(path: Path) -> Iterator[str]:
    """Name the functions of a module that hand a noted file out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        called = {
            node.func.id
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        if called & {"noted", "workbook_response"}:
            yield function.name


def test_the_table_knows_every_view_that_hands_a_file_out():
    found = {
        f"{path.relative_to(PROJECT)}:{name}"
        for room in ROOMS
        for path in (PROJECT / room).rglob("*.py")
        for name in handing_out(path)
    }
    # What all lists share, and what they share with the others.
    found -= {"pages/views.py:get", "pages/excel.py:workbook_response"}
    assert found == set(VIEWS)


def test_whatever_the_table_misses_the_middleware_refuses():
    assert "authorization.ledger.DownloadsAreNoted" in settings.MIDDLEWARE
