"""What benchmarks.compare sets beside a full run: DuckDB's entries and the ORM loop's marks."""

import duckdb
import pytest
from django.db import connection

from benchmarks.comparing.checking import agreement
from benchmarks.comparing.duck import folding_steps, work
from benchmarks.comparing.exporting import export
from benchmarks.comparing.orm_loop import mark_entry
from comparison.models import LibraryEntry, Mark
from comparison.working import full_compare
from declarations.normalise import normalise_g_model
from tests.factories import make_enterprise
from tests.world import (
    SOFA,
    SOFA_OTHER_FACT,
    SOFA_OTHER_FORM,
    TABLE,
    Party,
    Row,
    Text,
    audit,
    declare,
)


@pytest.fixture
def province(db):
    """Every mark but 企业自选: verdicts of two months, a conflict, a match of each kind, a lone text."""
    broker, maker, other, third = (
        Party.of(make_enterprise(name)) for name in ("虚构报关", "虚构家居", "虚构厨具", "虚构布艺")
    )
    wide = Text(TABLE.hs_code, TABLE.name, "0|3|厨房用（家庭）|聚乙烯|无品牌|ＡＢ１２")
    narrow = Text(TABLE.hs_code, TABLE.name, "0|3|厨房用(家庭)|聚乙烯|无品牌|AB12|")
    rows = [
        Row(1, broker, maker),
        Row(2, broker, other),
        Row(3, third, third, SOFA_OTHER_FORM),
        Row(4, maker, maker, SOFA_OTHER_FACT),
        Row(5, broker, other, TABLE),
        Row(6, broker, other, TABLE),
        Row(7, third, third, wide),
        Row(8, maker, maker, narrow),
    ]
    declare(*rows)
    audit("2026-08", Row(5, broker, other, TABLE), Row(7, third, third, wide, conforming=False))
    audit(
        "2026-09",
        Row(1, broker, maker),
        Row(5, broker, other, TABLE),
        Row(6, broker, other, TABLE, conforming=False),
        Row(8, maker, maker, SOFA),
    )
    full_compare()


@pytest.fixture
def psycopg_connection(db):
    connection.ensure_connection()
    return connection.connection


class TestDuck:
    def test_its_entries_agree_with_ours(self, province, psycopg_connection, tmp_path):
        file = tmp_path / "lines.duckdb"
        export(psycopg_connection, file)
        said = work(file)
        assert said["entries"] == LibraryEntry.objects.count()
        assert said["steps"].keys() == {
            "fingerprints", "verdicts", "public", "entries", "checkpoint",
        }  # fmt: skip
        agreed = agreement(psycopg_connection, file)
        assert agreed["unexplained"] == 0, agreed
        assert agreed["outcomes"]["same in another form"] == 1
        assert set(LibraryEntry.objects.values_list("mark", flat=True)) == {
            Mark.CONFORMING, Mark.NONCONFORMING, Mark.SYSTEM_MATCHED, Mark.UNMARKED,
        }  # fmt: skip

    @pytest.mark.parametrize(
        "change",
        [
            {"mark": "unmarked", "match_source": ""},
            {"has_conflict": True},
            {"row_count": 9},
        ],
    )
    def test_a_wrong_entry_of_ours_is_found(self, province, psycopg_connection, tmp_path, change):
        file = tmp_path / "lines.duckdb"
        export(psycopg_connection, file)
        work(file)
        wrong = LibraryEntry.objects.filter(mark=Mark.CONFORMING).first()
        LibraryEntry.objects.filter(pk=wrong.pk).update(**change)
        agreed = agreement(psycopg_connection, file)
        assert agreed["unexplained"] == 1 and agreed["unexplained_examples"]

    def test_choices_are_refused(self, province, psycopg_connection, tmp_path):
        entry = LibraryEntry.objects.first()
        entry.content.choices.create(enterprise=entry.enterprise, publication="private")
        with pytest.raises(ValueError, match="choices"):
            export(psycopg_connection, tmp_path / "lines.duckdb")

    @pytest.mark.parametrize(
        "text",
        [
            "0|3|厨房用（家庭）|聚乙烯|ＡＢ１２",
            "A\u0301B  c|x ， y|12－34",
            "无品牌 |型号：ab 12|“甲” ;",
            "it's|50%棉 {x}",
        ],
    )
    def test_its_normalising_is_ours_for_common_forms(self, text):
        query = "SELECT ? AS t"
        for step in folding_steps():
            query = f"SELECT {step.format(*['t'] * step.count('{}'))} AS t FROM ({query})"
        with duckdb.connect() as duck:
            found = duck.execute(query, [text]).fetchall()[0][0]
        assert found == normalise_g_model(text)


def test_the_orm_loop_marks_as_we_do_but_for_other_forms(province):
    wanted = {
        (e.enterprise_id, e.content_id): (e.mark, e.row_count, e.has_conflict)
        for e in LibraryEntry.objects.exclude(mark="system_matched", reason__relation="same")
    }
    LibraryEntry.objects.all().delete()
    for enterprise, content in wanted:
        mark_entry(enterprise, content)
    found = {
        (e.enterprise_id, e.content_id): (e.mark, e.row_count, e.has_conflict)
        for e in LibraryEntry.objects.all()
    }
    assert found == wanted
