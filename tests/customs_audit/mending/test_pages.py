"""The officers' pages of mending: the sum, counts that lead to the grid, the grid, one row."""

import json
import re

import pytest

from authorization.ledger_models import LedgerEntry
from authorization.models import CustomsCode, Role
from customs_audit.mending.summing import sum_of, summary
from customs_audit.models import AuditUpload, UploadRow
from tests.customs_audit.mending.uploads import change, make_checked, row_of, states
from tests.declarations.files import audited_row, entry_id
from tests.factories import client_for, make_enterprise, make_line, make_user

pytestmark = pytest.mark.django_db

BAD = {"trade_mode": "110"}


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


@pytest.fixture
def client(officer):
    return client_for(officer)


@pytest.fixture
def upload():
    """Five rows: three to mend, one with a warning, one clean."""
    return make_checked(
        [
            audited_row(1, trade_mode="110"),
            audited_row(2, trade_mode="110", g_name="<b>轴承</b>"),
            audited_row(3, ie_flag=""),
            audited_row(4, g_name="零件"),
            audited_row(5),
        ]
    )


def grid(upload, **query):
    return f"/customs/uploads/{upload.pk}/mend/", query


def shown(client, upload, **query):
    """The numbers of the rows that the grid shows."""
    page = client.get(*grid(upload, **query)).content.decode()
    return [int(number) for number in re.findall(r'<tr data-number="(\d+)"', page)]


class TestSum:
    def test_the_file_s_rows_are_always_made_up(self, upload):
        found = sum_of(upload)
        assert found.total == 5
        assert {part.state.value: part.rows for part in found.parts} == {
            "released": 0, "in_release": 0, "clean": 2, "set_aside": 0, "faulty": 3,
        }  # fmt: skip

    def test_it_stands_on_every_page_of_mending(self, client, upload):
        for path in ("", "rows/1/", "same/?rule=trade_mode.form&field=trade_mode&value=110"):
            page = client.get(f"/customs/uploads/{upload.pk}/mend/{path}").content.decode()
            assert re.search(r"文件 <strong[^>]*>5</strong> 行", page)
            assert re.search(r"待修正 <strong[^>]*>3</strong>", page)


class TestSummary:
    def test_counts_lead_to_the_rows_that_they_count(self, client, upload):
        found = summary(upload)
        rules = {(group.words, group.field): group for group in found["by_rule"]}
        group = rules["监管方式应为 4 位数字代码（如 0110）", "监管方式"]
        assert group.count == 2
        for group in [*found["by_rule"], *found["by_field"], *found["by_level"]]:
            page = client.get(group.url).content.decode()
            assert len(re.findall("<tr data-number=", page)) == group.count

    def test_what_is_set_aside_is_not_asked_for_any_more(self, upload):
        UploadRow.objects.filter(number=1).update(state="set_aside", set_aside_reason="重复")
        assert {group.words: group.count for group in summary(upload)["by_level"]} == {
            "错误": 2, "提醒": 1,
        }  # fmt: skip

    def test_nothing_is_asked_of_an_upload_that_is_being_checked(
        self, upload, django_assert_num_queries
    ):
        upload.state = AuditUpload.State.CHECKING
        with django_assert_num_queries(0):
            assert "正在校验" in summary(upload)["why_not"]

    def test_it_costs_a_few_queries(self, upload, django_assert_max_num_queries):
        with django_assert_max_num_queries(10):
            summary(upload)


class TestGrid:
    def test_a_bare_address_shows_what_is_to_mend(self, client, upload):
        assert shown(client, upload) == [1, 2, 3]

    @pytest.mark.parametrize(
        ("query", "rows"),
        [
            ({"show": "warned"}, [1, 2, 3, 4]),
            ({"show": "clean"}, [4, 5]),
            ({"show": "all"}, [1, 2, 3, 4, 5]),
            ({"rule": "trade_mode.form"}, [1, 2]),
            ({"field": "ie_flag"}, [3]),
            ({"level": "warning", "show": "warned"}, [4]),
            ({"rule": "trade_mode.form", "field": "ie_flag"}, []),
            ({"entry_id": entry_id(2)[:17]}, [1, 2, 3]),
            ({"entry_id": entry_id(2)}, [2]),
            ({"keyword": "轴承"}, [1, 2, 3]),
            ({"keyword": "<b>"}, [2]),
            ({"keyword": "lb5c2", "show": "all"}, [1, 2, 3, 4, 5]),
        ],
    )
    def test_conditions_narrow_it(self, client, upload, query, rows):
        assert shown(client, upload, **query) == rows

    def test_each_fault_stands_at_its_cell_with_its_sentence(self, client, upload):
        page = client.get(*grid(upload)).content.decode()
        row = page.partition('<tr data-number="1"')[2].partition("</tr>")[0]
        cell = row.partition('data-field="trade_mode"')[2].partition("</td>")[0]
        assert "监管方式应为 4 位数字代码" in cell and ">110</span>" in cell
        assert "&lt;b&gt;轴承&lt;/b&gt;" in page

    def test_the_original_value_stays_in_sight(self, client, upload, officer):
        change(upload, 1, "trade_mode", "0999", by=officer)
        page = client.get(*grid(upload)).content.decode()
        assert re.search(r"原值 <del>110</del>.*王审核.*页面修正", page)

    @pytest.mark.parametrize("query", [{"field": "ie_flag"}, {"show": "all"}])
    def test_a_page_of_any_length_costs_the_same(
        self, client, upload, query, django_assert_max_num_queries
    ):
        make_line(entry_id=entry_id(1), g_no=1, name="别的", g_model="0|3|别的")
        client.get(*grid(upload))
        # Five of them where the rows name an enterprise that is known: the ledger's.
        with django_assert_max_num_queries(18):
            client.get(*grid(upload, **query))

    def test_a_foreign_or_missing_upload_is_none(self, client, upload):
        assert client.get(f"/customs/uploads/{upload.pk + 1}/mend/").status_code == 404

    def test_the_ledger_says_who_looked_at_whose_rows(self, client):
        agent, trader = make_enterprise(), make_enterprise(uscc=None)
        code = CustomsCode.objects.get(enterprise=trader).code
        upload = make_checked(
            [audited_row(1, agent_uscc=agent.uscc, trader_uscc="", trader_code=code, **BAD)]
        )
        client.get(*grid(upload))
        entry = LedgerEntry.objects.get()
        assert [one[0] for one in entry.enterprises] == [agent.pk, trader.pk]
        assert f"上传 {upload.pk}" in entry.what and entry.rows == 1


class TestSave:
    def save(self, client, upload, *changes, shown="1,2,3"):
        sent = [
            {"number": number, "version": version, "field": field, "text": text}
            for number, version, field, text in changes
        ]
        return client.post(
            f"/customs/uploads/{upload.pk}/mend/save/",
            {"changes": json.dumps(sent), "shown": shown},
        )

    def test_it_answers_with_the_shown_rows_as_they_are_now(self, client, upload, officer):
        answer = self.save(client, upload, (1, 1, "trade_mode", "0110"))
        page = answer.content.decode()
        assert answer["X-Portal-Part"] == "rows"
        assert 'data-cells="1" data-rows="1" data-stopped="0"' in page
        assert re.findall(r'<tr data-number="(\d+)" data-version="(\d+)"', page) == [
            ("1", "2"), ("2", "1"), ("3", "1"),
        ]  # fmt: skip
        assert re.search(r"待修正 <strong[^>]*>2</strong>", page), "the sum is true at once"
        assert row_of(upload, 1).changes.get().by == officer

    def test_what_meets_another_s_change_comes_back_as_it_was_typed(self, client, upload):
        change(upload, 1, "auditor", "张审核")
        page = self.save(client, upload, (1, 1, "trade_mode", '0"110')).content.decode()
        assert 'data-typed="0&quot;110"' in page and "刚被别人改过" in page
        assert 'data-version="2"' in page and "张审核" in page

    def test_an_upload_that_is_checked_again_says_so(self, client, upload):
        AuditUpload.objects.update(state="checking")
        page = self.save(client, upload, (1, 1, "trade_mode", "0110")).content.decode()
        assert "正在校验" in page and row_of(upload, 1).version == 1

    @pytest.mark.parametrize("changes", ["{", "[1]", '[{"number": "x"}]', '[{"number": 1}]'])
    def test_what_no_page_sends_is_a_bad_request(self, client, upload, changes):
        url = f"/customs/uploads/{upload.pk}/mend/save/"
        assert client.post(url, {"changes": changes}).status_code == 400


class TestRow:
    def url(self, upload, number):
        return f"/customs/uploads/{upload.pk}/mend/rows/{number}/"

    def test_a_plain_form_changes_what_was_typed(self, client, upload):
        form = {
            "version": "1",
            "was-trade_mode": "110", "cell-trade_mode": "0110",
            "was-auditor": "李审核", "cell-auditor": "李审核",
        }  # fmt: skip
        page = client.post(self.url(upload, 1), form, follow=True).content.decode()
        assert "已保存 1 处修改" in page and states(upload)[0] == "clean"
        assert "修改记录" in page and "110" in page

    def test_typed_texts_survive_a_conflict_and_are_saved_at_the_second_try(self, client, upload):
        change(upload, 1, "auditor", "张审核")
        form = {"version": "1", "was-trade_mode": "110", "cell-trade_mode": "0110"}
        page = client.post(self.url(upload, 1), form).content.decode()
        assert "刚被别人改过" in page and re.search(r"<textarea[^>]*>\s*0110</textarea>", page)
        client.post(self.url(upload, 1), form | {"version": "2"})
        assert row_of(upload, 1).cells["trade_mode"] == "0110"

    def test_a_number_is_kept_as_text_where_that_is_ticked(self, client):
        upload = make_checked([audited_row(1, g_model=123456)])
        page = client.get(self.url(upload, 1)).content.decode()
        assert "文件中是数字，按显示的内容存为文本" in page
        form = {"version": "1", "was-g_model": "123456", "cell-g_model": "123456"}
        client.post(self.url(upload, 1), form | {"as_text": "g_model"})
        assert row_of(upload, 1).cells["g_model"] == "123456"

    def test_it_says_whose_words_count_for_the_goods(self, client, upload):
        page = client.get(self.url(upload, 1)).content.decode()
        assert "审核的就是申报的内容" in page and 'name="cell-g_model"' in page
        make_line(entry_id=entry_id(1), g_no=1, name="推力轴承", g_model="0|3|别的")
        page = client.get(self.url(upload, 1)).content.decode()
        assert 'name="cell-g_model"' not in page and "改为申报文本" in page

    def test_one_click_takes_the_declared_text(self, client, upload):
        make_line(entry_id=entry_id(1), g_no=1, name="推力轴承", g_model="0|3|别的")
        url = f"/customs/uploads/{upload.pk}/mend/declared/"
        assert client.post(url, {"only": "1:1:g_name"}).status_code == 302
        assert row_of(upload, 1).cells["g_name"] == "推力轴承"
        client.post(url, {"only": "2:1:g_name"})
        assert row_of(upload, 2).version == 1, "nobody declared that line"

    def test_a_row_that_is_none_is_not_found(self, client, upload):
        assert client.get(self.url(upload, 99)).status_code == 404
