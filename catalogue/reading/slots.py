"""What an element asks for, told from its printed name and the hint in its brackets."""

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from catalogue.reading.units import Dimension


class SlotType(IntEnum):
    """Kinds of elements; GTIN, CAS and OTHER stand behind every list."""

    BRAND = 0
    MODEL = 1
    ITEM_NUMBER = 2  # 货号, 款号, 批号, 牌号: a number of another name than 型号
    PART_NUMBER = 3
    CAS_ELEMENT = 4
    GTIN_ELEMENT = 5
    DATE = 6
    COMPOSITION = 7
    YES_NO = 8
    NOTE = 9  # …请注明, 如…: only where it applies
    USE = 10
    MATERIAL = 11
    QUANTITY = 12
    SIZE = 13  # 规格, 尺寸, 包装规格
    KIND = 14  # 种类, 类别, 外观 ... and whatever has no type of its own
    GTIN = 15
    CAS = 16
    OTHER = 17
    LATIN_NAME = 18  # 拉丁学名


class Slot(NamedTuple):
    """One place of a list: its type, the dimensions it measures, its bare name, telling words.

    `words` in a part speak for this place; `labels` before a colon name it.
    """

    type: SlotType
    dimensions: frozenset[int]
    bare: str
    words: frozenset[str]
    labels: frozenset[str]


_BRACKET = re.compile(r"[（(［\[]")
_HINT = re.compile(r"[（(［\[](.*?)(?:[）)］\]]|\Z)", re.DOTALL)
_NUMBER_BEFORE = re.compile(r"\A[\d.、]+(?=[^\d])")
_SPLIT = re.compile(r"[、，,;；/／。：:\s]|或|以及")
_LEAD = re.compile(
    r"\A(?:请?注明|需?注明|是否为?|是否|有无|若为|若|如为|如有|如果|如|请申报|请列明|已|未|非|无)+"
)
_TAIL = re.compile(r"(?:的?应?须?需?(?:请?(?:注明|报明|列明|申报))|的?名称|方法|情况|等)+\Z")
# What is asked about a named thing: 外底材料 is told by 外底 as well.
_OF_A_THING = re.compile(r"(?:材料|材质)\Z")
# Too common to tell one place from another.
_DULL = frozenset(
    [
        "中文",
        "外文",
        "名称",
        "品牌",
        "外文名称",
        "中文名称",
        "适用于",
        "适用",
        "申报",
        "填报",
        "型号",
        "种类",
        "用途",
        "规格",
        "是否",
        "材质",
        "成分",
        "含量",
        "其他",
        "说明",
        "具体",
        "方式",
        "单位",
        "数量",
        "标准",
        "注明",
        "类型",
        "制品",
        "产品",
        "商品",
        "材料",
        "部分",
        "表面",
        "包括",
        "按重量计",
        "重量",
    ]
)
_TYPES: tuple[tuple[re.Pattern[str], SlotType], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"CAS", SlotType.CAS_ELEMENT),
        (r"GTIN", SlotType.GTIN_ELEMENT),
        (r"日期", SlotType.DATE),
        (r"拉丁", SlotType.LATIN_NAME),
        (r"\A(?:是否|有无|是不是)", SlotType.YES_NO),
        (r"请?(?:注明|申报|报明|列明)|\A[如若]|须|需", SlotType.NOTE),
        (r"品牌\Z|商标\Z|\A品牌(?:名称)?\Z", SlotType.BRAND),
        (r"零部?件.*号|备件号|件号\Z", SlotType.PART_NUMBER),
        (r"用途|应用|\A适用|用于|使用场合", SlotType.USE),
        (r"型号|机型\Z|系列名称", SlotType.MODEL),
        (r"号\Z", SlotType.ITEM_NUMBER),
        (r"含量|成分|组成|组分|比例|配比|百分比|浓度\Z|纯度|灰分|水分|糖度", SlotType.COMPOSITION),
        (r"适用", SlotType.USE),
        (r"规格|尺寸|大小", SlotType.SIZE),
        (r"材质|材料|原料|面料|衬里|树种|构成", SlotType.MATERIAL),
    )
)
_MEASURES: tuple[tuple[str, tuple[Dimension, ...]], ...] = (
    ("电池容量|额定容量", (Dimension.CHARGE, Dimension.POWER)),
    ("平方米克重|单位面积重量", (Dimension.AREAL_MASS, Dimension.MASS)),
    (
        "长度|宽|厚|高度|直径|外径|内径|粒度|粒长|幅宽|张幅|边长|尺寸|口径|规格|大小",
        (Dimension.LENGTH, Dimension.AREA),
    ),
    ("重量|净重|毛重|载重|质量|称量", (Dimension.MASS,)),
    ("功率", (Dimension.POWER,)),
    ("电压", (Dimension.VOLTAGE,)),
    ("电流", (Dimension.CURRENT,)),
    ("容量|容积|排气量|体积|包装", (Dimension.VOLUME, Dimension.MASS, Dimension.DATA)),
    ("扭矩", (Dimension.TORQUE,)),
    ("强度|压力", (Dimension.PRESSURE,)),
    ("面积|平方米数", (Dimension.AREA,)),
    ("温度", (Dimension.TEMPERATURE,)),
    ("频率", (Dimension.FREQUENCY,)),
    ("制冷量|热量", (Dimension.HEAT, Dimension.POWER)),
    ("转速|速度", (Dimension.SPEED,)),
    ("数量|层数|股数|座位数|件数|套装组成|包装", (Dimension.COUNT,)),
    ("细度|线密度", (Dimension.FINENESS,)),
)


@lru_cache(maxsize=1 << 14)
def slot_of(name: str) -> Slot:
    """Tell what an element of this printed name asks for."""
    bare = bare_name(name)
    kind = next((kind for pattern, kind in _TYPES if pattern.search(bare)), None)
    measured = frozenset(
        int(d) for words, found in _MEASURES if re.search(words, bare) for d in found
    )
    if kind is None:
        kind = SlotType.QUANTITY if measured else SlotType.KIND
    return Slot(kind, measured, bare, _words(name, bare, kind), _labels(bare))


def bare_name(name: str) -> str:
    """Give an element's name without its bracket hint and without a number printed before it."""
    bare = _BRACKET.split(name, maxsplit=1)[0].strip()
    return _NUMBER_BEFORE.sub("", bare) or name


def _words(name: str, bare: str, kind: SlotType) -> frozenset[str]:
    """Collect the words that speak for an element: of its name, and of its hint's choices."""
    found = set()
    hints = _HINT.findall(name)
    if kind is not SlotType.BRAND:
        for hint in hints:
            found.update(_SPLIT.split(hint))
    found.update(_TAIL.sub("", _LEAD.sub("", w)) for w in (bare, *_SPLIT.split(bare), *found))
    found.update(_OF_A_THING.sub("", word) for word in (bare, *_SPLIT.split(bare)))
    return frozenset(word for word in found if 2 <= len(word) <= _LONGEST and word not in _DULL)


_LONGEST = 12


def _labels(bare: str) -> frozenset[str]:
    names = {bare, _TAIL.sub("", bare)}
    aliases = (alias for name in names for alias in _ALIASES.get(name, ()))
    return frozenset(label for label in (*names, *aliases) if label)


_ALIASES = {
    "品牌": ("中文品牌", "外文品牌", "品牌名称", "商标"),
    "型号": ("规格型号", "型号规格"),
    "规格型号": ("型号", "规格"),
    "规格尺寸": ("规格", "尺寸"),
    "包装规格": ("包装",),
    "成分含量": ("成分", "含量", "成份", "成份含量"),
    "成分": ("成分含量", "成份"),
    "材质": ("材料",),
    "功能用途": ("用途", "功能"),
    "种类或用途": ("种类", "用途"),
    "适用车型": ("车型", "适用机型"),
    "零部件编号": ("零件编号", "零件号", "编号"),
    "CAS号": ("CAS", "CAS No", "CAS码"),
    "GTIN码": ("GTIN",),
}

TAIL_SLOTS = (
    Slot(SlotType.GTIN, frozenset(), "GTIN", frozenset(), frozenset({"GTIN", "GTIN码", "条形码"})),
    Slot(SlotType.CAS, frozenset(), "CAS", frozenset(), frozenset({"CAS", "CAS号", "CAS码"})),
    Slot(SlotType.OTHER, frozenset(), "其他", frozenset(), frozenset({"其他", "其它", "备注"})),
)
