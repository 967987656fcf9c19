"""The demo: every mark to be seen, passwords that nobody else can read, nothing done twice."""

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from authorization.authorizing import revoke_by_administrator
from authorization.events import By
from authorization.models import (
    CardPurpose,
    CardSignature,
    CustomsCode,
    Enterprise,
    Role,
    User,
)
from catalogue.models import Outbox
from comparison.models import LibraryEntry, Mark
from customs_audit.models import AuditUpload, UploadFault, UploadRelease
from declarations.demo import damaging, story
from declarations.demo.elements import named_parts
from declarations.models import AuditVerdict, Content, DeclaredLine, ImportRun, Release
from messages_app.models import MessageVersion
from portal.demo import USERS, load_demo

# Each test takes back what it changes: its transaction is a savepoint of the module's.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("demo"),
]

TABLES = (Enterprise, CustomsCode, User, DeclaredLine, Content, AuditVerdict, Release,
          ImportRun, LibraryEntry, Outbox)  # fmt: skip


@dataclass
class Demo:
    counts: dict[str, int]
    var: Path
    today: date
    steps: list[str]

    @property
    def users_file(self) -> Path:
        return self.var / "demo_users.json"

    def load_again(self) -> dict[str, int]:
        return load_demo(self.var, self.today + timedelta(days=40), lambda step: None)


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Demo]:
    """Load the demo once for all tests of this file, and roll it back at their end."""
    var = tmp_path_factory.mktemp("var")
    today = timezone.localdate()
    steps: list[str] = []
    outer = transaction.atomic()
    # As Django's own TestCase: what must be a transaction of its own may be a savepoint of this.
    outer._from_testcase = True
    with django_db_blocker.unblock(), outer:
        demo = Demo(load_demo(var, today, steps.append), var, today, steps)
        # Now, or each test's end would look at all the demo's foreign keys again.
        connection.check_constraints()
        yield demo
        transaction.set_rollback(True)


def marks_of(party: story.Party) -> set[str]:
    return set(
        LibraryEntry.objects.filter(enterprise__uscc=party.uscc).values_list("mark", flat=True)
    )


def test_it_brings_five_thousand_lines_of_many_codes(demo):
    assert 4_500 < demo.counts["lines"] < 5_800
    assert demo.counts["lines"] == DeclaredLine.objects.exclude(declared_at=None).count()
    codes = set(Content.objects.values_list("hs_code", flat=True))
    assert len(codes) >= 60
    assert len({code[:2] for code in codes}) >= 25


def test_the_audited_months_are_the_two_before_this_one(demo):
    newest = (demo.today.replace(day=1) - timedelta(days=1)).replace(day=1)
    oldest = (newest - timedelta(days=1)).replace(day=1)
    released = Release.objects.exclude(released_at=None)
    months = released.order_by("audit_month").values_list("audit_month", flat=True)
    assert list(months) == [oldest, newest]
    assert demo.counts["releases"] == 2
    assert demo.counts["verdicts"] == AuditVerdict.objects.count() > 500


@pytest.mark.parametrize("party", [story.BROKER, story.TRADER, story.AGENT_AND_TRADER])
def test_every_mark_and_a_conflict_can_be_seen(party):
    assert marks_of(party) >= {
        Mark.CONFORMING,
        Mark.NONCONFORMING,
        Mark.SYSTEM_MATCHED,
        Mark.UNMARKED,
    }
    assert LibraryEntry.objects.filter(enterprise__uscc=party.uscc, has_conflict=True).exists()


def test_there_is_something_public_and_an_audited_text_of_its_own():
    assert Content.objects.filter(is_public=True).count() > 100
    assert AuditVerdict.objects.filter(is_effective=True, differs_from_line=True).exists()
    assert DeclaredLine.objects.filter(declared_at=None, is_hidden=False).exists()


def test_an_upload_waits_to_be_mended_and_a_release_for_a_second_officer(demo):
    """Of the fifteen kinds of faults all are found, but a day that reads as what it was."""
    to_mend, to_review = AuditUpload.objects.order_by("pk")
    assert to_mend.state == AuditUpload.State.TO_MEND
    rules = set(UploadFault.objects.filter(upload=to_mend).values_list("rule", flat=True))
    wanted = {kind.rule for kind in damaging.KINDS if kind.rule} | {"line.repeated"}
    assert wanted <= rules
    [release] = UploadRelease.objects.all()
    assert (release.upload, release.state) == (to_review, UploadRelease.State.TO_REVIEW)
    assert release.row_count == to_review.rows.count() == 60
    assert demo.counts["uploads"] == 2 and demo.load_again()["uploads"] == 0


def test_everything_is_compared(demo):
    assert not Outbox.objects.exists()
    assert demo.counts["marks"] > 0
    lines = DeclaredLine.objects.filter(is_hidden=False)
    wanted = {
        *lines.values_list("agent_id", "content_id"),
        *lines.values_list("trader_id", "content_id"),
    }
    assert wanted <= set(LibraryEntry.objects.values_list("enterprise_id", "content_id"))


def test_the_five_enterprises_are_who_they_should_be():
    assert Enterprise.objects.count() == 5
    assert not DeclaredLine.objects.filter(trader__uscc=story.WITHOUT_DATA.uscc).exists()
    unauthorized = Enterprise.objects.get(is_authorized=False)
    assert unauthorized.uscc == story.UNAUTHORIZED.uscc
    assert DeclaredLine.objects.filter(trader=unauthorized).exists()
    both = Enterprise.objects.get(uscc=story.AGENT_AND_TRADER.uscc)
    assert DeclaredLine.objects.filter(agent=both, trader=both).exists()
    assert DeclaredLine.objects.filter(agent=both).exclude(trader=both).exists()
    broker = Enterprise.objects.get(uscc=story.BROKER.uscc)
    assert not DeclaredLine.objects.filter(trader=broker).exists()
    for enterprise in Enterprise.objects.prefetch_related("customs_codes"):
        assert enterprise.customs_codes.count() == 1


def test_the_others_were_authorized_by_cards_of_both_kinds_through_the_real_verification():
    signed = CardSignature.objects.order_by("pk")
    assert [one.scheme for one in signed] == ["RSA_SHA256", "SM2_SM3", "RSA_SHA256", "SM2_SM3"]
    for one in signed:
        assert one.enterprise.may_be_entered()
        assert one.enterprise.authorization.signature == one
        assert one.purpose == CardPurpose.AUTHORIZE and one.enterprise.name in one.text
        assert one.enterprise_name_on_card == one.enterprise.name and not one.name_differs


def test_an_authorization_that_was_taken_back_is_not_given_again(demo):
    enterprise = Enterprise.objects.get(uscc=story.BROKER.uscc)
    revoke_by_administrator(enterprise, By(User.objects.get(username="demo_admin")), "演示撤销")
    assert demo.load_again()["authorizations"] == 0
    enterprise.refresh_from_db()
    assert not enterprise.may_be_entered()


def test_each_enterprise_has_an_operator_and_a_legal_representative():
    for enterprise in Enterprise.objects.all():
        roles = enterprise.users.order_by("role").values_list("role", flat=True)
        assert list(roles) == [Role.LEGAL_REPRESENTATIVE, Role.OPERATOR]
    assert User.objects.filter(role=Role.OFFICER).count() == 2
    assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1


def test_every_demo_user_can_log_in_with_the_password_of_the_file(demo):
    rows = json.loads(demo.users_file.read_text(encoding="utf-8"))
    assert [row["username"] for row in rows] == [user.username for user in USERS]
    assert len({row["password"] for row in rows}) == len(rows)
    for row in rows:
        user = authenticate(username=row["username"], password=row["password"])
        assert user is not None and user.role == row["role"]
        assert (user.enterprise.name if user.enterprise else "") == row["enterprise"]


def test_only_its_owner_may_read_the_passwords(demo):
    assert stat.S_IMODE(demo.users_file.stat().st_mode) == 0o600


def test_loading_again_even_next_month_changes_nothing(demo):
    before = [list(table.objects.order_by("pk").values()) for table in TABLES]
    file = demo.users_file.read_bytes()
    assert set(demo.load_again().values()) == {0}
    assert [list(table.objects.order_by("pk").values()) for table in TABLES] == before
    assert demo.users_file.read_bytes() == file


def test_a_start_that_was_ended_between_two_imports_is_finished(demo):
    MessageVersion.objects.all().delete()
    AuditVerdict.objects.all().delete()
    Release.objects.exclude(released_at=None).delete()
    assert demo.load_again()["releases"] == 2
    assert AuditVerdict.objects.count() == demo.counts["verdicts"]


def test_lost_passwords_are_made_anew_and_nobody_elses_is_touched(demo, tmp_path):
    other = User.objects.create_user("zhang", "a-password-of-its-own", role=Role.OFFICER)
    load_demo(tmp_path, demo.today, lambda step: None)
    rows = json.loads((tmp_path / "demo_users.json").read_text(encoding="utf-8"))
    old = json.loads(demo.users_file.read_text(encoding="utf-8"))
    assert authenticate(username=rows[0]["username"], password=rows[0]["password"])
    assert not authenticate(username=old[0]["username"], password=old[0]["password"])
    other.refresh_from_db()
    assert other.check_password("a-password-of-its-own")
    assert User.objects.count() == len(USERS) + 1


def test_the_same_day_tells_the_same_story_and_another_day_other_dates():
    first, again = (story.Story(date(2026, 11, 23)) for _ in range(2))
    assert list(first.declared_rows()) == list(again.declared_rows())
    assert first.audits == again.audits
    later = story.Story(date(2027, 1, 5))
    assert later.months == (date(2026, 11, 1), date(2026, 12, 1))
    assert max(line.declared_on for line in later.lines) <= date(2026, 12, 31)


def test_a_conforming_good_of_the_demo_fills_every_element():
    told = story.Story(date(2026, 11, 23))
    conforming = [
        verdict.goods
        for verdicts in told.audits.values()
        for verdict in verdicts
        if verdict.reason is None and verdict.line.stocked.goods == verdict.goods
    ]
    filled = [goods for goods in conforming if all(text for _, _, text in named_parts(goods))]
    # A near copy with an element left empty may have been overlooked; all others are complete.
    assert len(filled) > 0.97 * len(conforming)


def test_the_command_ends_with_one_line_of_json(demo, settings, capsys):
    settings.VAR_DIR, settings.DEMO_MODE = demo.var, True
    call_command("load_demo")
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["lines"] == 0 and "seconds" in last
