"""The self-checks pass the edition of 2025 and stop whatever a wrong reading makes of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from catalogue.importing.result import (
    ReadCatalogue,
    ReadCode,
    ReadElement,
    ReadHeading,
    UnreadableCatalogue,
)
from catalogue.importing.self_checks import check_catalogue
from catalogue.loading import as_read
from catalogue.shipped import shipped_edition

Change = Callable[[ReadCode], ReadCode | None]


def whole() -> ReadCatalogue:
    return as_read(shipped_edition())


def changed(change: Change) -> ReadCatalogue:
    read = whole()
    codes = {hs8: new for hs8, code in read.codes.items() if (new := change(code)) is not None}
    return replace(read, codes=codes)


def refused(read: ReadCatalogue) -> str:
    with pytest.raises(UnreadableCatalogue) as caught:
        check_catalogue(read)
    assert caught.value.report is read.report
    sentence = str(caught.value)
    assert sentence.endswith("，没有导入。") and sentence.count("。") == 1
    return sentence


def with_names(code: ReadCode, names: list[str]) -> ReadCode:
    elements = tuple(ReadElement(n, name, "price") for n, name in enumerate(names, 1))
    return replace(code, elements=elements)


def test_the_edition_of_2025_passes_with_its_figures():
    read = whole()
    check_catalogue(read)
    figures = read.report.figures
    assert figures["codes"] == 8961
    assert figures["headings"] == 1228
    assert figures["elements"] == 38_740
    assert figures["empty"] == 107
    assert figures["irregular"] == figures["bare_headings"] == 0


def printed(code: ReadCode) -> ReadCode:
    elements = tuple(e._replace(printed_number=str(e.number + 1)) for e in code.elements)
    return replace(code, elements=elements)


def test_irregular_numbering_is_reported_for_each_code_and_fatal_above_two_percent():
    # The chapter of live animals is less than two percent of all, that of machines is more.
    read = changed(lambda code: printed(code) if code.hs8 < "0200" else code)
    check_catalogue(read)
    said = [line.text for line in read.report.lines if "编号不连续" in line.text]
    count = sum(hs8 < "0200" and bool(code.elements) for hs8, code in read.codes.items())
    assert len(said) == read.report.figures["irregular"] == count
    assert said[0].startswith("01012100 的申报要素编号不连续（2、3；")
    wrong = changed(lambda code: printed(code) if code.hs8.startswith("84") else code)
    assert "超过 2%" in refused(wrong)


def test_a_heading_without_codes_is_reported_and_many_are_fatal():
    read = whole()
    read.headings.append(ReadHeading("heading", "01.99", "01", "没有"))
    check_catalogue(read)
    assert "品目 01.99 之下没有商品编码。" in [line.text for line in read.report.lines]
    read = whole()
    read.headings += [ReadHeading("heading", f"01.{n}", "01", "没有") for n in range(50, 80)]
    assert "30 个品目" in refused(read)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda code: code if code.hs8 < "8400" else None, "完整的目录应在"),
        (lambda code: None if code.hs8.startswith("63") else code, "缺少第 63 章"),
        (lambda code: replace(code, heading="01.01"), "所属品目不对"),
        (lambda code: replace(code, name="") if code.hs8 == "01012100" else code, "01012100"),
        (lambda code: replace(code, elements=()) if code.hs8[:2] == "84" else code, "没有申报要素"),
        (lambda code: replace(code, elements=code.elements[:1]), "平均有 1.0 个"),
        (lambda code: with_names(code, ["用途"] * 45), "不像目录"),
        (lambda code: replace(code, elements=code.elements[::-1]), "序号或类别不对"),
        (
            lambda code: with_names(code, ["用" * 256]) if code.hs8 == "01012100" else code,
            "超过 255 个字",
        ),
        (
            lambda code: with_names(code, ["甲；2.乙", "丙", "丁"]) if code.hs8[:2] == "84" else code,
            "断错",
        ),
        (lambda code: with_names(code, ["甲", "乙", "丙", "丁"]), "“品牌”"),
        (
            lambda code: with_names(code, ["甲", "乙"]) if code.heading == "87.03" else code,
            "品目 87.03",
        ),
    ],
)  # fmt: skip
def test_a_wrong_reading_ends_in_one_sentence(change, words):
    assert words in refused(changed(change))


def test_one_column_taken_for_another_is_seen_by_the_order_of_categories():
    names = {"classification": "price", "price": "classification", "other": "other"}

    def swapped(code: ReadCode) -> ReadCode:
        elements = tuple(e._replace(category=names[e.category]) for e in code.elements)
        return replace(code, elements=elements)

    assert "归类、价格、其他的次序" in refused(changed(swapped))


def test_rows_that_were_not_read_are_fatal_when_they_are_many():
    read = whole()
    read.report.figures["unread_rows"] = 8
    check_catalogue(read)
    read = whole()
    read.report.figures["unread_rows"] = 9
    assert "9 行没有读懂" in refused(read)


def test_a_name_with_an_unknown_character_is_reported():
    read = changed(lambda c: with_names(c, ["用\ufffd途"]) if c.hs8 == "01012100" else c)
    check_catalogue(read)
    assert any(line.text.startswith("01012100 的申报要素“用") for line in read.report.lines)


def test_a_name_that_looks_wrongly_cut_is_reported_with_its_page():
    def odd(code: ReadCode) -> ReadCode:
        return with_names(code, ["成分", "成分"]) if code.hs8 == "01012100" else code

    read = changed(odd)
    check_catalogue(read)
    assert any(
        line.page == 1 and line.text.startswith("01012100 的申报要素“成分”可能")
        for line in read.report.lines
    )
