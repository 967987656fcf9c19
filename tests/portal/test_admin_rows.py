"""The administrators' site with rows in every table: each list's cost, and each row's page."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authorization import accounts
from authorization.account_models import RecoveryCode, SingleWindowIdentity
from authorization.events import By
from authorization.ledger import note_read
from authorization.models import Enterprise, KeptCertificate, KeptProof, Role
from catalogue.models import (
    CatalogueCode,
    CatalogueHeading,
    CatalogueImport,
    Edition,
    Element,
    Outbox,
)
from comparison.choices import set_publication, set_self_selected
from comparison.failures import code_version
from comparison.models import (
    ComparisonRun,
    ContentConflict,
    FailedContent,
    NearestWork,
    Publication,
    RankedPublic,
    RunPiece,
)
from comparison.working import work_outbox
from declarations.admin import ENTRY_ID
from declarations.models import DeclaredLine
from declarations.releases import withdraw
from messages_app.models import MessageVersion
from messages_app.queries import mark_read
from tests import world
from tests.factories import (
    client_for,
    make_enterprise,
    make_line,
    make_user,
    next_serial,
    valid_uscc,
)

ROOMS = ["authorization", "catalogue", "declarations", "comparison", "messages_app"]
MODELS = [
    model
    for room in ROOMS
    for model in apps.get_app_config(room).get_models()
    # An authenticator is django-otp's row: nobody reads its secret, administrators neither.
    if not model._meta.proxy
]

pytestmark = pytest.mark.django_db


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def add_one_of_each() -> DeclaredLine:
    """Add at least one row to every table, by the portal's own ways; return the declared line."""
    agent, trader = make_enterprise(broker=True), make_enterprise()
    user = make_user(enterprise=trader)
    number = next_serial()
    text = replace(world.SOFA, name=f"布沙发{number}")
    other = replace(world.TABLE, name=f"塑料桌{number}")
    parties = {"agent": world.Party.of(agent), "trader": world.Party.of(trader)}
    first = world.Row(line=2 * number % 10**9, text=text, **parties)
    second = world.Row(line=(2 * number + 1) % 10**9, text=other, **parties)
    world.declare(first, second)
    world.declare(replace(first, trade_mode="0615"))
    release = world.audit("2026-09", first)
    withdraw(world.audit("2026-10", replace(second, conforming=False)), "文件有误")
    work_outbox()
    line = world.line(first)
    set_publication(trader, [line.content_id], Publication.PRIVATE, user)
    set_self_selected(trader, [world.line(second).content_id], True, user)
    mark_read(
        user,
        list(
            MessageVersion.objects.filter(message__enterprise=trader).values_list("pk", flat=True)
        ),
    )
    client_for(user)
    accounts.make_link(By(None), user)
    RecoveryCode.objects.create(user=user, code_hash=f"{number:064x}")
    SingleWindowIdentity.objects.create(user=user, issuer="https://oidc.test", subject=str(number))
    year = 2000 + Edition.objects.count()
    edition = Edition.objects.create(
        year=year, effective_from=date(year, 1, 1), source_hash="0" * 64
    )
    code = CatalogueCode.objects.create(
        edition=edition, hs8="94016190", heading="9401", name="坐具"
    )
    Element.objects.create(code=code, number=1, name="品牌", category="price")
    CatalogueHeading.objects.create(edition=edition, level="heading", code="94.01", name="坐具")
    CatalogueImport.objects.create(
        file_name=f"{year}.pdf", year=year, state="done", edition=edition, uploaded_by=user
    )
    run = ComparisonRun.objects.create(scope="full", chapter="94", state="done")
    RunPiece.objects.create(
        run=run, number=1, chapter="94", first_code="94016190", last_code="94016190",
        contents_total=1,
    )  # fmt: skip
    # Of the running program, so that its content is left as it is from now on.
    FailedContent.objects.create(
        content_id=line.content_id, error="ValueError: 无法读取", run=run, version=code_version()
    )
    ContentConflict.objects.create(
        content_id=line.content_id, audit_month=date(2026, 9, 1), hs_code="9401619000",
        conforming_rows=1, nonconforming_rows=1, divided_enterprises=0, enterprises=2, lines=2,
    )  # fmt: skip
    note_read(By(user), what="已申报数据查询", enterprises=[trader.pk])
    NearestWork.objects.create(chapter="94", hs8="94016190", ie_flag="E")
    assert release.counts and Outbox.objects.exists()
    return line


@pytest.fixture
def client():
    return client_for(make_user(Role.ADMINISTRATOR))


def queries_of(client, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200
    return [query["sql"] for query in queries]


def test_every_list_costs_as_many_queries_for_many_rows_as_for_one(client):
    add_one_of_each()
    few = {model: len(queries_of(client, url(model, "changelist"))) for model in MODELS}
    for _ in range(3):
        add_one_of_each()
    # What is left of these is enough: the work rows name no other row, the ranked ones one content;
    # authorities and their lists are kept once, whoever was authorized by them.
    few_by_nature = {Outbox, NearestWork, RankedPublic, KeptCertificate, KeptProof}
    assert {model for model in MODELS if model.objects.count() < 4} == few_by_nature
    many = {model: len(queries_of(client, url(model, "changelist"))) for model in MODELS}
    assert many == few
    assert max(many.values()) <= 6


def test_no_list_counts_a_whole_table(client):
    line = add_one_of_each()
    for model in MODELS:
        addresses = [url(model, "changelist")]
        if admin.site._registry[model].searches:
            addresses += [f"{addresses[0]}?q={word}" for word in (line.trader.uscc, line.entry_id)]
        for address in addresses:
            counts = [sql for sql in queries_of(client, address) if "COUNT(" in sql.upper()]
            assert all("LIMIT 10000" in sql for sql in counts), address


def test_every_row_opens_and_shows_its_values(client):
    line = add_one_of_each()
    for model in MODELS:
        for row in model.objects.all()[:3]:
            assert len(queries_of(client, url(model, "change", row.pk))) <= 12
    page = client.get(url(DeclaredLine, "change", line.pk)).content.decode()
    assert line.entry_id in page and line.trader.name in page


def test_an_enterprises_lines_are_found_by_its_codes_in_either_role(client):
    line, other = add_one_of_each(), add_one_of_each()
    for word in (line.agent.uscc, line.trader.uscc, line.trader.customs_codes.get().code):
        found = client.get(url(DeclaredLine, "changelist"), {"q": word}).context["cl"].result_list
        assert line in found and other not in found


def test_a_credit_code_that_looks_like_a_declarations_number_is_found_too(client):
    number = next(
        n
        for n in range(10**5)
        if valid_uscc(n).isdigit() and not Enterprise.objects.filter(uscc=valid_uscc(n))
    )
    enterprise = make_enterprise(uscc=valid_uscc(number))
    line = make_line(trader=enterprise)
    assert re.fullmatch(ENTRY_ID, enterprise.uscc)
    found = client.get(url(DeclaredLine, "changelist"), {"q": enterprise.uscc}).context["cl"]
    assert list(found.result_list) == [line]


def test_a_line_is_found_by_its_number(client):
    line, _ = add_one_of_each(), add_one_of_each()
    address = url(DeclaredLine, "changelist")
    found = client.get(address, {"q": line.entry_id}).context["cl"].result_list
    assert list(found) == [line]


def test_the_list_ends_where_it_says_and_a_page_beyond_it_is_no_error(client, monkeypatch):
    monkeypatch.setattr("authorization.admin_base.MOST_LISTED", 60)
    Outbox.objects.bulk_create(
        Outbox(chapter="94", content_id=number, cause="import") for number in range(80)
    )
    address = url(Outbox, "changelist")
    assert client.get(address).context["cl"].result_count == 60
    assert len(client.get(address, {"p": 2}).context["cl"].result_list) == 10
    assert client.get(address, {"p": 9}).status_code in {200, 302}
