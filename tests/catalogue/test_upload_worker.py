"""Uploaded catalogues in real Celery workers, and what a killed one leaves."""

from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from authorization.models import Role
from catalogue.editions import put_in_force
from catalogue.loading import load_shipped_edition
from catalogue.models import CatalogueImport, Edition, Element, Outbox
from comparison.models import PublicContent
from comparison.working import work_outbox
from tests.catalogue.files import write_whole_tsv, write_whole_xlsx
from tests.factories import client_for, make_enterprise, make_user
from tests.worker import kill, running_worker, start_worker, wait_until
from tests.world import SOFA, Party, Row, audit, content

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]

# Another list for SOFA's code, whose second part names a producer.
OTHER_LIST = {"94016190": "1:用途;2:生产厂商;3:框架材质;4:是否装软垫;5:品牌（中文或外文名称）"}


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    """Where worker and test both find the uploaded files."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def upload(path: Path, year: int = 2026) -> int:
    client = client_for(make_user(Role.ADMINISTRATOR))
    with path.open("rb") as file:
        response = client.post(
            reverse("admin:catalogue_catalogueimport_add"), {"file": file, "year": year}
        )
    assert response.status_code == 302, response.content.decode()
    return CatalogueImport.objects.latest("pk").pk


def state(pk: int) -> str:
    return CatalogueImport.objects.get(pk=pk).state


def test_an_upload_is_read_by_the_worker_and_its_edition_compared(folder):
    load_shipped_edition()
    party = Party.of(make_enterprise("大连虚构家居"))
    audit("2026-09", Row(1, party, party, declared_on=date(2026, 3, 1)))
    work_outbox()
    before = PublicContent.objects.get(content=content(SOFA)).g_model
    with running_worker(folder, PORTAL_VAR=str(folder)):
        pk = upload(write_whole_tsv(folder / "a.tsv", OTHER_LIST))
        wait_until(lambda: state(pk) == "done", 60, "the upload's end", folder)
        edition = Edition.objects.get(year=2026)
        assert put_in_force(edition).changed == 1
        wait_until(lambda: not Outbox.objects.exists(), 60, "the comparison", folder)
    after = PublicContent.objects.get(content=content(SOFA)).g_model
    assert after != before and "已隐去" in after


@pytest.mark.slow
def test_a_worker_killed_at_it_is_followed_by_another_and_nothing_is_doubled(folder):
    path = write_whole_xlsx(folder / "a.xlsx")
    environment = {"PORTAL_VAR": str(folder), "IMPORTS_EVERY_SECONDS": "1"}
    worker = start_worker(folder, **environment)
    pk = upload(path)
    wait_until(lambda: state(pk) == "running", 60, "the beginning", folder)
    kill(worker)
    assert state(pk) == "running", "it was too quick to be killed"
    assert not Edition.objects.exists()
    with running_worker(folder, **environment):
        wait_until(lambda: state(pk) == "done", 90, "the end by another worker", folder)
    upload_ = CatalogueImport.objects.get(pk=pk)
    assert upload_.attempts == 2
    assert Edition.objects.get() == upload_.edition
    assert Element.objects.count() > 38_000
