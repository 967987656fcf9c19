"""Two editions of a small catalogue, and contents of an enterprise that the newer one touches."""

from datetime import timedelta

from django.utils import timezone

from authorization.models import Enterprise
from comparison.working import work_outbox
from tests.factories import Listed, make_goods, make_line

TODAY = timezone.localdate()
CIRCUIT, BEARING, SOFA, CRAB = "8542399000", "8482102000", "9401619000", "0306329000"
CIRCUIT_TEXT = "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产|||非加密"
BEARING_TEXT = "4|3|深沟球|传动用|星海牌|6204"
SOFA_TEXT = "0|0|家居用|布面|木框架|装软垫|无品牌"
CRAB_TEXT = "0|3|冻|整只|无品牌"

OLD = {
    "85423990": Listed("其他", ["用途", "功能", "是否封装", "品牌", "型号", "批号", "是否量产"]),
    "84821020": Listed("深沟球轴承", ["种类", "用途", "品牌", "型号"]),
    "94016190": Listed("其他", ["用途", "面料", "框架材质", "是否装软垫", "品牌"]),
    "03063290": Listed("其他", ["制作或保存方法", "状态", "品牌"]),
}
NEW = {
    "85423990": Listed(
        "其他",
        ["应用场景", "功能", "是否封装", "是否切割", "品牌（中文或外文名称）", "型号", "是否量产"],
    ),
    "84821020": Listed("深沟球轴承", ["用途", "种类", "品牌", "型号"]),
    "94016190": OLD["94016190"],
}


def declare(enterprise: Enterprise, text: str, hs_code: str, *days_ago: int, **more) -> int:
    """Declare a text once for each of some days; returns its content's id."""
    flag = more.pop("ie_flag", "I" if text.split("|")[1] == "3" else "E")
    name = more.pop("name", "商品")
    goods = make_goods(name, text, hs_code, flag)
    for days in days_ago:
        make_line(enterprise, goods=goods, declared_on=TODAY - timedelta(days=days), **more)
    return goods.content_id


def declare_all(enterprise: Enterprise) -> dict[str, int]:
    """Declare each code: the bearing most, the sofa's list is unchanged, the crab's code is gone."""
    ids = {
        "circuit": declare(enterprise, CIRCUIT_TEXT, CIRCUIT, 30, 60, name="集成电路"),
        "bearing": declare(enterprise, BEARING_TEXT, BEARING, 10, 20, 40, name="深沟球轴承"),
        "sofa": declare(enterprise, SOFA_TEXT, SOFA, 5, 6, 7, 8, name="布沙发"),
        "crab": declare(enterprise, CRAB_TEXT, CRAB, 15, name="冻帝王蟹"),
    }
    work_outbox()
    return ids
