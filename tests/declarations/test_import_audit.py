"""Importing audited months: verdicts kept as they came, lines that only audits brought, withdrawal."""

import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command

from authorization.models import CustomsCode, Enterprise
from catalogue.models import Outbox
from declarations.auditing import import_audit
from declarations.faults import FaultLog, ImportRefused
from declarations.loading import import_declarations
from declarations.models import (
    AuditVerdict,
    Content,
    DeclaredLine,
    DeclaredLineHistory,
    Goods,
    Release,
)
from declarations.releases import release_verdicts, withdraw
from tests.declarations import files
from tests.declarations.files import (
    audited_row,
    declared_row,
    nonconforming_row,
    write_csv,
    write_xlsx,
)
from tests.factories import make_enterprise

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER = datetime.date(2025, 8, 1), datetime.date(2025, 9, 1)
OTHER_TEXT = "0|3|圆锥滚子轴承|无品牌|X1"
STORED = (Enterprise, CustomsCode, Content, Goods, DeclaredLine, AuditVerdict, Release, Outbox)


@pytest.fixture
def declare(tmp_path):
    def load(rows):
        with FaultLog(tmp_path / "faults", "declared") as log:
            return import_declarations(write_csv(tmp_path / "declared.csv", rows), log)

    return load


@pytest.fixture
def audit(tmp_path):
    def load(rows, month=SEPTEMBER):
        with FaultLog(tmp_path / "faults", "audited") as log:
            load.log = log
            return import_audit(write_csv(tmp_path / "audited.csv", rows), month, log)

    return load


def refused(audit, rows, month=SEPTEMBER):
    before = [model.objects.count() for model in STORED]
    with pytest.raises(ImportRefused):
        audit(rows, month)
    assert [model.objects.count() for model in STORED] == before
    return [(fault.row, fault.rule) for fault in audit.log.first]


def test_a_verdict_keeps_the_whole_audited_row(declare, audit):
    declare([declared_row()])
    counts = audit([nonconforming_row(reason_code="R01,R06", qty_1="3.5", unit_1="035")])
    verdict, line = AuditVerdict.objects.get(), DeclaredLine.objects.get()
    assert (verdict.line, verdict.goods, verdict.content) == (line, line.goods, line.content)
    assert (verdict.agent, verdict.trader) == (line.agent, line.trader)
    assert (verdict.trade_mode, verdict.declared_on) == ("0110", datetime.date(2025, 3, 14))
    assert (verdict.conforming, verdict.reason_codes) == (False, ["R01", "R06"])
    assert (verdict.reason_text, verdict.auditor, verdict.row_number) == ("缺少型号", "李审核", 2)
    assert verdict.facts["qty_1"] == 3.5
    assert verdict.facts["trader_name"] == "大连虚构贸易有限公司"
    assert verdict.facts["agent_code"] == files.AGENT_CODE
    assert counts == {
        "release": verdict.release_id, "lines": 1, "conforming": 0, "nonconforming": 1,
        "not_declared": 0, "goods": 0, "contents": 0, "enterprises": 0, "customs_codes": 0,
        "joined": 0, "warnings": 0,
    }  # fmt: skip


def test_an_import_is_a_release_that_counts_at_once(declare, audit):
    declare([declared_row()])
    Outbox.objects.all().delete()
    audit([audited_row()])
    release, verdict = Release.objects.get(), AuditVerdict.objects.get()
    assert (release.audit_month, release.counts, release.file_name) == (
        SEPTEMBER,
        True,
        "audited.csv",
    )
    assert len(release.file_hash) == 64
    assert verdict.counts_in_month
    assert verdict.is_effective
    assert not verdict.differs_from_line
    assert list(Outbox.objects.values_list("content_id", "cause")) == [
        (verdict.content_id, "release")
    ]


def test_any_day_of_the_month_names_the_month(audit):
    audit([audited_row()], datetime.date(2025, 9, 17))
    assert Release.objects.get().audit_month == SEPTEMBER


def test_the_same_month_again_makes_a_release_whose_verdicts_count_instead(audit):
    audit([audited_row()])
    audit([nonconforming_row()])
    assert Release.objects.count() == 2
    assert list(AuditVerdict.objects.filter(is_effective=True).values_list("conforming")) == [
        (False,)
    ]


# --- lines and audits ------------------------------------------------------------------------


def test_a_line_not_seen_as_declared_is_stored_by_its_audit(audit):
    counts = audit([audited_row()])
    line = DeclaredLine.objects.get()
    assert counts["not_declared"] == 1
    assert line.declared_at is None
    assert not line.is_hidden
    assert (line.goods.name, line.trader.uscc) == ("轮毂轴承", files.TRADER_USCC)
    assert (str(line.g_qty), line.origin_country) == ("10.00000", "DEU")


def test_a_line_that_only_audits_brought_takes_its_newest_effective_verdict_s_facts(audit):
    audit([audited_row()], AUGUST)
    audit([audited_row(g_model=OTHER_TEXT, trade_mode="1039", g_qty="", decl_total="")], SEPTEMBER)
    line = DeclaredLine.objects.get()
    assert (line.goods.g_model, line.trade_mode, line.g_qty) == (OTHER_TEXT, "1039", None)
    withdraw(Release.objects.get(audit_month=SEPTEMBER), "录错")
    line.refresh_from_db()
    assert (line.goods.g_model, line.trade_mode) == ("0|3|角接触球轴承|无品牌|LB5C2C300BB", "0110")
    withdraw(Release.objects.get(audit_month=AUGUST), "录错")
    line.refresh_from_db()
    assert line.is_hidden


def test_an_audited_line_that_is_declared_later_takes_the_declaration_s_facts_for_good(
    declare, audit
):
    audit([audited_row(g_model=OTHER_TEXT)])
    old_content = DeclaredLine.objects.get().content_id
    Outbox.objects.all().delete()
    counts = declare([declared_row()])
    line = DeclaredLine.objects.get()
    assert (counts["became_declared"], counts["new"], counts["corrected"]) == (1, 0, 0)
    assert line.declared_at is not None
    assert line.goods.g_model == "0|3|角接触球轴承|无品牌|LB5C2C300BB"
    assert not DeclaredLineHistory.objects.exists()
    assert set(Outbox.objects.values_list("content_id", flat=True)) == {
        old_content,
        line.content_id,
    }
    assert AuditVerdict.objects.get().goods.g_model == OTHER_TEXT
    assert AuditVerdict.objects.get().differs_from_line
    withdraw(Release.objects.get(), "录错")
    line.refresh_from_db()
    assert (line.is_hidden, line.goods.g_model) == (False, "0|3|角接触球轴承|无品牌|LB5C2C300BB")


def test_a_hidden_line_is_shown_again_once_it_is_declared(declare, audit):
    audit([audited_row()])
    withdraw(Release.objects.get(), "录错")
    assert DeclaredLine.objects.get().is_hidden
    declare([declared_row()])
    assert not DeclaredLine.objects.get().is_hidden


def test_an_audited_text_that_differs_never_changes_the_declared_line(declare, audit):
    declare([declared_row()])
    audit([audited_row(g_model=OTHER_TEXT, trade_mode="1039")])
    line, verdict = DeclaredLine.objects.get(), AuditVerdict.objects.get()
    assert (line.goods.g_model, line.trade_mode) == ("0|3|角接触球轴承|无品牌|LB5C2C300BB", "0110")
    assert (verdict.goods.g_model, verdict.trade_mode) == (OTHER_TEXT, "1039")
    assert audit.log.by_rule == {"line.text_differs": 1}


def test_a_line_corrected_after_its_audit_leaves_the_verdict_untouched(declare, audit):
    declare([declared_row()])
    audit([audited_row()])
    declare([declared_row(g_model=OTHER_TEXT)])
    verdict = AuditVerdict.objects.get()
    assert verdict.goods.g_model == "0|3|角接触球轴承|无品牌|LB5C2C300BB"
    assert verdict.is_effective
    assert verdict.differs_from_line


def test_both_verdicts_for_one_content_in_a_file_are_a_warning_on_each_row(audit):
    audit([audited_row(1), nonconforming_row(2), audited_row(3, g_model=OTHER_TEXT)])
    assert audit.log.by_rule == {"content.both_verdicts": 2}


# --- all or nothing --------------------------------------------------------------------------


def test_one_faulty_row_keeps_the_whole_month_out(audit):
    rows = [
        audited_row(1),
        audited_row(2, verdict="合格"),
        nonconforming_row(3, reason_code="", reason_text=""),
    ]
    assert refused(audit, rows) == [(3, "verdict.form"), (4, "verdict.no_reason")]


def test_a_line_that_stands_twice_is_an_error(audit):
    assert refused(audit, [audited_row(1), nonconforming_row(1)]) == [(3, "line.repeated")]


def test_a_month_before_the_declaration_is_an_error(audit):
    assert refused(audit, [audited_row()], datetime.date(2025, 2, 1)) == [(2, "audit_month.early")]


def test_a_file_without_verdicts_is_refused(audit):
    assert ("column.missing") in {rule for _, rule in refused(audit, [declared_row()])}


# --- whose row it is: audited rows never attach and never join --------------------------------


def test_an_audited_row_does_not_attach_an_unknown_code(audit):
    audit([audited_row()])
    assert not CustomsCode.objects.exists()
    assert Enterprise.objects.filter(uscc=files.TRADER_USCC).count() == 1


def test_an_audited_row_does_not_join_a_code_only_enterprise(declare, audit):
    declare([declared_row(1, trader_uscc="")])
    code_only = Enterprise.objects.get(customs_codes__code=files.TRADER_CODE)
    counts = audit([audited_row(2)])
    code_only.refresh_from_db()
    assert code_only.uscc is None
    verdict = AuditVerdict.objects.get()
    assert verdict.trader.uscc == files.TRADER_USCC
    assert verdict.trader != code_only
    assert counts["joined"] == 0


def test_a_declared_row_joins_verdicts_to_the_enterprise_too(declare, audit):
    audit([audited_row(1, trader_uscc="")])
    declare([declared_row(2)])
    assert AuditVerdict.objects.get().trader.uscc == files.TRADER_USCC


def test_a_code_held_by_another_uscc_is_an_error_in_an_audit_too(audit):
    make_enterprise(uscc=files.OTHER_USCC, codes=[files.TRADER_CODE])
    assert refused(audit, [audited_row()]) == [(2, "party.code_held")]


# --- the commands ----------------------------------------------------------------------------


def run(*words):
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=io.StringIO())
    [line] = out.getvalue().splitlines()
    return json.loads(line)


@pytest.fixture
def audit_file(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    return str(write_xlsx(tmp_path / "2025-09.xlsx", [audited_row()]))


def test_the_commands_import_a_month_and_withdraw_it(audit_file):
    release = run("import_audit", audit_file, "--month", "2025-09")["release"]
    assert AuditVerdict.objects.get(is_effective=True).release_id == release
    counts = run("withdraw_release", str(release), "--reason", "文件有误")
    assert counts == {"release": release, "verdicts": 1}
    assert not AuditVerdict.objects.filter(is_effective=True).exists()
    assert Release.objects.get().withdrawal_reason == "文件有误"
    with pytest.raises(CommandError, match="已经撤回"):
        run("withdraw_release", str(release), "--reason", "再来")


@pytest.mark.parametrize("month", ["2025-13", "202509", "25-09", "2999-01", "九月"])
def test_a_month_that_is_none_is_refused(audit_file, month):
    with pytest.raises(CommandError, match="审核月份"):
        run("import_audit", audit_file, "--month", month)


def test_withdrawing_needs_a_known_release_and_a_reason(audit_file):
    with pytest.raises(CommandError, match="没有编号为"):
        run("withdraw_release", "999999", "--reason", "x")
    release = run("import_audit", audit_file, "--month", "2025-09")["release"]
    with pytest.raises(CommandError, match="写明原因"):
        run("withdraw_release", str(release), "--reason", " ")


def test_an_unreleased_release_is_left_alone_by_an_import(audit):
    held = Release.objects.create(audit_month=AUGUST)
    audit([audited_row()])
    held.refresh_from_db()
    assert held.released_at is None
    release_verdicts(held)
    held.refresh_from_db()
    assert held.counts
