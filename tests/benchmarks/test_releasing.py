"""What benchmarks.incremental releases, and how it sees that all has become right."""

import datetime

import pytest
from django.db import connection

from benchmarks.releasing import watching
from benchmarks.releasing.audited_file import write_audited_file
from comparison.models import LibraryEntry
from comparison.working import work_outbox
from declarations.auditing import import_audit
from declarations.demo.province import Size
from declarations.faults import FaultLog
from declarations.generating import generate
from declarations.loading import silent
from declarations.models import AuditVerdict, Content


@pytest.fixture
def province(db):
    generate(Size(lines=250, enterprises=20, seed=1), silent)
    work_outbox()


@pytest.fixture
def watched(db, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(watching, "LIMIT_SECONDS", 0.3)
    return connection.connection


def release(path, month, tmp_path):
    with FaultLog(tmp_path, "benchmark") as log:
        return import_audit(path, month, log)


def test_a_release_of_the_file_is_seen_to_become_right(province, watched, tmp_path):
    path = tmp_path / "audited.csv"
    made = write_audited_file(path, 60, seed=3)
    assert made.month == datetime.date(2026, 1, 1) and made.rows == 60
    assert 30 < made.conforming < 55 and 0 < made.corrected < 20
    again = tmp_path / "again.csv"
    assert write_audited_file(again, 60, seed=3) == made
    assert again.read_bytes() == path.read_bytes()
    counts = release(path, made.month, tmp_path)
    assert (
        counts["conforming"] == made.conforming and counts["nonconforming"] == 60 - made.conforming
    )
    assert AuditVerdict.objects.filter(release=counts["release"], differs_from_line=True).exists()
    wanted = watching.wanted_of(watched, counts["release"])
    watching.lay_out(watched, wanted)
    with pytest.raises(watching.WrongMarks):
        watching.wait_until_idle(watched)
    work_outbox()
    watching.wait_until_right(watched)
    watching.wait_until_idle(watched)
    assert len(wanted.marks) > 10 and len(wanted.flags) > 10


def test_a_wrong_mark_or_flag_is_not_taken_for_right(province, watched, tmp_path):
    path = tmp_path / "audited.csv"
    counts = release(path, write_audited_file(path, 40, seed=4).month, tmp_path)
    work_outbox()
    wanted = watching.wanted_of(watched, counts["release"])
    entry = LibraryEntry.objects.filter(mark="conforming", reason__month="2026-01").first()
    LibraryEntry.objects.filter(pk=entry.pk).update(has_conflict=not entry.has_conflict)
    watching.lay_out(watched, wanted)
    with pytest.raises(watching.WrongMarks, match=r"\(1, 0\)"):
        watching.wait_until_right(watched)
    LibraryEntry.objects.filter(pk=entry.pk).update(has_conflict=entry.has_conflict)
    Content.objects.filter(pk=entry.content_id).update(is_public=not entry.content.is_public)
    watching.lay_out(watched, wanted)
    with pytest.raises(watching.WrongMarks, match=r"\(0, 1\)"):
        watching.wait_until_right(watched)


def test_more_rows_than_lines_are_refused(province, tmp_path):
    with pytest.raises(ValueError, match="fewer than"):
        write_audited_file(tmp_path / "audited.csv", 1_000, seed=1)
