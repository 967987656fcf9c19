"""Cases of every check on a reading: goods text that breaks the rule, and goods text that doesn't.

A `ValueCase` is about one element of a real code: the chapter and the element's name as printed,
values that break the rule and values that don't. A `LineCase` is about a whole 规格型号 of a code.
"""

from typing import NamedTuple


class ValueCase(NamedTuple):
    """Values of one element: `broken` ones make `rule` fire, `sound` ones don't."""

    rule: str
    chapter: str
    element: str
    broken: tuple[str, ...]
    sound: tuple[str, ...]


class LineCase(NamedTuple):
    """A whole line: ten-digit code, I or E, name, g_model; whether `rule` fires."""

    rule: str
    fires: bool
    hs_code: str
    ie_flag: str
    name: str
    g_model: str


BRAND = "品牌（中文或外文名称）"
MACHINE = "用途（适用于××品牌××机或通用于××机等）"

VALUE_CASES = [
    ValueCase(
        "element_missing",
        "39",
        "材质（塑料品种）",
        ("", " ", "　", "", "\t"),
        ("聚乙烯", "无", "ABS塑料", "聚丙烯", "尼龙"),
    ),
    # What is due only under a condition may stay empty.
    ValueCase("element_missing", "62", "如有填充物，请注明成分含量", (), ("",)),
    ValueCase("element_missing", "84", "若为装备不锈钢外壳需注明", (), ("",)),
    ValueCase("element_missing", "33", "GTIN码", (), ("",)),
    ValueCase("element_missing", "29", "CAS号", ("",), ("253870-02-9",)),
    ValueCase(
        "yes_no_only",
        "85",
        "是否封装",
        ("是", "否", "有", "无", "Y", "不是"),
        ("已封装", "未封装", "封装", "非封装", "未封装的晶圆"),
    ),
    ValueCase("yes_no_only", "95", "种类", (), ("是",)),
    ValueCase(
        "yes_no_only",
        "41",
        "鞣制后是否经进一步加工（是或否，如是请注明经何加工）",
        ("是",),
        ("否", "是，经染色"),
    ),
    ValueCase(
        "filler",
        "39",
        BRAND,
        ("无", "*", "/", "-", "无无", "N/A"),
        ("无品牌", "无牌", "无中文及外文品牌", "无中文品牌,无外文品牌", "ON牌"),
    ),
    ValueCase("filler", "84", "型号", ("无", "--"), ("无型号", "NL27WZU04", "-40C")),
    ValueCase("filler", "73", "用途（工业用、非工业用）", ("非",), ("非工业用",)),
    ValueCase(
        "value_vague",
        "95",
        "种类",
        ("其他", "各种", "详见合同", "普通", "见附件"),
        ("玩偶", "支架", "其他玩具零件", "普通积木", "各种动物造型的塑料玩偶"),
    ),
    ValueCase(
        "name_prefixed",
        "95",
        "种类",
        ("种类:篮球", "种类：积木", "种类: 玩偶", "种类 :横梁"),
        ("篮球", "球类:篮球", "积木：100块装", "种类多", "支架"),
    ),
    ValueCase(
        "name_prefixed",
        "95",
        BRAND,
        ("品牌：海蓝牌", "品牌:无"),
        ("海蓝牌", "外文名称：HAILAN品牌，无中文名称"),
    ),
    ValueCase(
        "full_width_code",
        "84",
        "型号",
        ("ＢＸ－２００", "FX９", "２０５", "ＡＢＣ", "KT４T"),
        ("BX-200", "无型号", "FX9（防爆）", "GB／T 93", "型号：KT4"),
    ),
    ValueCase(
        "hint_unanswered",
        "03",
        "制作或保存方法（冻）",
        ("其他", "鲜", "盐渍", "普通", "干制"),
        ("冻", "冷冻", "速冻", "单冻IQF", "整条冻"),
    ),
    ValueCase(
        "hint_unanswered",
        "73",
        "加工方法（已搪瓷、未搪瓷）",
        ("冲压", "华夫饼模"),
        ("已搪瓷", "未搪瓷", "经搪瓷", "无搪瓷"),
    ),
    ValueCase(
        "hint_unanswered",
        "72",
        "加工方法（热轧、冷轧）",
        ("轧制", "普通"),
        ("冷轧", "热轧", "经冷轧、退火"),
    ),
    ValueCase(
        "hint_unanswered",
        "62",
        "类别（男式、女式）",
        ("成人", "大号"),
        ("男式", "女式", "女", "男童", "男式、女式"),
    ),
    # An open list gives examples: an answer that is not among them is no fault.
    ValueCase("hint_unanswered", "39", "外观（板、片、膜、箔、带、扁条）", ("白色",), ("透明膜",)),
    ValueCase("hint_unanswered", "82", "材质（不锈钢制等）", (), ("铜合金", "铁镀锌制", "塑料柄")),
    ValueCase(
        "hint_unanswered", "08", "种类（蛇果、加纳果、青苹果、富士等）", ("其他",), ("国光",)
    ),
    ValueCase(
        "hint_incomplete",
        "72",
        "规格（板材的厚度、宽度）",
        ("厚2.0毫米", "1250毫米", "宽1500毫米", "见质保书", "平板"),
        (
            "厚2.0毫米，宽1250毫米",
            "2.0×1250mm",
            "1.5MM*1250MM*C",
            "厚度0.5-0.8毫米，宽1000毫米",
            "厚三毫米，宽一米",
        ),
    ),
    ValueCase(
        "hint_incomplete",
        "44",
        "种类（中文、拉丁文属名、拉丁文种名）",
        ("樟子松", "Pinus sylvestris"),
        ("樟子松，松属，Pinus sylvestris", "落叶松 Larix gmelinii"),
    ),
    ValueCase(
        "hint_incomplete",
        "85",
        "结构类型（是否有接头；是否同轴电缆）",
        ("有接头",),
        ("有接头，非同轴电缆", "无接头；非同轴"),
    ),
    ValueCase(
        "hint_incomplete",
        "28",
        "外观（颜色；形状）",
        ("白色", "粉末"),
        ("白色粉末", "无色透明液体", "灰黑色；颗粒"),
    ),
    ValueCase(
        "weaving_incomplete",
        "",
        "织造方法（针织、钩编，是否起绒）",
        ("针织", "钩编", "起绒", "针织、染色", "经编"),
        ("针织，未起绒", "针织，起绒", "钩编，非起绒", "纬编针织起绒", "针织单面起绒"),
    ),
    ValueCase(
        "weaving_incomplete",
        "61",
        "织造方法（针织、钩编）",
        ("印花", "普通面料"),
        ("针织", "钩编", "纬编", "经编针织", "针织钩边"),
    ),
    ValueCase(
        "weaving_incomplete",
        "52",
        "织造方法（机织）",
        ("染色",),
        ("机织", "梭织", "机织平纹", "提花机织", "斜纹"),
    ),
    ValueCase(
        "model_incomplete",
        "69",
        "规格型号",
        ("2.5CM", "无型号", "AB-1200", "12*8CM", "型号：K500"),
        (
            "规格：2.5CM，无型号",
            "AB-1200，220V",
            "K500/50mm",
            "无规格，无型号",
            "12*8CM BX-7",
        ),
    ),
    ValueCase(
        "package_incomplete",
        "20",
        "包装规格",
        ("箱装", "纸箱", "袋装", "零售", "750毫升", "25KG"),
        (
            "20千克/箱",
            "750毫升×6瓶/箱",
            "1千克/袋×10袋/箱",
            "散装",
            "24瓶装",
            "25KG/BAG",
            "无包装",
        ),
    ),
    ValueCase(
        "use_vague",
        "84",
        "用途",
        ("工业用", "机器用", "生产用", "用于生产", "通用", "设备用"),
        ("家用", "清洁用", "包装拉杆箱用", "发动机润滑用", "生产石墨电极用", "供餐厅使用"),
    ),
    ValueCase("use_vague", "73", "用途（工业用、非工业用）", (), ("工业用", "非工业用")),
    ValueCase(
        "use_without_machine",
        "84",
        MACHINE,
        ("密封用", "传动", "起支撑作用", "过滤", "固定用"),
        (
            "适用于凌岳牌挖掘机",
            "洗碗机用",
            "通用于自行车",
            "适用于APPLE牌IWATCH",
            "汽车防盗遥控系统用",
            "离心泵用",
        ),
    ),
    ValueCase(
        "unit_missing",
        "85",
        "额定电压",
        ("220", "12.8", "100-240", "380/220", "3.7"),
        ("220伏", "12.8V", "100-240V", "AC380V", "无额定电压"),
    ),
    ValueCase("unit_missing", "57", "幅宽", ("150", "1.5"), ("150厘米", "九十厘米", "3CM")),
    ValueCase("unit_missing", "22", "酒精浓度", ("12",), ("12%vol", "12度")),
    # The unit stands in the name, or none is asked.
    ValueCase("unit_missing", "44", "厚度（毫米）", (), ("12",)),
    ValueCase("unit_missing", "52", "每平方米克重", (), ("155",)),
    ValueCase("unit_missing", "76", "牌号", (), ("1060",)),
    ValueCase("unit_missing", "87", "座位数", (), ("5",)),
    ValueCase(
        "composition_no_share",
        "52",
        "成分含量",
        ("棉，涤纶", "棉", "涤棉混纺", "涤纶、氨纶", "棉 麻"),
        ("100%棉", "棉65%，涤纶35%", "65/35涤棉", "纯棉", "棉６５％涤３５％"),
    ),
    ValueCase(
        "composition_no_share",
        "39",
        "单体单元的种类和比例",
        ("乙烯、丙烯",),
        ("乙烯100%", "无单体单元"),
    ),
    ValueCase(
        "composition_no_share",
        "29",
        "成分含量（对于成分较复杂、字节较长商品可用CAS号代替）",
        ("二甲苯",),
        ("1330-20-7", "二甲苯99%以上"),
    ),
    ValueCase(
        "composition_below",
        "29",
        "成分含量",
        ("乙二醇98%", "苯甲酸99.5%，水0.4%", "37%甲醛", "乙醇95%", "丙酮90%，水9%"),
        (
            "乙二醇99.9%，水分等0.1%",
            "含量99%以上",
            "纯度≥98%",
            "乙醇95%，其余为水",
            "维生素A乙酸酯35.7-39.2%，葡萄糖7.0-9.0%，明胶30.0-35.0%，玉米淀粉12.0-17.0%，"
            "乙氧基喹啉2-4%，二氧化硅0-0.5%",
            "甲醇99.5%，水0.3%，其他0.2%",
            "丙酮99.9%，水500ppm，苯0.5‰",
        ),
    ),
    ValueCase(
        "composition_below",
        "52",
        "成分含量",
        ("棉60%，涤纶30%", "80%棉"),
        ("60%棉40%涤纶", "面:100%棉 里:100%涤纶", "面料65%棉35%涤，里料100%涤纶"),
    ),
    # In ores and metals the main elements alone are customary.
    ValueCase("composition_below", "26", "成分含量", (), ("铁62.5%，硅3%", "铁62.5%")),
    ValueCase(
        "composition_below",
        "39",
        "成分含量",
        ("木粉58%，聚乙烯37%",),
        ("58%木粉 37%PE塑料 5%化学助剂", "聚氯乙烯80%，碳酸钙等", "聚乙烯95%"),
    ),
    ValueCase(
        "composition_above",
        "52",
        "成分含量",
        ("60%棉50%涤纶", "棉70%，涤纶35%", "80%羊毛 30%锦纶", "棉101%", "涤65%棉35%氨纶5%"),
        (
            "82%锦纶+18%氨纶",
            "100%涤纶",
            "面料:100%涤纶；里料:100%棉；填充物:100%涤纶",
            "外层80%棉20%涤，内层100%涤",
            "棉100%（其中再生棉30%）",
            "约60%棉，约40%涤",
        ),
    ),
    ValueCase(
        "gtin_form",
        "33",
        "GTIN码",
        ("290665", "290665582", "29066558223", "2906655822333456", "290-665-58-1"),
        ("2906655822333", "29066551", "无GTIN", "12906655822330", "GTIN:2906655822333"),
    ),
    ValueCase(
        "gtin_check_digit",
        "33",
        "GTIN码",
        ("2906655822334", "2906780237148", "2914790968460", "29066552", "12906655822331"),
        ("2906655822333", "2906780237149", "2914790968465", "29066551", "2906-6558-22333"),
    ),
    ValueCase(
        "cas_form",
        "29",
        "CAS号",
        ("50000", "107211", "64 17 5", "67-641", "2-50-000"),
        ("50-00-0", "无CAS号", "107-21-1；64-17-5", "CAS:67-64-1", "混合物"),
    ),
    ValueCase(
        "cas_check_digit",
        "29",
        "CAS号",
        ("50-00-1", "107-21-2", "64-17-6", "253870-02-8", "67-64-1;108-88-4"),
        ("50-00-0", "107-21-1", "64-17-5", "253870-02-9", "67-64-1;108-88-3"),
    ),
]

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
        ("8302100000", "E", "铰链", "0|2|建筑用|铁|无品牌"),
        ("3916909000", "E", "木塑地板", "0|0|室外用|无品牌"),
        ("6307100000", "E", "抹布", "0|2|100%涤纶|未浸渍|清洁用"),
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
