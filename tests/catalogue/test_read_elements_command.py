import json
from io import StringIO

import pytest
from django.core.management import CommandError, ManagementUtility, call_command

from tests.catalogue.lists import store_lists

pytestmark = pytest.mark.django_db

CHIP = (
    "应用场景",
    "功能",
    "是否封装",
    "是否切割",
    "品牌（中文或外文名称）",
    "型号",
    "是否量产（量产或非量产）",
)
TEXT = "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产|||非加密"
KEYS = {
    "edition",
    "confidence",
    "brand_type",
    "export_benefit",
    "elements",
    "gtin",
    "cas",
    "other",
    "anti_dumping",
    "unmatched",
    "findings",
}


def run(*args):
    out = StringIO()
    call_command("read_elements", *args, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def edition():
    return store_lists(
        2025, {"85423990": CHIP, "29362100": ("成分含量", "用途", "CAS号")}, in_force=True
    )


def test_it_prints_the_official_sample_by_the_newest_edition(edition):
    data = run(TEXT, "--code", "8542.3990.00", "--ie", "i", "--date", "2025-03-01")
    assert set(data) >= KEYS
    assert data["edition"] == 2025
    assert (data["brand_type"], data["export_benefit"]) == ("4", "3")
    assert {e["number"]: e["value"] for e in data["elements"]} == {
        1: "用于平板电脑",
        2: "逻辑",
        3: "已封装",
        5: "ON牌",
        6: "NL27WZU04DTT1G",
        7: "量产",
    }
    assert all(set(e) >= {"number", "name", "value", "category", "why"} for e in data["elements"])
    assert [(o["name"], o["value"]) for o in data["older"]] == [("批号", "无批号")]
    assert (data["gtin"], data["cas"], data["other"]) == ("", "", "非加密")
    assert data["unmatched"] == data["anti_dumping"] == []


def test_it_tells_the_cas_number_wherever_it_stands_and_the_anti_dumping_texts(edition):
    text = "1|3|维生素A 99%|用于饲料|127-47-9|<甲厂><A><5%><0><是>"
    data = run(text, "--code", "2936210000", "--ie", "I")
    assert data["cas"] == "127-47-9"
    assert data["anti_dumping"] == ["甲厂", "A", "5%", "0", "是"]


def test_findings_name_their_rule_element_and_sentence(edition):
    data = run("4|3|用途|逻辑|否|无|无|否|否", "--code", "8542399000", "--ie", "E")
    assert data["findings"]
    assert all(set(f) == {"rule", "element", "text"} for f in data["findings"])


def test_a_code_that_no_edition_has_is_said_not_refused(edition):
    data = run("1|3|甲", "--code", "99999999", "--ie", "I")
    assert data["unmatched"] == ["甲"]
    assert data["notes"]


def test_bytes_that_the_shell_could_not_decode_are_printed_escaped(edition):
    data = run("1|3|\udcff", "--code", "99999999", "--ie", "I")
    assert data["unmatched"] == ["\udcff"]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((TEXT, "--code", "8542", "--ie", "I"), "商品编码“8542”"),
        ((TEXT, "--code", "85423990ab", "--ie", "I"), "商品编码"),
        ((TEXT, "--code", "8542399000", "--ie", "X"), "进出口标志“X”"),
        ((TEXT, "--code", "8542399000", "--ie", "I", "--date", "2025-13-01"), "日期“2025-13-01”"),
        ((TEXT, "--ie", "I"), "缺少参数 --code"),
        (("--code", "8542399000", "--ie", "I"), "缺少参数 G_MODEL"),
        ((TEXT, "--code", "8542399000", "--ie", "I", "--colour", "red"), "参数不对"),
    ],
)
def test_a_wrong_option_is_one_chinese_sentence(edition, args, told):
    with pytest.raises(CommandError) as refused:
        call_command("read_elements", *args, stdout=StringIO())
    assert told in str(refused.value)
    assert refused.value.returncode != 0
    assert "\n" not in str(refused.value)


def test_without_a_catalogue_it_says_what_to_do():
    with pytest.raises(CommandError, match="请先用 import_catalogue"):
        call_command("read_elements", TEXT, "--code", "8542399000", "--ie", "I")


def test_at_a_terminal_a_wrong_option_is_one_line_and_no_traceback(capsys):
    argv = ["manage.py", "read_elements", TEXT, "--code", "85", "--ie", "I"]
    with pytest.raises(SystemExit) as ended:
        ManagementUtility(argv).execute()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "商品编码“85”应为 8、10 或 13 位数字，如 8542399000。\n"
