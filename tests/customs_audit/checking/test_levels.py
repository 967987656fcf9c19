"""An administrator turns a rule into a warning and back: what becomes of rows, log and page."""

import pytest
from django.urls import reverse

from authorization.change_models import ChangeEvent
from authorization.events import NOBODY, told
from authorization.models import Role
from customs_audit.checking import apply_levels
from customs_audit.checking.levels import CannotSwitch, set_level, shown_rules
from customs_audit.models import RuleLevel, UploadFault, UploadRow
from declarations.faults import Level
from tests.customs_audit.checking.uploads import check_cells
from tests.declarations.files import audited_row
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db

RULE = "trade_mode.unknown"
NEW_MODE = {"trade_mode": "0111"}


def states(upload):
    upload.refresh_from_db()
    rows = UploadRow.objects.filter(upload=upload).order_by("number")
    return upload.state, [row.state for row in rows]


def test_rows_that_wait_are_judged_again_when_a_rule_becomes_a_warning_and_back():
    upload = check_cells([audited_row(1, **NEW_MODE), audited_row(2, hs_code="1", **NEW_MODE)])
    assert states(upload) == ("to_mend", ["faulty", "faulty"])
    set_level(NOBODY, RULE, Level.WARNING)
    assert apply_levels() == 2
    assert states(upload) == ("to_mend", ["clean", "faulty"])
    levels = UploadFault.objects.filter(upload=upload, rule=RULE).values_list("level", flat=True)
    assert set(levels) == {"warning"}
    assert apply_levels() == 0
    set_level(NOBODY, RULE, Level.ERROR)
    assert apply_levels() == 2
    assert states(upload) == ("to_mend", ["faulty", "faulty"])


def test_rows_in_a_release_keep_what_was_judged():
    upload = check_cells([audited_row(1, **NEW_MODE), audited_row(2)])
    set_level(NOBODY, RULE, Level.WARNING)
    UploadRow.objects.filter(upload=upload, number=1).update(
        state="set_aside", set_aside_reason="以后再说"
    )
    assert apply_levels() == 0


def test_a_new_upload_is_checked_at_the_changed_level():
    set_level(NOBODY, RULE, Level.WARNING)
    assert states(check_cells([audited_row(1, **NEW_MODE)])) == ("to_release", ["clean"])


@pytest.mark.parametrize("rule", ["entry_id.form", "line.repeated", "g_name.vague", "no.such"])
def test_a_rule_that_guards_what_cannot_be_stored_is_not_turned(rule):
    with pytest.raises(CannotSwitch):
        set_level(NOBODY, rule, Level.WARNING)
    assert not RuleLevel.objects.exists()


def test_each_change_stands_in_the_log_with_before_and_after():
    administrator = make_user(Role.ADMINISTRATOR)
    client = client_for(administrator)
    page = client.get(reverse("admin:rules"), {"show": "switchable"})
    assert RULE in page.content.decode()
    assert "entry_id.form" not in page.content.decode()
    address = f"{reverse('admin:rules')}?show=switchable"
    answer = client.post(address, {"rule": RULE, "level": "warning"}, follow=True)
    assert f"规则“{RULE}”现为“提醒”" in answer.content.decode()
    event = ChangeEvent.objects.get(kind="rule_level")
    assert (event.actor, event.subject) == (administrator, RULE)
    assert told(event) == ["级别：错误 → 提醒"]
    assert RULE in client.get(reverse("admin:rules"), {"show": "changed"}).content.decode()
    client.post(address, {"rule": RULE, "level": "warning"})
    assert ChangeEvent.objects.filter(kind="rule_level").count() == 1


def test_the_page_refuses_what_no_button_of_it_sends():
    client = client_for(make_user(Role.ADMINISTRATOR))
    for sent in ({"rule": "entry_id.form", "level": "warning"}, {"rule": RULE, "level": "none"}):
        client.post(reverse("admin:rules"), sent)
    assert not RuleLevel.objects.exists()


def test_only_administrators_see_the_page():
    officer = client_for(make_user(Role.OFFICER))
    assert officer.get(reverse("admin:rules")).status_code in (302, 403, 404)


def test_every_rule_is_shown_with_its_source():
    shown = shown_rules()
    assert len(shown) > 80
    assert all(one.rule.source and one.level == one.usual for one in shown)
