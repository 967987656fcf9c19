"""A catalogue uploaded by an administrator: received once, read by a worker, stored whole or not at all."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections
from django.urls import reverse
from django.utils import timezone

from authorization.change_models import ChangeEvent
from authorization.models import Role
from catalogue import uploads
from catalogue.importing.files import FILE_LIMIT
from catalogue.importing.tsv import COLUMNS
from catalogue.loading import load_shipped_edition
from catalogue.models import CatalogueImport, Edition
from catalogue.tasks import resume_imports
from catalogue.uploads import MOST_ATTEMPTS, lost_uploads, work_upload
from tests.catalogue.files import write_whole_tsv
from tests.factories import client_for, make_user

ADD = "admin:catalogue_catalogueimport_add"
CHANGE = "admin:catalogue_catalogueimport_change"
PROGRESS = "admin:catalogue_catalogueimport_progress"
FILE = "admin:catalogue_catalogueimport_file"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What was sent to the queue; no worker runs here."""
    found = []
    monkeypatch.setattr(
        uploads.current_app, "send_task", lambda name, args, **options: found.append((name, args))
    )
    return found


@pytest.fixture
def administrator():
    return make_user(Role.ADMINISTRATOR, display_name="李管理")


@pytest.fixture
def client(administrator):
    return client_for(administrator)


@pytest.fixture
def whole(tmp_path) -> bytes:
    return write_whole_tsv(tmp_path / "whole.tsv").read_bytes()


def upload(client, content: bytes, name: str = "目录.tsv", **fields):
    return client.post(
        reverse(ADD), {"file": SimpleUploadedFile(name, content), "year": "2026", **fields}
    )


def only() -> CatalogueImport:
    return CatalogueImport.objects.get()


class TestReceiving:
    def test_a_file_is_kept_and_sent_to_a_worker(
        self, client, administrator, sent, media, whole, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            response = upload(client, whole)
        held = only()
        assert response.url == reverse(CHANGE, args=[held.pk])
        assert sent == [("catalogue.import_file", [held.pk])]
        assert (held.file_name, held.year, held.state) == ("目录.tsv", 2026, "waiting")
        assert (held.effective_from.isoformat(), held.effective_to.isoformat()) == (
            "2026-01-01",
            "2026-12-31",
        )
        assert held.uploaded_by == administrator
        assert Path(held.file.path).read_bytes() == whole
        assert Path(held.file.path).is_relative_to(media)
        assert ChangeEvent.objects.get().kind == ChangeEvent.Kind.CATALOGUE_UPLOADED

    def test_a_second_click_finds_the_first(self, client, whole, media):
        first = upload(client, whole)
        second = upload(client, whole)
        assert first.url == second.url
        assert only().state == "waiting"
        assert len([path for path in media.rglob("*") if path.is_file()]) == 1
        page = client.get(second.url).content.decode()
        assert "没有重复上传" in page
        assert ChangeEvent.objects.get().kind == ChangeEvent.Kind.CATALOGUE_UPLOADED

    def test_the_same_file_for_another_year_is_another_upload(self, client, whole):
        upload(client, whole)
        upload(client, whole, year="2027")
        assert CatalogueImport.objects.count() == 2

    @pytest.mark.parametrize(
        ("name", "content", "fields", "words"),
        [
            ("目录.tsv", b"", {}, "文件是空的"),
            ("目录.doc", b"\xd0\xcf\x11\xe0", {}, "不能读取扩展名为 .doc 的文件"),
            ("目录.pdf", b"PK\x03\x04", {}, "内容却不是官方 PDF"),
            ("目录.tsv", b"x", {"year": ""}, "没有填写目录年份"),
            ("目录.tsv", b"x", {"year": "1912"}, "2000"),
            (
                "目录.tsv",
                b"x",
                {"effective_from": "2026-05-01", "effective_to": "2026-04-01"},
                "失效日期 2026-04-01 早于生效日期 2026-05-01",
            ),
        ],
    )
    def test_a_wrong_form_is_told_on_the_page(self, client, sent, name, content, fields, words):
        response = upload(client, content, name, **fields)
        assert response.status_code == 200
        assert words in response.content.decode()
        assert not CatalogueImport.objects.exists() and sent == []

    def test_no_file_at_all_is_told(self, client):
        page = client.post(reverse(ADD), {"year": "2026"}).content.decode()
        assert "没有选择文件，请选择目录文件。" in page

    def test_a_file_beyond_the_limit_is_refused(self, client, monkeypatch):
        monkeypatch.setattr("catalogue.importing.files.FILE_LIMIT", 10)
        page = upload(client, b"x" * 11).content.decode()
        assert re.search(r"文件超过 \d+ MB", page)
        assert not CatalogueImport.objects.exists()
        assert FILE_LIMIT >= 16 * 2**20

    def test_a_name_that_leads_elsewhere_stays_a_name(self, client, media, whole):
        upload(client, whole, "../../../etc/目录.tsv")
        assert Path(only().file.path).is_relative_to(media)
        assert only().file_name == "目录.tsv"

    def test_the_kept_file_can_be_looked_at_by_its_own_name(self, client, whole):
        upload(client, whole)
        response = client.get(reverse(FILE, args=[only().pk]))
        assert b"".join(response.streaming_content) == whole
        assert "attachment" in response.headers["Content-Disposition"]
        Path(only().file.path).unlink()
        assert client.get(reverse(FILE, args=[only().pk])).status_code == 404


class TestWorking:
    def test_the_file_becomes_an_edition(self, client, administrator, whole):
        load_shipped_edition()
        upload(client, whole)
        assert work_upload(only().pk)
        held = only()
        edition = Edition.objects.get(year=2026)
        assert (held.state, held.edition, held.attempts) == ("done", edition, 1)
        assert held.message.startswith("已装入 2026 年版：8961 个税则号列")
        assert (held.pages_done, held.pages_total) == (8961, 8961)
        assert held.ended_at >= held.started_at
        assert edition.source_name == "目录.tsv" and held.report == edition.report
        event = ChangeEvent.objects.get(of=ChangeEvent.Of.EDITION, number=edition.pk)
        assert (event.kind, event.actor) == (ChangeEvent.Kind.EDITION_STORED, administrator)

    def test_delivered_again_it_does_nothing(self, client, whole):
        upload(client, whole)
        assert work_upload(only().pk)
        before = only().ended_at
        assert not work_upload(only().pk)
        assert only().ended_at == before and Edition.objects.count() == 1

    def test_the_same_file_once_more_says_so(self, client, whole):
        upload(client, whole)
        work_upload(only().pk)
        upload(client, whole)
        again = CatalogueImport.objects.latest("pk")
        work_upload(again.pk)
        again.refresh_from_db()
        assert again.state == "done" and "完全相同，没有重复装入" in again.message
        assert Edition.objects.count() == 1

    def test_a_wrong_file_ends_with_one_sentence_and_is_kept(self, client):
        upload(client, "\t".join(COLUMNS).encode() + b"\n1\t2\n")
        assert work_upload(only().pk)
        held = only()
        assert (held.state, held.edition) == ("failed", None)
        assert held.message == "文件第 2 行有 2 列，应为 6 列，没有导入；请修正后重新导入整个文件。"
        assert Path(held.file.path).exists()
        assert not Edition.objects.exists()

    def test_a_part_of_a_catalogue_fails_with_its_report(self, client, tmp_path):
        path = write_whole_tsv(tmp_path / "part.tsv", leave_out="72")
        upload(client, path.read_bytes())
        work_upload(only().pk)
        assert only().state == "failed" and "72" in only().message
        page = client.get(reverse(CHANGE, args=[only().pk])).content.decode()
        assert "读取报告" in page and "税则号列" in page
        assert not Edition.objects.exists()

    def test_a_file_that_is_gone_is_told(self, client, whole):
        upload(client, whole)
        Path(only().file.path).unlink()
        work_upload(only().pk)
        assert "请重新上传" in only().message

    def test_a_fault_of_ours_ends_it_with_a_sentence(self, client, whole, monkeypatch):
        upload(client, whole)
        monkeypatch.setattr(uploads, "read_file", lambda *args: 1 / 0)
        assert work_upload(only().pk)
        assert only().state == "failed" and "请联系维护人员" in only().message

    def test_killed_before_the_end_it_is_done_again_and_stored_once(
        self, client, whole, monkeypatch
    ):
        upload(client, whole)

        def killed(*args, **options):
            raise SystemExit

        monkeypatch.setattr(uploads, "_end", killed)  # all is stored but the end
        with pytest.raises(SystemExit):
            work_upload(only().pk)
        monkeypatch.undo()
        assert only().state == "running" and not Edition.objects.exists()
        assert work_upload(only().pk)
        assert only().state == "done" and only().attempts == 2
        assert Edition.objects.count() == 1

    def test_a_database_that_is_gone_leaves_it_to_be_done_again(self, client, whole, monkeypatch):
        upload(client, whole)

        def gone(*args, **options):
            raise OperationalError

        monkeypatch.setattr(uploads, "read_file", gone)
        with pytest.raises(OperationalError):
            work_upload(only().pk)
        assert only().state == "running"

    def test_a_file_at_which_workers_die_is_given_up(self, client, whole):
        upload(client, whole)
        CatalogueImport.objects.update(attempts=MOST_ATTEMPTS, state="running")
        assert work_upload(only().pk)
        assert only().state == "failed" and "连续 3 次中断" in only().message

    def test_only_what_nobody_works_at_is_asked_for_again(self, client, whole, monkeypatch):
        upload(client, whole)
        assert lost_uploads() == [], "it may still be in the queue"
        CatalogueImport.objects.update(uploaded_at=timezone.now() - timedelta(minutes=2))
        assert lost_uploads() == [only().pk]
        CatalogueImport.objects.update(state="running", uploaded_at=timezone.now())
        assert lost_uploads() == [only().pk], "its worker was killed"
        CatalogueImport.objects.update(state="done")
        assert lost_uploads() == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_read_one_upload(client, whole, monkeypatch):
    upload(client, whole)
    pk = only().pk
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [uploads.WORKING_LOCK, pk])
            assert not work_upload(pk)
            CatalogueImport.objects.update(state="running")
            assert lost_uploads() == []
            asked = []
            monkeypatch.setattr(
                "catalogue.tasks.import_file.apply_async",
                lambda args, **options: asked.append(args),
            )
            resume_imports()
            assert asked == []
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [uploads.WORKING_LOCK, pk])
        resume_imports()
        assert asked == [[pk]]
    finally:
        other.close()


class TestPages:
    def test_a_waiting_upload_looks_again_by_itself(self, client, whole):
        upload(client, whole)
        page = client.get(reverse(CHANGE, args=[only().pk])).content.decode()
        assert reverse(PROGRESS, args=[only().pk]) in page
        assert "排队中" in page and "htmx.min.js" in page
        assert "<script>" not in page, "no inline script"

    def test_the_part_says_how_far_it_is_and_stops_asking_at_the_end(self, client, whole):
        upload(client, whole)
        CatalogueImport.objects.update(state="running", pages_done=120, pages_total=534)
        address = reverse(PROGRESS, args=[only().pk])
        part = client.get(address).content.decode()
        assert "正在读取" in part and "120 / 534" in part and "hx-trigger" in part
        CatalogueImport.objects.update(state="waiting")
        work_upload(only().pk)
        part = client.get(address).content.decode()
        assert "已装入 2026 年版" in part and "hx-trigger" not in part
        assert reverse("admin:catalogue_edition_put_in_force", args=[only().edition_id]) in part

    def test_an_upload_can_be_neither_changed_nor_deleted(self, client, whole):
        upload(client, whole)
        address = reverse(CHANGE, args=[only().pk])
        assert client.post(address, {"year": "2030"}).status_code == 403
        assert only().year == 2026
        delete = reverse("admin:catalogue_catalogueimport_delete", args=[only().pk])
        assert client.post(delete, {"post": "yes"}).status_code == 403

    def test_nobody_else_may_upload_or_look(self, client, whole):
        upload(client, whole)
        for role in (Role.OFFICER, Role.OPERATOR):
            stranger = client_for(make_user(role))
            assert upload(stranger, whole).status_code == 403
            assert stranger.get(reverse(FILE, args=[only().pk])).status_code == 403
        assert CatalogueImport.objects.count() == 1
