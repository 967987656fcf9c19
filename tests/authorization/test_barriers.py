"""Why an enterprise's users can't get in: what administrators are told."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authorization import accounts, throttle
from authorization.account_models import PasswordLink, SingleWindowIdentity
from authorization.authorizing import revoke_by_administrator
from authorization.barriers import Mend, barriers_of_enterprise, barriers_of_users
from authorization.cards.refusals import Refused
from authorization.events import By
from authorization.models import Enterprise, Role
from tests.cards import LEGAL_PERSON, OPERATOR, authorize, installed_world, revoke
from tests.factories import make_authenticator, make_enterprise, make_user

pytestmark = pytest.mark.django_db
ADMINISTRATOR = Role.ADMINISTRATOR


def of_enterprise(enterprise):
    users = list(enterprise.users.order_by("pk"))
    return barriers_of_enterprise(Enterprise.objects.get(pk=enterprise.pk), users)


def said(barriers):
    return "\n".join(barrier.sentence for barrier in barriers)


def of_user(user):
    return barriers_of_users([user])[user.pk]


@pytest.fixture
def enterprise():
    """An authorized enterprise with a legal representative and an operator, both of whom can log in."""
    installed_world()
    enterprise = make_enterprise(authorized=False)
    holder = make_user(Role.LEGAL_REPRESENTATIVE, enterprise, display_name="欧阳小三")
    authorize(enterprise, holder)
    make_user(enterprise=enterprise)
    return enterprise


class TestEnterprise:
    def test_one_in_force_has_none(self, enterprise):
        assert of_enterprise(enterprise) == []

    def test_one_never_authorized(self):
        enterprise = make_enterprise(authorized=False)
        make_user(Role.LEGAL_REPRESENTATIVE, enterprise)
        assert "从未授权" in said(of_enterprise(enterprise))

    def test_one_whose_authorization_is_over(self, enterprise):
        at = timezone.now() - timedelta(days=1)
        Enterprise.objects.filter(pk=enterprise.pk).update(authorized_until=at)
        assert f"{timezone.localtime(at):%Y-%m-%d %H:%M} 到期" in said(of_enterprise(enterprise))

    def test_one_revoked_by_card_says_by_whom(self, enterprise):
        holder = enterprise.users.get(role=Role.LEGAL_REPRESENTATIVE)
        revoke(enterprise, holder)
        assert f"由企业法人 欧阳小三（{holder.username}） 凭卡撤销" in said(
            of_enterprise(enterprise)
        )

    def test_one_revoked_by_an_administrator_says_by_whom_and_why(self, enterprise):
        administrator = make_user(ADMINISTRATOR, display_name="李管理")
        revoke_by_administrator(enterprise, By(administrator), "证照过期。")
        sentence = said(of_enterprise(enterprise))
        assert f"由管理员 李管理（{administrator.username}） 撤销，原因：证照过期。须由" in sentence

    def test_one_without_a_credit_code_can_be_completed(self):
        [barrier, *_] = of_enterprise(make_enterprise(uscc=None))
        assert "没有登记统一社会信用代码" in barrier.sentence and barrier.mend == Mend.COMPLETE_CODE

    def test_one_without_users_or_without_a_representative_who_can_act(self):
        enterprise = make_enterprise(authorized=False)
        assert "还没有任何用户" in said(of_enterprise(enterprise))
        make_user(enterprise=enterprise)
        make_user(Role.LEGAL_REPRESENTATIVE, enterprise, is_active=False)
        assert "没有启用的法人账号" in said(of_enterprise(enterprise))

    def test_the_last_refused_card_is_told_but_blocks_nobody(self):
        enterprise = make_enterprise(authorized=False)
        holder = make_user(Role.LEGAL_REPRESENTATIVE, enterprise)
        card = installed_world().rsa.card(enterprise.uscc, eport={"5.3": OPERATOR})
        with pytest.raises(Refused):
            authorize(enterprise, holder, card=card)
        told = next(one for one in of_enterprise(enterprise) if one.mend == Mend.ATTEMPTS)
        assert "操作员卡不能授权" in told.sentence and not told.blocks
        # Its time, in brackets, may hold the same digits.
        assert LEGAL_PERSON not in re.sub("（[^）]*）", "", told.sentence, count=1)

    def test_cards_that_nobody_can_be_believed_by_are_told(self, settings, tmp_path):
        settings.CARD_ROOTS = str(tmp_path)
        enterprise = make_enterprise(authorized=False)
        assert any(barrier.mend == Mend.TRUST for barrier in of_enterprise(enterprise))


class TestUsers:
    def test_who_can_log_in_has_none(self):
        assert of_user(make_user()) == []

    def test_a_disabled_one(self):
        assert "已停用" in said(of_user(make_user(is_active=False)))

    def test_a_locked_one_says_for_how_long(self, settings):
        settings.LOGIN_FAILURES_ALLOWED = 1
        user = make_user()
        throttle.of_account(user.username).take()
        assert "已锁定，1 分钟后自动解除" in said(of_user(user))

    def test_one_without_a_password_and_without_with_or_with_an_old_link(self):
        user = make_user()
        user.set_unusable_password()
        user.save()
        assert "没有可用的设密链接" in said(of_user(user))
        link, _ = accounts.make_link(By(None), user)
        assert "尚未使用" in said(of_user(user))
        PasswordLink.objects.filter(pk=link.pk).update(
            expires_at=timezone.now() - timedelta(minutes=1)
        )
        assert "失效，请重新生成" in said(of_user(user))

    def test_where_passwords_are_off_the_single_window_is_named(self, settings):
        settings.LOCAL_PASSWORDS = False
        user, codeless = make_user(), make_user(enterprise=make_enterprise(uscc=None))
        assert f"用户名须为 {user.username}" in said(of_user(user))
        assert "无法对应到本企业" in said(of_user(codeless))
        SingleWindowIdentity.objects.create(user=user, issuer="https://oidc.test", subject="7")
        assert of_user(user) == []

    def test_an_administrator_without_a_second_factor(self, settings):
        settings.ADMIN_SECOND_FACTOR = True
        user = make_user(ADMINISTRATOR)
        assert "还没有绑定动态口令" in said(of_user(user))
        make_authenticator(user)
        assert of_user(user) == []

    def test_many_cost_as_many_queries_as_one(self):
        enterprise = make_enterprise(authorized=False)
        users = [make_user(enterprise=enterprise) for _ in range(6)]
        with CaptureQueriesContext(connection) as one:
            barriers_of_users(users[:1])
        with CaptureQueriesContext(connection) as many:
            barriers_of_users(users)
        assert len(one) == len(many) <= 2
