"""The goods texts that are changed: invented ones with all kinds of units, the demo's, real ones."""

import csv
import random
from pathlib import Path
from typing import NamedTuple

from declarations.demo.phrasebook import make_goods

# Real goods text, without any party; it is no part of the project and may be absent.
SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "goods_samples.tsv"


class Text(NamedTuple):
    """One declared text."""

    hs_code: str
    ie_flag: str
    name: str
    g_model: str


INVENTED = [
    Text("8501310000", "E", "直流电动机", "1|0|家用电器用|直流|12V|200瓦|3000转/分|佳驰牌|JC-775B"),
    Text("8507600090", "E", "锂离子电池", "1|1|平板电脑用|锂离子|3.7V|5000mAh|晨远牌|CY-5060"),
    Text("8414599060", "E", "轴流风扇", "0|2|散热用|直流电压24V|不超过15瓦|35dB|无品牌|FX-9025"),
    Text("9032899099", "I", "压力控制器", "4|3|液压系统用|0-16MPa|220伏|50Hz|赫兰牌,HERLAN牌|HL-P16"),
    Text("3208909090", "I", "油漆", "4|3|1.5升/罐|密度1.2g/cm³|固含量≥45%|丙烯酸树脂60%，二甲苯40%|海纹牌|HW20"),
    Text("5407520090", "E", "染色布", "0|2|机织|染色|100%涤纶|150cm|120克/平方米|75旦|平纹|无品牌"),
    Text("6006320000", "E", "针织布", "0|2|针织|染色|95%棉5%氨纶|幅宽180厘米|200g/㎡|无牌"),
    Text("7210490000", "E", "镀锌钢卷", "0|0|非合金钢|冷轧|镀锌|0.5毫米×1250毫米|屈服强度≥300兆帕|无品牌"),
    Text("7306309000", "E", "焊接钢管", "0|0|非合金钢|圆形截面|外径48.3mm|壁厚3.2毫米|6米|无型号|无品牌"),
    Text("2204210000", "I", "红葡萄酒", "4|3|葡萄100%|750毫升|12瓶/箱|酒精度13.5%|未起泡|松岭牌"),
    Text("0303670000", "I", "冻狭鳕鱼", "0|3|冻|去头去脏|10千克/箱|500-800克/条|无品牌"),
    Text("3304990039", "I", "面霜", "4|3|护肤用|水70%，甘油20%，乙醇10%|50克/瓶|有香味|露岚牌"),
    Text("8528521200", "I", "液晶显示器", "4|3|电脑用|27英寸|1920×1080|60Hz|350流明|曜石牌|YS-27F"),
    Text("8536500000", "E", "开关", "1|2|家用|250V|16安|两极|翠河牌|CH-K16"),
    Text("8532241000", "I", "片式电容器", "4|3|通信设备用|多层陶瓷|10μF|25V|芯岳牌|XY0603"),
    Text("8481804090", "E", "球阀", "0|2|管道用|不锈钢|DN50|1.6兆帕|手动|无牌|Q41F"),
    Text("4011100000", "E", "轿车轮胎", "1|2|小轿车用|子午线|205/55R16|最高时速240公里/小时|断面宽205毫米|岭途牌"),
    Text("2309901000", "I", "饲料添加剂", "4|3|粗蛋白35.7-39.2%，灰分2-4%|用于饲料|25千克/包|乐牧牌"),
    Text("8415101000", "E", "空调器", "1|1|家用|分体式|制冷量3500瓦|220V|1.5马力|北澜牌|KFR-35GW"),
    Text("8516792000", "E", "电热水壶", "0|2|家用|1.7L|1500W|不锈钢,塑料|无中文及外文品牌|无型号"),
    Text("9018390000", "I", "导管", "4|3|医疗用|聚氨酯|外径2.7毫米|长110cm|一次性使用|瑞禾牌|RH-27"),
    Text("8708801000", "I", "前减震器-左", "4|3|小轿车用|非成套散件,非毛坯件|成品|佳驰牌,GARCE牌|QX5C18045BE"),
    Text("4804210000", "E", "牛卡纸", "0|2|袋用牛皮纸|未漂白|边长110cm|每平米约150克|木纤维95%|无牌"),
    Text("7318159001", "E", "螺丝套装", "0|2|铁|M6*20mm|≥900兆帕|无牌|无型号"),
    Text("3916909000", "E", "塑料柱子", "0|2|杆|58%木粉 37%PE塑料 5%化学助剂|无品牌|无规格型号"),
    Text("8471701900", "I", "固态硬盘", "4|3|电脑用|512GB|2.5英寸|读取速度≤560MB/s|存岳牌|CY-S5"),
    Text("9004100000", "E", "太阳镜", "0|2|成人用|塑料框|偏光镜片|男式|无品牌|无型号|三副/盒"),
    Text("8205590000", "E", "工具套装", "0|2|维修用|钢铁|二十五件套|无品牌|长30厘米"),
]  # fmt: skip


def sample_texts() -> list[Text]:
    """Read the real goods text beside the project; none where the file is absent."""
    if not SAMPLES.exists():
        return []
    with SAMPLES.open(encoding="utf-8", newline="") as lines:
        return [
            Text(row["hs_code"], "IE"["|2|" in row["g_model"][:5]], row["name"], row["g_model"])
            for row in csv.DictReader(lines, delimiter="\t")
        ]


def demo_texts(count: int, seed: int) -> list[Text]:
    """Make texts of the demo's phrasebook; some are equal."""
    rng = random.Random(seed)
    return [Text(*make_goods(rng)) for _ in range(count)]
