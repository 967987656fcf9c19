"""Rules across rows and against what is stored: each where it is broken, and only there."""

import datetime
from typing import Any

import pytest
from django.db import transaction

from customs_audit.checking import recheck, sentence_of
from customs_audit.models import AuditUpload, UploadFault, UploadRow
from declarations.rules import RULES
from tests.customs_audit.checking.uploads import check_cells, faults_of
from tests.declarations.files import (
    AGENT_CODE,
    AGENT_USCC,
    OTHER_USCC,
    TRADER_CODE,
    TRADER_USCC,
    audited_row,
    entry_id,
    nonconforming_row,
)
from tests.factories import make_audit, make_enterprise, make_line
from tests.shared_rows import rows_of_a_module

pytestmark = pytest.mark.django_db

ROW = audited_row(1)
TEXT = {"name": ROW["g_name"], "g_model": ROW["g_model"], "hs_code": ROW["hs_code"]}
OTHER_MODEL = "0|3|圆锥滚子轴承|无品牌|X1"
OTHER = {"g_name": "圆锥滚子轴承", "g_model": OTHER_MODEL}
AUGUST = datetime.date(2025, 8, 1)


@pytest.fixture(scope="module", autouse=True)
def stored(django_db_setup, django_db_blocker):
    """Enterprises, lines 101 (declared) and 102 to 104 (with verdicts), and another upload."""
    with rows_of_a_module(django_db_blocker):
        agent = make_enterprise("大连虚构报关有限公司", uscc=AGENT_USCC, codes=[AGENT_CODE])
        trader = make_enterprise("大连虚构贸易有限公司", uscc=TRADER_USCC, codes=[TRADER_CODE])
        make_enterprise("大连虚构别家有限公司", uscc=OTHER_USCC, codes=["2102269999"])
        day = datetime.date(2025, 3, 14)
        for serial in (101, 102, 103):
            make_line(agent, trader, entry_id=entry_id(serial), declared_on=day, **TEXT)
        line = make_line(
            agent, trader, entry_id=entry_id(104), declared_on=day,
            name=OTHER["g_name"], g_model=OTHER_MODEL, hs_code=ROW["hs_code"],
        )  # fmt: skip
        make_audit(line, conforming=False, month=AUGUST)
        check_cells([audited_row(201), audited_row(202, hs_code="1")])
        yield


def said(rows: list[dict[str, Any]], rule: str, **fields: Any) -> set[tuple[int, str]]:
    """The rows of an upload that break a rule, with their fields."""
    faults = faults_of(check_cells(rows, **fields))
    return {(row, field) for row, name, field in faults if name == rule}


CASES = [
    ("line.repeated", [audited_row(1), audited_row(1), audited_row(2)], {(2, "g_no")}),
    ("line.repeated", [audited_row(1, 1), audited_row(1, 2), audited_row(2, 1)], set()),
    (
        "line.repeated",
        [audited_row(1), audited_row(1, hs_code="1"), audited_row(1, g_no="01")],
        {(2, "g_no"), (3, "g_no")},
    ),
    (
        "entry.headers_differ",
        [audited_row(1, 1), audited_row(1, 2), audited_row(1, 3, trade_mode="1039")],
        {(3, "trade_mode")},
    ),
    (
        "entry.headers_differ",
        [audited_row(1, 1, trade_mode="1039"), audited_row(1, 2), audited_row(1, 3)],
        {(1, "trade_mode")},
    ),
    (
        "entry.headers_differ",
        [
            audited_row(1, 1),
            audited_row(1, 2, declared_on="20250315", trader_uscc=OTHER_USCC, trader_code=""),
        ],
        {(2, "declared_on"), (2, "trader_uscc")},
    ),
    # Written otherwise, or not readable: no other fact.
    (
        "entry.headers_differ",
        [
            audited_row(1, 1),
            audited_row(1, 2, ie_flag="进口", declared_on="2025-03-14", trade_mode="x"),
            audited_row(2, 1, trade_mode="1039"),
        ],
        set(),
    ),
    (
        "content.both_verdicts",
        [audited_row(1), nonconforming_row(2), audited_row(3, **OTHER)],
        {(1, "verdict"), (2, "verdict")},
    ),
    # Another spelling of the same content counts as the same.
    (
        "content.both_verdicts",
        [audited_row(1), nonconforming_row(2, g_model=ROW["g_model"] + "||")],
        {(1, "verdict"), (2, "verdict")},
    ),
    (
        "content.both_verdicts",
        [nonconforming_row(1), nonconforming_row(2), audited_row(3, **OTHER)],
        set(),
    ),
    ("line.in_other_upload", [audited_row(201), audited_row(202)], {(1, "entry_id"), (2, "entry_id")}),
    ("line.in_other_upload", [audited_row(201, 2), audited_row(203)], set()),
    ("line.text_differs", [audited_row(101, g_name="轴承")], {(1, "g_name")}),
    ("line.text_differs", [audited_row(101, g_model=OTHER_MODEL)], {(1, "g_model")}),
    ("line.text_differs", [audited_row(101, **OTHER)], {(1, "g_name"), (1, "g_model")}),
    ("line.text_differs", [audited_row(101, hs_code="8482102000")], {(1, "hs_code")}),
    (
        "line.text_differs",
        [audited_row(101), audited_row(101, 2, **OTHER), audited_row(901, **OTHER)],
        set(),
    ),
    (
        "line.text_differs",
        [audited_row(101, hs_code=8482103000.0), audited_row(102, hs_code="8482103000101")],
        set(),
    ),
    ("verdict.contradicts_line", [audited_row(104, **OTHER)], {(1, "verdict")}),
    (
        "verdict.contradicts_line",
        [nonconforming_row(104, **OTHER), audited_row(102), audited_row(105, **OTHER)],
        set(),
    ),
    # Another text of the line was not judged.
    ("verdict.contradicts_line", [audited_row(104, g_name="轴承", g_model="0|3|轴承|无牌|A")], set()),
    ("verdict.contradicts_content", [audited_row(105, **OTHER)], {(1, "verdict")}),
    (
        "verdict.contradicts_content",
        [nonconforming_row(105, **OTHER), audited_row(104, **OTHER), audited_row(106)],
        set(),
    ),
    (
        "party.code_held",
        [audited_row(1, trader_code="2102269999"), audited_row(2, agent_code="2102269999")],
        {(1, "trader_code"), (2, "agent_code")},
    ),
    (
        "party.code_held",
        [audited_row(1), audited_row(2, trader_code="2102261111"), audited_row(3, trader_uscc="")],
        set(),
    ),
    (
        "party_name.differs",
        [
            audited_row(1, trader_name="大连虚构甲有限公司"),
            audited_row(2, agent_uscc="", agent_name="大连虚构乙有限公司"),
        ],
        {(1, "trader_name"), (2, "agent_name")},
    ),
    (
        "party_name.differs",
        [audited_row(1), audited_row(2, trader_name=""), audited_row(3, trader_uscc="", trader_code="")],
        set(),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "rows", "expected"), CASES)
def test_a_rule_across_rows_is_told_at_the_rows_and_fields_that_break_it(rule, rows, expected):
    assert said(rows, rule) == expected


def test_every_rule_across_rows_has_a_true_and_a_false_case():
    across = {
        rule
        for rule in RULES
        if rule.startswith(("line.", "entry.", "content.", "verdict.contra", "party.code_held"))
    } | {"party_name.differs"}
    assert {rule for rule, _, expected in CASES if expected} == across
    assert {rule for rule, _, expected in CASES if not expected} == across


def test_each_sentence_says_what_the_other_row_or_the_stored_text_is():
    upload = check_cells(
        [
            audited_row(1),
            audited_row(1),
            audited_row(201),
            audited_row(101, g_model=OTHER_MODEL),
            audited_row(104, **OTHER),
            audited_row(105, **OTHER),
        ]
    )
    other = AuditUpload.objects.exclude(pk=upload.pk).latest("pk").pk
    told = {
        (fault.row.number, fault.rule): sentence_of(fault)
        for fault in UploadFault.objects.filter(upload=upload).select_related("row")
    }
    assert told[2, "line.repeated"] == (
        f"报关单号 {entry_id(1)} 第 1 项 的这个项号在文件中重复（首次在第 2 行）；请删去一行。"
    )
    assert f"还在上传 {other} 第 1 行中审核" in told[3, "line.in_other_upload"]
    assert told[4, "line.text_differs"].endswith(f"已装入的是：{TEXT['g_model']}")
    assert "在 2025-08 审核为“不规范”" in told[5, "verdict.contradicts_line"]
    assert told[6, "verdict.contradicts_content"].startswith("另一项的同样申报内容在 2025-08")


def test_other_months_refused_uploads_and_corrections_are_no_second_audit():
    rows = [audited_row(201)]
    october = datetime.date(2025, 10, 1)
    assert said(rows, "line.in_other_upload", audit_month=october) == set()
    assert said(rows, "line.in_other_upload", source="correction") == set()
    AuditUpload.objects.update(state="refused")
    assert said(rows, "line.in_other_upload") == set()


def test_rows_set_aside_take_no_part_and_released_ones_come_first():
    upload = check_cells([audited_row(1), audited_row(1), audited_row(1)])
    with transaction.atomic():
        UploadRow.objects.filter(upload=upload, number=1).update(
            state="set_aside", set_aside_reason="重复"
        )
        recheck(upload, [1])
    assert faults_of(upload) == {(3, "line.repeated", "g_no")}
    assert UploadRow.objects.get(upload=upload, number=2).state == "clean"
    with transaction.atomic():
        UploadRow.objects.filter(upload=upload, number=1).update(state="faulty")
        recheck(upload, [1])
    assert {row for row, rule, _ in faults_of(upload)} == {2, 3}
