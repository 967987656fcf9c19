"""The catalogue edition that the product carries: complete, small, in force after one call."""

from datetime import date

import pytest
from django.core.management import call_command

from catalogue.editions import element_lists, withdraw
from catalogue.importing.result import (
    ReadCatalogue,
    ReadCode,
    ReadElement,
    ReadHeading,
    ReadReport,
)
from catalogue.lists import list_key
from catalogue.loading import load_shipped_edition
from catalogue.models import CatalogueCode, Edition, Element, ElementCategory, Outbox
from catalogue.shipped import (
    SHIPPED_FILE,
    ShippedCatalogueError,
    element_names,
    read_shipped,
    shipped_edition,
)
from catalogue.shipped_writing import shipped_text
from tests.catalogue.official import RIGHT_LISTS, RIGHT_NAMES, elements_text, expected_rows


def test_the_shipped_file_is_small_enough_to_ship():
    assert SHIPPED_FILE.stat().st_size < 1.5 * 1024 * 1024


def test_every_code_has_a_heading_and_elements_numbered_from_one():
    edition = shipped_edition()
    assert len(edition.codes) == 8_961
    for code in edition.codes.values():
        assert edition.headings[code.heading], code
        assert code.heading.replace(".", "") == code.hs8[:4]
        numbers = [element.number for element in code.elements]
        assert numbers == list(range(1, len(numbers) + 1)), code
        assert all(element.name and element.category for element in code.elements)


def test_categories_stand_in_the_order_of_the_annex_columns():
    order = [category.value for category in ElementCategory]
    for code in shipped_edition().codes.values():
        places = [order.index(element.category) for element in code.elements]
        assert places == sorted(places), code


def test_it_reads_a_code_as_the_annex_prints_it():
    code = shipped_edition().codes["85423990"]
    assert (code.heading, code.name) == ("85.42", "其他")
    assert [(e.name, e.category) for e in code.elements] == [
        ("应用场景", "classification"),
        ("功能", "classification"),
        ("是否封装", "classification"),
        ("是否切割", "classification"),
        ("品牌（中文或外文名称）", "price"),
        ("型号", "price"),
        ("是否量产（量产或非量产）", "price"),
    ]


def test_element_names_are_found_by_a_ten_digit_code():
    assert element_names("0303670000")[1] == "拉丁学名"
    with pytest.raises(KeyError):
        element_names("7700000000")


def test_sections_chapters_and_sub_headings_lead_to_each_code():
    edition = shipped_edition()
    assert list(edition.sections) == [f"{number:02d}" for number in range(1, 22)]
    assert len(edition.chapters) == 96
    assert "77" not in edition.chapters
    assert edition.chapters["01"] == ("01", "活动物")
    assert edition.chapters["85"].section == "16"
    assert {code.hs8[:2] for code in edition.codes.values()} == set(edition.chapters)
    assert edition.codes["01063921"].path == ("鸟", "其他", "食用")
    assert edition.codes["01019000"].path == ()
    for code in edition.codes.values():
        assert all(name and not name.startswith("-") for name in code.path), code


def test_it_holds_just_the_codes_names_and_elements_of_the_careful_reading():
    expected = expected_rows()
    codes = shipped_edition().codes
    assert [row["hs8"] for row in expected] == list(codes)
    for row in expected:
        code = codes[row["hs8"]]
        elements = elements_text([element.name for element in code.elements])
        found = (code.heading, code.name, code.inherited_from, str(code.page), elements)
        if names := RIGHT_LISTS.get(row["hs8"]):
            row["elements"] = elements_text(names)
        row["name"] = RIGHT_NAMES.get(row["hs8"], row["name"])
        wanted = (row["heading"], row["name"], row["inherited_from"], row["page"], row["elements"])
        assert found == wanted


def test_what_is_written_is_read_back_the_same(tmp_path):
    elements = (
        ReadElement(1, "用途", "classification"),
        ReadElement(2, "品牌（中文；外文）", "price"),
        ReadElement(3, "CAS号", "other"),
    )
    codes = {
        "01012100": ReadCode("01012100", "01.01", "改良种用", elements, ("马",), "01.01", 1),
        "01012900": ReadCode("01012900", "01.01", "其他", (), ("马",), "", 1),
        "01019000": ReadCode("01019000", "01.01", "其他", elements, (), "驴：", 2),
        "02011000": ReadCode("02011000", "02.01", "整头", elements[:1], ("甲", "乙"), "", 3),
        "02012000": ReadCode("02012000", "02.01", "半头", elements[2:], ("甲", "丙"), "", 3),
    }
    headings = [
        ReadHeading("section", "01", "", "活动物；动物产品", "注释：略"),
        ReadHeading("chapter", "01", "01", "活动物"),
        ReadHeading("chapter", "02", "01", "肉"),
        ReadHeading("heading", "01.01", "01", "马、驴、骡"),
        ReadHeading("heading", "02.01", "02", "鲜牛肉"),
    ]
    read = ReadCatalogue(codes, headings, ReadReport(), 3)
    path = tmp_path / "catalogue.txt"
    path.write_text(shipped_text(read, 2031, date(2031, 1, 1), date(2031, 12, 31)), "utf-8")
    back = read_shipped(path)
    assert (back.year, back.effective_to) == (2031, date(2031, 12, 31))
    assert (back.sections, back.headings["02.01"]) == ({"01": "活动物；动物产品"}, "鲜牛肉")
    assert back.chapters == {"01": ("01", "活动物"), "02": ("01", "肉")}
    for hs8, code in codes.items():
        found = back.codes[hs8]
        for name in ("heading", "name", "path", "inherited_from", "page"):
            assert getattr(found, name) == getattr(code, name), (hs8, name)
        names = [(element.name, element.category) for element in found.elements]
        assert names == [(element.name, element.category) for element in code.elements]


@pytest.mark.parametrize("name", ["用途\t品牌", "用途;品牌"])
def test_a_name_that_would_break_the_form_is_not_written(name):
    elements = (ReadElement(1, name, "price"),)
    code = ReadCode("01012100", "01.01", "马", elements)
    read = ReadCatalogue({code.hs8: code}, [], ReadReport(), 1)
    with pytest.raises(ValueError, match=r"element|tab"):
        shipped_text(read, 2031, date(2031, 1, 1), date(2031, 12, 31))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("*\t2025\t2025-01-01\t2025-12-31\n+\t01.01\t马\n01012100\t改良种用\t3\t1\n", "第 3 行"),
        ("*\t2025\t2025-01-01\tsome day\n", "第 1 行"),
        ("=\t品种\n1234\tname\t1\t1\n", "第 2 行"),
        ("=\t品种\n", "没有版本行"),
    ],
)
def test_a_damaged_file_is_named_by_its_line(tmp_path, text, place):
    path = tmp_path / "catalogue.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ShippedCatalogueError, match=place):
        read_shipped(path)


@pytest.mark.django_db
def test_loading_stores_the_edition_and_puts_it_in_force():
    counts = load_shipped_edition()
    assert counts == {
        "editions": 1,
        "codes": CatalogueCode.objects.count(),
        "elements": Element.objects.count(),
    }
    edition = Edition.objects.get()
    assert (edition.year, edition.revision, edition.in_force) == (2025, 1, True)
    assert len(edition.source_hash) == 64
    stored = Element.objects.filter(code__hs8="03036700").order_by("number")
    assert list(stored.values_list("number", "name", "category")) == list(
        shipped_edition().codes["03036700"].elements
    )


@pytest.mark.django_db
def test_loading_again_changes_nothing(django_assert_num_queries, capsys):
    load_shipped_edition()
    with django_assert_num_queries(1):  # to look
        assert load_shipped_edition() == {"editions": 0, "codes": 0, "elements": 0}
    call_command("load_shipped_catalogue")
    assert '"codes": 0' in capsys.readouterr().out


@pytest.mark.django_db
def test_an_edition_that_an_administrator_holds_stays():
    Edition.objects.create(
        year=2025, effective_from="2025-01-01", source_hash="0" * 64, source_kind="pdf"
    )
    assert load_shipped_edition()["codes"] == 0
    assert Edition.objects.get().source_hash == "0" * 64


@pytest.mark.django_db
def test_a_newer_shipped_file_replaces_an_earlier_shipped_one_where_that_is_in_force():
    load_shipped_edition()
    Edition.objects.update(source_hash="1" * 64)
    CatalogueCode.objects.filter(hs8="03036700").update(list_key="another list")
    Outbox.objects.all().delete()
    assert load_shipped_edition()["editions"] == 1
    assert list(
        Edition.objects.order_by("revision").values_list("revision", "in_force", "source_kind")
    ) == [(1, False, "shipped"), (2, True, "shipped")]
    assert list(Outbox.objects.values_list("hs8", flat=True)) == ["03036700"]


@pytest.mark.django_db
def test_a_newer_shipped_file_stays_out_of_force_where_the_earlier_one_was_withdrawn():
    load_shipped_edition()
    withdraw(Edition.objects.get())
    Edition.objects.update(source_hash="1" * 64)
    assert load_shipped_edition()["editions"] == 1
    assert not Edition.objects.filter(in_force=True).exists()


@pytest.mark.django_db
def test_every_stored_code_has_the_key_of_its_list():
    load_shipped_edition()
    edition = Edition.objects.get()
    keys = dict(CatalogueCode.objects.values_list("pk", "list_key"))
    lists = dict(element_lists(edition))
    assert len(keys) > 8_000
    for pk, key in keys.items():
        assert key == list_key((e.name, e.category) for e in lists.get(pk, []))
