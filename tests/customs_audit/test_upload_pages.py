"""审核数据上传: sending files by the form and by the script, the list, one upload, its file."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from authorization.models import Role
from customs_audit import queueing, uploads
from customs_audit.models import AuditUpload
from customs_audit.upload_counts import RowCounts, counts_of
from customs_audit.upload_rules import rule_choices
from customs_audit.upload_showing import bar_of, steps_of
from tests.customs_audit.upload_rows import add_fault, add_rows, make_release, make_upload
from tests.factories import client_for, make_user

LIST = "/customs/uploads/"
TAKE = "/customs/uploads/take/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_outside(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(queueing.current_app, "send_task", lambda *args, **options: None)


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


@pytest.fixture
def client(officer):
    return client_for(officer)


def file_of(content: bytes = b"a,b\n1,2\n", name: str = "三月.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(client, *files, month="2026-03", kind="monthly", **headers):
    sent = {"file": list(files), "audit_month": month, "audit_kind": kind}
    return client.post(TAKE, sent, headers=headers)


def told(client, *files, **wanted) -> list[dict[str, str]]:
    """What the script is told, file by file."""
    return send(client, *files, accept="application/json", **wanted).json()["files"]


class TestSending:
    def test_several_files_of_a_plain_form_each_have_their_notice(self, client, officer):
        files = file_of(), file_of(b"x", "扫描件.pdf"), file_of(b"c,d\n", "补充.csv")
        response = send(client, *files)
        assert response.url == LIST
        page = client.get(LIST).content.decode()
        assert "已收到“三月.csv”" in page and "已收到“补充.csv”" in page
        assert "“扫描件.pdf”不是 .xlsx、.xls 或 .csv 文件" in page
        first = AuditUpload.objects.order_by("pk").first()
        assert (first.audit_month, first.audit_kind) == (date(2026, 3, 1), "monthly")
        assert first.uploaded_by == officer and AuditUpload.objects.count() == 2
        assert f'href="{LIST}{first.pk}/"' in page

    def test_the_script_is_told_what_became_of_a_file(self, client):
        (one,) = told(client, file_of())
        upload = AuditUpload.objects.get()
        assert (one["level"], one["url"]) == ("success", f"{LIST}{upload.pk}/")
        (again,) = told(client, file_of(name="副本.csv"))
        assert (again["level"], again["url"]) == ("warning", one["url"])
        assert f"上传 {upload.pk}（2026-03 月度审核，王审核" in again["sentence"]
        (other,) = told(client, file_of(), month="2026-02")
        assert "内容完全相同，请核对审核月份和类别" in other["sentence"]
        assert AuditUpload.objects.count() == 2

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [
            ({"month": ""}, "没有选择审核月份"),
            ({"month": "三月"}, "不是月份"),
            ({"month": "2026-13"}, "不是月份"),
            ({"month": "2999-01"}, "还没有到"),
            ({"kind": "other"}, "不是审核类别"),
        ],
    )
    def test_a_wrong_month_or_kind_takes_no_file_and_says_so(self, client, wanted, words):
        (one,) = told(client, file_of(), **wanted)
        assert one["level"] == "error" and words in one["sentence"]
        assert "没有收下任何文件" in one["sentence"] and not AuditUpload.objects.exists()

    def test_no_file_at_all_is_told(self, client):
        assert told(client)[0]["sentence"].startswith("没有选择文件")

    def test_a_full_disk_is_told_and_keeps_the_others(self, client, monkeypatch):
        def full(*args, **options):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(uploads.FileSystemStorage, "save", full)
        assert "磁盘写不进去" in told(client, file_of())[0]["sentence"]
        assert not AuditUpload.objects.exists()

    def test_it_needs_a_form_of_this_site(self, officer):
        client = client_for(officer, enforce_csrf_checks=True)
        assert send(client, file_of()).status_code == 403


class TestList:
    def shown(self, client, **query) -> list[int]:
        return [upload.pk for upload in client.get(LIST, query).context["page"].rows]

    def test_it_shows_each_upload_with_its_rows_the_newest_first(self, client, officer):
        older = make_upload(officer)
        add_rows(older, faulty=2, clean=3, set_aside=1, in_release=4)
        done = make_upload(state="done", file_name="二月.csv", source="inbox")
        add_rows(done, released=3, set_aside=1)
        response = client.get(LIST)
        shown = response.context["page"].rows
        assert [upload.pk for upload in shown] == [done.pk, older.pk]
        assert shown[0].counts == RowCounts(released=3, set_aside=1)
        assert shown[1].counts == RowCounts(faulty=2, clean=3, set_aside=1, in_release=4)
        page = response.content.decode()
        assert "王审核" in page and "收件文件夹" in page and "处理完毕" in page

    def test_each_condition_narrows_it(self, client, officer):
        other = make_user(Role.OFFICER, display_name="李审核")
        mine = make_upload(officer, audit_kind="review")
        theirs = make_upload(other, audit_month="2026-02-01", state="refused", file_name="补充.csv")
        nobodys = make_upload(state="to_release", source="inbox", file_name="补充 二月.csv")
        add_rows(mine, faulty=1)
        add_fault(mine, "entry_id.form")
        add_rows(nobodys, clean=1)
        add_fault(nobodys, "customs.unknown", level="warning")
        assert self.shown(client, audit_month="2026-02-01") == [theirs.pk]
        assert self.shown(client, audit_kind="review") == [mine.pk]
        assert self.shown(client, state="to_release") == [nobodys.pk]
        assert self.shown(client, uploaded_by=str(other.pk)) == [theirs.pk]
        assert self.shown(client, uploaded_by="none") == [nobodys.pk]
        assert self.shown(client, rule="entry_id.form") == [mine.pk]
        assert self.shown(client, rule="customs.unknown") == [nobodys.pk]
        assert self.shown(client, file_name="补充 二月") == [nobodys.pk]
        assert self.shown(client, rule="nothing") == []

    def test_its_queries_do_not_grow_with_its_rows(self, client, officer):
        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                client.get(LIST)
            return len(queries)

        add_rows(make_upload(officer), faulty=3)
        asked()
        before = asked()
        for number in range(5):
            add_rows(make_upload(make_user(Role.OFFICER), state="done"), released=number)
        assert asked() == before <= 10

    def test_its_page_is_exported_with_every_count(self, client, officer):
        add_rows(make_upload(officer), faulty=2, clean=3, in_release=1)
        make_upload(officer, state="refused", message="文件是空的。", file_name="=空.csv")
        response = client.get(LIST, {"export": "xlsx", "sort": "uploaded_at"})
        sheet = load_workbook(BytesIO(response.content)).active
        head, first, second = sheet.iter_rows(values_only=True)
        row = dict(zip(head, first, strict=True))
        assert (row["行数"], row["待修正"], row["待发布"], row["在发布中"]) == (6, 2, 3, 1)
        assert (row["审核月份"], row["审核类别"], row["状态"]) == ("2026-03", "月度审核", "待修正")
        assert dict(zip(head, second, strict=True))["结果"] == "文件是空的。"

    def test_before_the_first_upload_it_explains_the_way_in(self, client):
        page = client.get(LIST).content.decode()
        assert "还没有上传过审核数据" in page and "修正" in page
        assert page.count("/customs/uploads/template/") == 3

    def test_rows_that_move_are_asked_for_again_until_none_does(self, client):
        waiting, checking = make_upload(state="received"), make_upload(state="checking")
        AuditUpload.objects.filter(pk=checking.pk).update(rows_done=40_000, rows_total=100_000)
        make_upload(state="to_mend")
        page = client.get(LIST)
        assert {upload.pk for upload in page.context["moving"]} == {waiting.pk, checking.pk}
        wanted = {"row": [waiting.pk, checking.pk]}
        answer = client.get(f"{LIST}moving/", wanted, headers={"HX-Request": "true"})
        assert answer.headers["X-Portal-Part"] == "rows"
        part = answer.content.decode()
        assert part.count('hx-swap-oob="true"') == 2 and "40,000 / 100,000 行" in part
        AuditUpload.objects.update(state="done")
        part = client.get(f"{LIST}moving/", wanted).content.decode()
        assert "处理完毕" in part and "hx-get" not in part

    def test_strange_numbers_are_no_rows(self, client):
        answer = client.get(f"{LIST}moving/", {"row": ["x", "-1", "9" * 30]})
        assert answer.status_code == 200 and "<tr" not in answer.content.decode()


class TestUploadPage:
    def test_it_shows_its_rows_as_one_sum(self, client, officer):
        upload = make_upload(officer)
        add_rows(upload, faulty=2, clean=3, released=5)
        page = client.get(f"{LIST}{upload.pk}/")
        assert page.context["counts"].total == 10
        html = page.content.decode()
        assert "文件共" in html and "三月.xlsx" in html and "王审核" in html
        assert "hx-get" not in html

    def test_while_it_moves_it_asks_for_itself_and_then_is_opened_anew(self, client):
        upload = make_upload(state="checking", rows_done=5, rows_total=10)
        html = client.get(f"{LIST}{upload.pk}/").content.decode()
        assert "正在逐行校验" in html and "hx-get" in html
        part = client.get(f"{LIST}{upload.pk}/", headers={"HX-Request": "true"})
        assert part.headers["X-Portal-Part"] == "upload"
        AuditUpload.objects.update(state="to_mend")
        stopped = client.get(f"{LIST}{upload.pk}/", headers={"HX-Request": "true"})
        assert stopped.headers["HX-Refresh"] == "true"

    def test_while_a_release_of_it_runs_it_asks_for_itself_too(self, client):
        upload = make_upload(state="to_release")
        make_release(upload, "running", row_count=3)
        address = f"{LIST}{upload.pk}/"
        assert "hx-get" in client.get(address).content.decode()
        part = client.get(address, headers={"HX-Request": "true"})
        assert part.headers["X-Portal-Part"] == "upload"

    def test_a_refused_one_says_why_and_what_to_do(self, client):
        upload = make_upload(state="refused", message="文件里没有数据行 <b>；请确认。")
        html = client.get(f"{LIST}{upload.pk}/").content.decode()
        assert "文件里没有数据行 &lt;b&gt;；请确认。" in html and "改好后重新上传" in html

    def test_one_that_is_not_there_is_told(self, client):
        for path in ("", "file/", "headings/"):
            assert client.get(f"{LIST}999999/{path}").status_code == 404

    def test_the_original_is_handed_out_by_its_own_name(self, client):
        (one,) = told(client, file_of())
        response = client.get(f"{one['url']}file/")
        assert b"".join(response.streaming_content) == b"a,b\n1,2\n"
        assert "attachment" in response.headers["Content-Disposition"]
        assert client_for(make_user()).get(f"{one['url']}file/").status_code == 403
        correction = make_upload(source="correction", state="to_release")
        assert client.get(f"{LIST}{correction.pk}/file/").status_code == 404

    def test_no_url_leads_into_the_folder_of_originals(self, client):
        told(client, file_of())
        name = AuditUpload.objects.get().file.name
        for address in (f"/{name}", f"/media/{name}", f"/files/{name}", f"/static/{name}"):
            assert client.get(address).status_code == 404


def test_counts_of_a_finished_upload_need_no_look_at_its_released_rows(officer):
    done = make_upload(officer, state="done")
    add_rows(done, set_aside=1)
    AuditUpload.objects.filter(pk=done.pk).update(rows_total=1_000_000)
    done.refresh_from_db()
    assert counts_of([done])[done.pk] == RowCounts(released=999_999, set_aside=1)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("received", "[已上传] 校验中 待修正 / 待发布 处理完毕"),
        ("to_confirm", "已上传 [待确认表头] 待修正 / 待发布 处理完毕"),
        ("checking", "已上传 [校验中] 待修正 / 待发布 处理完毕"),
        ("refused", "已上传 !未通过! 待修正 / 待发布 处理完毕"),
        ("to_mend", "已上传 已校验 [待修正] 处理完毕"),
        ("to_release", "已上传 已校验 [待发布] 处理完毕"),
        ("done", "已上传 已校验 待修正 / 待发布 处理完毕"),
    ],
)
def test_the_steps_say_where_an_upload_stands(state, words):
    marks = {"current": "[{}]", "failed": "!{}!"}
    steps = steps_of(AuditUpload(state=state))
    assert " ".join(marks.get(step.place, "{}").format(step.label) for step in steps) == words
    assert (steps[-1].place == "done") == (state == "done")


def test_the_bar_is_full_and_shows_the_smallest_part():
    pieces = bar_of(RowCounts(released=999_999, faulty=1))
    assert sum(piece.width for piece in pieces) == 10_000
    assert min(piece.width for piece in pieces if piece.count) > 50
    assert [piece.left for piece in pieces] == sorted(piece.left for piece in pieces)
    assert [piece.width for piece in bar_of(RowCounts())] == [0] * 5


def test_every_rule_of_rows_can_be_chosen_in_words():
    words = dict(rule_choices())
    assert "file.empty" not in words and "line.repeated" in words
    assert not [text for text in words.values() if "{" in text or "；" in text]
