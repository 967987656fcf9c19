"""The watched folder: what is taken and when, what its sender finds, and that nothing comes twice."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from python_calamine import CalamineWorkbook

from authorization.ledger_models import LedgerEntry
from customs_audit import queueing
from customs_audit.holding import Work
from customs_audit.inbox import taking, watching
from customs_audit.inbox.folder import (
    REPORT,
    Inbox,
    Readiness,
    is_written_to,
    shortened,
)
from customs_audit.inbox.months import NoMonth, month_of_file, month_of_folder
from customs_audit.inbox.taking import MOST_ATTEMPTS, Wanted
from customs_audit.inbox.watching import Watcher
from customs_audit.inbox_models import InboxFile
from customs_audit.models import AuditKind, AuditUpload, UploadRow
from declarations.headers import LABELS
from declarations.models import DeclaredLine, ImportRun
from tests.declarations.decmessage.files import message, messages, write_zip
from tests.declarations.files import audited_row, declared_row, write_csv, write_xlsx
from tests.worker import database_url

SEPTEMBER = date(2025, 9, 1)
GOOD = [audited_row(n) for n in (1, 2)]
BAD = [audited_row(1), audited_row(2, g_unit="999"), audited_row(3, verdict="")]


# --- months ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "folder", "asked", "month"),
    [
        ("审核2025-09.xlsx", "", None, SEPTEMBER),
        ("202509审核结果.csv", "", None, SEPTEMBER),
        ("审核_2025_09_2.xlsx", "", None, None),
        ("审核 202509 (2).xlsx", "", None, SEPTEMBER),
        ("大连2025年9月.xls", "", None, SEPTEMBER),
        ("大连2025年09月审核.xls", "", None, SEPTEMBER),
        ("审核.xlsx", "2025-09", None, SEPTEMBER),
        ("审核.xlsx", "", SEPTEMBER, SEPTEMBER),
        ("审核2025-09.xlsx", "202509", SEPTEMBER, SEPTEMBER),
        ("审核20250915.xlsx", "", None, None),
        ("审核2025-09-15.xlsx", "", None, None),
        ("大连2025年9月3日.xls", "", None, None),
        ("审核2025-13.xlsx", "", None, None),
        ("090120251000000009.xlsx", "", None, None),
        ("审核.xlsx", "", None, None),
        ("2025-08至2025-09.xlsx", "", None, None),
        ("审核2025-08.xlsx", "2025-09", None, None),
        ("审核2025-08.xlsx", "", SEPTEMBER, None),
    ],
)
def test_a_month_is_read_only_where_nothing_else_can_be_meant(name, folder, asked, month):
    if month:
        assert month_of_file(name, folder, asked) == month
        return
    with pytest.raises(NoMonth, match=r"没有收取：.*请.*。$"):
        month_of_file(name, folder, asked)


@pytest.mark.parametrize("name", ["2025-09", "202509", "2025年9月", " 2025-09 "])
def test_a_sub_folder_is_named_after_a_month(name):
    assert month_of_folder(name) == SEPTEMBER


@pytest.mark.parametrize("name", ["2025", "已接收", "2025-09-01", "2025-09 旧"])
def test_another_sub_folder_is_not(name):
    assert month_of_folder(name) is None


# --- the folder ------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "收件"
    folder.mkdir()
    return folder


@pytest.fixture
def inbox(root):
    inbox = Inbox(root, settle=0)
    inbox.prepare()
    return inbox


def lying(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_that_still_changes_is_waited_for(root, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("customs_audit.inbox.folder.time.monotonic", lambda: now[0])
    inbox = Inbox(root, settle=10)
    path = root / "a.csv"
    path.write_text("x")
    assert inbox.readiness(path) is Readiness.COMING
    now[0] += 9
    path.write_text("xy")
    assert inbox.readiness(path) is Readiness.COMING
    now[0] += 9
    assert inbox.readiness(path) is Readiness.COMING
    now[0] += 2
    assert inbox.readiness(path) is Readiness.WHOLE
    path.unlink()
    assert inbox.readiness(path) is Readiness.COMING


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
def test_a_file_that_somebody_writes_to_is_waited_for_but_not_for_ever(root, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("customs_audit.inbox.folder.time.monotonic", lambda: now[0])
    inbox = Inbox(root, settle=1)
    path = root / "a.csv"
    with path.open("w") as file:
        file.write("x")
        file.flush()
        assert is_written_to(path)
        inbox.readiness(path)
        now[0] += 60
        assert inbox.readiness(path) is Readiness.COMING
        now[0] += 600
        assert inbox.readiness(path) is Readiness.WHOLE
    assert not is_written_to(path)


@pytest.mark.parametrize(
    "name", ["a.csv.part", "~$审核.xlsx", ".a.csv.swp", "a.TMP", "Thumbs.db", f"a.csv{REPORT}"]
)
def test_unfinished_files_and_our_own_are_not_taken(inbox, root, name):
    (root / name).write_text("x")
    assert list(inbox.found()) == []


def test_only_one_of_two_watchers_gets_a_file(inbox, root):
    (root / "a.csv").write_text("x")
    [found] = inbox.found()
    first, second = inbox.take(found), Inbox(root, 0).take(found)
    assert first and second is None
    assert [claim.name for claim in inbox.claims()] == [first.name]
    assert first.file().read_text() == "x"


def test_names_of_any_kind_are_shortened_and_shown(tmp_path):
    assert len(shortened("审" * 200 + ".xlsx").encode()) <= 180
    assert shortened("审" * 200 + ".xlsx").endswith(".xlsx")
    assert shortened(os.fsdecode("审核".encode("gbk") + b".csv")) == "审核.csv"


# --- taking, checking, reporting -------------------------------------------------------------


@pytest.fixture
def said():
    return []


@pytest.fixture
def watcher(inbox, said, settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path / "var"
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(queueing.current_app, "send_task", lambda *args, **options: None)
    return Watcher(inbox, Wanted(None, AuditKind.MONTHLY), said.append, checks=True)


def report_in(folder: Path) -> str:
    [path] = folder.rglob(f"*{REPORT}")
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and b"\r\n" in data
    return data.decode("utf-8-sig")


@pytest.mark.django_db
class TestAuditedFiles:
    def test_a_sound_file_is_an_upload_and_lies_with_its_report_in_received(
        self, watcher, root, said
    ):
        write_csv(root / "审核 2025-09.csv", GOOD)
        content = (root / "审核 2025-09.csv").read_bytes()
        watcher.look()
        upload = AuditUpload.objects.get()
        assert (upload.source, upload.audit_month, upload.audit_kind, upload.state) == (
            "inbox", SEPTEMBER, "monthly", "to_release",
        )  # fmt: skip
        assert upload.uploaded_by is None
        folder = root / "已接收" / f"审核 2025-09.csv（上传 {upload.pk}）"
        assert lying(folder) == ["审核 2025-09.csv", "审核 2025-09.csv.报告.txt"]
        assert (folder / "审核 2025-09.csv").read_bytes() == content
        report = report_in(folder)
        assert "全部通过校验" in report and f"上传编号：{upload.pk}" in report
        assert lying(root) == ["处理中", "已接收", "待处理", "未通过"]
        [line] = said
        assert {name: line[name] for name in ("outcome", "upload", "month", "rows", "faulty")} == {
            "outcome": "received", "upload": upload.pk, "month": "2025-09", "rows": 2, "faulty": 0,
        }  # fmt: skip
        json.dumps(line)

    def test_faults_are_counted_named_and_listed_beside(self, watcher, root, said):
        write_xlsx(root / "审核 2025-09.xlsx", BAD)
        watcher.look()
        upload = AuditUpload.objects.get(state="to_mend")
        folder = root / "待处理" / f"审核 2025-09.xlsx（上传 {upload.pk}）"
        report = report_in(folder)
        assert "已收取 3 行，其中 2 行待修正" in report
        assert "计量单位代码表" in report and "第 3 行（999）" in report
        [listed] = folder.glob("*.问题清单.xlsx")
        rows = CalamineWorkbook.from_path(str(listed)).get_sheet_by_index(0).to_python()
        assert rows[0] == ["工作表", "行号", "列", "原值", "级别", "说明"]
        assert ["数据", 3, "成交单位", "999"] in [row[:4] for row in rows]
        assert said[0]["outcome"] == "to_settle" and said[0]["faulty"] == 2
        entry = LedgerEntry.objects.get()
        assert (entry.who, entry.rows) == ("系统", len(rows) - 1)

    def test_headings_that_nobody_is_sure_of_are_left_to_an_officer(self, watcher, root):
        headings = LABELS | {"verdict": "结论是什么"}
        write_csv(root / "审核 2025-09.csv", GOOD, headings=headings)
        watcher.look()
        upload = AuditUpload.objects.get()
        assert upload.state == "to_confirm"
        assert "表头需要确认" in report_in(root / "待处理")

    def test_a_sub_folder_and_the_command_name_the_month_too(self, watcher, root):
        (root / "2025-08").mkdir()
        write_csv(root / "2025-08" / "审核.csv", GOOD)
        watcher.look()
        assert AuditUpload.objects.get().audit_month == date(2025, 8, 1)
        write_csv(root / "复核.csv", GOOD)
        watcher.wanted = Wanted(SEPTEMBER, AuditKind.REVIEW)
        watcher.look()
        upload = AuditUpload.objects.get(audit_month=SEPTEMBER)
        assert upload.audit_kind == "review"
        assert lying(root / "2025-08") == []

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("审核.csv", b"x", "没有审核月份"),
            ("审核 2099-01.csv", b"x", "还没有到"),
            ("审核 2025-09.csv", b"", "文件是空的"),
            ("审核 2025-09.docx", b"x", "只收 .xlsx"),
            ("审核 2025-09.xlsx", b"MZ\x90", "请"),
            ("审核 2025-09.csv", b"a,b\n1,2\n", "表头"),
        ],
    )
    def test_what_is_not_taken_says_why_beside_the_file(
        self, watcher, root, said, name, content, words
    ):
        (root / name).write_bytes(content)
        watcher.look()
        [folder] = (root / "未通过").iterdir()
        assert (folder / name).read_bytes() == content
        assert words in report_in(folder)
        assert said[0]["outcome"] == "refused"
        assert not UploadRow.objects.exists()

    def test_the_same_content_is_not_taken_again_under_whatever_name(self, watcher, root, said):
        write_csv(root / "审核 2025-09.csv", GOOD)
        watcher.look()
        write_csv(root / "再来 2025-09.csv", GOOD)
        watcher.look()
        upload = AuditUpload.objects.get()
        assert [line["is_new"] for line in said] == [True, False]
        assert f"（上传 {upload.pk}）内容相同，没有再收取一次" in said[1]["message"]
        assert len(lying(root / "已接收")) == 2

    def test_the_same_name_again_lies_beside_the_first(self, watcher, root):
        for rows in (BAD, GOOD, [audited_row(9)]):
            write_csv(root / "审核.docx", rows)
            watcher.look()
        assert lying(root / "未通过") == [
            "审核.docx（未收取）", "审核.docx（未收取） (2)", "审核.docx（未收取） (3)",
        ]  # fmt: skip


@pytest.mark.django_db
class TestDeclaredFiles:
    def test_messages_are_imported_as_declared_lines(self, watcher, root, said):
        (root / "一票.xml").write_text(message([declared_row(1)]), encoding="utf-8")
        write_zip(root / "多票.zip", messages([declared_row(n) for n in (2, 3)]))
        watcher.look()
        assert DeclaredLine.objects.count() == 3
        assert lying(root / "已接收") == ["一票.xml（申报数据）", "多票.zip（申报数据）"]
        assert sorted(line["new"] for line in said) == [1, 2]
        assert "新增 2" in report_in(root / "已接收" / "多票.zip（申报数据）")
        assert ImportRun.objects.latest("pk").file_name in ("一票.xml", "多票.zip")

    def test_faults_lie_beside_and_nothing_is_stored(self, watcher, root, said):
        rows = [declared_row(1), declared_row(2, trade_mode="0111")]
        write_zip(root / "多票.zip", messages(rows))
        watcher.look()
        assert not DeclaredLine.objects.exists()
        folder = root / "未通过" / "多票.zip（未收取）"
        assert "第 6 行 DecMessage/DecHead/TradeMode" in report_in(folder)
        [listed] = folder.glob("*.问题清单.csv")
        assert "trade_mode.unknown" in listed.read_text(encoding="utf-8-sig")
        assert (said[0]["outcome"], said[0]["errors"]) == ("refused", 1)

    def test_an_import_that_was_made_is_not_made_again(self, watcher, root, said):
        (root / "a.xml").write_text(message([declared_row(1)]), encoding="utf-8")
        watcher.look()
        (root / "b.xml").write_text(message([declared_row(1, g_name="新轴承")]), encoding="utf-8")
        watcher.look()
        (root / "a.xml").write_text(message([declared_row(1)]), encoding="utf-8")
        watcher.look()
        assert DeclaredLine.objects.get().goods.name == "新轴承"
        assert "没有再装入一次" in said[2]["message"]

    def test_a_hostile_file_ends_in_its_sentence(self, watcher, root, said):
        (root / "a.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', encoding="utf-8")
        watcher.look()
        assert "DOCTYPE" in report_in(root / "未通过")


# --- what goes wrong -------------------------------------------------------------------------


@pytest.mark.django_db
class TestWhatGoesWrong:
    def test_links_and_folders_stay_and_are_told_of_once(self, watcher, root, said):
        secret = root.parent / "secret.csv"
        secret.write_text("x")
        (root / "审核 2025-09.csv").symlink_to(secret)
        (root / "旧文件").mkdir()
        os.mkfifo(root / "管道 2025-09.csv")
        for _ in range(2):
            watcher.look()
        assert sorted(line["file"] for line in said) == [
            "审核 2025-09.csv",
            "旧文件",
            "管道 2025-09.csv",
        ]
        assert "是一个链接" in (root / f"审核 2025-09.csv{REPORT}").read_text(encoding="utf-8-sig")
        assert not InboxFile.objects.exists()
        (root / "审核 2025-09.csv").unlink()
        watcher.look()
        assert not (root / f"审核 2025-09.csv{REPORT}").exists()
        assert (root / f"旧文件{REPORT}").exists()

    def test_a_link_in_the_place_of_a_taken_file_is_not_followed(self, watcher, root, inbox):
        (root / "审核 2025-09.csv").write_text("x")
        [found] = inbox.found()
        claim = inbox.take(found)
        claim.file().unlink()
        (claim.path / "审核 2025-09.csv").symlink_to("/etc/passwd")
        watcher.look()
        assert "不是一个文件" in report_in(root / "未通过")

    def test_a_file_that_can_t_be_opened_is_told_of_and_taken_later(
        self, watcher, root, monkeypatch
    ):
        path = write_csv(root / "审核 2025-09.csv", GOOD)
        monkeypatch.setattr("customs_audit.inbox.folder.UNREADABLE_AFTER", -1)
        monkeypatch.setattr(
            "customs_audit.inbox.folder.is_written_to", refuse := Refusing(errno.EACCES)
        )
        watcher.look()
        assert path.exists() and "打不开" in (root / f"{path.name}{REPORT}").read_text("utf-8-sig")
        refuse.is_over = True
        watcher.look()
        assert AuditUpload.objects.exists()
        assert lying(root) == ["处理中", "已接收", "待处理", "未通过"]

    def test_a_file_that_vanishes_is_nobody_s_and_its_claim_goes(self, watcher, root, inbox):
        (root / "审核 2025-09.csv").write_text("x")
        [found] = inbox.found()
        claim = inbox.take(found)
        claim.file().unlink()
        watcher.look()
        assert claim.path.exists()
        os.utime(claim.path, (0, 0))
        watcher.look()
        assert lying(root / "处理中") == []
        assert not InboxFile.objects.exists()

    def test_a_full_disk_keeps_a_file_waiting_and_loses_nothing(self, watcher, root, monkeypatch):
        write_csv(root / "审核 2025-09.csv", GOOD)
        for place in ("taking.shutil.copyfileobj", "watching.write_report"):
            with monkeypatch.context() as patch:
                patch.setattr(f"customs_audit.inbox.{place}", Refusing(errno.ENOSPC))
                for _ in range(MOST_ATTEMPTS + 1):
                    watcher.look()
                assert len(lying(root / "处理中")) == 1
        watcher.look()
        assert AuditUpload.objects.count() == 1
        assert len(lying(root / "已接收")) == 1

    def test_a_file_that_changes_while_it_is_read_is_read_again(self, watcher, root, monkeypatch):
        path = write_csv(root / "审核 2025-09.csv", GOOD)
        rest = path.read_bytes()[-40:]
        path.write_bytes(path.read_bytes()[:-40])
        copy = taking.shutil.copyfileobj

        def writing_on(source, target, size):
            copy(source, target, size)
            monkeypatch.undo()
            with next((root / "处理中").rglob("*.csv")).open("ab") as file:
                file.write(rest)

        with monkeypatch.context() as patch:
            patch.setattr(taking.shutil, "copyfileobj", writing_on)
            watcher.look()
        assert not AuditUpload.objects.exists()
        watcher.look()
        assert AuditUpload.objects.get().state == "to_release"

    def test_a_file_at_which_processes_die_is_given_up(self, watcher, root):
        class Killed(BaseException):
            pass

        def die(*about):
            raise Killed

        write_csv(root / "审核 2025-09.csv", GOOD)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(watching, "take_in", die)
            for _ in range(MOST_ATTEMPTS):
                with pytest.raises(Killed):
                    watcher.look()
        watcher.look()
        assert "连续 3 次中断" in report_in(root / "未通过")

    def test_an_error_of_our_own_is_one_file_s_only(self, watcher, root, monkeypatch):
        write_csv(root / "坏 2025-09.csv", GOOD)
        (root / "好.xml").write_text(message(), encoding="utf-8")
        monkeypatch.setattr(taking, "receive", lambda *args, **options: 1 / 0)
        for _ in range(MOST_ATTEMPTS):
            watcher.look()
        assert "系统出错" in report_in(root / "未通过")
        assert lying(root / "已接收") == ["好.xml（申报数据）"]

    def test_another_watcher_s_file_is_left_alone(self, watcher, root, inbox):
        write_csv(root / "审核 2025-09.csv", GOOD)
        [found] = inbox.found()
        claim = inbox.take(found)
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [Work.TAKING, claim.number])
            watcher.look()
            assert not AuditUpload.objects.exists()
            cursor.execute("SELECT pg_advisory_unlock_all()")
        other.close()
        watcher.look()
        assert AuditUpload.objects.exists()

    def test_a_watcher_that_was_killed_is_gone_on_with_wherever_it_stood(
        self, watcher, root, monkeypatch
    ):
        class Killed(BaseException):
            pass

        def die(*about, **options):
            raise Killed

        write_xlsx(root / "审核 2025-09.xlsx", BAD)
        for place in ("take_in", "check_upload", "write_report"):
            with monkeypatch.context() as patch:
                patch.setattr(watching, place, die)
                with pytest.raises(Killed):
                    watcher.look()
        with monkeypatch.context() as patch:
            patch.setattr(Inbox, "put_away", die)
            with pytest.raises(Killed):
                watcher.look()
        watcher.look()
        assert AuditUpload.objects.count() == InboxFile.objects.count() == 1
        assert len(lying(root / "待处理")) == 1 and lying(root / "处理中") == []

    def test_without_checking_itself_it_waits_for_a_worker(self, watcher, root, said):
        watcher.checks = False
        write_csv(root / "审核 2025-09.csv", GOOD)
        watcher.look()
        watcher.look()
        assert AuditUpload.objects.get().state == "received"
        assert len(lying(root / "处理中")) == 1 and said == []
        watching.check_upload(AuditUpload.objects.get().pk)
        watcher.look()
        assert said[0]["outcome"] == "received"

    def test_a_folder_that_is_away_is_waited_for(self, watcher, root):
        away = root.rename(root.with_name("away"))
        root.mkdir()
        write_csv(root / "审核 2025-09.csv", GOOD)
        assert watcher._looks() is False
        assert lying(root) == ["审核 2025-09.csv"]
        assert away.is_dir()

    def test_a_database_that_is_away_is_waited_for(self, watcher, root, monkeypatch, caplog):
        write_csv(root / "审核 2025-09.csv", GOOD)
        with monkeypatch.context() as patch:
            patch.setattr(watching, "close_old_connections", lambda: None)
            patch.setattr(connection, "close", lambda: None)
            patch.setattr(watching, "held", Refusing(OperationalError("gone\n\tis it running?")))
            assert watcher._looks() is False
        assert caplog.messages == ["数据库暂时连不上，稍后再试：gone"]
        watcher.look()
        assert AuditUpload.objects.exists()

    def test_a_claim_that_somebody_took_away_is_ended(self, watcher, root):
        record = InboxFile.objects.create(
            claim="x",
            folder=str(root),
            file_name="a.csv",
            taken_at=timezone.now() - timedelta(hours=1),
        )
        watcher.look()
        record.refresh_from_db()
        assert record.outcome == "refused"


class Refusing:
    """Stands for a call that the system refuses, until it is over."""

    def __init__(self, error):
        self.error = OSError(error, os.strerror(error)) if isinstance(error, int) else error
        self.is_over = False

    def __call__(self, *args, **options):
        if not self.is_over:
            raise self.error
        return False


# --- the command -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_once_works_off_what_lies_there_and_ends(watcher, root, capsys):
    write_csv(root / "审核 2025-09.csv", GOOD)
    (root / "半个.csv.part").write_text("x")
    before = signal.getsignal(signal.SIGTERM)
    call_command("watch_inbox", str(root), once=True, settle=0, every=0)
    assert json.loads(capsys.readouterr().out)["outcome"] == "received"
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"folder": "/nowhere"}, "没有文件夹"),
        ({"month": "2025-9"}, "YYYY-MM"),
        ({"settle": "-1"}, "秒数"),
    ],
)
def test_the_command_says_what_is_wrong_with_its_arguments(root, options, words):
    folder = options.pop("folder", str(root))
    asked = [f"--{name}={value}" for name, value in options.items()]
    with pytest.raises(CommandError, match=words):
        call_command("watch_inbox", folder, "--once", *asked)


@pytest.mark.django_db(transaction=True)
def test_two_watchers_share_a_folder_and_end_on_sigterm_or_kill(root, tmp_path):
    """Real processes on one folder: one is killed, one told to end; each file comes once."""
    Inbox(root, 0).prepare()
    environment = os.environ | {
        "DATABASE_URL": database_url(), "PORTAL_VAR": str(tmp_path / "var"), "PYTHONUTF8": "1",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "watch_inbox", str(root), "--settle=0.3", "--every=0.1"]

    def start(name):
        with (tmp_path / name).open("w") as out:
            return subprocess.Popen(command, stdout=out, stderr=out, env=environment)

    def wait_for(question, seconds=120):
        deadline = time.monotonic() + seconds
        while not question():
            assert time.monotonic() < deadline, "".join(
                p.read_text() for p in tmp_path.glob("out*")
            )
            time.sleep(0.05)

    watchers = [start(f"out{number}") for number in range(2)]
    try:
        for number in range(1, 9):
            (root / f"{number}.xml").write_text(message([declared_row(number)]), encoding="utf-8")
        wait_for(lambda: lying(root / "已接收"))
        watchers[0].kill()
        watchers[0].wait()
        # Only the other is left to take this one, so that it runs when it is told to end.
        (root / "9.xml").write_text(message([declared_row(9)]), encoding="utf-8")
        wait_for(lambda: len(lying(root / "已接收")) == 9)
        watchers[1].send_signal(signal.SIGTERM)
        assert watchers[1].wait(60) == 0
    finally:
        for one in watchers:
            one.kill()
            one.wait()
    assert lying(root / "处理中") == []
    assert (
        DeclaredLine.objects.count() == InboxFile.objects.count() == ImportRun.objects.count() == 9
    )
    lines = [
        json.loads(line)
        for number in range(2)
        for line in (tmp_path / f"out{number}").read_text().splitlines()
        if line.startswith("{")
    ]
    assert len({line["file"] for line in lines}) == len(lines) >= 8
