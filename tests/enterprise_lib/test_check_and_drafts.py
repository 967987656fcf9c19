"""申报前自检: one line and a table through their pages; nothing is stored but a draft."""

import io

import openpyxl
import pytest
import xlsxwriter
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from comparison.models import LibraryEntry
from comparison.working import work_outbox
from declarations.models import Content, Goods
from enterprise_lib.checking.intake import MOST_ROWS
from enterprise_lib.models import Draft
from tests.enterprise_lib.library import sheet_of, words_on
from tests.factories import client_for, make_audit, make_enterprise, make_line, make_user
from tests.shared_rows import rows_of_a_module
from tests.shipped import load_shipped_headings

pytestmark = pytest.mark.django_db

PAGE, TAKE, DRAFTS = "/library/check/", "/library/check/table/", "/library/drafts/"
CIRCUIT = "8542399000"
MODEL = "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产|||非加密"
SOFA = "9401619000"
SOFA_MODEL = "0|3|家居用|布面|木框架|装软垫|无品牌"
HEAD = "商品编码\t商品名称\t规格型号\t进出口标志\n"


@pytest.fixture(scope="module", autouse=True)
def catalogue(django_db_setup, django_db_blocker):
    with rows_of_a_module(django_db_blocker):
        load_shipped_headings()
        yield


@pytest.fixture
def enterprise():
    return make_enterprise()


@pytest.fixture
def client(enterprise):
    return client_for(make_user(enterprise=enterprise))


def keys_on(response):
    """What names each row that a list shows."""
    return [row.record for row in response.context["table"].rows]


def one(**more):
    line = {"hs_code": SOFA, "ie_flag": "I", "name": "布沙发", "g_model": SOFA_MODEL}
    return {**line, **more}


def take(client, text, **more):
    return client.post(TAKE, {"text": text, "otherwise": "", **more}, follow=True)


def table_of(client, *models, hs_code=SOFA):
    rows = "".join(f"{hs_code}\t布沙发\t{model}\t进口\n" for model in models)
    response = take(client, HEAD + rows)
    assert response.redirect_chain, words_on(response)
    return response.redirect_chain[-1][0]


# --- one line ------------------------------------------------------------------------------------


def test_a_good_line_is_read_and_found_clean(client):
    words = words_on(client.post(PAGE, one()))
    assert "未发现常见差错" in words
    assert "框架材质" in words and "木框架" in words
    assert SOFA_MODEL in words


def test_findings_stand_in_the_answer_with_their_source(client):
    words = words_on(client.post(PAGE, one(g_model="0|0|家居用|布面|无|装软垫|星海牌")))
    assert "处提示" in words
    assert "依据：" in words


def test_a_real_string_of_an_older_list_is_laid_out_in_the_official_order(client):
    response = client.post(PAGE, one(hs_code=CIRCUIT, name="集成电路", g_model=MODEL))
    values = [slot.value for slot in response.context["result"].layout.slots]
    labels = [slot.label for slot in response.context["result"].layout.slots]
    told = {label.split("（")[0]: value for label, value in zip(labels, values, strict=True)}
    assert told["应用场景"] == "用于平板电脑"
    assert told["型号"] == "NL27WZU04DTT1G"
    assert told["是否量产"] == "量产"
    assert told["其他"] == "非加密"
    assert "无批号" in values, "an older element is kept, behind the official places"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hs_code": ""}, "商品编码为空"),
        ({"hs_code": "12"}, "商品编码应为 10 位数字"),
        ({"g_model": " "}, "规格型号为空"),
        ({"ie_flag": ""}, "请选择进口或出口"),
        ({"hs_code": "9999999999"}, "99"),
    ],
)
def test_wrong_input_is_told_in_one_sentence_and_nothing_typed_is_lost(client, change, said):
    response = client.post(PAGE, one(**change))
    text = response.content.decode()
    assert said in words_on(response)
    assert 'value="布沙发"' in text


def test_elements_changed_in_place_are_put_together_again(client):
    first = client.post(PAGE, one()).context["result"]
    parts = [slot.value for slot in first.layout.slots]
    parts[3] = "皮面"
    response = client.post(
        PAGE,
        one(
            do="recompose",
            part=parts,
            label=[slot.label for slot in first.layout.slots],
            basis=SOFA_MODEL,
            laid_out=first.laid_out,
            least=str(first.layout.least),
        ),
    )
    assert response.context["result"].composed == SOFA_MODEL.replace("布面", "皮面")


def test_an_empty_element_before_the_anti_dumping_tail_keeps_its_place(client):
    tail = "<某厂><SOME FACTORY><10%><0><否>"
    response = client.post(PAGE, one(g_model=f"0|3|家居用|布面||装软垫||{tail}"))
    assert response.context["result"].composed == f"0|3|家居用|布面||装软垫||{tail}"


def test_own_and_public_conforming_declarations_are_found_and_judged(client, enterprise):
    make_audit(make_line(enterprise, name="布沙发", g_model=SOFA_MODEL, hs_code=SOFA))
    other = make_enterprise()
    make_audit(
        make_line(
            other, name="布沙发", g_model=SOFA_MODEL.replace("木框架", "铁框架"), hs_code=SOFA
        )
    )
    work_outbox()
    response = client.post(PAGE, one(g_model=SOFA_MODEL.replace("家居用", "用于家居")))
    words = words_on(response)
    assert "仅形式不同" in words
    assert "铁框架" in words
    assert "公开企业数 <3" in words
    assert other.name not in words


def test_nothing_is_stored_and_no_address_has_the_text(client):
    before = [model.objects.count() for model in (Goods, Content, LibraryEntry, Draft)]
    response = client.post(PAGE, one())
    assert [model.objects.count() for model in (Goods, Content, LibraryEntry, Draft)] == before
    assert response.request["QUERY_STRING"] == ""


def test_the_address_of_a_detail_fills_the_form_without_checking(client):
    response = client.get(PAGE, one())
    assert SOFA_MODEL in response.content.decode()
    assert "result" not in response.context


def test_a_line_is_handed_out_as_a_workbook(client):
    sheet = sheet_of(client.post(PAGE, one(do="download")))
    assert SOFA in sheet[1] and SOFA_MODEL in sheet[1]


def test_a_line_is_kept_as_a_draft_once_however_often_the_button_is_pressed(client, enterprise):
    for _ in range(2):
        response = client.post(PAGE, one(do="draft"), follow=True)
    draft = Draft.objects.get()
    assert (draft.enterprise, draft.g_model, draft.edition.year) == (enterprise, SOFA_MODEL, 2025)
    assert response.redirect_chain[-1][0] == f"{DRAFTS}{draft.pk}/"


# --- a table -------------------------------------------------------------------------------------


def test_a_pasted_table_is_summed_up_and_listed(client):
    url = table_of(client, SOFA_MODEL, "0|0|家居用|布面|无|装软垫|星海牌", "")
    response = client.get(url)
    assert len(keys_on(response)) == 3
    counts = {state: rows for state, _, rows in response.context["counts"]}
    assert counts == {"findings": 1, "clean": 1, "error": 1}
    assert len(keys_on(client.get(url, {"show": "problems"}))) == 2
    assert len(keys_on(client.get(url, {"show": "clean"}))) == 1


def test_rows_that_cannot_be_checked_say_which_row_and_what_to_do(client):
    words = words_on(client.get(table_of(client, "")))
    assert "“规格型号”为空" in words


def test_a_row_is_mended_in_place_and_the_table_keeps_it(client):
    url = table_of(client, "0|3|家居用|布面|无|装软垫|无品牌")
    response = client.post(f"{url}rows/2/", one(), follow=True)
    assert "已重新自检" in words_on(response)
    assert "未发现常见差错" in words_on(response)
    assert "0|3|家居用|布面|无|装软垫|无品牌" in words_on(response), "the original can come back"
    client.post(f"{url}rows/2/", one(do="restore"))
    texts = [row.line.g_model for row in keys_on(client.get(url))]
    assert texts == ["0|3|家居用|布面|无|装软垫|无品牌"]


def test_the_whole_table_is_handed_out_in_the_official_order(client):
    url = table_of(client, SOFA_MODEL, "=1+1|3|甲")
    sheet = sheet_of(client.get(f"{url}export/"))
    assert len(sheet) == 3
    assert any("=1" in str(cell) for cell in sheet[2]), "as text, not as a formula"


def test_an_uploaded_workbook_is_taken_too(client):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet()
    for row, cells in enumerate((HEAD.strip().split("\t"), [SOFA, "布沙发", SOFA_MODEL, "I"])):
        sheet.write_row(row, 0, cells)
    book.close()
    file = SimpleUploadedFile("表.xlsx", target.getvalue())
    response = client.post(TAKE, {"file": file, "text": "", "otherwise": ""}, follow=True)
    assert "表.xlsx" in words_on(response)
    assert len(keys_on(response)) == 1


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SimpleUploadedFile("表.xlsx", b"PK not a workbook"), "xlsx"),
        (SimpleUploadedFile("表.docx", b"whatever"), "xlsx"),
        (SimpleUploadedFile("表.xlsx", b""), "空"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence_and_what_was_pasted_stays(client, file, said):
    response = client.post(TAKE, {"file": file, "text": "甲\t乙", "otherwise": "I"})
    assert response.status_code == 200
    assert said in words_on(response)
    assert "甲\t乙" in response.content.decode()


def test_too_many_rows_are_refused_with_nothing_lost(client):
    text = HEAD + f"{SOFA}\t布沙发\t{SOFA_MODEL}\tI\n" * (MOST_ROWS + 1)
    response = take(client, text)
    assert not response.redirect_chain
    assert f"{MOST_ROWS:,}" in words_on(response)
    assert text.strip() in response.content.decode().replace("\r", "")


def test_a_full_table_of_the_longest_texts_can_be_pasted(client):
    model = "4|3|" + "长" * 251
    rows = "".join(f"{CIRCUIT}\t集成电路{i}\t{model}\t进口\n" for i in range(MOST_ROWS))
    response = client.post(TAKE, {"text": HEAD + rows, "otherwise": ""})
    assert response.status_code == 302


def test_a_full_table_costs_a_fixed_number_of_queries(client, django_assert_max_num_queries):
    models = [SOFA_MODEL.replace("木", f"木{n}") for n in range(300)]
    with django_assert_max_num_queries(30):
        table_of(client, *models)


def test_a_table_is_its_sessions_alone(client, enterprise):
    url = table_of(client, SOFA_MODEL)
    colleague = client_for(make_user(enterprise=enterprise))
    for other in (colleague, client_for(make_user())):
        for address in (url, f"{url}export/", f"{url}rows/2/"):
            assert "已不在系统中" in words_on(other.get(address, follow=True))
    client.post(reverse("logout"))
    assert client.get(url).status_code == 302


def test_a_table_whose_time_is_over_says_so(client):
    url = table_of(client, SOFA_MODEL)
    cache.clear()
    response = client.get(url, follow=True)
    assert "已不在系统中" in words_on(response)


def test_throwing_a_table_away_is_asked_first(client):
    url = table_of(client, SOFA_MODEL)
    assert "清除" in words_on(client.post(f"{url}forget/"))
    assert client.get(url).status_code == 200
    client.post(f"{url}forget/", {"sure": "1"})
    assert client.get(url).status_code == 302


def test_ticked_rows_become_drafts_all_or_none(client):
    url = table_of(client, SOFA_MODEL, "")
    response = client.post(f"{url}drafts/", {"tick": ["2", "3"]}, follow=True)
    assert "第 3 行不能自检" in words_on(response)
    assert not Draft.objects.exists()
    client.post(f"{url}drafts/", {"tick": ["2"]})
    assert Draft.objects.get().g_model == SOFA_MODEL


# --- drafts --------------------------------------------------------------------------------------


def draft(enterprise, **more):
    fields = {"hs_code": SOFA, "ie_flag": "I", "name": "布沙发", "g_model": SOFA_MODEL} | more
    user = make_user(enterprise=enterprise)
    return Draft.objects.create(enterprise=enterprise, created_by=user, **fields)


def test_drafts_are_listed_searched_and_opened(client, enterprise):
    kept, _ = draft(enterprise), draft(enterprise, hs_code=CIRCUIT, name="集成电路")
    assert len(keys_on(client.get(DRAFTS))) == 2
    assert len(keys_on(client.get(DRAFTS, {"keyword": "沙发"}))) == 1
    assert len(keys_on(client.get(DRAFTS, {"hs_code": "8542"}))) == 1
    assert "未发现常见差错" in words_on(client.get(f"{DRAFTS}{kept.pk}/"))


def test_without_drafts_the_page_says_how_to_make_one(client):
    assert "还没有草稿" in words_on(client.get(DRAFTS))


def test_a_draft_is_changed_and_saved(client, enterprise):
    kept = draft(enterprise)
    text = SOFA_MODEL.replace("布面", "皮面")
    client.post(f"{DRAFTS}{kept.pk}/", one(do="save", g_model=text))
    kept.refresh_from_db()
    assert kept.g_model == text


def test_deleting_asks_first_and_takes_only_the_ticked(client, enterprise):
    kept, gone = draft(enterprise), draft(enterprise, name="另一条")
    url = f"{DRAFTS}delete/"
    assert "另一条" in words_on(client.post(url, {"tick": [gone.pk]}))
    assert Draft.objects.count() == 2
    client.post(url, {"tick": [gone.pk], "sure": "1"})
    assert list(Draft.objects.all()) == [kept]


def test_ticked_drafts_are_exported(client, enterprise):
    draft(enterprise)
    kept = draft(enterprise, name="另一条")
    sheet = sheet_of(client.post(f"{DRAFTS}export/", {"tick": [kept.pk]}))
    assert len(sheet) == 2 and "另一条" in sheet[1]


def test_another_enterprises_draft_is_not_found(client):
    foreign = draft(make_enterprise())
    for response in (
        client.get(f"{DRAFTS}{foreign.pk}/"),
        client.post(f"{DRAFTS}{foreign.pk}/", one(do="save")),
        client.post(f"{DRAFTS}export/", {"tick": [foreign.pk]}),
        client.post(f"{DRAFTS}delete/", {"tick": [foreign.pk], "sure": "1"}),
    ):
        assert response.status_code == 404
    foreign.refresh_from_db()
    assert foreign.name == "布沙发"
    assert foreign.name not in words_on(client.get(DRAFTS))


def test_drafts_are_never_marked_or_counted(client, enterprise):
    draft(enterprise)
    work_outbox()
    assert not LibraryEntry.objects.exists()
    assert "还没有数据" in words_on(client.get("/library/"))


def test_the_workbook_opens_in_excels_own_reader(client, enterprise):
    response = client.post(f"{DRAFTS}export/", {"tick": [draft(enterprise).pk]})
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book.active.max_row == 2
