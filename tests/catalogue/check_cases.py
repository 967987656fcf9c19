"""Cases of the checks on a value: goods text that breaks the rule, and goods text that doesn't.

A `ValueCase` is about one element of a real code: the chapter and the element's name as printed
(no chapter where only other editions have it), values that break the rule and values that don't.
Cases of whole lines stand in check_line_cases.py.
"""

from typing import NamedTuple


class ValueCase(NamedTuple):
    """Values of one element: `broken` ones make `rule` fire, `sound` ones don't."""

    rule: str
    chapter: str
    element: str
    broken: tuple[str, ...]
    sound: tuple[str, ...]


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
        ("鲜", "盐渍", "熏", "加工品", "干制"),
        ("冻", "冷冻", "速冻", "单冻IQF", "整条冻", "凍"),
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
        ("轧制", "镀锌"),
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
    ValueCase("value_vague", "08", "种类（蛇果、加纳果、青苹果、富士等）", ("其他",), ("国光",)),
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
        ("印花", "普通面料", "染色"),
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
    ValueCase("unit_missing", "52", "幅宽", ("150", "1.5"), ("150厘米", "九十厘米", "3CM")),
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
