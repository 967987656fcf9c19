"""Every rule that a reading is checked by: its title, its sentence, where it comes from.

The rules never decide 规范: the officer's verdict does. They show where a declared text looks wrong
and say what to fill in. A sentence is a format string; the facts of a case stand in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_FILLING = "《海关进出口货物报关单填制规范》（海关总署公告2019年第18号）三十五"
_BRAND_TYPE = f"{_FILLING}（九）品牌类型"
_BENEFIT = f"{_FILLING}（十）出口享惠情况；“单一窗口”报文格式说明 GModel"
_NAMES = f"{_FILLING}（二）：商品名称应当规范，规格型号应当足够详细"
_ANTI_DUMPING = f"{_FILLING}（十二）：反倾销、反补贴货物的申报"
_CATALOGUE = "《海关进出口商品涉税规范申报目录》"


class Rule(NamedTuple):
    """A rule: its id, its title, its sentence (a format string) and the source it rests on.

    `needs_place` says that the rule holds only where the part surely stands under its element: it
    is withheld where the reading is uncertain.
    """

    id: str
    title: str
    text: str
    source: str
    needs_place: bool = False


class Finding(NamedTuple):
    """What a rule found: `part` is an index into reading.parts, None for the whole or what is missing.

    `element` is the element's name as the catalogue prints it, empty for the whole string.
    """

    rule: str
    title: str
    element: str
    part: int | None
    text: str
    source: str


_WHOLE = (
    Rule(
        "name_vague",
        "商品名称笼统",
        "商品名称“{value}”过于笼统；请写明具体是什么商品。",
        f"{_NAMES}；规范申报常见差错：品名填零件、配件、附件、样品、其他",
    ),
    Rule("name_no_chinese", "商品名称无中文", "商品名称没有中文；请填规范的中文商品名称。", _NAMES),
    Rule(
        "leading_codes_missing",
        "缺品牌类型和出口享惠情况",
        "开头没有品牌类型和出口享惠情况（2018年起必填）；"
        "请在最前面补填，如“0|{benefit}|”（0为无品牌）。",
        _BRAND_TYPE,
    ),
    Rule(
        "brand_type_form",
        "品牌类型代码不对",
        "品牌类型“{value}”不是0至4；请填0（无品牌）、1（境内自主品牌）、2（境内收购品牌）、"
        "3（境外品牌贴牌生产）或4（境外品牌其他）。",
        _BRAND_TYPE,
    ),
    Rule(
        "brand_type_export_only",
        "品牌类型3只用于出口",
        "品牌类型3（境外品牌贴牌生产）只用于出口，而这是进口；境外品牌请填4。",
        _BRAND_TYPE,
    ),
    Rule(
        "export_benefit",
        "出口享惠情况不符",
        "出口享惠情况“{value}”与进出口标志不符；{wanted}。",
        _BENEFIT,
    ),
    Rule(
        "brand_denied",
        "品牌类型与品牌不符",
        "品牌类型是0（无品牌），品牌却写了“{value}”；请按实际品牌改填品牌类型1至4，或改正品牌。",
        _BRAND_TYPE,
    ),
    Rule(
        "brand_absent",
        "品牌类型与品牌不符",
        "品牌类型是{brand_type}（{meaning}），品牌却写了“{value}”；请补填品牌名称，或把品牌类型改为0。",
        _BRAND_TYPE,
    ),
    Rule(
        "parts_few",
        "要素项数不足",
        "规格型号去掉前两项后只有{count}项，目录要求{expected}个要素{likely}；"
        "请按目录顺序逐项补填，没有内容的项也要保留“|”。",
        _CATALOGUE,
    ),
    Rule(
        "full_width_bar",
        "分隔符是全角竖线",
        "规格型号里有全角竖线“｜”；请改为半角“|”，否则各要素无法分开。",
        "“单一窗口”报文格式说明 GModel：各要素以半角“|”分隔",
    ),
    Rule(
        "anti_dumping_tail",
        "反倾销信息不完整",
        "末尾的反倾销、反补贴信息应为五组半角尖括号（原厂商中文名称、原厂商英文名称、反倾销税率、"
        "反补贴税率、是否符合价格承诺）；请补全，没有内容的也要写“<>”。",
        _ANTI_DUMPING,
    ),
)

_VALUES = (
    Rule(
        "element_missing",
        "要素未申报",
        "“{bare}”没有填；请补填{advice}。",
        f"{_CATALOGUE}；规范申报常见差错：要素缺失或空填",
    ),
    Rule(
        "yes_no_only",
        "只填了是或否",
        "“{bare}”只填了“{value}”；请写明内容，如“{yes}”或“{no}”。",
        "规范申报常见差错：只填是、否、有、无、非",
    ),
    Rule(
        "filler",
        "填报不具体",
        "“{bare}”只填了“{value}”；请写明具体内容{advice}。",
        "规范申报常见差错：只填无、是、否、有、非、*、/、-",
    ),
    Rule(
        "value_vague",
        "填报笼统",
        "“{bare}”填的“{value}”没有说明具体内容；请按实际情况写明{asked}。",
        f"{_NAMES}；规范申报常见差错：不按括号提示填报",
    ),
    Rule(
        "name_prefixed",
        "值前写了要素名称",
        "“{bare}”的内容前写了“{prefix}”；只填内容，不写要素名称。",
        "“单一窗口”报文格式说明 GModel：只填各要素的内容，以“|”分隔",
    ),
    Rule(
        "full_width_code",
        "代码里有全角字符",
        "“{bare}”里有全角字符“{found}”；请改为半角。",
        "规范申报常见差错：型号、编号等代码用全角字符",
    ),
    Rule(
        "hint_unanswered",
        "未按括号提示申报",
        "“{bare}”填的“{value}”没有回答括号提示（{hint}）；请写明是其中哪一种。",
        f"{_CATALOGUE}括号提示；规范申报常见差错：不按括号提示填报",
        needs_place=True,
    ),
    Rule(
        "hint_incomplete",
        "括号提示只答了一部分",
        "“{bare}”的括号提示（{hint}）要求逐项申报，这里还缺{missing}；请补填。",
        f"{_CATALOGUE}括号提示；规范申报常见差错：括号内各项未逐一填报",
        needs_place=True,
    ),
    Rule(
        "weaving_incomplete",
        "织造方法不完整",
        "“{bare}”填的“{value}”不完整，还应说明{missing}；请按提示（{hint}）补填。",
        "规范申报常见差错：织造方法（针织、钩编，是否起绒）填报不完整",
        needs_place=True,
    ),
    Rule(
        "model_incomplete",
        "规格型号只填了一项",
        "“{bare}”要求规格和型号都申报，这里只有{present}；请补填{missing}，没有的写“{none}”。",
        "规范申报常见差错：规格型号、品牌款号只填其中一项",
        needs_place=True,
    ),
    Rule(
        "package_incomplete",
        "包装规格不完整",
        "“{bare}”填的“{value}”不完整；请填每件容量和件数，如“750毫升×6瓶/箱”“25千克/袋”。",
        "规范申报常见差错：包装规格只填包装种类，应为容量×件数/包装",
        needs_place=True,
    ),
    Rule(
        "use_vague",
        "用途不具体",
        "“{bare}”填的“{value}”过于笼统；请写明具体用在哪里、做什么用。",
        "规范申报常见差错：用途填报不具体",
        needs_place=True,
    ),
    Rule(
        "use_without_machine",
        "没有写适用机型",
        "“{bare}”填的“{value}”没有写明用在什么机器上；请写明适用的品牌和机型，如“适用于××牌××机”。",
        f"{_CATALOGUE}括号提示；规范申报常见差错：用途（适用机型）只填功能",
        needs_place=True,
    ),
    Rule(
        "unit_missing",
        "没有写计量单位",
        "“{bare}”只写了数字“{value}”；请写上单位（如{units}）。",
        _NAMES,
        needs_place=True,
    ),
)

_COMPOSITIONS = (
    Rule(
        "composition_no_share",
        "成分没有百分比",
        "“{bare}”只列了成分，没有百分比；请写明各成分的含量，如“棉60%，涤纶40%”。",
        "规范申报常见差错：成分含量只填成分，未填百分比",
        needs_place=True,
    ),
    Rule(
        "composition_below",
        "成分合计不足100%",
        "“{bare}”各成分合计{total}%，不足100%；请补填其余成分及百分比。",
        "规范申报常见差错：成分含量合计应为100%（第28、29章尤须合计为100%）",
        needs_place=True,
    ),
    Rule(
        "composition_above",
        "成分合计超过100%",
        "“{bare}”各成分合计{total}%，超过100%；请核对各成分的百分比。",
        "规范申报常见差错：成分含量合计应为100%",
        needs_place=True,
    ),
)

_NUMBERS = (
    Rule(
        "gtin_form",
        "GTIN位数不对",
        "GTIN“{value}”不是8、12、13或14位数字；请核对条码，没有条码的留空。",
        "GB 12904《商品条码 零售商品编码与条码表示》；GS1 通用规范",
    ),
    Rule(
        "gtin_check_digit",
        "GTIN校验位不对",
        "GTIN“{value}”的校验位应为{wanted}；可能有一位录错，请对照商品条码核对。",
        "GB 12904《商品条码 零售商品编码与条码表示》附录：校验码的计算",
    ),
    Rule(
        "cas_form",
        "CAS号形式不对",
        "CAS号“{value}”应为2至7位、2位、1位三段数字，用半角“-”相连，如“50-00-0”；请核对。",
        "CAS 登记号的编号规则（美国化学文摘社）",
        needs_place=True,
    ),
    Rule(
        "cas_check_digit",
        "CAS号校验位不对",
        "CAS号“{value}”的校验位应为{wanted}；可能有一位录错，请核对。",
        "CAS 登记号的校验位规则（美国化学文摘社）",
    ),
)

RULES: dict[str, Rule] = {rule.id: rule for rule in (*_WHOLE, *_VALUES, *_COMPOSITIONS, *_NUMBERS)}

_SHOWN_LENGTH = 40
UNCERTAIN = "（这一项对应哪个要素不能确定，请先核对各项的顺序。）"


def finding(
    rule_id: str,
    facts: Mapping[str, object],
    *,
    element: str,
    part: int | None,
    certain: bool = True,
) -> Finding:
    """One case of a rule, its sentence filled with `facts`; says so where the place is uncertain."""
    rule = RULES[rule_id]
    shown = {key: _shown(value) if key == "value" else value for key, value in facts.items()}
    text = rule.text.format(**shown)
    return Finding(
        rule.id, rule.title, element, part, text if certain else text + UNCERTAIN, rule.source
    )


def _shown(value: object) -> str:
    """A declared text as a sentence quotes it: a long one is cut."""
    text = str(value)
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"
