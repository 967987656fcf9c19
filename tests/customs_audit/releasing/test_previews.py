"""What a release or withdrawal would change: told beforehand, true afterwards, and nothing is left."""

import pytest

from authorization.models import Enterprise, Role
from catalogue.models import Outbox
from comparison.choices import set_self_selected
from comparison.models import LibraryEntry, MarkHistory
from comparison.working import work_outbox
from customs_audit import queueing
from customs_audit.models import UploadRelease
from customs_audit.releasing import (
    approve,
    ask_for_withdrawal,
    prepare,
    previewing,
    run_preview,
    run_release,
    run_withdrawal,
)
from customs_audit.releasing.previewing import (
    is_fresh,
    see_preview,
    see_withdrawal_preview,
)
from declarations.models import AuditVerdict, Content, DeclaredLine, Goods, Release
from messages_app.models import Message
from tests.customs_audit.releasing.uploads import make_upload
from tests.factories import make_enterprise, make_user
from tests.world import (
    SOFA_OTHER_FACT,
    SOFA_OTHER_FORM,
    TABLE,
    Party,
    Row,
    audit,
    content,
    declare,
)

pytestmark = pytest.mark.django_db

STORED = (
    AuditVerdict,
    Content,
    DeclaredLine,
    Enterprise,
    Goods,
    LibraryEntry,
    MarkHistory,
    Message,
    Outbox,
)


@pytest.fixture
def officers():
    return [make_user(Role.OFFICER, display_name=name) for name in ("王审核", "李复核")]


@pytest.fixture
def world(officers):
    """Lines that are 未标记, 企业自选, 系统匹配, 规范 of an earlier month, 不规范 of the same one."""
    one, other = make_enterprise("大连虚构家居"), make_enterprise("大连虚构贸易")
    party, second = Party.of(one), Party.of(other)
    declare(
        Row(1, party, party),
        Row(2, party, party, TABLE),
        Row(3, second, second, SOFA_OTHER_FORM),
        Row(4, second, second, SOFA_OTHER_FACT),
        Row(5, second, second, TABLE),
    )
    audit("2026-08", Row(4, second, second, SOFA_OTHER_FACT))
    audit("2026-09", Row(5, second, second, TABLE, conforming=False))
    work_outbox()
    set_self_selected(one, [content(TABLE).pk], True, make_user(enterprise=one))
    work_outbox()
    new = Party(code="2102260009", name="营口虚构四号")
    rows = [
        Row(1, party, party),
        Row(2, party, party, TABLE),
        Row(4, second, second, SOFA_OTHER_FACT, conforming=False),
        Row(5, second, second, TABLE),
        Row(9, new, party),
    ]
    return make_upload("2026-09", *rows, by=officers[0])


def submit(upload, officers) -> UploadRelease:
    submitted = prepare(upload, officers[0])
    see_preview(submitted)
    return submitted


def changes(preview) -> dict[tuple[str, str], int]:
    return {(one["before"], one["after"]): one["count"] for one in preview["marks"]}


class TestRelease:
    def test_it_says_what_will_change_and_leaves_nothing_behind(self, world, officers):
        before = [model.objects.count() for model in STORED]
        preview = submit(world, officers).preview
        assert [model.objects.count() for model in STORED] == before
        assert not Release.objects.filter(released_at=None).exclude(of_upload__upload=world)
        assert {name: preview[name] for name in preview if name not in ("marks", "at", "state", "seconds")} == {
            "rows": 5, "conforming": 4, "enterprises": 3, "new_enterprises": 1, "contents": 3,
            "new_contents": 0, "audited_only": 1, "superseding": 1, "contradicting": 1,
            "contradicting_earlier": 1, "outdated": 0, "opened": 2, "closed": 1, "undecided": 0,
        }  # fmt: skip
        assert changes(preview) == {
            ("", "conforming"): 1,
            ("unmarked", "conforming"): 1,
            ("self_selected", "conforming"): 1,
            ("conforming", "nonconforming"): 1,
            ("nonconforming", "conforming"): 1,
        }

    def test_what_it_said_is_what_happens(self, world, officers):
        submitted = submit(world, officers)
        last = MarkHistory.objects.latest("pk").pk
        public = set(Content.objects.filter(is_public=True).values_list("pk", flat=True))
        run_release(approve(submitted, officers[1]).pk)
        found = {}
        for row in MarkHistory.objects.filter(pk__gt=last, subject="mark", cause="release"):
            found[row.before, row.after] = found.get((row.before, row.after), 0) + 1
        assert found == changes(submitted.preview)
        work_outbox()
        now = set(Content.objects.filter(is_public=True).values_list("pk", flat=True))
        assert (len(now - public), len(public - now)) == (
            submitted.preview["opened"],
            submitted.preview["closed"],
        )

    def test_an_entry_whose_last_verdict_goes_to_another_text_is_told(self, officers):
        party = Party.of(make_enterprise())
        declare(Row(1, party, party))
        audit("2026-09", Row(1, party, party))
        upload = make_upload("2026-09", Row(1, party, party, SOFA_OTHER_FACT))
        assert submit(upload, officers).preview["undecided"] == 1

    def test_a_later_month_outweighs_it(self, officers):
        party = Party.of(make_enterprise())
        audit("2026-10", Row(1, party, party))
        upload = make_upload("2026-09", Row(1, party, party, conforming=False))
        preview = submit(upload, officers).preview
        assert (preview["outdated"], preview["marks"], preview["contradicting"]) == (1, [], 0)

    def test_it_is_worked_out_again_when_the_data_have_changed(self, world, officers):
        submitted = submit(world, officers)
        assert is_fresh(submitted.preview) and not run_preview(submitted.pk)
        party = Party.of(make_enterprise())
        audit("2026-09", Row(77, party, party))
        assert not is_fresh(submitted.preview)
        seen = submitted.preview["at"]
        see_preview(submitted)
        assert is_fresh(submitted.preview) and submitted.preview["at"] > seen

    def test_rows_that_have_errors_now_are_told_in_its_place(self, world, officers):
        submitted = prepare(world, officers[0])
        row = world.rows.get(number=1)
        row.cells["hs_code"] = "12"
        row.save()
        see_preview(submitted)
        assert "序号 1 共 1 行按现在的规则有错误" in submitted.preview["faulty"]
        submitted.refresh_from_db()
        assert submitted.state == "to_review"

    def test_large_ones_are_left_to_a_worker_and_asked_for_once(self, world, officers, monkeypatch):
        sent = []
        monkeypatch.setattr(previewing, "AT_ONCE", 4)
        monkeypatch.setattr(
            queueing.current_app, "send_task", lambda name, args, **_: sent.append((name, args))
        )
        submitted = submit(world, officers)
        see_preview(submitted)
        assert submitted.preview == {}
        assert sent == [("customs_audit.preview_release", [submitted.pk])]
        assert run_preview(submitted.pk)


class TestWithdrawal:
    def test_it_says_what_will_change_and_leaves_nothing_behind(self, world, officers):
        submitted = prepare(world, officers[0])
        run_release(approve(submitted, officers[1]).pk)
        work_outbox()
        before = [model.objects.count() for model in STORED]
        told = see_withdrawal_preview(submitted.release)
        assert [model.objects.count() for model in STORED] == before
        assert {name: told[name] for name in told if name not in ("marks", "at", "state")} == {
            "rows": 5, "enterprises": 3, "contents": 3, "taken_over": 1, "hidden": 1,
            "opened": 1, "closed": 2, "undecided": 3,
        }  # fmt: skip
        assert changes(told) == {
            ("nonconforming", "conforming"): 1, ("conforming", "nonconforming"): 1,
        }  # fmt: skip
        assert see_withdrawal_preview(submitted.release) == told
        ask_for_withdrawal(submitted.release, "误传", officers[0])
        run_withdrawal(submitted.release_id)
        assert DeclaredLine.objects.filter(is_hidden=True).count() == 1
        assert see_withdrawal_preview(submitted.release) is None
