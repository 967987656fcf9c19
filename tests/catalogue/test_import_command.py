"""import_catalogue and export_catalogue, on whole catalogues."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalogue.loading import load_shipped_edition
from catalogue.models import CatalogueCode, CatalogueHeading, Edition, Element, Outbox
from tests.catalogue.files import write_whole_tsv, write_whole_xlsx
from tests.catalogue.lists import store_lists
from tests.catalogue.official import RIGHT_LISTS, RIGHT_NAMES

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data"
EXPECTED = SHARED / "catalogue_2025_expected.tsv"
OFFICIAL = SHARED / "catalogue_2025_official.pdf"

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys):
    def run_(*arguments: str) -> tuple[dict, str]:
        call_command(*arguments)
        said = capsys.readouterr()
        return json.loads(said.out.splitlines()[-1]), said.err

    return run_


@pytest.fixture
def export(capsys):
    def export_(year: int) -> list[str]:
        capsys.readouterr()
        call_command("export_catalogue", "--edition", str(year))
        return capsys.readouterr().out.splitlines()

    return export_


def states() -> list[tuple[int, int, bool]]:
    return list(Edition.objects.order_by("pk").values_list("year", "revision", "in_force"))


def test_a_new_year_is_stored_with_its_own_dates_and_not_in_force(run, tmp_path):
    load_shipped_edition()
    path = write_whole_tsv(tmp_path / "a.tsv")
    counts, said = run("import_catalogue", str(path), "--edition", "2026")
    assert states() == [(2025, 1, True), (2026, 1, False)]
    edition = Edition.objects.get(year=2026)
    assert (edition.effective_from, edition.effective_to) == (date(2026, 1, 1), date(2026, 12, 31))
    seconds = counts.pop("seconds")
    assert seconds > 0
    assert counts == {
        "edition": 2026,
        "revision": 1,
        "stored": True,
        "in_force": False,
        "codes": 8961,
        "elements": Element.objects.filter(code__edition=edition).count(),
        "changed": 0,
        "report": len(edition.report["lines"]),
    }
    assert "整个文件：文件不含要素类别和品目名称，已参照2025 年版补上。" in said
    assert "请由管理员核对" in said


def test_dates_and_the_wish_to_put_it_in_force_are_options(run, tmp_path):
    load_shipped_edition()
    Outbox.objects.all().delete()
    path = write_whole_tsv(tmp_path / "a.tsv", {"84821030": "1:用途;2:品牌（中文或外文名称）"})
    counts, _ = run(
        "import_catalogue", str(path), "--edition", "2026",
        "--from", "2026-02-01", "--to", "2027-01-31", "--in-force",
    )  # fmt: skip
    edition = Edition.objects.get(year=2026)
    assert (edition.effective_from, edition.effective_to) == (date(2026, 2, 1), date(2027, 1, 31))
    assert edition.in_force and counts["changed"] == 1
    assert list(Outbox.objects.values_list("hs8", "cause")) == [("84821030", "edition")]


def test_the_same_file_again_says_so_and_exits_well(run, tmp_path):
    path = write_whole_tsv(tmp_path / "a.tsv")
    run("import_catalogue", str(path), "--edition", "2026")
    counts, said = run("import_catalogue", str(path), "--edition", "2026")
    assert counts["stored"] is False
    assert "完全相同，没有重复装入" in said
    assert states() == [(2026, 1, False)]


def test_what_an_export_prints_is_read_back_the_same(run, export, tmp_path):
    load_shipped_edition()
    path = tmp_path / "again.tsv"
    path.write_text("\n".join(export(2025)) + "\n", encoding="utf-8")
    Outbox.objects.all().delete()
    counts, _ = run("import_catalogue", str(path), "--edition", "2025")
    assert (counts["revision"], counts["changed"]) == (2, 0)
    assert not Outbox.objects.exists()
    assert export(2025) == path.read_text(encoding="utf-8").splitlines()
    # Headings, sub-headings and categories were borrowed from the shipped edition.
    first, second = Edition.objects.order_by("revision")
    for fields in (("level", "code", "parent", "name"),):
        assert set(CatalogueHeading.objects.filter(edition=first).values_list(*fields)) == set(
            CatalogueHeading.objects.filter(edition=second).values_list(*fields)
        )
    paths = [dict(e.codes.values_list("hs8", "path")) for e in (first, second)]
    assert paths[0] == paths[1]


def test_a_workbook_gives_the_lists_that_its_cells_hold(run, tmp_path):
    load_shipped_edition()
    counts, said = run(
        "import_catalogue", str(write_whole_xlsx(tmp_path / "a.xlsx")), "--edition", "2025"
    )
    # Semicolons inside brackets are kept; the few names that hold one outside are cut there.
    assert counts["codes"] == 8961 and counts["changed"] <= 9
    assert Edition.objects.get(revision=2).source_kind == "xlsx"
    assert "没有变化" in said or "有变化" in said


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.tsv", b"", "文件是空的"),
        ("a.pdf", b"no pdf at all", "扩展名是 .pdf，内容却不是官方 PDF"),
        ("a.xlsx", b"%PDF-1.7\nx", "扩展名是 .xlsx，内容却不是Excel 工作簿"),
        ("a.tsv", b"PK\x03\x04", "扩展名是 .tsv，内容却不是制表符分隔文本"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "不能读取扩展名为 .xls 的文件"),
        ("a", b"x", "不能读取没有扩展名的文件"),
        ("a.tsv", b"one\ttwo\n", "第 1 行不是目录的表头"),
    ],
)
def test_a_wrong_file_ends_with_one_sentence_and_changes_nothing(
    run, tmp_path, name, content, words
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words) as refused:
        run("import_catalogue", str(path), "--edition", "2026")
    assert str(refused.value).count("。") == 1
    assert refused.value.returncode != 0
    assert not Edition.objects.exists()


def test_a_part_of_a_catalogue_is_refused_with_its_report(run, tmp_path, capsys):
    path = write_whole_tsv(tmp_path / "a.tsv", leave_out="85")
    with pytest.raises(CommandError, match="85"):
        run("import_catalogue", str(path), "--edition", "2026")
    assert "整个文件：" in capsys.readouterr().err
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--edition", "1912"], "目录年份 1912 不对"),
        (["--edition", "2026", "--from", "2026-05-01", "--to", "2026-04-30"], "早于生效日期"),
        (["--edition", "2026", "--from", "soon"], "soon"),
        ([], "--edition"),
    ],
)
def test_wrong_options_are_told(run, tmp_path, arguments, words):
    path = write_whole_tsv(tmp_path / "a.tsv")
    with pytest.raises(CommandError, match=words):
        run("import_catalogue", str(path), *arguments)
    assert not Edition.objects.exists()


def test_a_file_that_is_not_there_is_told(run, tmp_path):
    with pytest.raises(CommandError, match="找不到文件"):
        run("import_catalogue", str(tmp_path / "none.pdf"), "--edition", "2026")


def test_a_year_that_is_not_held_is_told():
    with pytest.raises(CommandError, match="没有 2019 年版目录"):
        call_command("export_catalogue", "--edition", "2019")


def test_the_revision_in_force_is_exported_else_the_newest(export):
    store_lists(2025, {"84821030": ("甲",)}, in_force=True)
    second = store_lists(2025, {"84821030": ("乙",)})
    assert export(2025)[1].endswith("1:乙"), "a revision of a year in force takes its place"
    Edition.objects.update(in_force=False)
    Edition.objects.filter(revision=1).update(in_force=True)
    assert export(2025)[1].endswith("1:甲")
    Edition.objects.update(in_force=False)
    assert second.revision == 2 and export(2025)[1].endswith("1:乙")


def test_no_name_breaks_a_row(export):
    edition = store_lists(2025, {"84821030": ("用途", "品牌")})
    CatalogueCode.objects.filter(edition=edition).update(name="滚动\t轴承\r\n及\x85零件\u2028等")
    Element.objects.filter(number=1).update(name="用\n途")
    lines = export(2025)
    assert len(lines) == 2
    assert lines[1] == "84821030\t84.82\t滚动 轴承 及 零件 等\t\t1\t1:用 途;2:品牌"


def test_the_shipped_edition_is_exported_as_the_careful_reading(export):
    if not EXPECTED.exists():
        pytest.skip(f"SKIPPED LOUDLY: {EXPECTED} is not here")
    load_shipped_edition()
    found = [line.split("\t") for line in export(2025)]
    expected = [line.split("\t") for line in EXPECTED.read_text(encoding="utf-8").splitlines()]
    for row in expected:
        row[2] = RIGHT_NAMES.get(row[0], row[2])
    assert [row[:5] for row in found] == [row[:5] for row in expected]
    differing = {a[0] for a, b in zip(found, expected, strict=True) if a != b}
    assert differing == set(RIGHT_LISTS)


@pytest.mark.slow
def test_the_official_pdf_becomes_a_revision_that_replaces_the_shipped_one(run, export):
    if not OFFICIAL.exists():
        pytest.skip(f"SKIPPED LOUDLY: {OFFICIAL} is not here")
    load_shipped_edition()
    shipped = export(2025)
    counts, said = run("import_catalogue", str(OFFICIAL), "--edition", "2025")
    assert states() == [(2025, 1, False), (2025, 2, True)]
    assert (counts["codes"], counts["changed"]) == (8961, 0)
    assert "第 " in said and " 页：" in said
    assert export(2025) == shipped, "the shipped edition was made of this very file"
