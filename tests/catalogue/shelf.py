"""Two small editions for the pages of 目录查询: one chapter twice, with each kind of change."""

from catalogue.models import Edition
from tests.factories import Listed, make_edition

BRAND, MODEL = ("品牌（中文或外文名称）", "price"), ("型号", "price")
HEADINGS = {
    "#16": "机器、机械器具、电气设备及其零件",
    "84<16": "核反应堆、锅炉、机器、机械器具及其零件",
    "85<16": "电机、电气设备及其零件",
    "84.82": "滚动轴承",
    "85.42": "集成电路",
}
BALLS = ("滚珠轴承",)
OTHERS = ("集成电路", "其他")

CODES_2025 = {
    "84821010": Listed("调心球轴承", ("用途", "种类", BRAND, MODEL), BALLS, "滚珠轴承："),
    "84821020": Listed("深沟球轴承", ("用途", "种类", BRAND, MODEL), BALLS, "滚珠轴承：", 460),
    "84829900": Listed("其他", ("用途", "成分含量", BRAND), ("零件",)),
    "85423910": Listed("多元件集成电路", ("应用场景", "功能", BRAND, MODEL), OTHERS),
    "85423990": Listed(
        "其他",
        ("应用场景", "功能", BRAND, MODEL, ("是否量产（量产或非量产）", "price")),
        OTHERS,
        "其他：",
        465,
    ),
    "85429000": Listed("零件", ("用途（适用于××机等）", BRAND, MODEL)),
}
CODES_2024 = {
    # Its element 种类 is new in 2025; 型号 stood before 品牌.
    "84821020": Listed("深沟球轴承", ("用途", MODEL, BRAND), BALLS, "滚珠轴承：", 451),
    "84829900": Listed("其他", ("用途", "成分含量", BRAND), ("零件",)),
    # 用途 became 应用场景, 批号 is gone.
    "85423990": Listed("其他", ("用途", "功能", BRAND, MODEL, ("批号", "price")), OTHERS),
    "85423900": Listed("其他集成电路", ("用途", BRAND), ("集成电路",)),
    "85429000": Listed("零件", ("用途（适用于××机等）", BRAND, MODEL)),
}


def newest(**fields: object) -> Edition:
    """Store the edition of 2025."""
    return make_edition(2025, CODES_2025, headings=HEADINGS, **fields)


def earlier(**fields: object) -> Edition:
    """Store the edition of 2024: a code less, another more, two lists that changed."""
    return make_edition(2024, CODES_2024, headings=HEADINGS, **fields)
