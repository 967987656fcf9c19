"""Cases of the checks on a whole line: its name, leading codes, brand, number of parts and tail."""

from typing import NamedTuple


class LineCase(NamedTuple):
    """A whole line: ten-digit code, I or E, name, g_model; whether `rule` fires."""

    rule: str
    fires: bool
    hs_code: str
    ie_flag: str
    name: str
    g_model: str


_LAMP = "4|3|夜间行车照明|照明|适用于凌川牌轿车|{}|84450402"
_VALVE = "{}|适用于凌岳牌轿车|{}"


def _lines(rule: str, fires: bool, *rows: tuple[str, str, str, str]) -> list[LineCase]:
    return [LineCase(rule, fires, *row) for row in rows]


def _lamps(rule: str, fires: bool, *brands: str) -> list[LineCase]:
    return [
        LineCase(rule, fires, "8512201000", "I", "车用前照灯", _LAMP.format(brand))
        for brand in brands
    ]


def _parts(
    rule: str, fires: bool, ie_flag: str, *heads_and_brands: tuple[str, str]
) -> list[LineCase]:
    return [
        LineCase(
            rule,
            fires,
            "8708999200",
            ie_flag,
            "分动器连接轴",
            _VALVE.format(head, brand if "|" in brand else brand + "|KX-90"),
        )
        for head, brand in heads_and_brands
    ]


def _toys(rule: str, fires: bool, *bodies: str) -> list[LineCase]:
    return [LineCase(rule, fires, "9503008900", "E", "玩具", f"1|0|{body}") for body in bodies]


def _names(rule: str, fires: bool, *names: str) -> list[LineCase]:
    g_model = _VALVE.format("4|3", "凌岳牌")
    return [LineCase(rule, fires, "8708999200", "I", name, g_model) for name in names]


_TAIL = "<某化工厂><SOME CHEMICALS><10%><0%><否>"

LINE_CASES = [
    *_names("name_vague", True, "零件", "配件", " 样品 ", "其他", "附件"),
    *_names("name_vague", False, "挖掘机零件", "阀块", "样品袋", "自行车配件", "工具箱"),
    *_names("name_no_chinese", True, "VALVE", "608ZZ", "LED", "O-RING", "PU TUBE"),
    *_names("name_no_chinese", False, "LED灯", "O型圈", "PU管", "阀块 VALVE", "608轴承"),
    *_parts(
        "leading_codes_missing",
        True,
        "I",
        ("凌岳牌挖掘机用", "凌岳牌"),
        ("铁制", "无品牌"),
        ("控制油路", "凌岳牌"),
        ("液压用|非成套", "无牌"),
        ("挖掘机|铸铁", "凌岳牌"),
    ),
    *_parts(
        "leading_codes_missing",
        False,
        "I",
        ("4|3", "凌岳牌"),
        ("0|3", "无品牌"),
        ("1|3", "凌岳牌"),
        ("2|3", "凌岳牌"),
        (" 4 | 3 ", "凌岳牌"),
    ),
    *_parts(
        "brand_type_form",
        True,
        "I",
        ("5|3", "凌岳牌"),
        ("6|3", "凌岳牌"),
        ("9|3", "凌岳牌"),
        ("|3", "凌岳牌"),
        ("8|3", "无品牌"),
    ),
    *_parts(
        "brand_type_form",
        False,
        "E",
        ("0|0", "无品牌"),
        ("1|1", "凌岳牌"),
        ("2|2", "凌岳牌"),
        ("3|0", "凌岳牌"),
        ("4|0", "凌岳牌"),
    ),
    *_parts(
        "brand_type_export_only",
        True,
        "I",
        ("3|3", "凌岳牌"),
        ("3|3", "KALVERT牌"),
        ("3|3", "无品牌"),
        (" 3|3", "凌岳牌"),
        ("3|0", "凌岳牌"),
    ),
    *_parts("brand_type_export_only", False, "E", ("3|0", "凌岳牌"), ("3|1", "KALVERT牌")),
    *_parts(
        "brand_type_export_only",
        False,
        "I",
        ("4|3", "凌岳牌"),
        ("0|3", "无品牌"),
        ("1|3", "凌岳牌"),
    ),
    *_parts("export_benefit", True, "I", ("4|0", "凌岳牌"), ("4|1", "凌岳牌"), ("0|2", "无品牌")),
    *_parts("export_benefit", True, "E", ("4|3", "凌岳牌"), ("0|3", "无品牌")),
    *_parts("export_benefit", False, "I", ("4|3", "凌岳牌"), ("0|3", "无品牌")),
    *_parts("export_benefit", False, "E", ("1|0", "凌岳牌"), ("1|1", "凌岳牌"), ("0|2", "无品牌")),
    *_parts(
        "brand_denied",
        True,
        "I",
        ("0|3", "凌岳牌"),
        ("0|3", "KALVERT"),
        ("0|3", "无中文品牌GM"),
        ("0|3", "品牌：凌岳"),
        ("0|3", "凌岳牌,无外文品牌"),
    ),
    *_parts(
        "brand_denied",
        False,
        "I",
        ("0|3", "无品牌"),
        ("0|3", "无牌"),
        ("0|3", "无中文及外文品牌"),
        ("0|3", "无中、外文名称品牌"),
        ("4|3", "凌岳牌"),
        ("0|3", "无品牌；厂商：凌岳机械厂"),
        ("0|3", "無品牌"),
    ),
    *_lamps(
        "brand_absent",
        True,
        "无品牌",
        "无牌",
        "无中文及外文品牌",
        "无中文品牌,无外文品牌",
        "无商标",
    ),
    *_lamps(
        "brand_absent",
        False,
        "无中文品牌GM",
        "凌川牌",
        "德尔福牌,无外文品牌",
        "外文名称：DELTOR品牌，无中文名称",
        "LING CHUAN",
    ),
    *_lines(
        "parts_few",
        True,
        ("8301100000", "E", "挂锁", "0|2|家用|铁|挂锁|无品牌"),
        ("6601100000", "E", "遮阳伞", "0|2|户外伞"),
        ("8301400000", "E", "门锁", "0|2|家用|铁|门锁|无品牌"),
        ("3916909000", "E", "塑料制柱子", "0|2|杆|58%木粉 37%PE 5%助剂|无品牌|无型号"),
        (
            "4016939000",
            "I",
            "密封条",
            "4|3|散热器密封用|非海绵橡胶|硫化橡胶制|非机器用|凌川牌|K2G38D",
        ),
    ),
    *_lines(
        "parts_few",
        False,
        ("8302100000", "E", "铰链", "0|2|建筑用|铁|无品牌|无型号"),
        ("7317000000", "E", "干壁钉", "0|2|铁|平头钉"),
        ("9505100090", "E", "圣诞装饰品", "0|2|圣诞装饰用|无品牌"),
        ("9403200000", "E", "隔断", "0|0|隔断装饰|不锈钢|无品牌|1681*2674mm|"),
        ("8542399000", "I", "集成电路", "4|3|平板电脑|逻辑|已封装|已切割|ON牌|NL27|量产|||非加密"),
    ),
    *_toys(
        "name_prefixed",
        True,
        "种类:篮球|海蓝牌|无货号",
        "种类：积木|海蓝牌|无货号",
        "种类: 玩偶|海蓝牌|HL-20",
        "支架|品牌：海蓝牌|无货号",
        "横梁|海蓝牌|货号:HL-20",
    ),
    *_toys(
        "name_prefixed",
        False,
        "篮球|海蓝牌|无货号",
        "积木：100块装|海蓝牌|HL-20",
        "玩偶|外文名称：HAILAN品牌，无中文名称|HL-20",
        "球类:篮球|海蓝牌|无货号",
        "支架|海蓝牌|HL-20|||材质:塑料",
    ),
    *_parts(
        "full_width_bar",
        True,
        "I",
        ("4|3", "凌岳牌｜铸铁"),
        ("4｜3", "凌岳牌"),
        ("4|3｜", "凌岳牌"),
        ("4|3", "无品牌｜"),
        ("｜4|3", "凌岳牌"),
    ),
    *_parts(
        "full_width_bar",
        False,
        "I",
        ("4|3", "凌岳牌"),
        ("0|3", "无品牌"),
        ("4|3", "凌岳牌／LINGYUE"),
        ("4|3", "ＬＹ"),
        ("4|3", "凌岳牌（液压）"),
    ),
    *_parts(
        "anti_dumping_tail",
        True,
        "I",
        ("4|3", "凌岳牌|X1|<某化工厂><SOME CHEMICALS><10%>"),
        ("4|3", "凌岳牌|X1|<某化工厂>"),
        ("4|3", "凌岳牌|X1|<某化工厂><SOME><10%><0%><否><是>"),
        ("4|3", "凌岳牌|X1|＜某化工厂＞＜SOME＞＜10%＞＜0%＞＜否＞"),
        ("4|3", "凌岳牌|X1|<某化工厂><SOME><10%><0%>"),
    ),
    *_parts(
        "anti_dumping_tail",
        False,
        "I",
        ("4|3", "凌岳牌|X1|" + _TAIL),
        ("4|3", "凌岳牌|X1|<><><10%><><>"),
        ("4|3", "凌岳牌"),
        ("4|3", "凌岳牌|压力<5兆帕"),
        ("4|3", "凌岳牌|X1|含量<5%且>1%"),
    ),
]
