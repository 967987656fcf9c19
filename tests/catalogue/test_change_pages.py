"""The page of changes between two editions, its conditions and its workbook."""

import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authorization.models import Role
from catalogue.changes import edition_changes
from tests.catalogue.shelf import CODES_2025, HEADINGS, earlier, newest
from tests.factories import Listed, client_for, make_edition, make_user

pytestmark = pytest.mark.django_db
URL = "/catalogue/changes/2024/2025/"


@pytest.fixture
def client():
    return client_for(make_user())


@pytest.fixture
def both():
    return earlier(), newest()


def text_of(response) -> str:
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def codes_of(response) -> list[str]:
    return re.findall(r'<td class="cell-code"><a[^>]*>([0-9.]+)</a>', response.content.decode())


def test_the_summary_counts_codes_and_elements(client, both):
    text = text_of(client.get(URL))
    assert "新增编码 2 个编码" in text
    assert "取消编码 1 个编码" in text
    assert "要素变化 2 个编码" in text
    # 种类 and 是否量产 come, 批号 goes, 用途 is renamed, 型号 or 品牌 moves.
    assert "要素新增 2 处 要素删除 1 处 要素更名 1 处 要素移位 1 处" in text


def test_each_changed_code_says_what_became_of_its_elements(client, both):
    response = client.get(URL)
    assert codes_of(response) == ["8482.1010", "8482.1020", "8542.3900", "8542.3910", "8542.3990"]
    text = text_of(response)
    assert "更名 1 用途 → 应用场景" in text
    assert "删除 5 批号" in text
    assert "新增 2 种类" in text
    assert "（原第 2 项）" in text
    assert "滚动轴承 › 滚珠轴承 深沟球轴承" in text


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("kind=new", ["8482.1010", "8542.3910"]),
        ("kind=gone", ["8542.3900"]),
        ("kind=changed", ["8482.1020", "8542.3990"]),
        ("kind=renamed", ["8542.3990"]),
        ("kind=moved", ["8482.1020"]),
        ("chapter=84", ["8482.1010", "8482.1020"]),
        ("hs_code=8542.39&kind=new", ["8542.3910"]),
        ("chapter=84&hs_code=85", []),
    ],
)
def test_it_is_narrowed_by_kind_chapter_and_code(client, both, query, codes):
    assert codes_of(client.get(f"{URL}?{query}")) == codes


def test_a_condition_that_is_none_gets_a_sentence(client, both):
    text = text_of(client.get(f"{URL}?hs_code=x"))
    assert "应为 2 至 8 位数字" in text
    assert "未执行查询" in text


def test_a_code_that_is_gone_leads_to_its_page_by_the_old_edition(client, both):
    html = client.get(f"{URL}?kind=gone").content.decode()
    assert 'href="/catalogue/codes/85423900/?edition=2024"' in html
    assert client.get("/catalogue/codes/85423900/?edition=2024").status_code == 200


def test_the_other_way_round_new_and_gone_change_places(client, both):
    response = client.get("/catalogue/changes/2025/2024/?kind=new")
    assert codes_of(response) == ["8542.3900"]


def test_all_changes_under_the_conditions_go_into_a_workbook(client, both):
    response = client.get(f"{URL}?export=all&kind=changed")
    assert "filename*=utf-8" in response.headers["Content-Disposition"]
    rows = list(
        openpyxl.load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True)
    )
    assert rows[0][:4] == ("商品编码", "货品名称", "编码变化", "要素变化")
    assert {row[0] for row in rows[1:]} == {"84821020", "85423990"}
    renamed = next(row for row in rows if row[3] == "更名")
    assert renamed == (
        "85423990", "集成电路 > 集成电路 > 其他 > 其他", "要素变化", "更名",
        1, "用途", "归类要素", 1, "应用场景", "归类要素",
    )  # fmt: skip


def test_nothing_to_export_leads_back_with_a_sentence(client, both):
    response = client.get(f"{URL}?export=all&chapter=84&hs_code=85", follow=True)
    assert "没有数据可以导出" in text_of(response)


def test_equal_editions_say_so(client):
    newest()
    make_edition(2026, CODES_2025, headings=HEADINGS)
    text = text_of(client.get("/catalogue/changes/2025/2026/"))
    assert "两个版本的商品编码和申报要素完全相同" in text


@pytest.mark.parametrize("years", ["2019/2025", "2024/2019"])
def test_an_unknown_year_gets_a_page_that_offers_those_that_there_are(client, both, years):
    response = client.get(f"/catalogue/changes/{years}/")
    assert response.status_code == 404
    text = text_of(response)
    assert "没有可供对比的 2019 年版目录" in text
    assert "可以对比的版本：2025 年版、2024 年版" in text
    # The form begins with two that can be compared.
    chosen = re.findall(r'value="(\d+)" selected', response.content.decode())
    assert chosen == ["2024", "2025"]


def test_an_edition_is_not_compared_with_itself(client, both):
    response = client.get("/catalogue/changes/2025/2025/")
    assert response.status_code == 404
    assert "两个版本相同" in text_of(response)


def test_the_form_leads_to_the_two_chosen_editions(client, both):
    response = client.get("/catalogue/changes/", {"old": "2024", "new": "2025"})
    assert (response.status_code, response.url) == (302, URL)
    wrong = client.get("/catalogue/changes/", {"old": "2025", "new": "2025"})
    assert wrong.status_code == 404
    assert "两个版本相同" in text_of(wrong)
    strange = client.get("/catalogue/changes/", {"old": "1", "new": "2025"})
    assert "不在可选范围内" in text_of(strange)


def test_without_a_choice_the_two_newest_are_compared(client, both):
    assert client.get("/catalogue/changes/").url == URL


def test_one_edition_alone_cannot_be_compared(client):
    newest()
    response = client.get("/catalogue/changes/")
    assert response.status_code == 200
    assert "目前只有一个可查询的目录版本" in text_of(response)


def test_only_administrators_compare_with_an_edition_that_is_not_in_force(client):
    newest()
    earlier(in_force=False)
    administrator = client_for(make_user(Role.ADMINISTRATOR))
    assert client.get(URL).status_code == 404
    # The year means its newest revision where none is in force.
    assert administrator.get(URL).status_code == 200
    assert administrator.get("/catalogue/changes/2024-1/2025/").status_code == 200


def test_a_year_means_its_revision_in_force(client):
    earlier()
    newest(in_force=False)
    make_edition(2025, {"85423990": Listed("其他", ("甲",))}, headings=HEADINGS, revision=2)
    assert codes_of(client.get(f"{URL}?kind=new")) == []


def test_a_page_costs_few_queries(client, both, django_assert_max_num_queries):
    client.get(URL)
    with django_assert_max_num_queries(10):
        client.get(URL)


def test_two_editions_are_compared_by_as_many_queries_however_many_codes_changed():
    def queries(first: int, count: int, years: tuple[int, int]) -> int:
        codes = {f"{n:08d}": Listed("其他", ["甲", "乙"]) for n in range(first, first + count)}
        changed = {code: Listed("其他", ["甲", "乙", "新"]) for code in list(codes)[::2]}
        old, new = make_edition(years[0], codes), make_edition(years[1], codes | changed)
        with CaptureQueriesContext(connection) as asked:
            assert len(edition_changes(old, new)) == count // 2
        return len(asked)

    assert queries(1_020_000, 400, (2022, 2023)) == queries(1_010_000, 4, (2024, 2025))
