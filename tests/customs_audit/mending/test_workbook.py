"""The error workbook: handed out, mended in Excel, taken back onto the same upload."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from authorization.ledger_models import LedgerEntry
from authorization.models import Role
from customs_audit.mending import workbook_apply
from customs_audit.mending.locking import CannotMend
from customs_audit.mending.workbook_in import UnusableWorkbook, take_workbook
from customs_audit.mending.workbook_keys import KEY_HEADINGS, RowKey
from customs_audit.models import AuditUpload, UploadRow, UploadRowChange
from customs_audit.workbook_models import MendWorkbook
from declarations.headers import LABELS
from tests.customs_audit.mending.uploads import change, make_checked, row_of, states
from tests.declarations.files import audited_row, entry_id
from tests.factories import client_for, make_enterprise, make_line, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


@pytest.fixture
def client(officer):
    return client_for(officer)


@pytest.fixture
def upload():
    return make_checked(
        [
            audited_row(1, trade_mode=11.0, g_name="=1+1轴承"),
            audited_row(2, trade_mode="110", decl_total="29"),
            audited_row(3, trade_mode="110", reason_text="第一行\n第二行", verdict="不规范"),
            audited_row(4),
        ]
    )


class Book:
    """An error workbook, opened as Excel would open it."""

    def __init__(self, client, upload, **query):
        answer = client.get(f"/customs/uploads/{upload.pk}/mend/workbook/", query)
        assert answer.status_code == 200, answer.url
        self.book = openpyxl.load_workbook(BytesIO(answer.content))
        self.sheet = self.book["修正"]
        heads = [cell.value for cell in self.sheet[1]]
        self.columns = {head: place for place, head in enumerate(heads, start=1)}

    def cell(self, row, field):
        return self.sheet.cell(row, self.columns[LABELS.get(field, field)])

    def put(self, row, field, value):
        self.cell(row, field).value = value

    def file(self):
        target = BytesIO()
        self.book.save(target)
        return SimpleUploadedFile("改好的.xlsx", target.getvalue())


@pytest.fixture
def book(client, upload):
    return Book(client, upload)


def send(client, upload, book):
    """Upload a workbook; return the page that it leads to."""
    url = f"/customs/uploads/{upload.pk}/mend/workbook/take/"
    return client.post(url, {"file": book.file()}, follow=True).content.decode()


def taken(upload, book, tmp_path, by=None):
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.file().read())
    return take_workbook(upload, path, "改好的.xlsx", by)


class TestOut:
    def test_faulty_rows_with_their_sentences_and_colours(self, book):
        assert book.sheet.max_row == 4, "a heading and three rows to mend"
        assert book.cell(2, "文件行号").value == "2"
        assert "监管方式：" in book.cell(2, "问题说明").value
        assert "提醒，总价：单价乘以成交数量得 25" in book.cell(3, "问题说明").value
        error, warning = book.cell(2, "trade_mode"), book.cell(3, "decl_total")
        plain = book.cell(2, "verdict")
        colours = {cell.fill.fgColor.rgb for cell in (error, warning, plain)}
        assert len(colours) == 3

    def test_every_cell_is_a_text(self, book):
        for row in book.sheet.iter_rows(min_row=2):
            assert {cell.data_type for cell in row if cell.value is not None} == {"s"}
        assert book.cell(2, "trade_mode").value == "11"
        assert book.cell(2, "g_name").value == "=1+1轴承"

    def test_the_key_is_there_and_out_of_sight(self, book, upload):
        key = tuple(book.cell(2, name).value for name in KEY_HEADINGS)
        assert RowKey.read(key) == RowKey(upload.pk, 1, 1)
        assert all(book.sheet.column_dimensions[letter].hidden for letter in "A")

    def test_codes_are_chosen_from_lists(self, book):
        places = {
            str(one.sqref): one.formula1 for one in book.sheet.data_validations.dataValidation
        }
        letter = book.cell(2, "trade_mode").column_letter
        formula = places[f"{letter}2:{letter}4"]
        sheet, _, area = formula.partition("!")
        listed = [cell.value for (cell,) in book.book[sheet.strip("'")][area.replace("$", "")]]
        assert "0110" in listed

    def test_it_takes_the_grid_s_query(self, client, upload):
        assert Book(client, upload, field="decl_total").sheet.max_row == 2
        assert Book(client, upload, show="all").sheet.max_row == 5
        assert Book(client, upload, after="2").sheet.max_row == 2

    def test_the_ledger_has_it(self, client):
        trader = make_enterprise()
        upload = make_checked([audited_row(1, trader_uscc=trader.uscc, trade_mode="110")])
        Book(client, upload)
        entry = LedgerEntry.objects.get()
        assert (entry.kind, entry.rows) == ("export", 1)
        assert [one[0] for one in entry.enterprises] == [trader.pk]

    def test_nothing_to_mend_is_no_workbook(self, client, upload):
        url = f"/customs/uploads/{upload.pk}/mend/workbook/"
        page = client.get(url, {"keyword": "没有的"}, follow=True).content.decode()
        assert "没有符合条件的行" in page


class TestIn:
    def test_what_was_typed_is_shown_and_applied_at_one_click(self, client, upload, book, officer):
        book.put(2, "trade_mode", "0110")
        book.put(3, "trade_mode", 615)  # Excel made it a number: told by the rules afterwards
        page = send(client, upload, book)
        assert "其中 <strong" in page and states(upload) == ["faulty"] * 3 + ["clean"]
        kept = MendWorkbook.objects.get()
        texts = {row.number: row.texts for row in kept.rows.all()}
        assert texts == {1: {"trade_mode": ["11", "0110"]}, 2: {"trade_mode": ["110", "615"]}}
        url = f"/customs/uploads/{upload.pk}/mend/workbooks/{kept.pk}/apply/"
        page = client.post(url, follow=True).content.decode()
        assert "已应用 2 处修改，2 行重新校验" in page
        assert states(upload) == ["clean", "faulty", "faulty", "clean"]
        assert set(UploadRowChange.objects.values_list("how", "by")) == {("workbook", officer.pk)}

    def test_cells_that_are_left_as_they_were_change_nothing(self, upload, book, tmp_path):
        with pytest.raises(UnusableWorkbook, match="没有改动"):
            taken(upload, book, tmp_path)

    def test_rows_may_be_deleted_and_sorted(self, upload, book, tmp_path):
        book.put(4, "verdict", "规范")
        rows = [[cell.value for cell in row] for row in book.sheet.iter_rows(min_row=2)]
        book.sheet.delete_rows(2, 3)
        book.sheet.append(rows[2])
        kept = taken(upload, book, tmp_path)
        assert list(kept.rows.values_list("number", "texts")) == [
            (3, {"verdict": ["不规范", "规范"]})
        ]

    def test_a_row_changed_on_the_page_meanwhile_is_decided_by_somebody(
        self, client, upload, book, officer, tmp_path
    ):
        book.put(2, "trade_mode", "0615")
        book.put(3, "trade_mode", "0615")
        for number in (1, 2):
            change(upload, number, "trade_mode", "0110", by=officer)
        change(upload, 1, "auditor", "张审核", by=officer)
        kept = taken(upload, book, tmp_path)
        assert list(kept.rows.order_by("number").values_list("texts", flat=True)) == [
            {"trade_mode": ["11", "0615"]},
            {"trade_mode": ["110", "0615"]},
        ], "the other officer's words are not put back"
        url = f"/customs/uploads/{upload.pk}/mend/workbooks/{kept.pk}/"
        page = client.get(url).content.decode()
        assert "<mark>" in page and "0110" in page and "请选择" in page and "王审核" in page
        with pytest.raises(CannotMend, match="2 行"):
            workbook_apply.apply(kept, by=officer)
        form = {"takes-1": "1", "version-1": "3", "takes-2": "0", "version-2": "2"}
        client.post(f"{url}decide/", form)
        assert workbook_apply.undecided(kept) == {}
        workbook_apply.apply(kept, by=officer)
        assert [row_of(upload, n).cells["trade_mode"] for n in (1, 2)] == ["0615", "0110"]
        assert row_of(upload, 1).cells["auditor"] == "张审核"

    def test_a_decision_holds_for_what_was_looked_at(self, client, upload, book, tmp_path):
        book.put(2, "trade_mode", "0615")
        change(upload, 1, "trade_mode", "0110")
        kept = taken(upload, book, tmp_path)
        url = f"/customs/uploads/{upload.pk}/mend/workbooks/{kept.pk}/decide/"
        client.post(url, {"takes-1": "1", "version-1": "1"})
        assert workbook_apply.undecided(kept) == {1: 2}
        client.post(url, {"all": "1"})
        change(upload, 1, "trade_mode", "0214")
        with pytest.raises(CannotMend, match="1 行"):
            workbook_apply.apply(kept, by=None)

    def test_goods_keep_to_the_declared_line_here_too(self, client, upload, book):
        make_line(entry_id=entry_id(1), g_no=1, name="推力轴承", g_model="0|3|别的")
        book.put(2, "g_name", "编的")
        book.put(2, "trade_mode", "0110")
        send(client, upload, book)
        kept = MendWorkbook.objects.get()
        url = f"/customs/uploads/{upload.pk}/mend/workbooks/{kept.pk}/apply/"
        page = client.post(url, follow=True).content.decode()
        assert "有 1 处没有应用" in page and "只能改为申报的文本" in page
        row = row_of(upload, 1)
        assert (row.cells["g_name"], row.cells["trade_mode"]) == ("=1+1轴承", "0110")

    def test_it_is_applied_once_or_given_up(self, client, upload, book, tmp_path):
        book.put(2, "trade_mode", "0110")
        kept = taken(upload, book, tmp_path)
        workbook_apply.apply(kept, by=None)
        with pytest.raises(CannotMend, match="已应用"):
            workbook_apply.apply(kept, by=None)
        book.put(3, "trade_mode", "0110")
        again = taken(upload, book, tmp_path)
        client.post(f"/customs/uploads/{upload.pk}/mend/workbooks/{again.pk}/drop/")
        again.refresh_from_db()
        assert (again.state, states(upload)[1]) == ("dropped", "faulty")

    def test_a_foreign_workbook_s_page_is_not_found(self, client, upload, book, tmp_path):
        book.put(2, "trade_mode", "0110")
        kept = taken(upload, book, tmp_path)
        other = make_checked([audited_row(9)])
        url = f"/customs/uploads/{other.pk}/mend/workbooks/{kept.pk}/"
        assert client.get(url).status_code == 404


def to_another_upload(book, upload):
    other = make_checked([audited_row(7, trade_mode="110")])
    key = RowKey(other.pk, 1, 1).cells()
    for name, text in zip(KEY_HEADINGS, key, strict=True):
        book.put(2, name, text)
    return f"这是上传 {other.pk} 的修正表"


def to_another_row(book, upload):
    book.put(2, "序号", "2")
    return "第 2 行没有行标识"


def without_a_key(book, upload):
    for name in KEY_HEADINGS:
        book.put(3, name, None)
    return "第 3 行没有行标识"


def copied(book, upload):
    for name in KEY_HEADINGS:
        book.put(3, name, book.cell(2, name).value)
    return "第 2 行和第 3 行的行标识相同"


def with_a_formula(book, upload):
    book.put(2, "trade_mode", "=A1")
    return "第 2 行的“监管方式”是公式"


def without_key_columns(book, upload):
    book.sheet.delete_cols(1, 4)
    return "不是本系统的修正表"


def emptied(book, upload):
    book.sheet.delete_rows(2, 9)
    return "没有数据行"


def of_a_row_to_come(book, upload):
    key = RowKey(upload.pk, 1, 8).cells()
    for name, text in zip(KEY_HEADINGS, key, strict=True):
        book.put(2, name, text)
    return "第 2 行在本上传中不存在"


@pytest.mark.parametrize(
    "spoil",
    [
        to_another_upload, to_another_row, without_a_key, copied, with_a_formula,
        without_key_columns, emptied, of_a_row_to_come,
    ],
)  # fmt: skip
def test_what_cannot_be_matched_ends_in_one_sentence(upload, book, tmp_path, spoil):
    sentence = spoil(book, upload)
    with pytest.raises(UnusableWorkbook, match=sentence):
        taken(upload, book, tmp_path)
    assert not MendWorkbook.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("表.xlsx", b"", "没有选择文件"),
        ("表.csv", b"a,b", "应为 .xlsx"),
        ("表.xlsx", b"MZ\x90\x00", "请"),
    ],
)
def test_a_file_that_is_none_is_told(client, upload, name, content, sentence):
    url = f"/customs/uploads/{upload.pk}/mend/workbook/take/"
    file = SimpleUploadedFile(name, content)
    page = client.post(url, {"file": file}, follow=True).content.decode()
    notice = page.partition("notice-error")[2].partition("</div>")[0]
    assert sentence in notice and notice.count("。") == 1
    assert not MendWorkbook.objects.exists()


def test_an_upload_that_is_being_checked_takes_none(client, upload, book):
    book.put(2, "trade_mode", "0110")
    AuditUpload.objects.update(state="checking")
    assert "正在校验" in send(client, upload, book)
    assert not MendWorkbook.objects.exists() and UploadRow.objects.count() == 4
