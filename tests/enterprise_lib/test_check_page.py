"""申报前自检 of one line: what counts of what was typed, and what it may be compared with."""

import re
from dataclasses import replace

import pytest

from catalogue.models import Edition
from comparison.models import LibraryEntry
from comparison.working import work_outbox
from tests.enterprise_lib.library import sheet_of, words_on
from tests.factories import client_for, make_enterprise, make_user
from tests.shared_rows import rows_of_a_module
from tests.shipped import load_shipped_headings
from tests.world import SOFA, SOFA_OTHER_FORM, Party, Row, audit, content, declare

pytestmark = pytest.mark.django_db

URL = "/library/check/"
CHIP = {
    "hs_code": "8542399000",
    "ie_flag": "I",
    "name": "集成电路",
    "g_model": "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产|||非加密",
}


@pytest.fixture(scope="module", autouse=True)
def catalogue(django_db_setup, django_db_blocker):
    with rows_of_a_module(django_db_blocker):
        load_shipped_headings()
        yield


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def client(user):
    return client_for(user)


def fields_on(response) -> dict[str, list[str]]:
    """What the line's form would send: names and values of its inputs."""
    page = response.content.decode()
    form = page[page.index('class="line-form"') :]
    form = form[: form.index("</form>")]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>|<select.*?</select>", form, re.S):
        got = dict(re.findall(r'(\w+)="([^"]*)"', tag[: tag.index(">")]))
        if tag.startswith("<select"):
            chosen = re.search(r'value="([^"]*)" selected', tag)
            found.setdefault(got["name"], []).append(chosen[1] if chosen else "")
        elif "name" in got and (got.get("type") != "radio" or " checked" in tag):
            found.setdefault(got["name"], []).append(got.get("value", ""))
    area = re.search(r'<textarea name="g_model"[^>]*>\s*(.*?)</textarea>', form, re.S)
    found["g_model"] = [area[1] if area else ""]
    return found


def composed_on(response) -> str:
    return re.search(r"data-composed data-limit[^>]*>(.*?)</textarea>", response.content.decode())[
        1
    ]


def test_the_chip_of_the_official_sample_is_read_by_what_its_parts_say(client):
    page = client.post(URL, CHIP)
    words = words_on(page)
    assert "2025 年版" in words
    assert "没有填报的要素：是否切割" in words
    assert composed_on(page) == (
        "4|3|用于平板电脑|逻辑|已封装||ON牌|NL27WZU04DTT1G|量产|||非加密|无批号"
    )
    assert "将标为“未标记”" in words
    assert "是否规范以海关审核为准" in words


def test_thirteen_digits_and_dots_are_taken(client):
    for code in ("8542399000101", "8542.3990.00", "８５４２３９９０００"):
        assert "没有填报的要素：是否切割" in words_on(client.post(URL, {**CHIP, "hs_code": code}))


def test_a_code_that_the_catalogue_has_not_is_told_and_its_parts_are_shown(client):
    page = client.post(URL, {**CHIP, "hs_code": "8542999900"})
    assert "不在《规范申报目录》2025 年版中" in words_on(page)
    assert "NL27WZU04DTT1G" in fields_on(page)["part"]


def test_without_any_catalogue_the_page_says_so():
    Edition.objects.all().delete()
    page = client_for(make_user()).post(URL, CHIP)
    assert "系统中还没有规范申报目录" in words_on(page)


def test_enter_in_an_element_counts_as_editing_it(client):
    """The first button of the form is 自检: what was typed below must not be lost by it."""
    fields = fields_on(client.post(URL, CHIP))
    fields["part"][fields["label"].index("是否切割")] = "未切割"
    assert "|已封装|未切割|" in composed_on(client.post(URL, {**fields, "do": "check"}))


def test_an_edited_text_counts_over_elements_that_nobody_touched(client):
    fields = fields_on(client.post(URL, CHIP))
    fields["g_model"] = ["4|3|用于手机|逻辑|已封装|未切割|ON牌|AB-1|量产"]
    for button in ("check", "recompose"):
        assert composed_on(client.post(URL, {**fields, "do": button})) == fields["g_model"][0]


def test_a_bar_typed_into_an_element_is_refused_and_everything_typed_stays(client):
    fields = fields_on(client.post(URL, CHIP))
    fields["part"][2] = "手机|平板"
    page = client.post(URL, {**fields, "do": "recompose"})
    assert "“应用场景”里有竖线" in words_on(page)
    assert fields_on(page)["part"][2] == "手机|平板"
    assert fields_on(page)["g_model"] == [CHIP["g_model"]]


def test_the_workbook_of_one_line(client):
    fields = fields_on(client.post(URL, {**CHIP, "name": "=1+1"}))
    head, row = sheet_of(client.post(URL, {**fields, "do": "download"}))
    cells = dict(zip(head, row, strict=True))
    assert "行号" not in cells
    assert cells["商品编码"] == "8542399000"
    assert cells["商品名称"] == "=1+1", "a text, never a formula"
    assert cells["规格型号"].endswith("|无批号")


@pytest.mark.parametrize(
    "junk",
    [
        {"do": "nonsense"},
        {"least": "x", "part": ["a"], "laid_out": "b"},
        {"least": "9" * 30, "part": ["a", "b"], "tail": "<"},
        {"part": ["x"] * 600, "do": "recompose", "label": []},
        {"name": "\x00\ud800"},
        {"g_model": "|" * 1_500},
        {"g_model": "<><><><><>"},
        {"hs_code": "²" * 10},
    ],
)
def test_odd_requests_are_answered(client, junk):
    try:
        page = client.post(URL, {**CHIP, **junk})
    except UnicodeEncodeError:
        page = client.post(URL, {**CHIP, "name": "\x00"})
    assert page.status_code == 200


# --- references and privacy -----------------------------------------------------------------


@pytest.fixture
def world(user):
    """SOFA is 规范 of this enterprise; another's sofa with a hidden part is public."""
    own, other = user.enterprise, make_enterprise("大连虚构保密有限公司")
    secret = replace(SOFA, name="皮沙发", g_model=SOFA.g_model + "|||秘密工艺甲")
    rows = [
        Row(1, Party.of(own), Party.of(own), SOFA),
        Row(2, Party.of(other), Party.of(other), secret),
    ]
    declare(*rows)
    audit("2026-09", *rows)
    work_outbox()
    return rows


def sent(text) -> dict[str, str]:
    return {
        "hs_code": text.hs_code,
        "ie_flag": text.ie_flag,
        "name": text.name,
        "g_model": text.g_model,
    }


def test_own_conforming_declarations_come_first_with_their_judgement(client, world):
    page = client.post(URL, sent(SOFA_OTHER_FORM))
    words = words_on(page)
    assert "与本企业的规范数据仅填报形式不同；如照此申报，按现有数据将标为“系统匹配”" in words
    assert words.index("仅形式不同 本企业规范数据") < words.index("不同 公共库")
    assert "在“商品名称”上不同" in words
    identical = words_on(client.post(URL, sent(SOFA)))
    assert "将标为“规范”" in identical
    assert "一致 本企业规范数据" in identical


def test_of_anothers_declaration_only_the_projection_is_shown(client, world):
    secret = world[1]
    page = client.post(URL, sent(replace(SOFA, name="皮沙发")))
    words = words_on(page)
    assert "皮沙发" in words
    assert "已隐去" in words
    assert "2026 年第三季度" in words
    assert "<3" in words
    for private in ("秘密工艺甲", "保密有限公司", secret.entry_id, secret.agent.uscc):
        assert private not in page.content.decode()


def test_a_hidden_part_is_not_named_as_what_differs(client, world):
    guess = replace(SOFA, name="皮沙发", g_model=SOFA.g_model + "|||别的工艺乙")
    words = words_on(client.post(URL, sent(guess)))
    assert "在可见的各项上没有不同，已隐去的部分不作比对" in words


def test_what_is_not_public_is_not_found(client, world):
    hidden = content(world[1].text)
    hidden.is_public = False
    hidden.save()
    assert "皮沙发" not in words_on(client.post(URL, sent(SOFA)))


def test_a_self_check_changes_no_mark_and_makes_no_entry(client, world):
    before = list(LibraryEntry.objects.order_by("pk").values())
    client.post(URL, sent(SOFA_OTHER_FORM))
    work_outbox()
    assert list(LibraryEntry.objects.order_by("pk").values()) == before


def test_a_line_costs_a_bounded_number_of_queries(client, world, django_assert_max_num_queries):
    client.post(URL, sent(SOFA))
    with django_assert_max_num_queries(22):
        client.post(URL, sent(SOFA_OTHER_FORM))
