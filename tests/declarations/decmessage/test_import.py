"""DecMessages imported: the same as the same declarations in a .csv, all of them or nothing."""

import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from declarations import code_tables
from declarations.checks import Context
from declarations.decmessage.rows import Messages
from declarations.faults import FaultLog
from declarations.models import DeclaredLine, ImportRun
from declarations.rows import Table
from declarations.staging import Staging
from tests.declarations.decmessage.files import message, messages, write_zip
from tests.declarations.files import declared_row, write_csv

pytestmark = pytest.mark.django_db


def staged(table, tmp_path):
    """Every staged row of a file, but for its place; none may have an error."""
    context = Context(today=datetime.date(2026, 1, 1))
    with FaultLog(tmp_path / "faults", "a") as log, transaction.atomic():
        Staging(log).stage(table, context, lambda stage, done: None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM import_row ORDER BY entry_id, g_no")
            rows = [row[2:] for row in cursor.fetchall()]
    assert log.errors == 0, log.first
    return rows


def sound_rows():
    text = st.text(
        st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" <>&|;\"'轴承"), max_size=60
    )
    amount = st.decimals(0, 10**6, places=2).map(str)
    countries = ["USA", "DEU", "CHN", "502", "142", "304"]
    facts = st.fixed_dictionaries(
        {
            "trade_mode": st.sampled_from(sorted(code_tables.trade_modes())),
            "declared_on": st.dates(datetime.date(2025, 1, 1), datetime.date(2025, 12, 31)).map(
                "{:%Y%m%d}".format
            ),
        },
        optional={"agent_name": st.just(""), "trader_name": st.text("公司贸易", max_size=9)},
    )
    line = st.fixed_dictionaries(
        {
            "g_name": text.map("轴{}".format),
            "g_model": text.map("0|3|{}".format),
            "origin_country": st.sampled_from(countries),
            "destination_country": st.sampled_from(countries),
        },
        optional={
            "g_unit": st.sampled_from(sorted(code_tables.units())),
            "trade_curr": st.sampled_from(["USD", "502", "CNY", ""]),
            "decl_price": amount,
            "decl_total": amount,
            "qty_1": amount.filter(float),
            "unit_1": st.just("035"),
        },
    )
    entry = st.tuples(st.sampled_from("IE"), facts, st.lists(line, min_size=1, max_size=3))
    return st.lists(entry, min_size=1, max_size=3).map(
        lambda entries: [
            declared_row(serial, number, ie_flag=flag, **head | cells)
            for serial, (flag, head, lines) in enumerate(entries, start=1)
            for number, cells in enumerate(lines, start=1)
        ]
    )


@settings(max_examples=20, deadline=None)
@given(sound_rows())
def test_it_stages_the_same_rows_as_the_same_declarations_in_csv(tmp_path_factory, rows):
    folder = tmp_path_factory.getbasetemp()
    blank = dict.fromkeys((name for row in rows for name in row), "")
    with_blanks = [blank | row for row in rows]
    expected = staged(Table(write_csv(folder / "a.csv", with_blanks), False), folder)
    assert len(expected) == len(rows)
    assert staged(Messages(write_zip(folder / "a.zip", messages(rows))), folder) == expected


def test_a_file_and_an_archive_are_imported_and_again_change_nothing(load, tmp_path):
    rows = [declared_row(n, item) for n in (1, 2) for item in (1, 2)]
    assert load(rows)["new"] == 4
    single = tmp_path / "一票.XML"
    single.write_text(message(rows[:2]), encoding="utf-8")
    assert load(single)["unchanged"] == 2
    assert load(write_zip(tmp_path / "全部.zip", messages(rows)))["unchanged"] == 4
    assert ImportRun.objects.latest("pk").file_name == "全部.zip"


def test_old_numbers_of_currencies_countries_and_units_are_read_by_the_code_tables(load, tmp_path):
    path = tmp_path / "a.xml"
    old = declared_row(
        trade_curr="502", origin_country="304", destination_country="142", g_unit="007"
    )
    path.write_text(message([old]), encoding="utf-8")
    load(path)
    line = DeclaredLine.objects.get()
    assert (line.trade_curr, line.origin_country, line.destination_country, line.g_unit) == (
        "USD", "DEU", "CHN", "007",
    )  # fmt: skip


def test_an_export_s_countries_are_stored_the_right_way_round(load, tmp_path):
    row = declared_row(ie_flag="E", origin_country="CHN", destination_country="USA")
    text = message([row])
    assert "<DestinationCountry>CHN</DestinationCountry>" in text
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    load(path)
    line = DeclaredLine.objects.get()
    assert (line.origin_country, line.destination_country) == ("CHN", "USA")


def test_one_bad_file_keeps_the_whole_archive_out_and_every_fault_is_listed(
    load, refused, tmp_path
):
    files = {
        "1.xml": message([declared_row(1)]),
        "2.xml": message([declared_row(2, trade_mode="0111")]),
        "3.xml": "<!DOCTYPE a><a/>",
        "4.xml": message([declared_row(4, 1), declared_row(4, 2, g_name="")]),
        "5.txt": "",
    }
    path = write_zip(tmp_path / "a.zip", files)
    assert [rule for _, rule in refused(path)] == [
        "trade_mode.unknown",
        "xml.doctype",
        "field.blank",
        "zip.other_file",
    ]
    assert [fault.sheet for fault in load.log.first] == ["2.xml", "3.xml", "4.xml", "5.txt"]
    assert "2.xml" in load.log.path.read_text(encoding="utf-8-sig")


def test_a_rule_that_needs_what_is_stored_names_node_and_line_too(load, refused, tmp_path):
    load([declared_row(1)])
    text = message([declared_row(2, agent_uscc="")]).replace(
        f"<TradeCoScc>{declared_row()['trader_uscc']}",
        f"<TradeCoScc>{declared_row()['agent_uscc']}",
    )
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    [(line, rule)] = refused(path)
    [fault] = load.log.first
    assert (rule, fault.column) == ("party.code_held", "DecMessage/DecHead/TradeCode")
    assert "<TradeCode>" in text.splitlines()[line - 1]


def test_the_command_takes_them(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    path = tmp_path / "a.xml"
    path.write_text(message(), encoding="utf-8")
    out = io.StringIO()
    call_command("import_declarations", str(path), stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue())["new"] == 1
    path.write_text("<a/>", encoding="utf-8")
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_declarations", str(path), stdout=io.StringIO(), stderr=err)
    assert "文件“a.xml”第 1 行：根节点是 a，应为 DecMessage" in err.getvalue()


def test_verdicts_don_t_come_by_messages(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    path = tmp_path / "a.xml"
    path.write_text(message(), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command(
            "import_audit",
            str(path),
            month=datetime.date(2025, 9, 1),
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )
