"""Small PDFs in the annex's form: what is inherited over page breaks, other layouts, hostile files."""

import psutil
import pytest

from catalogue.importing import pdf_process
from catalogue.importing.pdf import read_pdf
from catalogue.importing.result import ReadCatalogue, UnreadableCatalogue
from tests.catalogue.pdf_files import EDGES, HEAD, SmallPdf


def started() -> SmallPdf:
    """A first page with titles, notes and the head of the table."""
    pdf = (
        SmallPdf().page().line("第一类 活动物；动物产品").note("注释：").note("一、本类包括幼仔。")
    )
    return pdf.line("第一章 活动物").head()


def read(pdf: SmallPdf, tmp_path) -> ReadCatalogue:
    return read_pdf(pdf.save(tmp_path / "annex.pdf"))


def names(found: ReadCatalogue, hs8: str) -> list[str]:
    return [element.name for element in found.codes[hs8].elements]


def refused(path) -> UnreadableCatalogue:
    with pytest.raises(UnreadableCatalogue) as caught:
        read_pdf(path)
    sentence = str(caught.value)
    assert sentence.endswith("。") and sentence.count("。") == 1
    return caught.value


def test_a_list_is_inherited_over_a_page_break(tmp_path):
    pdf = started().row("01.01", "马、驴：", "1.是否改良种用", "2.品种", "3.CAS号").row("", "-马：")
    pdf.page().row("0101.2100", "--改良种用").row("0101.9000", "-其他", "1.用途")
    found = read(pdf, tmp_path)
    code = found.codes["01012100"]
    assert [(e.name, e.category) for e in code.elements] == [
        ("是否改良种用", "classification"),
        ("品种", "price"),
        ("CAS号", "other"),
    ]
    assert (code.inherited_from, code.path, code.page) == ("01.01", ("马",), 2)
    own = found.codes["01019000"]
    assert (names(found, "01019000"), own.inherited_from, own.path) == (["用途"], "", ())


def test_a_sub_heading_gives_its_list_to_what_is_deeper_and_to_nothing_beside_it(tmp_path):
    pdf = started().row("01.01", "马、驴：", "1.品种").row("", "-马：", "1.个体重量")
    pdf.row("", "--幼马：").row("0101.2110", "---改良种用").row("0101.2900", "--其他")
    pdf.row("0101.9000", "-其他").row("01.02", "牛：").row("0102.2000", "-改良种用")
    found = read(pdf, tmp_path)
    assert names(found, "01012110") == names(found, "01012900") == ["个体重量"]
    assert found.codes["01012110"].inherited_from == "马："
    assert found.codes["01012110"].path == ("马", "幼马")
    assert names(found, "01019000") == ["品种"]
    assert names(found, "01022000") == []


def test_a_row_that_the_page_break_cuts_goes_on_on_the_next_page(tmp_path):
    pdf = started().row("01.01", "马、驴：").row("0101.2000", "-改良", "1.用途；2.品", "3.厂")
    pdf.page().line("- 2 -", left=290)
    pdf.row("", "种用", "种", "号；4.等级").row("0101.9000", "-其他", "1.用途")
    found = read(pdf, tmp_path)
    assert found.codes["01012000"].name == "改良种用"
    assert names(found, "01012000") == ["用途", "品种", "厂号", "等级"]


def test_a_name_that_wraps_and_a_bracket_hint_stay_whole(tmp_path):
    pdf = started().row("01.01", "马：")
    pdf.row(
        "0101.2000", "-马", "1.外观（粉末、粒状、块状等，均应逐项申报；2.不是编号）；2.用途 （食用)"
    )
    found = read(pdf, tmp_path)
    assert names(found, "01012000") == [
        "外观（粉末、粒状、块状等，均应逐项申报；2.不是编号）",
        "用途（食用）",
    ]


def test_text_that_runs_over_the_border_belongs_to_the_cell_it_began_in(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-马").over(2, "1." + "用" * 27)
    pdf.row("0101.3000", "-驴").over(2, "1." + "途" * 22).over(3, "2.品牌")
    found = read(pdf, tmp_path)
    assert names(found, "01012000") == ["用" * 27]
    assert [e.category for e in found.codes["01013000"].elements] == ["classification", "price"]


def test_a_reading_that_is_broken_off_leaves_no_process(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-马").page().page()
    children = psutil.Process().children

    def stop(done: int, pages: int) -> None:
        assert children()
        raise KeyboardInterrupt

    before = set(children())
    with pytest.raises(KeyboardInterrupt):
        read_pdf(pdf.save(tmp_path / "annex.pdf"), stop)
    assert set(children()) == before


def test_an_irregular_number_is_kept_beside_the_position(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-马", "1.用途；3.品种", "3.厂号")
    elements = read(pdf, tmp_path).codes["01012000"].elements
    assert [(e.number, e.printed_number) for e in elements] == [(1, ""), (2, "3"), (3, "")]


def test_a_sub_heading_without_dashes_is_placed_by_the_row_below_and_reported(tmp_path):
    pdf = started().row("01.01", "马：").row("", "-马：", "1.品种").row("", "幼马：")
    found = read(pdf.row("0101.2110", "---改良种用"), tmp_path)
    assert found.codes["01012110"].path == ("马", "幼马")
    assert names(found, "01012110") == ["品种"]
    assert [line.page for line in found.report.lines] == [1]
    assert "没有短横" in found.report.lines[0].text


def test_a_code_with_a_dash_too_few_is_placed_by_its_digits_and_reported(tmp_path):
    pdf = started().row("01.01", "马：").row("", "-马：", "1.品种")
    found = read(pdf.row("0101.2100", "-改良种用"), tmp_path)
    assert names(found, "01012100") == ["品种"]
    assert "01012100 前的短横" in found.report.lines[0].text


def test_columns_are_known_by_their_head_not_by_their_place(tmp_path):
    edges = (28, 80, 200, 300, 400, 470, 564)
    labels = ("税号", "货品名称", "归类要素", "价格要素", "审单及其他要素", "说明举例")
    pdf = SmallPdf().page().line("第一章 活动物").head(labels, edges, above=4)
    pdf.row("01.01", "马：", "1.品种", "2.厂号", "3.等级", edges=edges)
    pdf.row("0101.2000", "-改良种用", "", "", "", "例：纯血马", edges=edges)
    code = read(pdf, tmp_path).codes["01012000"]
    assert [e.category for e in code.elements] == ["classification", "price", "other"]
    assert code.note == "例：纯血马"


@pytest.mark.parametrize(
    "labels",
    [
        ("税则号列", "商品名称", "申报要素", "计量单位", "税率"),
        ("税则号列", "商品名称", "价格要素", "归类要素", "其他要素"),
        ("税则号列", "商品名称", "归类要素", "价格要素", ""),
        ("税则号列", "商品名称", "归类要素", "其他要素", "其他要素"),
    ],
)
def test_another_head_ends_in_a_sentence_that_names_it(tmp_path, labels):
    pdf = SmallPdf().page().head(labels).row("0101.2100", "马", "1.品种")
    sentence = str(refused(pdf.save(tmp_path / "annex.pdf")))
    assert sentence.startswith("第 1 页的表头是") and labels[2] in sentence


def test_rows_between_other_lines_are_reported_and_not_guessed_at(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-马", "1.品种")
    pdf.page().row("0101.9000", "其他", "1.品种", edges=(28, 120, 300, 564))
    found = read(pdf, tmp_path)
    assert list(found.codes) == ["01012000"]
    assert found.report.figures["unread_rows"] == 1
    assert found.report.lines[0].page == 2
    assert "0101.9000" in found.report.lines[0].text


def test_a_cell_that_spans_two_rows_is_reported_and_not_guessed_at(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-马", "1.品种").row("0101.9000", "-其他")
    # The rule between the last two rows stops before the element columns.
    drawn = pdf.pages[0]
    rules = [n for n, drawing in enumerate(drawn) if drawing.startswith(f"{EDGES[0]} ")]
    wide = f"{EDGES[-1] - EDGES[0]} 0.5 re"
    heights = [float(drawn[n].split()[1]) for n in rules if wide in drawn[n]]
    border = sorted(set(heights))[1]
    for number, drawing in enumerate(drawn):
        if wide in drawing and float(drawing.split()[1]) == border:
            drawn[number] = drawing.replace(wide, f"{EDGES[2] - EDGES[0]} 0.5 re")
    found = read(pdf, tmp_path)
    assert "01012000" not in found.codes
    assert "合并" in found.report.lines[0].text


def test_stroked_rules_count_as_filled_ones_do(tmp_path):
    pdf = started().row("01.01", "马：", "1.品种").row("0101.2000", "-马")
    pdf.pages[0] = [
        drawing.replace(" re f", " re S") if drawing.endswith(" re f") else drawing
        for drawing in pdf.pages[0]
    ]
    assert names(read(pdf, tmp_path), "01012000") == ["品种"]


def test_titles_notes_and_small_tables_inside_notes_are_kept(tmp_path):
    pdf = (
        SmallPdf().page().line("第一类 活动物；").line("动物产品注释：").note("一、第九章的不算。")
    )
    pdf.note("第二章的也不算。").line("第一章 活动物").note("注释：").row("甲", "乙", "丙").head()
    found = read(pdf.row("01.01", "马：").row("0101.2000", "-马", "1.品种"), tmp_path)
    section, chapter, heading = found.headings
    assert section.name == "活动物；动物产品"
    assert section.note == "注释：\n一、第九章的不算。\n第二章的也不算。"
    assert (chapter.code, chapter.parent, chapter.name) == ("01", "01", "活动物")
    assert chapter.note == "注释：\n甲\t乙\t丙\t\t"
    assert (heading.code, heading.parent, heading.name) == ("01.01", "01", "马")


def test_text_beside_the_table_is_reported(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-马", "1.品种").note("附表另见公告。")
    assert [line.text for line in read(pdf, tmp_path).report.lines] == [
        "表格之外的文字没有读入：附表另见公告。"
    ]


def test_characters_without_a_meaning_are_counted_and_many_are_fatal(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-\ue000马", "1.用\ue000途")
    path = pdf.save(tmp_path / "annex.pdf")
    assert "会缺字" in str(refused(path))
    for _ in range(60):
        pdf.page().row("", "-" + "马" * 60)
    found = read(pdf, tmp_path)
    assert found.codes["01012000"].name == "马"
    assert names(found, "01012000") == ["用\ufffd途"]
    assert found.report.lines[0] == (1, "有 2 个字的字体没有给出对应的文字，没有读入。")


def test_progress_is_told_page_by_page(tmp_path):
    pdf = started().row("01.01", "马：").page().row("0101.2000", "-马", "1.品种").page()
    steps = []
    read_pdf(pdf.save(tmp_path / "annex.pdf"), lambda done, pages: steps.append((done, pages)))
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_a_scanned_pdf_is_told_to_have_no_text(tmp_path):
    pdf = SmallPdf().page().picture().page().picture()
    assert "扫描件" in str(refused(pdf.save(tmp_path / "annex.pdf")))


def test_a_page_that_is_only_a_picture_makes_the_whole_incomplete(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-马").page().picture()
    error = refused(pdf.save(tmp_path / "annex.pdf"))
    assert str(error).startswith("第 2 页没有读出文字")
    assert error.report is not None
    assert error.report.lines[-1].page == 2


@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
def test_a_truncated_pdf_is_told_to_be_incomplete(tmp_path, share):
    data = started().row("01.01", "马：").row("0101.2000", "-马").data()
    path = tmp_path / "annex.pdf"
    path.write_bytes(data[: int(len(data) * share)])
    assert "不完整" in str(refused(path))


def test_a_pdf_whose_inside_is_damaged_is_told_to_be(tmp_path):
    path = tmp_path / "annex.pdf"
    path.write_bytes(b"%PDF-1.5\n" + b"\x00" * 4_000 + b"\n%%EOF\n")
    assert "损坏" in str(refused(path))


def test_an_encrypted_pdf_asks_for_one_without_a_password(tmp_path):
    pdf = started().row("0101.2000", "-马")
    pdf.is_encrypted = True
    assert "密码" in str(refused(pdf.save(tmp_path / "annex.pdf")))


def test_a_pdf_without_a_catalogue_is_told_to_have_none(tmp_path):
    pdf = SmallPdf().page().line("关于某事的通知").note("一、第一章的商品。")
    assert "没有规范申报目录的表格" in str(refused(pdf.save(tmp_path / "annex.pdf")))


def test_a_head_without_a_row_is_no_catalogue(tmp_path):
    path = SmallPdf().page().head(HEAD).save(tmp_path / "annex.pdf")
    assert "没有规范申报目录的表格" in str(refused(path))


@pytest.mark.parametrize(("data", "word"), [(b"", "空的"), (b"PK\x03\x04 no PDF", "不是 PDF")])
def test_what_is_no_pdf_is_told_to_be_none(tmp_path, data, word):
    path = tmp_path / "annex.pdf"
    path.write_bytes(data)
    assert word in str(refused(path))


def test_a_pdf_that_exhausts_its_time_or_memory_is_given_up(tmp_path, monkeypatch):
    pdf = SmallPdf()
    for _ in range(3):
        pdf.page().note("马")
    kids = 200_000  # pages that all are the third one
    data = pdf.data().replace(b"/Count 3", b"/Count %d" % kids)
    data = data.replace(b"[7 0 R 9 0 R 11 0 R]", b"[" + b"11 0 R " * kids + b"]")
    path = tmp_path / "annex.pdf"
    path.write_bytes(data)
    assert "页" in str(refused(path))
    monkeypatch.setattr(pdf_process, "_LIMITS", ("0", str(pdf_process.MAX_BYTES)))
    started().row("0101.2000", "-马").save(path)
    assert "限度" in str(refused(path))


def test_a_page_with_far_too_much_on_it_is_not_read(tmp_path):
    pdf = started().row("01.01", "马：").row("0101.2000", "-马").page()
    pdf.pages[-1] += ["0 0 1 1 re f"] * 70_000
    error = refused(pdf.save(tmp_path / "annex.pdf"))
    assert "第 2 页" in str(error)
    assert error.report is not None
    assert "多得不像目录" in error.report.lines[-1].text
