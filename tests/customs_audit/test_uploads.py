"""Audited files as they are received: kept unchanged, each content once a month, sent to a worker."""

from datetime import date, timedelta
from hashlib import sha256
from inspect import signature
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueError

from authorization.models import Role
from customs_audit import queueing, uploads
from customs_audit.holding import Work, held
from customs_audit.models import AuditUpload, UploadRelease
from customs_audit.tasks import resume
from customs_audit.uploads import CannotReceive, check_month, check_size, own_name, receive
from declarations.models import Release
from portal import uploading
from portal.celery import app
from tests.factories import make_user
from tests.threads import in_thread

app.loader.import_default_modules()

MARCH = date(2026, 3, 1)
State = AuditUpload.State


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What was sent to the queue; no worker runs here."""
    found = []
    monkeypatch.setattr(
        queueing.current_app,
        "send_task",
        lambda name, args, queue, **options: found.append((name, args[0], queue)),
    )
    return found


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


def take(content: bytes, name="三月.csv", *, month=MARCH, kind="monthly", user=None):
    return receive(ContentFile(content, name), name, audit_month=month, audit_kind=kind, user=user)


def release_of(upload, **fields) -> UploadRelease:
    release = Release.objects.create(audit_month=upload.audit_month)
    return UploadRelease.objects.create(upload=upload, release=release, **fields)


def files_in(media) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.django_db
class TestReceiving:
    def test_a_file_is_kept_unchanged_under_a_name_of_ours(
        self, officer, media, sent, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            received = take(b"a,b\n1,2\n", "../../etc/三月.csv", user=officer)
        upload = AuditUpload.objects.get()
        assert received.is_new and received.upload == upload and received.same_content is None
        assert (upload.file_name, upload.state, upload.uploaded_by) == (
            "三月.csv",
            "received",
            officer,
        )
        assert (upload.file_size, upload.file_hash) == (8, sha256(b"a,b\n1,2\n").hexdigest())
        stored = Path(upload.file.path)
        assert stored.read_bytes() == b"a,b\n1,2\n" and stored.is_relative_to(media)
        assert "三月" not in stored.name and stored.stat().st_mode & 0o777 == 0o440
        assert sent == [("customs_audit.check_upload", upload.pk, "interactive")]

    def test_the_same_content_is_the_upload_that_is_there(self, media):
        first = take(b"a,b\n")
        second = take(b"a,b\n", "另一个名字.csv")
        assert (second.is_new, second.upload) == (False, first.upload)
        assert len(files_in(media)) == 1

    @pytest.mark.parametrize("wanted", [{"month": date(2026, 2, 1)}, {"kind": "review"}])
    def test_for_another_month_or_kind_it_is_new_and_names_the_earlier(self, wanted):
        first = take(b"a,b\n")
        second = take(b"a,b\n", **wanted)
        assert second.is_new and second.same_content == first.upload

    def test_one_that_was_refused_may_come_again(self):
        AuditUpload.objects.filter(pk=take(b"a,b\n").upload.pk).update(state=State.REFUSED)
        assert take(b"a,b\n").is_new

    def test_one_that_was_taken_back_whole_may_come_again(self):
        first = take(b"a,b\n").upload
        release_of(first, state=UploadRelease.State.WITHDRAWN)
        standing = release_of(first, state=UploadRelease.State.RELEASED)
        assert not take(b"a,b\n").is_new
        standing.delete()
        assert take(b"a,b\n").is_new

    def test_a_file_that_is_not_taken_leaves_nothing(self, media, sent):
        for name, content in (("三月.doc", b"x"), ("三月.csv", b"")):
            with pytest.raises(CannotReceive):
                take(content, name)
        with pytest.raises(CannotReceive):
            take(b"a", month=timezone.localdate() + timedelta(days=40))
        assert not AuditUpload.objects.exists() and files_in(media) == [] and sent == []

    def test_a_large_file_waits_with_the_long_work(
        self, sent, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(queueing, "SMALL_FILE", 3)
        with django_capture_on_commit_callbacks(execute=True):
            take(b"abcd")
        assert [queue for _, _, queue in sent] == ["files"]

    def test_a_queue_that_is_away_loses_nothing(
        self, monkeypatch, django_capture_on_commit_callbacks
    ):
        def away(*args, **options):
            raise QueueError("away")

        monkeypatch.setattr(queueing.current_app, "send_task", away)
        with django_capture_on_commit_callbacks(execute=True):
            assert take(b"abcd").is_new


@pytest.mark.django_db(transaction=True)
class TestWorkersAndClicks:
    def test_two_clicks_at_once_make_one_upload(self, media):
        found, errors = [], []
        threads = [in_thread(lambda: found.append(take(b"a,b\n").is_new), errors) for _ in range(4)]
        for thread in threads:
            thread.join()
        assert (sorted(found), errors) == ([False, False, False, True], [])
        assert AuditUpload.objects.count() == 1 and len(files_in(media)) == 1

    def test_what_the_queue_lost_is_asked_for_again(self, sent):
        upload = take(b"a,b\n").upload
        release = release_of(upload, state=UploadRelease.State.RUNNING, row_count=9_000)
        sent.clear()
        AuditUpload.objects.update(state=State.CHECKING)
        resume()
        assert sent == [
            ("customs_audit.check_upload", upload.pk, "interactive"),
            ("customs_audit.run_release", release.pk, "batch"),
        ]

    def test_what_a_worker_holds_or_is_done_is_left_alone(self, sent):
        upload = take(b"a,b\n").upload
        sent.clear()
        resume()
        assert sent == []  # it was sent a moment ago
        AuditUpload.objects.update(state=State.CHECKING)
        errors = []
        with held(Work.CHECKING, upload.pk):
            in_thread(resume, errors).join()
        assert (sent, errors) == ([], [])
        AuditUpload.objects.update(state=State.TO_MEND)
        resume()
        assert sent == []

    def test_one_that_waits_is_not_asked_for_at_every_look(self, sent):
        upload = take(b"a,b\n").upload
        AuditUpload.objects.update(uploaded_at=timezone.now() - timedelta(hours=1))
        sent.clear()
        resume()
        resume()
        assert sent == [("customs_audit.check_upload", upload.pk, "interactive")]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("三月.csv", "三月.csv"),
        ("C:\\资料\\三月.XLSX", "三月.XLSX"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("三\x00月\u202e.csv", "三月.csv"),
        ("长" * 400 + ".xlsx", "长" * 250 + ".xlsx"),
        ("/", "文件"),
    ],
)
def test_a_name_that_leads_elsewhere_stays_a_name(name, kept):
    assert own_name(name) == kept


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("三月.doc", 10, "不是 .xlsx、.xls 或 .csv 文件"),
        ("三月", 10, "不是 .xlsx、.xls 或 .csv 文件"),
        ("三月.csv", 0, "是空的"),
        ("三月.xlsx", 50 * 2**20 + 1, "超过 50 MB；请另存为 .csv，或分成几个文件"),
        ("三月.XLS", 50 * 2**20 + 1, "超过 50 MB；请另存为 .csv，或分成几个文件"),
        ("三月.csv", 200 * 2**20 + 1, "超过 200 MB；请分成几个文件"),
    ],
)
def test_what_ending_and_size_rule_out_is_told_in_one_sentence(name, size, words):
    with pytest.raises(CannotReceive, match=words):
        check_size(name, size)
    check_size("三月.xlsx", 50 * 2**20)
    check_size("三月.csv", 200 * 2**20)


def test_a_month_is_neither_to_come_nor_long_ago():
    today = timezone.localdate()
    assert check_month(today) == today.replace(day=1)
    for month, words in ((today + timedelta(days=32), "还没有到"), (date(1999, 12, 1), "早于")):
        with pytest.raises(CannotReceive, match=words):
            check_month(month)


@pytest.mark.django_db
def test_no_more_of_a_file_is_kept_than_any_page_takes(monkeypatch, rf):
    monkeypatch.setattr(uploading, "KEPT", 100_000)
    request = rf.post("/", {"file": ContentFile(b"x" * 300_000, "三月.csv")})
    assert 100_000 < request.FILES["file"].size < 200_000
    assert uploads.CSV_LIMIT < 201 * 2**20


@pytest.mark.django_db
@pytest.mark.parametrize(
    "task", [one for name, one in sorted(app.tasks.items()) if name.startswith("customs_audit.")]
)
def test_every_task_ends_quietly_on_what_is_gone(task):
    wants_a_number = bool(signature(task.run).parameters)
    task.run(*([0] if wants_a_number else []))


def test_beat_and_the_queue_name_tasks_that_there_are(settings):
    named = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    named |= {value for name, value in vars(queueing).items() if name.endswith("_TASK")}
    assert named <= set(app.tasks)
