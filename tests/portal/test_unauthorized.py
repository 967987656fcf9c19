import pytest
from django.urls import reverse

from authorization.gate import NOT_TAKEN
from authorization.masking import masked_name
from authorization.models import Role
from tests.cards import authorize, revoke
from tests.factories import client_for, make_enterprise, make_user

URL = "/unauthorized/"


def page_of(user):
    return client_for(user).get(URL).content.decode()


@pytest.mark.django_db
class TestNotice:
    def test_it_says_what_is_missing_who_can_mend_it_and_how(self, settings):
        enterprise = make_enterprise(name="大连虚构海产有限公司", authorized=False)
        make_user(Role.LEGAL_REPRESENTATIVE, enterprise, display_name="欧阳小三")
        page = page_of(make_user(enterprise=enterprise))
        for words in ("大连虚构海产有限公司", enterprise.uscc, "未授权", "法人卡", "欧**三"):
            assert words in page
        assert settings.SERVICE_HOTLINE in page
        assert "欧阳小三" not in page

    def test_a_legal_representative_is_told_that_it_is_theirs_to_do(self):
        enterprise = make_enterprise(authorized=False)
        assert "您正以企业法人登录" in page_of(make_user(Role.LEGAL_REPRESENTATIVE, enterprise))
        assert "您正以企业法人登录" not in page_of(make_user(enterprise=enterprise))

    def test_only_legal_representatives_of_this_enterprise_who_can_log_in_are_named(self):
        enterprise = make_enterprise(authorized=False)
        make_user(Role.LEGAL_REPRESENTATIVE, enterprise, display_name="赵离职", is_active=False)
        make_user(Role.LEGAL_REPRESENTATIVE, display_name="钱别家")
        page = page_of(make_user(enterprise=enterprise, display_name="孙操作"))
        assert "赵*职" not in page and "钱*家" not in page
        assert "还没有企业法人用户" in page
        assert "开通后，请企业法人登录" in page and "上述企业法人" not in page

    def test_without_a_credit_code_it_says_that_no_card_can_help_and_what_to_do(self):
        enterprise = make_enterprise(uscc=None)
        page = page_of(make_user(enterprise=enterprise))
        assert "没有统一社会信用代码" in page and "补全" in page
        with_code = page_of(make_user(enterprise=make_enterprise(authorized=False)))
        assert "没有统一社会信用代码" not in with_code

    def test_the_menu_offers_nothing_that_cannot_be_opened(self):
        client = client_for(make_user(enterprise=make_enterprise(authorized=False)))
        page = client.get(URL).content.decode()
        menu = page[page.index("<nav") : page.index("</nav>")] if "<nav" in page else ""
        for name in ("企业库", "公共库", "企业消息"):
            assert name not in menu

    def test_once_authorized_the_next_look_leads_to_the_home_page(self):
        enterprise = make_enterprise(authorized=False)
        client = client_for(make_user(enterprise=enterprise))
        assert client.get("/").url == URL
        authorize(enterprise)
        assert client.get(URL).url == reverse("home")
        assert client.get("/").status_code == 200

    def test_taking_the_authorization_back_closes_everything_at_once(self):
        user = make_user()
        client = client_for(user)
        assert client.get("/").status_code == 200
        revoke(user.enterprise)
        assert client.get("/").url == URL

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
    def test_what_is_sent_after_that_is_said_not_to_have_been_taken(self, headers):
        user = make_user()
        client = client_for(user)
        revoke(user.enterprise)
        client.get("/library/check/", headers=headers)
        assert NOT_TAKEN not in client.get(URL).content.decode()
        answer = client.post("/library/check/", {"g_model": "1:品牌"}, headers=headers)
        assert URL in (answer.headers.get("Location"), answer.headers.get("HX-Redirect"))
        assert NOT_TAKEN in client.get(URL).content.decode()
        # Once: the notice is not about what came before it.
        assert NOT_TAKEN not in client.get(URL).content.decode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳小三", "欧**三"),
        ("张", "*"),
        ("", "*"),
        (" 张三 ", "张*"),
    ],
)
def test_a_name_is_shown_without_its_middle(name, shown):
    assert masked_name(name) == shown
