"""Units by what they measure, as far as an element's name asks for it."""

from enum import IntEnum


class Dimension(IntEnum):
    """What a unit measures."""

    LENGTH = 0
    AREA = 1
    VOLUME = 2
    MASS = 3
    POWER = 4
    VOLTAGE = 5
    CURRENT = 6
    CHARGE = 7
    PRESSURE = 8
    TORQUE = 9
    TEMPERATURE = 10
    FREQUENCY = 11
    HEAT = 12
    AREAL_MASS = 13
    DATA = 14
    SPEED = 15
    COUNT = 16
    FINENESS = 17


_UNITS = {
    Dimension.LENGTH: "mm cm dm m km um μm nm in inch 毫米 厘米 公分 分米 米 公里 微米 纳米 英寸 英尺 寸 mil 丝",
    Dimension.AREA: "m2 m² ㎡ cm2 平方米 平米 平方厘米",
    Dimension.VOLUME: "ml l cl m3 m³ cc 毫升 升 公升 立方米 立方厘米 加仑",
    Dimension.MASS: "kg g mg t 千克 公斤 克 毫克 吨 磅 盎司 oz lb lbs",
    Dimension.POWER: "w kw mw kva va hp ps 瓦 千瓦 兆瓦 马力",
    Dimension.VOLTAGE: "v kv mv 伏 伏特 千伏",
    Dimension.CURRENT: "a ma 安 安培 毫安",
    Dimension.CHARGE: "ah mah wh kwh 毫安时 安时 瓦时 千瓦时",
    Dimension.PRESSURE: "mpa kpa pa gpa 兆帕 千帕 帕 bar 巴 n/mm2 n/mm²",
    Dimension.TORQUE: "n.m nm. n·m n*m 牛米 牛·米 牛顿米",
    Dimension.TEMPERATURE: "℃ °c 摄氏度",
    Dimension.FREQUENCY: "hz khz mhz ghz 赫兹 兆赫",
    Dimension.HEAT: "大卡/小时 kcal/h 千卡/小时 btu btu/h 大卡",
    Dimension.AREAL_MASS: "g/m2 g/m² g/㎡ gsm 克/平方米 克/平米 克每平方米",
    Dimension.DATA: "gb mb tb kb",
    Dimension.SPEED: "rpm r/min 转/分 转/分钟 km/h 公里/小时 m/s",
    Dimension.COUNT: "件 个 只 套 件套 片 条 双 根 层 股 档 台 支 座 枚 pcs pc 件装 张 粒 块",
    Dimension.FINENESS: "dtex 分特 tex 旦 旦尼尔 公支 英支",
}
UNIT_DIMENSIONS: dict[str, int] = {
    unit: int(dimension) for dimension, units in _UNITS.items() for unit in units.split()
}
CHINESE_DIGITS = "一二三四五六七八九十百千万两半"
_DIGITS = r"[0-9０-９]+(?:[.．][0-9０-９]+)?"
# One number, a range, or dimensions: 2.42, 10-20, 130*0.3, 九十.
NUMBER = rf"(?:{_DIGITS}(?:\s?[*xX×＊~～\-—±/至]\s?{_DIGITS})*|[{CHINESE_DIGITS}]+)"
