"""What the 公共库 never shows: parties, entry numbers, prices, quantities, dates, hidden parts."""

import ast
import re
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import public_lib
from comparison.choices import set_publication
from comparison.models import Publication, PublicContent
from comparison.working import work_outbox
from declarations.releases import withdraw
from tests.factories import client_for, make_enterprise, make_user
from tests.public_lib.world import g_model, publish, row, store_edition, the_content

pytestmark = pytest.mark.django_db

LIST = "/public/"

# What only the two parties know. Each is searched for on every page and in every export.
SECRETS = {
    "agent": "锦鲤湾报关行",
    "trader": "鲸落岬轴承进出口",
    "entry id": "090820251700700701",
    "day": "2025-03-19",
    "price": "7319.53",
    "total": "731953",
    "quantity": "10077",
    "origin": "卢森堡",
    "currency": "LUX",
    "auditor": "欧阳审查",
    "signed on": "20250117",
    "producer": "鹤鸣渡轴承厂",
}


@pytest.fixture
def parties():
    return (
        make_enterprise(f"大连{SECRETS['agent']}有限公司", broker=True),
        make_enterprise(f"大连{SECRETS['trader']}有限公司"),
    )


@pytest.fixture
def public_row(parties, tmp_path):
    """One published content, audited with every fact that must stay hidden."""
    store_edition()
    release = publish(
        tmp_path,
        "2025-05",
        row(
            1,
            *parties,
            entry_id=SECRETS["entry id"],
            custom_master="0908",
            declared_on="20250319",
            decl_price=SECRETS["price"],
            decl_total=SECRETS["total"] + ".00",
            g_qty=SECRETS["quantity"],
            origin_country="LUX",
            auditor=SECRETS["auditor"],
            g_model=g_model(signed=SECRETS["signed on"], maker=SECRETS["producer"]),
            g_name="轮毂　轴承",
        ),
    )
    assert the_content().is_public
    return release


@pytest.fixture
def reader():
    """An operator of an enterprise that has nothing to do with it."""
    return client_for(make_user(enterprise=make_enterprise("营口虚构旁观者")))


def everything_shown(client) -> dict[str, str]:
    """All that a reader can get: the list, its part, the detail, the export."""
    detail = reverse("public_lib:elements", args=[the_content().pk])
    workbook = openpyxl.load_workbook(BytesIO(client.get(LIST, {"export": "xlsx"}).content))
    cells = [str(cell.value) for sheet in workbook for line in sheet.rows for cell in line]
    part = client.get(LIST, headers={"HX-Request": "true", "HX-Target": "result"})
    return {
        "list": client.get(LIST).content.decode(),
        "part": part.content.decode(),
        "detail": client.get(detail).content.decode(),
        "export": "\n".join(cells),
    }


def found_by(client, keyword: str) -> int:
    return client.get(LIST, {"keyword": keyword}).context["page"].count.value


def test_the_pages_show_the_content_and_the_export_too(public_row, reader):
    for place, text in everything_shown(reader).items():
        for shown in ("8482103000", "轮毂轴承", "海浪牌", "进口", "0110", "<3"):
            assert shown in text.replace("&lt;", "<").replace("<wbr>", ""), (place, shown)


@pytest.mark.parametrize("what", SECRETS)
def test_no_page_and_no_export_reveals(public_row, parties, reader, what):
    secret = SECRETS[what]
    for place, text in everything_shown(reader).items():
        assert secret not in text.replace("<wbr>", "").replace(",", ""), place
    for enterprise in parties:
        assert enterprise.uscc not in str(everything_shown(reader))


@pytest.mark.parametrize("what", SECRETS)
def test_no_search_finds_it_by(public_row, reader, what):
    assert found_by(reader, SECRETS[what]) == 0


def test_a_search_finds_what_is_shown(public_row, reader):
    for keyword in ("轴承", "海浪牌", "lb5", "ＬＢ５", "机床用 轮毂", "2025"):
        assert found_by(reader, keyword) == 1, keyword


def test_a_date_among_the_elements_is_its_year(public_row, reader):
    texts = everything_shown(reader)
    assert "|2025|已隐去" in texts["export"]
    assert re.search(r"签约日期<(?:(?!</tr>).)*>2025<", texts["detail"], re.S)


def test_what_the_reading_is_not_certain_of_is_neither_shown_nor_found(parties, reader, tmp_path):
    store_edition()
    publish(tmp_path, "2025-05", row(1, *parties, g_model=f"{g_model()}|||鲸落岬专供|又一项"))
    assert the_content().is_public
    for text in everything_shown(reader).values():
        assert "鲸落岬专供" not in text and "又一项" not in text
        # What surely stands under its element is shown all the same.
        assert "海浪牌" in text
    assert found_by(reader, "鲸落岬专供") == 0
    assert found_by(reader, "又一项") == 0
    assert found_by(reader, "海浪牌") == 1
    assert found_by(reader, "轮毂轴承") == 1


def test_nobody_sees_anothers_spelling(public_row, reader):
    for text in everything_shown(reader).values():
        assert "轮毂　轴承" not in text


class TestMonth:
    """The audit month is its quarter while fewer than three enterprises publish the content."""

    def test_it_is_the_quarter_for_two_and_the_month_for_three(self, parties, reader, tmp_path):
        store_edition()
        publish(tmp_path, "2025-05", row(1, *parties))
        assert "2025 年第二季度" in everything_shown(reader)["list"]
        assert "2025-05" not in "".join(everything_shown(reader).values())
        publish(tmp_path, "2025-05", row(2, parties[0], make_enterprise()))
        shown = everything_shown(reader)
        assert "2025-05" in shown["list"] and "2025-05" in shown["export"]
        assert "<3" not in shown["export"]

    def test_its_place_in_the_list_does_not_tell_the_month(self, parties, reader, tmp_path):
        store_edition()
        # May is published by many; April and June by two each, so that both are 第二季度.
        for number, month in enumerate(("2025-06", "2025-04"), 1):
            publish(tmp_path, month, row(number, *parties, g_model=g_model(model=f"Q{number}")))
        many = [make_enterprise() for _ in range(3)]
        publish(
            tmp_path,
            "2025-05",
            *(row(9 + n, one, one, g_model=g_model(model="Q9")) for n, one in enumerate(many)),
        )
        page = reader.get(LIST).context["page"]
        order = [content.g_model.split("|")[4] for content in page.rows]
        # By the month June would stand before May and April behind it; by the quarter both stand
        # together, later stored first.
        assert order == ["Q9", "Q2", "Q1"]

    @pytest.mark.parametrize(
        ("span", "found"),
        [
            ({"months_from": "2025-04", "months_to": "2025-04"}, True),
            ({"months_from": "2025-06"}, True),
            ({"months_to": "2025-04"}, True),
            ({"months_from": "2025-07"}, False),
            ({"months_to": "2025-03"}, False),
        ],
    )
    def test_a_query_by_month_tells_no_more_than_the_quarter(self, public_row, reader, span, found):
        assert (reader.get(LIST, span).context["page"].count.value == 1) is found

    @pytest.mark.parametrize(
        ("span", "found"),
        [
            ({"months_from": "2025-05", "months_to": "2025-05"}, True),
            ({"months_from": "2025-06"}, False),
            ({"months_to": "2025-04"}, False),
        ],
    )
    def test_a_query_by_month_is_exact_where_the_month_is_shown(
        self, public_row, reader, span, found
    ):
        PublicContent.objects.update(enterprise_count=3)
        assert (reader.get(LIST, span).context["page"].count.value == 1) is found


class TestNoLongerPublic:
    def detail(self, client):
        return client.get(reverse("public_lib:elements", args=[the_content().pk]))

    def test_a_content_that_one_party_closes_is_gone_at_once(self, public_row, parties, reader):
        assert self.detail(reader).status_code == 200
        user = make_user(enterprise=parties[0])
        set_publication(parties[0], [the_content().pk], Publication.PRIVATE, user)
        assert found_by(reader, "轴承") == 0
        assert reader.get(LIST).context["page"].count.value == 0
        answer = self.detail(reader)
        assert answer.status_code == 404
        assert "该参考数据已不公开" in answer.content.decode()
        assert "海浪牌" not in answer.content.decode()

    def test_a_content_whose_only_public_lines_release_is_withdrawn_is_gone(
        self, public_row, reader
    ):
        withdraw(public_row, "误传")
        assert self.detail(reader).status_code == 404
        work_outbox()
        assert found_by(reader, "轴承") == 0

    def test_its_own_parties_do_not_find_it_either(self, public_row, parties):
        withdraw(public_row, "误传")
        answer = self.detail(client_for(make_user(enterprise=parties[1])))
        assert answer.status_code == 404

    def test_a_number_that_never_was_gets_the_same_answer(self, public_row, reader):
        withdraw(public_row, "误传")
        never = reader.get(reverse("public_lib:elements", args=[2**62]))
        assert never.status_code == 404
        assert "该参考数据已不公开" in never.content.decode()


def test_the_pages_ask_no_table_that_knows_parties_or_lines(public_row, reader):
    with CaptureQueriesContext(connection) as captured:
        everything_shown(reader)
        found_by(reader, "轴承")
    asked = " ".join(query["sql"] for query in captured)
    tables = set(re.findall(r'"((?:declarations|comparison|catalogue)_\w+)"', asked))
    # The first is the test's own look-up of the content; the pages read its flag alone.
    assert tables <= {"declarations_content", "comparison_publiccontent"}
    joined = [query["sql"] for query in captured if "comparison_publiccontent" in query["sql"]]
    assert joined
    for sql in joined:
        columns = set(re.findall(r'"declarations_content"\."(\w+)"', sql))
        assert columns <= {"id", "is_public"}, sql


def test_the_room_imports_nothing_that_knows_parties_or_lines():
    known = {"Goods", "DeclaredLine", "AuditVerdict", "Release", "Enterprise", "LibraryEntry"}
    for path in Path(public_lib.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                named = {alias.name.rpartition(".")[2] for alias in node.names}
                whole = {"declarations.models", "authorization.models", "comparison.models"}
                assert not named & known, path
                assert not {alias.name for alias in node.names} & whole, path
                assert not (isinstance(node, ast.ImportFrom) and named & {"models"}), path


def test_the_quarter_starts_on_its_first_day(public_row):
    assert PublicContent.objects.get().shown_from == date(2025, 4, 1)
    PublicContent.objects.update(enterprise_count=3)
    assert PublicContent.objects.get().shown_from == date(2025, 5, 1)
    for month, first in ((1, 1), (3, 1), (6, 4), (9, 7), (10, 10), (12, 10)):
        PublicContent.objects.update(latest_month=date(2024, month, 1), enterprise_count=2)
        assert PublicContent.objects.get().shown_from == date(2024, first, 1)
