"""The log of changes: every change of an administrator, with before and after."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from authorization.change_models import ChangeEvent
from authorization.models import Role
from catalogue.models import Edition
from declarations.releases import withdraw
from tests.factories import (
    client_for,
    customs_code,
    make_audit,
    make_edition,
    make_enterprise,
    make_line,
    make_user,
    valid_uscc,
)

pytestmark = pytest.mark.django_db
LIST = reverse("admin:authorization_changeevent_changelist")


@pytest.fixture
def administrator():
    return make_user(Role.ADMINISTRATOR, display_name="李管理")


@pytest.fixture
def client(administrator):
    return client_for(administrator)


def listed(client, **query):
    return list(client.get(LIST, query).context["cl"].result_list)


def enterprise_url(word, enterprise):
    return reverse(f"admin:authorization_enterprise_{word}", args=[enterprise.pk])


def test_whatever_an_administrator_changes_is_in_it_with_who_and_whence(client, administrator):
    enterprise, user = make_enterprise(), make_user()
    edition = make_edition(2031, in_force=False)
    account = "admin:authorization_user_account_action"
    client.post(enterprise_url("correct", enterprise), {"name": "改名", "uscc": enterprise.uscc})
    client.post(enterprise_url("customs_code", enterprise), {"code": customs_code()})
    sent = {"reason": "证照过期", "authorization": enterprise.authorization_id}
    client.post(enterprise_url("revoke", enterprise), sent)
    client.post(reverse(account, args=[user.pk, "disable"]))
    client.post(
        reverse("admin:authorization_user_change", args=[user.pk]),
        {
            "username": user.username,
            "display_name": "改名",
            "role": user.role,
            "enterprise": user.enterprise_id,
        },
    )
    client.post(reverse("admin:catalogue_edition_put_in_force", args=[edition.pk]))
    client.post(reverse("admin:catalogue_edition_withdraw", args=[edition.pk]))
    events = ChangeEvent.objects.filter(actor=administrator).order_by("pk")
    assert [event.kind for event in events] == [
        "enterprise_changed",
        "customs_code_added",
        "authorization_revoked",
        "disabled",
        "changed",
        "edition_in_force",
        "edition_withdrawn",
    ]
    for event in events:
        assert event.address == client.defaults["REMOTE_ADDR"]
        assert event.before and event.after and event.subject
    # Django's own log, which knows no before and after, is not kept beside it.
    assert not LogEntry.objects.exists()


def test_releases_and_withdrawals_are_in_it_too(administrator):
    release = make_audit(make_line(), user=administrator)
    withdraw(release, "文件有误", administrator)
    released, withdrawn = ChangeEvent.objects.filter(of="release").order_by("pk")
    assert (released.number, released.actor) == (release.pk, administrator)
    assert withdrawn.after["reason"] == "文件有误" and withdrawn.kind == "release_withdrawn"


def test_a_change_shows_before_and_after_side_by_side(client):
    enterprise = make_enterprise("大连旧名有限公司")
    sent = {"name": "大连新名有限公司", "uscc": enterprise.uscc}
    client.post(enterprise_url("correct", enterprise), sent)
    [event] = listed(client)
    url = reverse("admin:authorization_changeevent_change", args=[event.pk])
    page = client.get(url).content.decode()
    for words in ("大连旧名有限公司", "大连新名有限公司", "李管理", "变更前", "变更后"):
        assert words in page
    assert enterprise_url("change", enterprise) in page


def test_one_is_found_by_enterprise_user_actor_date_and_kind(client, administrator):
    enterprise, stranger = make_enterprise(), make_enterprise(authorized=False)
    client.post(enterprise_url("correct", enterprise), {"name": "改名", "uscc": enterprise.uscc})
    client.post(enterprise_url("correct", stranger), {"name": "改名", "uscc": valid_uscc()})
    mine, _ = ChangeEvent.objects.order_by("pk")
    ChangeEvent.objects.filter(pk=mine.pk).update(at=timezone.now() - timedelta(days=60))
    mine.refresh_from_db()
    day = f"{timezone.localtime(mine.at):%Y-%m-%d}"
    assert listed(client, q=enterprise.uscc) == [mine]
    assert listed(client, q=day) == [mine]
    assert len(listed(client, q=administrator.username)) == 2
    assert len(listed(client, kind__exact="enterprise_changed")) == 2
    for nothing in ("2026-13-40", "nobody-here"):
        assert listed(client, q=nothing) == []


def test_a_rows_own_history_is_the_log_of_it(client):
    enterprise, user = make_enterprise(), make_user()
    edition = make_edition(2031)
    for model, row, query in (
        ("authorization_enterprise", enterprise, f"enterprise__id__exact={enterprise.pk}"),
        ("authorization_user", user, f"of=account&number={user.pk}"),
        ("catalogue_edition", edition, f"of=edition&number={edition.pk}"),
    ):
        response = client.get(reverse(f"admin:{model}_history", args=[row.pk]))
        assert response.url == f"{LIST}?{query}"
        assert client.get(response.url).status_code == 200
    line = make_line()
    history = reverse("admin:declarations_declaredline_history", args=[line.pk])
    assert client.get(history).status_code == 404


def test_it_can_be_changed_or_deleted_by_nobody(client):
    event = ChangeEvent.objects.create(
        kind="disabled", user=make_user(), before={"is_active": True}, after={"is_active": False}
    )
    for word in ("change", "delete"):
        url = reverse(f"admin:authorization_changeevent_{word}", args=[event.pk])
        assert client.post(url, {"post": "yes", "kind": "enabled"}).status_code == 403
    event.refresh_from_db()
    assert event.kind == "disabled"


def test_what_is_no_account_shows_not_on_the_legal_representatives_page(client):
    enterprise = make_enterprise()
    client.post(enterprise_url("correct", enterprise), {"name": "改名", "uscc": enterprise.uscc})
    legal = client_for(make_user(Role.LEGAL_REPRESENTATIVE, enterprise))
    assert "更正企业信息" not in legal.get(reverse("account:events")).content.decode()
    assert Edition.objects.count() == 0
