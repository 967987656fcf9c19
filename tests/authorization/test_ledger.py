"""The ledger of reads and exports: what an entry holds, what PostgreSQL refuses, what is found out."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone

from authorization import ledger_heads, ledger_proof
from authorization.events import NOBODY, By
from authorization.joining import join_enterprises
from authorization.ledger import DownloadsAreNoted, NotNoted, note_export, note_read, noted
from authorization.ledger_heads import Head
from authorization.ledger_models import LedgerEnterprise, LedgerEntry
from authorization.models import Role
from tests.factories import make_enterprise, make_user
from tests.shared_rows import rows_of_a_module

KEY = "0123456789ABCDEF0123456789ABCDEF0123456789A="


@pytest.fixture(scope="module")
def parties(django_db_setup, django_db_blocker):
    """An officer, an operator and two enterprises that all tests name."""
    with rows_of_a_module(django_db_blocker):
        operator = make_user(enterprise=make_enterprise(authorized=False))
        enterprises = [make_enterprise(name, authorized=False) for name in ("甲公司", "乙公司")]
        yield make_user(Role.OFFICER), operator, *enterprises


@pytest.fixture
def heads(settings, tmp_path):
    settings.LEDGER_HEADS = str(tmp_path)
    return tmp_path / f"{connection.settings_dict['NAME']}.json"


@pytest.fixture
def chain(parties, db, heads):
    """Five entries: four reads by an officer of two enterprises, and an export by an operator."""
    officer, operator, first, second = parties
    for number in range(4):
        note_read(
            By(officer, "10.1.2.3"),
            what="已申报数据查询",
            query=[("商品编码", "8482"), ("企业", f"甲公司 {number}")],
            enterprises=[first.pk, second.pk],
            named=[first.pk],
            case="连关稽〔2026〕12 号",
            rows=20,
        )
    note_export(By(operator), what="企业库", enterprises=[operator.enterprise_id], rows=20)
    return first, second


def verify(*arguments: str) -> tuple[int, dict[str, object], str]:
    """Run the command: (exit code, the last line's JSON, all that it said)."""
    out, code = StringIO(), 0
    try:
        call_command("verify_ledger", *arguments, stdout=out)
    except SystemExit as end:
        code = int(str(end.code))
    return code, json.loads(out.getvalue().splitlines()[-1]), out.getvalue()


def tampering(table: str, statement: str, *values: object) -> None:
    """Do what only somebody past the portal does: switch the triggers off, write, switch on."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


ENTRIES, LOOKUPS = "authorization_ledgerentry", "authorization_ledgerenterprise"


class TestAnEntry:
    def test_it_holds_who_when_where_what_whose_and_why_as_they_were(self, chain):
        entry = LedgerEntry.objects.order_by("number").first()
        first, second = chain
        assert entry.who == f"{entry.user.display_name}（{entry.user.username}）"
        assert (entry.role, entry.address, entry.kind) == ("officer", "10.1.2.3", "read")
        assert timezone.now() - entry.at < timedelta(minutes=5)
        assert entry.query == [["商品编码", "8482"], ["企业", "甲公司 0"]]
        assert entry.case == "连关稽〔2026〕12 号" and entry.rows == 20
        assert entry.enterprises == [[e.pk, e.name, e.uscc] for e in (first, second)]
        assert entry.named == [first.pk]

    def test_it_is_found_by_each_enterprise_it_concerns(self, chain):
        for enterprise in chain:
            rows = LedgerEnterprise.objects.filter(enterprise=enterprise)
            assert rows.count() == 4 and all(row.by_customs for row in rows)
        own = LedgerEntry.objects.order_by("number").last().enterprises[0][0]
        assert LedgerEnterprise.objects.get(enterprise_id=own).by_customs is False

    def test_an_enterprise_without_a_credit_code_is_named_by_its_customs_code(self, chain):
        nameless = make_enterprise(uscc=None)
        entry = note_read(NOBODY, what="查询", enterprises=[nameless.pk])
        assert entry.enterprises == [
            [nameless.pk, nameless.name, nameless.customs_codes.get().code]
        ]
        assert (entry.who, entry.role, entry.user) == ("系统", "", None)

    def test_texts_are_kept_on_one_line_and_cut(self, chain):
        entry = note_export(NOBODY, what="甲\n乙\0 丙", case="字" * 300, rows=0)
        assert entry.what == "甲 乙 丙" and len(entry.case) == 200
        assert verify()[0] == 0

    def test_every_column_but_the_seal_is_hashed(self):
        columns = {field.attname for field in LedgerEntry._meta.concrete_fields}
        assert columns - set(ledger_proof.HASHED_FIELDS) == {"hash", "seal"}

    def test_it_can_not_be_noted_inside_a_transaction(self, chain):
        """Else the next one would wait for all of it."""
        with transaction.atomic(), pytest.raises(RuntimeError):
            note_export(NOBODY, what="企业库", rows=1)


class TestPostgres:
    @pytest.mark.parametrize(
        "statement",
        [
            f"UPDATE {ENTRIES} SET who = '别人'",
            f"UPDATE {ENTRIES} SET hash = previous",
            f"DELETE FROM {ENTRIES}",
            f"TRUNCATE {ENTRIES} CASCADE",
            f"UPDATE {LOOKUPS} SET by_customs = false",
            f"DELETE FROM {LOOKUPS}",
            f"TRUNCATE {LOOKUPS}",
        ],
    )
    def test_it_refuses_to_change_what_is_there(self, chain, statement):
        connection.check_constraints()
        with (
            pytest.raises(IntegrityError, match="only ever added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)
        assert LedgerEntry.objects.count() == 5

    def test_a_switched_off_trigger_is_told(self, chain):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {ENTRIES} DISABLE TRIGGER ledger_entry_kept")
        code, counts, said = verify()
        assert code == 1 and counts["guarded"] is False and "ledger_entry_kept" in said


class TestProof:
    def test_a_whole_chain_passes(self, chain):
        code, counts, _ = verify()
        newest = LedgerEntry.objects.order_by("number").last()
        assert code == 0
        assert counts == {
            "entries": 5, "broken": 0, "first_broken": None, "guarded": True,
            "head": f"{newest.number}:{bytes(newest.hash).hex()}", "kept_head": None,
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ("who = '别人'", "内容与摘要不符"),
            ("at = at - interval '1 microsecond'", "内容与摘要不符"),
            ("query = '[]'", "内容与摘要不符"),
            ("enterprises = enterprises - 1", "内容与摘要不符"),
            ("facts = '{\"a\": 1}'", "内容与摘要不符"),
            ("rows = rows + 1", "内容与摘要不符"),
            ("hash = sha256('x')", "内容与摘要不符"),
            ("previous = sha256('x')", "与上一条的摘要不符"),
            ("seal = sha256('x')", "封印不符"),
        ],
    )
    def test_any_change_is_found_where_it_is(self, chain, change, why):
        third = LedgerEntry.objects.order_by("number")[2].number
        tampering(ENTRIES, f"UPDATE {ENTRIES} SET {change} WHERE number = %s", third)
        code, counts, said = verify()
        assert code == 1 and counts["first_broken"] == third and why in said

    def test_a_change_with_all_hashes_made_anew_is_found_by_the_seal(self, chain):
        """Whoever writes to the database has no key."""
        entries = list(LedgerEntry.objects.order_by("number"))
        before = bytes(entries[0].previous)
        for entry in entries:
            entry.previous = before
            if entry is entries[2]:
                entry.who = "别人"
            entry.hash = before = ledger_proof.digest(entry)
            tampering(
                ENTRIES,
                f"UPDATE {ENTRIES} SET previous = %s, who = %s, hash = %s WHERE number = %s",
                entry.previous, entry.who, entry.hash, entry.number,
            )  # fmt: skip
        code, counts, said = verify()
        assert code == 1 and counts["first_broken"] == entries[2].number and "封印不符" in said
        assert counts["broken"] == 3

    def test_a_missing_entry_is_found(self, chain):
        third = LedgerEntry.objects.order_by("number")[2].number
        tampering(LOOKUPS, f"DELETE FROM {LOOKUPS} WHERE entry_id = %s", third)
        tampering(ENTRIES, f"DELETE FROM {ENTRIES} WHERE number = %s", third)
        code, counts, said = verify()
        assert code == 1 and counts["first_broken"] == third + 1
        assert f"前面缺少第 {third} 条" in said

    @pytest.mark.parametrize(
        "change",
        [
            f"DELETE FROM {LOOKUPS} WHERE entry_id = %s",
            f"UPDATE {LOOKUPS} SET by_customs = false WHERE entry_id = %s",
            f"UPDATE {LOOKUPS} SET enterprise_id = (SELECT max(id) FROM authorization_enterprise)"
            " WHERE entry_id = %s",
        ],
    )
    def test_a_row_by_which_an_enterprise_finds_it_can_not_be_hidden(self, chain, change):
        second = LedgerEntry.objects.order_by("number")[1].number
        make_enterprise(authorized=False)
        tampering(LOOKUPS, change, second)
        code, counts, said = verify()
        assert code == 1 and counts["first_broken"] == second and "按企业查找的记录" in said

    def test_a_join_moves_the_look_up_and_breaks_nothing(self, chain):
        by_code, staying = make_enterprise(uscc=None), make_enterprise(authorized=False)
        entry = note_read(NOBODY, what="查询", enterprises=[by_code.pk, staying.pk])
        join_enterprises([(by_code.pk, staying.pk)])
        rows = LedgerEnterprise.objects.filter(entry=entry)
        assert {row.enterprise_id for row in rows} == {staying.pk}
        assert verify()[:1] == (0,)

    def test_more_entries_than_are_read_at_once(self, chain, monkeypatch):
        monkeypatch.setattr(ledger_proof, "_CHUNK", 2)
        assert verify()[1]["entries"] == 5


class TestTheEnd:
    def test_entries_cut_off_at_the_end_are_missed_by_the_kept_head(self, chain, heads):
        newest = LedgerEntry.objects.order_by("number").last()
        ledger_heads.keep(newest.number, bytes(newest.hash))
        assert verify()[0] == 0 and verify()[1]["kept_head"] == newest.number
        tampering(LOOKUPS, f"DELETE FROM {LOOKUPS} WHERE entry_id = %s", newest.number)
        tampering(ENTRIES, f"DELETE FROM {ENTRIES} WHERE number = %s", newest.number)
        code, counts, said = verify()
        assert code == 1 and counts["first_broken"] == newest.number
        assert f"曾经记到第 {newest.number} 条" in said

    def test_and_what_is_written_afterwards_does_not_cover_it(self, chain, heads):
        newest = LedgerEntry.objects.order_by("number").last()
        ledger_heads.keep(newest.number, bytes(newest.hash))
        tampering(LOOKUPS, f"DELETE FROM {LOOKUPS} WHERE entry_id = %s", newest.number)
        tampering(ENTRIES, f"DELETE FROM {ENTRIES} WHERE number = %s", newest.number)
        for _ in range(3):
            entry = note_export(NOBODY, what="企业库", rows=1)
            ledger_heads.keep(entry.number, bytes(entry.hash))
        assert ledger_heads.kept_head() == Head(newest.number, bytes(newest.hash))
        code, counts, said = verify()
        assert code == 1 and counts["first_broken"] == newest.number and "链尾摘要不同" in said

    def test_it_is_kept_after_each_commit_and_never_goes_back(self, chain, heads):
        entries = list(LedgerEntry.objects.order_by("number"))
        assert ledger_heads.kept_head() is None
        for entry in (entries[1], entries[3], entries[0]):
            ledger_heads.keep(entry.number, bytes(entry.hash))
        assert ledger_heads.kept_head() == Head(entries[3].number, bytes(entries[3].hash))
        assert heads.stat().st_mode & 0o077 == 0

    def test_a_head_from_elsewhere_may_be_given(self, chain):
        entry = LedgerEntry.objects.order_by("number")[1]
        assert verify("--head", f"{entry.number}:{bytes(entry.hash).hex()}")[0] == 0
        assert verify("--head", f"{entry.number}:{'00' * 32}")[0] == 1
        assert verify("--head", "nonsense")[0] == 1

    def test_an_unreadable_file_is_a_failure_of_the_proof_not_of_the_page(self, chain, heads):
        heads.write_text("{")
        entry = note_export(NOBODY, what="企业库", rows=1)
        ledger_heads.keep(entry.number, bytes(entry.hash))
        code, _, said = verify()
        assert code == 1 and "链尾文件无法读取" in said


class TestKeys:
    def test_the_seals_follow_a_new_key_and_nothing_else_changes(self, chain, settings):
        before = list(LedgerEntry.objects.order_by("number").values_list("hash", "seal"))
        old = list(settings.CARD_SEALING_KEYS)
        with override_settings(CARD_SEALING_KEYS=[KEY, *old]):
            assert verify()[0] == 0
            assert ledger_proof.reseal([KEY, *old]) == (5, 5, 0)
            assert ledger_proof.reseal([KEY, *old]) == (5, 0, 0)
        with override_settings(CARD_SEALING_KEYS=[KEY]):
            assert verify()[0] == 0
        assert verify()[0] == 1
        after = list(LedgerEntry.objects.order_by("number").values_list("hash", "seal"))
        assert all(one[0] == other[0] and one[1] != other[1]
                   for one, other in zip(before, after, strict=True))  # fmt: skip

    def test_a_seal_by_a_strange_key_is_not_made_good(self, chain):
        assert ledger_proof.reseal([KEY]) == (5, 0, 5)


class TestDownloads:
    def test_one_that_nobody_noted_is_not_handed_out(self, rf):
        download = HttpResponse(headers={"Content-Disposition": 'attachment; filename="a.xlsx"'})
        with pytest.raises(NotNoted):
            DownloadsAreNoted(lambda request: download)(rf.get("/library/"))
        page = HttpResponse("page")
        assert DownloadsAreNoted(lambda request: page)(rf.get("/library/")) is page

    def test_a_noted_one_is(self, chain, rf):
        download = HttpResponse(headers={"Content-Disposition": 'attachment; filename="a.xlsx"'})
        noted(download, LedgerEntry.objects.first())
        assert DownloadsAreNoted(lambda request: download)(rf.get("/library/")) is download
