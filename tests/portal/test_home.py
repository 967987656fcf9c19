from datetime import date

import pytest
from django.urls import reverse

from authorization.models import Role
from comparison.models import Mark
from comparison.working import work_outbox
from tests.customs_audit.upload_rows import add_rows, make_release, make_upload
from tests.factories import (
    client_for,
    make_audit,
    make_enterprise,
    make_goods,
    make_line,
    make_user,
)

pytestmark = pytest.mark.django_db


def functions(client):
    return {one.title: one for one in client.get(reverse("home")).context["functions"]}


@pytest.fixture
def trader():
    return make_enterprise("大连虚构海产有限公司")


@pytest.fixture
def client(trader):
    return client_for(make_user(enterprise=trader))


class TestHome:
    def test_it_offers_the_three_functions_with_links_to_them(self, client):
        page = client.get(reverse("home")).content.decode()
        for title, name in {
            "企业库": "enterprise_lib:list",
            "公共库": "public_lib:list",
            "企业消息": "messages_app:list",
        }.items():
            assert title in page and f'href="{reverse(name)}"' in page

    def test_an_enterprise_without_data_gets_a_page_that_says_so(self, client):
        found = functions(client)
        assert found["企业库"].facts == [("数据条数", "0"), ("最近申报日期", "—")]
        assert found["公共库"].facts == [("规范数据条数", "0"), ("最近审核月份", "—")]
        assert found["企业消息"].facts == [("未读消息", 0), ("最近推送", "—")]
        assert "暂无新动态" in client.get(reverse("home")).content.decode()

    def test_it_counts_this_enterprises_rows_and_names_its_newest_day(self, client, trader):
        make_line(trader=trader, declared_on=date(2026, 2, 3))
        make_line(agent=make_enterprise(), trader=trader, declared_on=date(2026, 3, 4))
        make_line(declared_on=date(2026, 5, 6))
        for compared in (False, True):
            if compared:
                work_outbox()
            assert functions(client)["企业库"].facts == [
                ("数据条数", "2"),
                ("最近申报日期", "2026-03-04"),
            ]

    def test_it_tells_which_rows_need_a_look(self, client, trader):
        wrong = make_line(trader=trader, goods=make_goods("冻鳕鱼片", "4|3|冻|海牌"))
        make_line(trader=trader, goods=wrong.goods)
        right = make_line(trader=trader, goods=make_goods("滚珠轴承", "4|3|钢制|星牌"))
        make_audit(wrong, right, conforming=[False, True])
        work_outbox()
        ((sentence, url),) = functions(client)["企业库"].news
        assert sentence == "2 条数据被审核为不规范，可逐条查看原因"
        assert [row.mark for row in client.get(url).context["page"].rows] == [
            Mark.NONCONFORMING
        ] * 2

    def test_it_tells_how_far_the_public_library_reaches_as_any_reader_may_know(self, client):
        lines = [make_line() for _ in range(3)]
        make_audit(lines[0], month=date(2026, 4, 1))
        work_outbox()
        few = functions(client)["公共库"]
        assert few.facts[0] == ("规范数据条数", "1")
        assert "季度" in few.facts[1][1] and "2026-04" not in str(few)
        make_audit(*lines, month=date(2026, 5, 1))
        work_outbox()
        assert functions(client)["公共库"].facts[1] == ("最近审核月份", "2026-05")

    def test_a_new_message_is_counted_until_it_is_read(self, client, trader):
        make_audit(make_line(trader=trader), month=date(2026, 4, 1))
        found = functions(client)["企业消息"]
        assert found.facts[0] == ("未读消息", 1)
        ((sentence, url),) = found.news
        assert sentence == "2026年04月海关规范申报审核情况（未读）"
        assert "2026年04月" in client.get(url).content.decode()

    def test_nothing_of_another_enterprise_shows(self, client):
        other = make_enterprise("营口别家矿业有限公司")
        make_audit(
            make_line(trader=other, goods=make_goods("铁矿砂", "4|3|赤铁矿")), conforming=False
        )
        work_outbox()
        page = client.get(reverse("home")).content.decode()
        assert (
            "营口别家" not in page
            and "不规范" not in page.split("home-functions")[1].split("</main>")[0]
        )
        assert functions(client)["企业消息"].facts[0] == ("未读消息", 0)

    def test_it_costs_few_queries_however_many_rows_there_are(
        self, client, trader, django_assert_max_num_queries
    ):
        for number in range(12):
            make_line(trader=trader, goods=make_goods("螺母", f"4|3|钢|M{number}"))
        work_outbox()
        client.get(reverse("home"))
        with django_assert_max_num_queries(14):
            client.get(reverse("home"))


class TestFrame:
    def test_the_sign_of_new_messages_stands_on_every_page_of_the_enterprise(self, client, trader):
        assert "new-sign" not in client.get(reverse("help")).content.decode()
        make_audit(make_line(trader=trader))
        assert "new-sign" in client.get(reverse("help")).content.decode()

    def test_each_user_has_signs_of_his_own(self, trader):
        make_audit(make_line(trader=trader))
        for role in (Role.OPERATOR, Role.LEGAL_REPRESENTATIVE):
            page = client_for(make_user(role, trader)).get(reverse("help")).content.decode()
            assert "new-sign" in page

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
    def test_those_without_an_enterprise_have_no_messages(self, role):
        page = client_for(make_user(role)).get(reverse("help")).content.decode()
        assert "message-sign" not in page

    def test_pages_for_everybody_ask_the_database_nothing(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert client_for().get(reverse("help")).status_code == 200

    def test_the_user_menu_names_the_person_and_offers_leaving_by_a_form(self, client, trader):
        page = client.get(reverse("help")).content.decode()
        assert trader.name in page and "退出登录" in page
        assert f'<form method="post" action="{reverse("logout")}">' in page


class TestOfficersHome:
    def test_it_offers_what_officers_do_and_what_waits_for_this_one(self):
        officer, other = make_user(Role.OFFICER), make_user(Role.OFFICER)
        mine = make_upload(officer, file_name="三月.xlsx")
        add_rows(mine, faulty=2, clean=3)
        theirs = make_upload(other, file_name="四月.xlsx", state="to_release")
        add_rows(theirs, in_release=5)
        own = make_upload(officer, file_name="五月.xlsx", state="to_confirm")
        make_release(own, submitted_by=officer)
        found = functions(client_for(officer))
        assert list(found)[:2] == ["审核数据上传", "审核数据发布"]
        assert dict(found["审核数据上传"].facts)["待修正"] == 1
        assert [sentence for sentence, _ in found["审核数据上传"].news] == [
            "“五月.xlsx”的表头等待您确认",
            "“三月.xlsx”还有 2 行待修正",
        ]
        assert dict(found["审核数据发布"].facts)["待复核"] == 2
        (waiting,) = found["审核数据发布"].news
        assert "“四月.xlsx”" in waiting[0] and "等待您复核" in waiting[0]

    def test_with_nothing_to_do_it_says_so(self):
        page = client_for(make_user(Role.OFFICER)).get(reverse("home")).content.decode()
        assert page.count("没有等待您处理的事项") == 3

    def test_its_queries_do_not_grow(self, django_assert_max_num_queries):
        officer = make_user(Role.OFFICER)
        for number in range(6):
            add_rows(make_upload(officer, file_name=f"{number}.xlsx"), faulty=1, in_release=1)
        client = client_for(officer)
        client.get(reverse("home"))
        with django_assert_max_num_queries(14):
            client.get(reverse("home"))
