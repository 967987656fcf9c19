"""Why a part went where it went, in Chinese."""

from catalogue.reading.signals import Signal

_FORMS = {
    Signal.CAS: "CAS 号的形式，校验位相符",
    Signal.CAS_LIKE: "CAS 号的形式",
    Signal.GTIN: "GTIN 的形式，校验位相符",
    Signal.GTIN_8: "八位数字，GTIN 的校验位相符",
    Signal.DATE: "日期",
    Signal.DATE_NONE: "写明没有日期",
    Signal.VEHICLE_NUMBER: "以 S/、W/ 或 WF/ 开头的零部件编号",
    Signal.COMMON_NUMBER: "以 /TY 结尾的通用零件编号",
    Signal.KIT: "写明成套散件或毛坯",
    Signal.COMMON_PART: "写明通用零件或生产件",
    Signal.WHOLE_NUMBER: "写明装配后完整品的编号",
    Signal.NO_PART_NUMBER: "写明没有零部件编号",
    Signal.BRAND: "品牌",
    Signal.NO_BRAND: "品牌",
    Signal.NO_MODEL: "写明没有型号",
    Signal.PERCENT: "带百分比的成分",
    Signal.CODE: "型号或编号的形式",
    Signal.USE: "用途",
    Signal.MATERIAL: "材质",
    Signal.YES_NO: "对是否的回答",
    Signal.NOT: "对是否的回答",
    Signal.NONE: "写明没有",
    Signal.YES: "对是否的回答",
    Signal.FINISHED: "成品状态",
}


def form_in_words(signal: int) -> str:
    """Name a part's own form; empty where it tells nothing."""
    if signal >= Signal.QUANTITY:
        return "数量和单位"
    return _FORMS.get(Signal(signal), "")


def by_order(number: int) -> str:
    """Say that a part stands where the list has this element."""
    return f"按目录顺序为第 {number} 个要素"


def by_content(number: int, signal: int, word: str, label: str) -> str:
    """Say that a part's text speaks for the element, where counting alone would not do."""
    if label:
        return f"填报时写明“{label}”，为第 {number} 个要素"
    if word:
        return f"内容有“{word}”，与第 {number} 个要素相符"
    form = form_in_words(signal)
    if form:
        return f"内容是{form}，与第 {number} 个要素相符"
    return f"与前后各部分对照，按目录顺序为第 {number} 个要素"


def moved(number: int, signal: int, word: str, label: str) -> str:
    """Say that a part stands in another place than the list has its element."""
    return f"位置与目录顺序不同，{by_content(number, signal, word, label)}"
