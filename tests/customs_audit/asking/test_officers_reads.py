"""Whatever page or file of an officer holds enterprises' rows leaves an entry that names them."""

import csv
from io import BytesIO, StringIO

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from openpyxl import load_workbook

from authorization.ledger_models import LedgerEntry
from authorization.models import Role
from comparison.working import work_outbox
from customs_audit.asking import upload_exports
from customs_audit.asking.upload_exports import MOST_OF_A_WORKBOOK
from customs_audit.models import UploadRow
from declarations.headers import LABELS
from tests.customs_audit.mending.uploads import make_checked
from tests.declarations.files import audited_row
from tests.factories import (
    client_for,
    make_audit,
    make_enterprise,
    make_goods,
    make_line,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_for(make_user(Role.OFFICER))


@pytest.fixture
def parties():
    return make_enterprise(authorized=False, broker=True), make_enterprise(authorized=False)


def rows_of(parties, *changes):
    agent, trader = parties
    who = {"agent_uscc": agent.uscc, "trader_uscc": trader.uscc, "agent_name": agent.name,
           "trader_name": trader.name}  # fmt: skip
    return [audited_row(number, **(who | one)) for number, one in enumerate(changes, start=1)]


def newest() -> LedgerEntry:
    return LedgerEntry.objects.order_by("number").last()


def ids(parties) -> list[int]:
    return sorted(one.pk for one in parties)


def named_in(entry) -> list[int]:
    return [one[0] for one in entry.enterprises]


def a_grid(parties):
    upload = make_checked(rows_of(parties, {"trade_mode": "110"}))
    return reverse("customs_audit:mend", args=[upload.pk])


def a_row(parties):
    upload = make_checked(rows_of(parties, {"trade_mode": "110"}))
    return reverse("customs_audit:mend_row", args=[upload.pk, 1])


def an_original(parties):
    upload = make_checked(rows_of(parties, {}))
    upload.file.save("审核.csv", ContentFile("行".encode()))
    return reverse("customs_audit:upload_file", args=[upload.pk])


def a_mended(parties):
    upload = make_checked(rows_of(parties, {}))
    return reverse("customs_audit:upload_mended", args=[upload.pk])


def a_sample(parties):
    agent, trader = parties
    sample = [["1", agent.uscc, "甲"], ["2", trader.uscc.lower(), ""]]
    sheet = {"name": "数据", "index": 0, "row": 1, "headings": ["甲", "乙", "丙"], "columns": {},
             "use": True, "certain": False, "sample": sample}  # fmt: skip
    upload = make_checked([], state="to_confirm", sheets=[sheet])
    return reverse("customs_audit:upload_headings", args=[upload.pk])


def a_verdict(parties):
    verdict = make_audit(make_line(*parties)).verdicts.get()
    return reverse("customs_audit:correct_verdict", args=[verdict.pk])


def a_conflict(parties):
    goods = make_goods()
    make_audit(*(make_line(*parties, goods=goods) for _ in range(2)), conforming=[True, False])
    work_outbox()
    return reverse("customs_audit:conflict", args=[goods.content_id, "2026-04"])


def a_query_of_lines(parties):
    make_line(*parties)
    return reverse("customs_audit:declared")


def a_query_of_verdicts(parties):
    make_audit(make_line(*parties))
    return reverse("customs_audit:verdicts")


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (a_grid, "read"), (a_row, "read"), (an_original, "export"), (a_mended, "export"),
        (a_sample, "read"), (a_verdict, "read"), (a_conflict, "read"),
        (a_query_of_lines, "read"), (a_query_of_verdicts, "read"),
    ],
)  # fmt: skip
def test_each_leaves_one_entry_that_names_the_parties(client, parties, make, kind):
    url = make(parties)
    before = LedgerEntry.objects.count()
    answer = client.get(url)
    assert answer.status_code == 200
    assert LedgerEntry.objects.count() == before + 1
    assert (newest().kind, named_in(newest())) == (kind, ids(parties))


class TestAsMended:
    def test_a_workbook_has_every_row_with_its_present_cells_and_state(self, client, parties):
        upload = make_checked(rows_of(parties, {"trade_mode": "110"}, {}, {"g_name": "=1+1"}))
        row = upload.rows.get(number=2)
        row.cells |= {"trade_mode": "0615"}
        row.state, row.set_aside_reason = UploadRow.State.SET_ASIDE, "重复上报"
        row.save()
        answer = client.get(reverse("customs_audit:upload_mended", args=[upload.pk]))
        sheet = load_workbook(BytesIO(b"".join(answer))).active
        heads, *rows = sheet.iter_rows(values_only=True)
        found = [dict(zip(heads, one, strict=True)) for one in rows]
        assert [one["序号"] for one in found] == [1, 2, 3]
        assert [one[LABELS["trade_mode"]] for one in found] == ["110", "0615", "0110"]
        assert [one["状态"] for one in found] == [
            UploadRow.State(one.state).label for one in upload.rows.order_by("number")
        ]
        assert found[1]["暂不处理的原因"] == "重复上报"
        assert found[2][LABELS["g_name"]] == "=1+1"
        assert sheet.cell(4, heads.index(LABELS["g_name"]) + 1).data_type == "s"
        assert newest().rows == 3

    def test_a_csv_has_the_same_and_nothing_that_excel_runs_or_rounds(
        self, client, parties, monkeypatch
    ):
        monkeypatch.setattr(upload_exports, "_PART", 2)
        upload = make_checked(rows_of(parties, {}, {"g_name": "=1+1"}, {}))
        url = reverse("customs_audit:upload_mended", args=[upload.pk])
        answer = client.get(url, {"as": "csv"})
        text = b"".join(answer).decode("utf-8-sig")
        found = list(csv.DictReader(StringIO(text)))
        assert [one["序号"] for one in found] == ["1", "2", "3"]
        assert found[1][LABELS["g_name"]] == "'=1+1"
        number = upload.rows.get(number=1).cells["entry_id"]
        assert found[0][LABELS["entry_id"]] == f"\t{number}"
        assert answer["Content-Type"].startswith("text/csv")

    def test_what_a_workbook_can_not_bring_goes_out_as_csv(self, client, parties, monkeypatch):
        assert MOST_OF_A_WORKBOOK == 200_000
        monkeypatch.setattr(upload_exports, "MOST_OF_A_WORKBOOK", 1)
        upload = make_checked(rows_of(parties, {}, {}))
        answer = client.get(reverse("customs_audit:upload_mended", args=[upload.pk]))
        assert answer["Content-Type"].startswith("text/csv")
