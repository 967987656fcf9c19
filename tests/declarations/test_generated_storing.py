"""What the generator's short way stores is what an import of the same rows stores."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from authorization.models import CustomsCode, Enterprise
from catalogue.models import Outbox
from declarations.auditing import import_audit
from declarations.demo.province import Province, Size
from declarations.demo.stock import Stocked
from declarations.faults import FaultLog
from declarations.generating import generate
from declarations.loading import FACTS
from declarations.models import AuditVerdict, Content, DeclaredLine, Goods, ImportRun, Release
from tests.declarations.files import write_csv

pytestmark = pytest.mark.django_db

SIZE = Size(lines=1_500, enterprises=20, seed=5, audit_share=0.5)
OTHER = replace(SIZE, lines=400, seed=6)
PLAIN_FACTS = [name for name in FACTS if not name.endswith("_id")]


def silent(stage: str, done: int) -> None:
    pass


def stored_lines():
    """Every line by what it says, in the order of the ids."""
    return list(
        DeclaredLine.objects.order_by("id").values_list(
            "entry_id", "g_no", "goods__goods_key", "goods__name", "goods__g_model",
            "content__content_key", "agent__uscc", "trader__uscc", *PLAIN_FACTS, "is_hidden",
        )
    )  # fmt: skip


def stored_goods():
    goods = Goods.objects.values_list("goods_key", "hs_code", "ie_flag", "name", "g_model",
                                      "content__content_key")  # fmt: skip
    contents = Content.objects.values_list(
        "content_key", "hs_code", "ie_flag", "name", "g_model", "search_text", "search_grams",
        "is_public",
    )  # fmt: skip
    return sorted(map(repr, goods)), sorted(map(repr, contents))


def stored_parties():
    codes = CustomsCode.objects.values_list("enterprise__uscc", "code")
    return sorted(Enterprise.objects.values_list("uscc", "name", "name_spelled")), sorted(codes)


def stored_outbox():
    keys = dict(Content.objects.values_list("id", "content_key"))
    rows = Outbox.objects.values_list("content_id", "chapter", "cause")
    return sorted((keys[content_id], chapter, cause) for content_id, chapter, cause in rows)


def stored_verdicts():
    return sorted(
        AuditVerdict.objects.values_list(
            "line__entry_id", "line__g_no", "goods__goods_key", "content__content_key",
            "agent__uscc", "trader__uscc", "audit_month", "trade_mode", "declared_on",
            "conforming", "reason_codes", "reason_text", "auditor", "counts_in_month",
            "is_effective", "differs_from_line", "facts__decl_total", "facts__g_qty",
            "facts__origin_country", "facts__agent_name",
        )
    )  # fmt: skip


def everything():
    return stored_lines(), stored_goods(), stored_parties(), stored_outbox(), stored_verdicts()


def undone(work):
    """What is stored after some work, which is undone then."""
    with transaction.atomic():
        work()
        found = everything()
        transaction.set_rollback(True)
    return found


def table_definitions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'declarations_declaredline' ORDER BY 1"
        )
        indexes = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid), condeferrable, condeferred, convalidated"
            "  FROM pg_constraint WHERE conrelid = 'declarations_declaredline'::regclass ORDER BY 1"
        )
        return indexes, cursor.fetchall()


def declared_cells(line, stocked: Stocked):
    """A line as a file's row, worked out without the generator's columns."""
    goods = stocked.goods
    countries = (stocked.country, "CHN") if goods.ie_flag == "I" else ("CHN", stocked.country)
    price = Decimal(stocked.price).scaleb(-4)
    return {
        "entry_id": line.entry_id,
        "g_no": str(line.g_no),
        "ie_flag": goods.ie_flag,
        "trade_mode": line.trade_mode,
        "custom_master": line.entry_id[:4],
        "declared_on": f"{line.declared_on:%Y%m%d}",
        "agent_uscc": line.agent.uscc,
        "agent_code": line.agent.customs_code,
        "agent_name": line.agent.name,
        "trader_uscc": line.trader.uscc,
        "trader_code": line.trader.customs_code,
        "trader_name": line.trader.name,
        "hs_code": goods.hs_code,
        "g_name": goods.name,
        "g_model": goods.g_model,
        "origin_country": countries[0],
        "destination_country": countries[1],
        "g_qty": str(line.quantity),
        "g_unit": stocked.unit,
        "decl_price": f"{price:f}",
        "decl_total": f"{(price * line.quantity).quantize(Decimal('0.01'), 'ROUND_HALF_UP'):f}",
        "trade_curr": "USD",
    }


def audited_cells(row, province: Province):
    stocked = province.goods[row.line.good]
    seen = province.goods[row.good].goods
    codes, text = row.reason or ("", "")
    return declared_cells(row.line, stocked) | {
        "hs_code": seen.hs_code,
        "g_name": seen.name,
        "g_model": seen.g_model,
        "verdict": "不规范" if row.reason else "规范",
        "reason_code": codes,
        "reason_text": text,
        "auditor": row.auditor,
    }


def test_it_is_what_importing_the_same_rows_stores(load, tmp_path):
    province = Province(SIZE)

    def import_files():
        load([declared_cells(line, province.goods[line.good]) for line in province.lines()])
        for month, rows in province.audited.items():
            path = write_csv(tmp_path / "audit.csv", [audited_cells(row, province) for row in rows])
            with FaultLog(tmp_path / "faults", "audit") as log:
                import_audit(path, month, log)

    generated = undone(lambda: generate(SIZE, silent))
    imported = undone(import_files)
    assert len(imported[0]) == SIZE.lines and len(imported[4]) > 100
    for ours, theirs in zip(generated, imported, strict=True):
        assert ours == theirs


def test_it_is_the_same_beside_what_is_stored_already():
    """Whichever comes first takes the short way, the other is merged."""

    def one_then_other(*sizes):
        for size in sizes:
            generate(size, silent)

    first = undone(lambda: one_then_other(SIZE, OTHER))
    second = undone(lambda: one_then_other(OTHER, SIZE))
    assert len(first[0]) == SIZE.lines + OTHER.lines
    assert sorted(first[0]) == sorted(second[0])
    assert first[1:] == second[1:]


def test_each_line_is_stored_as_declared_by_its_run():
    generate(SIZE, silent)
    run = ImportRun.objects.get()
    moments = DeclaredLine.objects.exclude(declared_at=None).values_list("declared_at", flat=True)
    assert set(moments) == {run.started_at}
    assert run.counts["new"] == len(moments)
    assert run.counts["outbox"] == Outbox.objects.filter(cause="import").count()


def test_the_tables_indexes_and_constraints_are_what_they_were():
    before = table_definitions()
    assert len(before[0]) > 6 and len(before[1]) > 6
    generate(SIZE, silent)
    assert table_definitions() == before
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT count(*) FROM pg_index WHERE NOT (indisvalid AND indisready)"
            " AND indrelid = 'declarations_declaredline'::regclass"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("stage", ["商品", "明细", "索引"])
def test_ended_in_the_middle_of_the_lines_it_leaves_nothing(stage):
    def end(reached: str, done: int) -> None:
        if reached == stage:
            raise KeyboardInterrupt

    before = table_definitions()
    with pytest.raises(KeyboardInterrupt):
        generate(SIZE, end)
    assert table_definitions() == before
    for model in (DeclaredLine, Goods, Content, Enterprise, ImportRun, Outbox):
        assert not model.objects.exists()


def test_ended_between_two_months_the_same_again_stores_what_is_missing():
    def end(stage: str, done: int) -> None:
        if stage == "审核" and done > 200:
            raise KeyboardInterrupt

    def ended_and_again():
        with pytest.raises(KeyboardInterrupt):
            generate(SIZE, end)
        held = Release.objects.count()
        assert 0 < held < SIZE.audit_months
        again = generate(SIZE, silent)
        assert again["lines"] == 0 and again["releases"] == SIZE.audit_months - held

    assert undone(ended_and_again) == undone(lambda: generate(SIZE, silent))


@pytest.mark.parametrize("change", [{"audit_share": 0.0}, {"audit_months": 0}])
def test_a_province_without_audits_has_all_its_lines_declared(change):
    counts = generate(replace(SIZE, **change), silent)
    assert counts["lines"] == SIZE.lines
    assert counts["verdicts"] == counts["releases"] == Release.objects.count() == 0


def test_goods_that_nobody_declared_are_not_stored():
    generate(Size(lines=20, enterprises=40, seed=1, until=date(2024, 6, 30)), silent)
    assert 0 < Goods.objects.count() <= 20
    assert Enterprise.objects.count() == 40
    assert not Content.objects.filter(goods=None).exists()
