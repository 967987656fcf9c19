"""Importing declared lines: all or nothing, idempotent, with history, and whose lines they are."""

import csv
import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from catalogue.models import Outbox
from catalogue.outbox import COMPARISON_TASK
from declarations.faults import ImportRefused
from declarations.goods_store import goods_key
from declarations.models import Content, DeclaredLine, DeclaredLineHistory, Goods, ImportRun
from declarations.normalise import fold_goods
from tests.declarations import files
from tests.declarations.files import declared_row, entry_id, write_csv, write_xlsx
from tests.factories import valid_uscc

pytestmark = pytest.mark.django_db


def only_line():
    return DeclaredLine.objects.get()


# --- what is stored --------------------------------------------------------------------------


def test_a_line_is_stored_with_its_goods_content_and_parties(load):
    counts = load([declared_row()])
    line = only_line()
    assert (line.entry_id, line.g_no, line.trade_mode) == (entry_id(1), 1, "0110")
    assert line.declared_on == datetime.date(2025, 3, 14)
    assert (line.custom_master, line.origin_country, line.destination_country) == (
        "0901",
        "DEU",
        "CHN",
    )
    assert (str(line.g_qty), str(line.decl_price), str(line.decl_total)) == (
        "10.00000",
        "2.5000",
        "25.00",
    )
    assert (line.g_unit, line.trade_curr) == ("011", "USD")
    assert line.declared_at is not None
    assert not line.is_hidden
    assert line.content_id == line.goods.content_id
    assert (line.agent.uscc, line.agent.name) == (files.AGENT_USCC, "大连虚构报关有限公司")
    assert [code.code for code in line.trader.customs_codes.all()] == [files.TRADER_CODE]
    assert counts["new"] == counts["lines"] == 1
    assert (counts["enterprises"], counts["goods"], counts["contents"]) == (2, 1, 1)


def test_goods_are_kept_byte_for_byte_and_contents_as_normalise_folds_them(load):
    spelled = {"g_name": "轮毂　轴承 ", "g_model": "0|3|ＡＢＣ|无品牌||"}
    load([declared_row(**spelled)])
    goods, content = Goods.objects.get(), Content.objects.get()
    assert (goods.name, goods.g_model) == (spelled["g_name"], spelled["g_model"])
    assert bytes(goods.goods_key) == goods_key("8482103000", "I", *spelled.values())
    folded = fold_goods("8482103000", "I", *spelled.values())
    assert bytes(content.content_key) == folded.content_key
    assert (content.name, content.g_model) == (folded.name, folded.g_model)
    assert (content.search_text, content.search_grams) == (folded.search_text, folded.search_grams)
    assert not content.is_public


def test_grams_of_signs_that_mean_something_in_an_array_are_kept(load):
    names = ['六角螺栓"{M8}"', "螺栓\\\\M8\\N", "NULL", "'{}'", '"', "\\", "7"]
    model = "0|3|a{b}\\c\"d'"
    load([declared_row(n, g_name=name, g_model=model) for n, name in enumerate(names)])
    stored = dict(Goods.objects.values_list("name", "content__search_grams"))
    for name in names:
        assert stored[name] == fold_goods("8482103000", "I", name, model).search_grams


def test_lines_share_goods_and_goods_share_a_content(load):
    counts = load(
        [
            declared_row(1),
            declared_row(2),
            declared_row(3, g_model="0|3|角接触球轴承|无品牌|LB5C2C300BB||"),
        ]
    )
    assert (counts["lines"], counts["goods"], counts["contents"]) == (3, 2, 1)


def test_new_contents_are_found_by_the_index_on_their_grams(load):
    load([declared_row(n, g_model=f"0|3|第{n}种轴承|无品牌|A{n}") for n in range(1, 40)])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert Content.objects.filter(search_grams__contains=["轴承"]).count() == 39
        cursor.execute("SELECT gin_clean_pending_list('content_grams')")
        assert cursor.fetchone() == (0,)


def test_every_naming_layer_and_file_type_gives_the_same_lines(load, tmp_path):
    load([declared_row()])
    before = DeclaredLine.objects.values().get()
    names = dict.fromkeys(declared_row())
    database = {
        "entry_id": "ENTRY_ID", "g_no": "G_NO", "ie_flag": "I_E_FLAG", "trade_mode": "TRADE_MODE",
        "custom_master": "DECL_PORT", "declared_on": "D_DATE", "agent_uscc": "AGENT_CODE_SCC",
        "agent_code": "AGENT_CODE", "agent_name": "AGENT_NAME", "trader_uscc": "TAXY_RG_NO",
        "trader_code": "TRADE_CO", "trader_name": "TRADE_NAME", "hs_code": "CODE_TS",
        "g_name": "G_NAME", "g_model": "G_MODEL", "origin_country": "ORIGIN_COUNTRY",
        "destination_country": "最终目的国", "g_qty": "G_QTY", "g_unit": "G_UNIT",
        "decl_price": "DECL_PRICE", "decl_total": "DECL_TOTAL", "trade_curr": "TRADE_CURR",
    }  # fmt: skip
    assert database.keys() == names.keys()
    typed = declared_row(declared_on=datetime.date(2025, 3, 14), g_qty=10.0, decl_price=2.5)
    typed["g_no"] = 1.0
    for path in (
        write_csv(tmp_path / "gb.csv", [declared_row()], encoding="gb18030", delimiter="\t"),
        write_xlsx(tmp_path / "zh.xlsx", [typed]),
        write_xlsx(tmp_path / "db.xlsx", [typed], headings=database),
    ):
        counts = load(path)
        assert (counts["unchanged"], counts["new"], counts["corrected"]) == (1, 0, 0)
    assert DeclaredLine.objects.values().get() == before


# --- again, and corrected --------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(load):
    rows = [declared_row(n, g_no) for n in (1, 2) for g_no in (1, 2)]
    load(rows)
    Outbox.objects.all().delete()
    before = list(DeclaredLine.objects.order_by("pk").values())
    counts = load(rows)
    assert (counts["unchanged"], counts["new"], counts["corrected"]) == (4, 0, 0)
    assert (counts["goods"], counts["enterprises"], counts["outbox"]) == (0, 0, 0)
    assert list(DeclaredLine.objects.order_by("pk").values()) == before
    assert not Outbox.objects.exists()
    assert not DeclaredLineHistory.objects.exists()


def test_a_corrected_line_is_updated_and_keeps_what_it_said(load):
    load([declared_row()])
    old = only_line()
    Outbox.objects.all().delete()
    counts = load(
        [declared_row(g_model="0|3|圆锥滚子轴承|无品牌|X1", decl_price="3", decl_total="30")]
    )
    line = only_line()
    assert counts["corrected"] == 1
    assert line.pk == old.pk
    assert line.declared_at == old.declared_at
    assert line.goods.g_model == "0|3|圆锥滚子轴承|无品牌|X1"
    assert line.content_id == line.goods.content_id != old.content_id
    history = DeclaredLineHistory.objects.get(line=line)
    assert history.import_run == ImportRun.objects.latest("pk")
    assert history.before["g_model"] == "0|3|角接触球轴承|无品牌|LB5C2C300BB"
    assert (history.before["goods_id"], history.before["decl_price"]) == (old.goods_id, 2.5)
    assert history.before["trader_uscc"] == files.TRADER_USCC
    assert set(Outbox.objects.values_list("content_id", "chapter", "cause")) == {
        (old.content_id, "84", "import"),
        (line.content_id, "84", "import"),
    }


@pytest.mark.parametrize(
    "change",
    [
        {"trade_mode": "1039"},
        {"declared_on": "20250315"},
        {"origin_country": "USA"},
        {"g_qty": ""},
        {"trader_uscc": files.OTHER_USCC, "trader_code": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_changed_fact_corrects_the_line(load, change):
    load([declared_row()])
    assert load([declared_row(**change)])["corrected"] == 1
    assert DeclaredLineHistory.objects.count() == 1
    assert load([declared_row(**change)])["unchanged"] == 1


def test_each_new_content_gets_one_outbox_row(load):
    load([declared_row(1), declared_row(2), declared_row(3, g_model="0|3|别的|无品牌|无型号")])
    run = ImportRun.objects.get()
    assert sorted(Outbox.objects.values_list("content_id", "cause_id")) == sorted(
        (content, run.pk) for content in Content.objects.values_list("pk", flat=True)
    )


def test_the_comparison_is_woken_once_the_import_is_committed_and_only_then(
    load, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task", lambda app, name, **kw: sent.append((name, kw))
    )
    with django_capture_on_commit_callbacks(execute=True):
        load([declared_row()])
        assert sent == []
    assert [(name, kw["queue"]) for name, kw in sent] == [(COMPARISON_TASK, "batch")]
    with django_capture_on_commit_callbacks(execute=True):
        load([declared_row()])
    assert len(sent) == 1


# --- all or nothing --------------------------------------------------------------------------


def test_one_faulty_row_keeps_the_whole_file_out(refused):
    assert refused([declared_row(1), declared_row(2, trade_mode="0111")]) == [
        (3, "trade_mode.unknown")
    ]


def test_every_faulty_row_is_listed_the_first_twenty_shown_and_all_of_them_in_a_file(load, refused):
    rows = [declared_row(n, hs_code="=12") for n in range(1, 31)]
    faults = refused(rows)
    assert faults == [(n + 1, "hs_code.form") for n in range(1, 21)]
    with pytest.raises(ImportRefused) as caught:
        load(rows)
    log = caught.value.log
    assert (log.errors, len(log.first)) == (30, 20)
    assert log.path.read_bytes().startswith(b"\xef\xbb\xbf")
    with log.path.open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [row["行号"] for row in listed] == [str(n + 1) for n in range(1, 31)]
    assert {row["原值"] for row in listed} == {"'=12"}
    assert {(row["列"], row["规则"], row["级别"]) for row in listed} == {
        ("商品编号", "hs_code.form", "错误")
    }


def test_a_line_that_stands_twice_in_a_file_is_an_error_naming_the_first(load, refused):
    rows = [declared_row(1), declared_row(2), declared_row(1, g_name="别的轴承")]
    assert refused(rows) == [(4, "line.repeated")]
    with pytest.raises(ImportRefused) as caught:
        load(rows)
    assert "首次在第 2 行" in caught.value.log.first[0].text


def test_a_repeated_line_is_noticed_though_one_of_the_two_is_faulty_already(refused):
    rows = [declared_row(1, hs_code="x"), declared_row(1)]
    assert refused(rows) == [(2, "hs_code.form"), (3, "line.repeated")]


def test_heads_that_differ_inside_a_declaration_are_a_warning(load):
    load([declared_row(1, 1), declared_row(1, 2, trade_mode="1039"), declared_row(2, 1)])
    assert load.log.by_rule == {"entry.headers_differ": 1}
    assert "监管方式" in load.log.path.read_text(encoding="utf-8-sig")


def test_a_file_without_rows_is_refused(tmp_path, refused):
    path = tmp_path / "none.csv"
    path.write_text(",".join(files.LABELS[name] for name in declared_row()), encoding="utf-8")
    assert refused(path) == [(0, "file.empty")]


def test_excel_damage_is_named_for_what_it_is(tmp_path, refused):
    damaged = declared_row(
        entry_id=2.90920211000002e17, trader_uscc=9.12102e17, agent_code=3.301963e86
    )
    path = write_xlsx(tmp_path / "damaged.xlsx", [damaged])
    assert {rule for _, rule in refused(path)} == {"code.scientific", "code.digits_lost"}


def test_a_formula_cell_is_refused(tmp_path, refused):
    path = write_xlsx(tmp_path / "formula.xlsx", [declared_row(decl_total="=R2*T2")])
    assert refused(path) == [(2, "cell.formula")]


def test_a_fault_of_a_head_sheet_is_listed_once_and_there(load, tmp_path):
    rows = [declared_row(1, 1), declared_row(1, 2)]
    heads = ["entry_id", "ie_flag", "trade_mode", "declared_on", "agent_uscc", "trader_uscc"]
    sheets = {
        "表头": [{name: rows[0][name] for name in heads} | {"trade_mode": "0111"}],
        "表体": [
            {name: row[name] for name in row if name == "entry_id" or name not in heads}
            for row in rows
        ],
    }
    with pytest.raises(ImportRefused) as caught:
        load(write_xlsx(tmp_path / "two.xlsx", sheets))
    [fault] = caught.value.log.first
    assert (fault.sheet, fault.row, fault.rule) == ("表头", 2, "trade_mode.unknown")


# --- the command -----------------------------------------------------------------------------


def run_command(path):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_declarations", str(path), stdout=out, stderr=err)
        failure = ""
    except CommandError as error:
        failure = str(error)
    return out.getvalue(), err.getvalue(), failure


@pytest.fixture
def var_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"


def test_the_command_ends_with_one_line_of_json(tmp_path, var_folder):
    out, _, failure = run_command(write_csv(tmp_path / "a.csv", [declared_row()]))
    assert failure == ""
    assert len(out.splitlines()) == 1
    assert json.loads(out)["new"] == 1


def test_the_command_fails_with_the_faults_on_stderr_and_in_a_file(tmp_path, var_folder):
    rows = [declared_row(n, trade_mode="0111") for n in range(1, 26)]
    out, err, failure = run_command(write_csv(tmp_path / "a.csv", rows))
    assert "没有导入任何数据" in failure
    assert err.count("监管方式 0111 不在代码表中") == 20
    counts = json.loads(out)
    assert counts["errors"] == 25
    assert counts["faults"] in err
    assert str(tmp_path / "var" / "import_errors") in counts["faults"]


def test_the_command_says_that_there_is_no_such_file(tmp_path, var_folder):
    _, _, failure = run_command(tmp_path / "none.csv")
    assert "找不到文件" in failure


def test_an_import_inside_another_transaction_can_be_followed_by_a_second(load):
    with transaction.atomic():
        load([declared_row(1)])
        load([declared_row(2, trader_uscc=valid_uscc(serial=77), trader_code="")])
    assert DeclaredLine.objects.count() == 2
