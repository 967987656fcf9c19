"""Real goods text with invented parties: imported, compared, found by keyword, opened in detail."""

import csv
import html
import re
from pathlib import Path

import pytest
from django.urls import reverse

from authorization.models import Enterprise
from catalogue.loading import load_shipped_edition
from comparison.working import work_outbox
from declarations.faults import FaultLog
from declarations.loading import import_declarations
from tests.cards import authorize
from tests.declarations.files import TRADER_USCC, declared_row, write_xlsx
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db(transaction=True)

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "goods_samples.tsv"


@pytest.fixture
def samples() -> list[dict[str, str]]:
    """Those that have a code; the others are refused (tests/declarations/test_import_samples.py)."""
    if not SAMPLES.exists():
        pytest.skip(f"the goods samples are not at {SAMPLES}")
    with SAMPLES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in rows if row["hs_code"]]


@pytest.fixture
def operator(samples, tmp_path):
    """An operator of the trader whose workbook of samples was imported and compared."""
    load_shipped_edition()
    rows = []
    for number, sample in enumerate(samples, start=1):
        parts = sample["g_model"].split("|")
        flag = "I" if len(parts) > 1 and parts[1] == "3" else "E"
        goods = {"hs_code": sample["hs_code"], "g_name": sample["name"]}
        rows.append(declared_row(number, ie_flag=flag, g_model=sample["g_model"], **goods))
    with FaultLog(tmp_path, "faults") as log:
        import_declarations(write_xlsx(tmp_path / "samples.xlsx", rows), log)
    work_outbox()
    trader = Enterprise.objects.get(uscc=TRADER_USCC)
    authorize(trader)
    return make_user(enterprise=trader)


def words_of(sample: dict[str, str]) -> str:
    """The name and the longest part: what somebody would type to find this very line."""
    return f"{sample['name'].split()[0]} {max(sample['g_model'].split('|'), key=len).split()[0]}"


def test_every_sample_is_found_by_keyword_and_its_detail_loses_no_part(operator, samples):
    client = client_for(operator)
    for sample in samples:
        page = client.get(
            reverse("enterprise_lib:list"), {"keyword": words_of(sample), "per_page": 100}
        ).content.decode()
        page = page.replace("<wbr>", "")
        assert html.escape(sample["g_model"]) in page, words_of(sample)
        keys = re.findall(r'name="tick" value="(L\d+)"', page)
        details = [
            client.get(reverse("enterprise_lib:elements", args=[key])).content.decode()
            for key in keys
        ]
        wanted = [html.escape(part.strip()) for part in sample["g_model"].split("|")]
        assert any(all(part in detail for part in wanted) for detail in details), sample


@pytest.mark.browser
@pytest.mark.parametrize(
    ("keyword", "parts"),
    [
        ("维生素A", ["维生素A乙酸酯35.7-39.2%", "127-47-9"]),
        ("集成电路 NL27WZU04DTT1G", ["用于平板电脑", "NL27WZU04DTT1G", "非加密"]),
        ("防滑板", ["防护垫", "不是机器及仪器用"]),
        ("双面胶", ["８０％乙二醇２０％增粘剂"]),
    ],
)
def test_a_sample_is_found_and_opened_in_the_browser(operator, open_as, shot, keyword, parts):
    page = open_as(operator, reverse("enterprise_lib:list"))
    page.fill("[name=keyword]", keyword)
    page.press("[name=keyword]", "Enter")
    page.wait_for_url(re.compile("keyword="))
    page.locator("tbody input[name=tick]").first.check()
    page.click("text=申报要素详情")
    page.wait_for_url(re.compile("/elements/"))
    for part in parts:
        assert page.locator("main").get_by_text(part).first.is_visible()
    shot(page, f"sample_{parts[0][:4]}")
