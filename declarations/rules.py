"""Every rule that an imported row is checked by: its level, its sentence, where it comes from.

The rules are those of a customs import validator: the formats are those of the 报关单填制规范 (海关总署公告
2019 年第 18 号) and of the single window's DecMessage schema; the levels are the portal's own.

`g_name`, `g_model` and `hs_code` are what somebody declared, faults included: customs judges a
declaration 不规范 for just these, and a declared line that can't be loaded could never be compared.
So a rule about what they *mean* (品牌类型, 出口享惠情况, vague names, missing parts) warns and never
rejects, in declared rows and in audited rows; only what is malformed (empty, over-long, control
characters, a code that is no code) rejects. One rule differs by the kind of file: a full-width
separator rejects a declared row, for it hides where the elements end, and warns for an audited
one, whose text customs has already judged as it stands.

An administrator may turn a rejecting rule into a warning where the row can be stored all the same
(`switchable`). The others guard what nothing could be stored for: a line that no number names, a
text that never was one, an enterprise that can't exist (docs/decisions/checking-uploads.md).
"""

from __future__ import annotations

from typing import NamedTuple

from declarations.faults import Level
from declarations.files.sentences import REFUSALS

E, W = Level.ERROR, Level.WARNING

# Where a rule comes from: the regulation and its section, or the portal itself.
FIL = "《报关单填制规范》（海关总署公告 2019 年第 18 号）"
XSD = "单一窗口报文格式 DecMessage_ImportSave_V1.0.xsd"
FORMAT = "单一窗口《报关单报文格式说明》"
GUIDE = "单一窗口《货物申报录入指南》"
CATALOGUE = "《规范申报目录》"
USCC = "GB 32100-2015《法人和其他组织统一社会信用代码编码规则》"
TABLES = "海关参数代码表"
OWN = "本系统规定"


class Rule(NamedTuple):
    """A rule: its sentence (a format string), its source, its level for declared and audited rows.

    `switchable`: whether an administrator may turn it from an error into a warning.
    """

    text: str
    source: str
    level: Level = E
    audited_level: Level | None = None
    switchable: bool = False

    def level_for(self, audited: bool) -> Level:
        """The level for this kind of file."""
        return self.audited_level if audited and self.audited_level else self.level


def _may_warn(text: str, source: str) -> Rule:
    """A rule that rejects, and that an administrator may turn into a warning."""
    return Rule(text, source, switchable=True)


_FILE_RULES = {
    **{rule: Rule(text, OWN) for rule, text in REFUSALS.items()},
    "sheet.hidden": Rule("工作表“{value}”是隐藏的，未读取；需要时请取消隐藏再导入。", OWN, W),
    "sheet.no_header": Rule("没有找到表头；请保留含“报关单号”“项号”“商品编号”等列名的一行。", OWN),
    "sheet.ignored": Rule("工作表“{value}”没有可识别的表头，未读取。", OWN, W),
    "column.missing": Rule("缺少必填列“{label}”；请补上这一列再导入。", OWN),
    "column.duplicate": Rule("列“{first}”和“{second}”都是“{label}”；请只保留一列。", OWN),
    "column.unknown": Rule("不认识的列，未读取：{value}。", OWN, W),
    "head.missing": Rule("表头工作表中没有报关单号 {value}；请补上这票的表头，或删除这一项。", OWN),
    "head.repeated": Rule("表头工作表中报关单号 {value} 重复；请只保留一行。", OWN),
}

# On a single cell, whatever its field.
_CELL_RULES = {
    "cell.formula": Rule("单元格是公式；请复制后“选择性粘贴为数值”，再导入。", OWN),
    "cell.error": Rule("单元格是错误值（{value}）；请改为正确的内容。", OWN),
    "cell.no_head": Rule(
        "表头工作表中没有报关单号 {value}，“{label}”无从读取；请按报关单补填。", OWN
    ),
    "cell.heads_differ": Rule(
        "表头工作表中这票有多行，“{label}”各不相同（{value}）；请按报关单填写。", OWN
    ),
    "field.blank": Rule("“{label}”为空；请补填。", FIL),
    "text.number": Rule(
        "“{label}”存成了数字或日期（{value}）；请将单元格设为文本，按原文重新填写。", OWN
    ),
    "code.number": Rule(
        "“{label}”存成了数字（{value}），前导零或末几位已丢失；请将单元格设为文本，按原代码重新填写。",
        OWN,
    ),
    "code.scientific": Rule(
        "“{label}”被 Excel 变成了科学计数法（{value}），原代码已不完整；"
        "请将单元格设为文本，按原代码重新填写。",
        OWN,
    ),
    "code.digits_lost": Rule(
        "“{label}”被 Excel 存成了数字（{value}），只保留了 15 位有效数字，{lost}已丢失，从文件里无法还原；"
        "请将单元格设为文本，按原代码重新填写。",
        OWN,
    ),
    "code.full_width": Rule("“{label}”含有全角字符（{value}）；请改为半角。", FIL),
    "code.number_read": Rule("“{label}”存成了数字，已读作 {read}；请将单元格设为文本。", OWN, W),
    "code.zero_padded": Rule(
        "“{label}”丢了前导零（{value}），已读作 {read}；请将单元格设为文本。", OWN, W
    ),
}

_HEADER_RULES = {
    "entry_id.form": Rule(
        "报关单号应为 18 位（4 位关区、4 位年份、1 位进出口标志、9 位顺序号）；请按报关单重新填写。",
        f"{FIL}第二条",
    ),
    "entry_id.customs": _may_warn(
        "报关单号的前 4 位（{read}）不能以 00 结尾；请填接受申报的海关代码。", f"{GUIDE}第一章"
    ),
    "entry_id.year": _may_warn(
        "报关单号第 5 至 8 位（{read}）不是 2000 年至今的年份；请核对报关单号。", f"{FIL}第二条"
    ),
    "entry_id.ie_flag": _may_warn(
        "报关单号第 9 位（{read}）与进出口标志不符（1 或 I 为进口，0 或 E 为出口）；请核对这两项。",
        f"{FIL}第二条",
    ),
    "entry_id.year_differs": Rule(
        "报关单号中的年份与申报日期（{read}）不是同一年；请核对。", f"{FIL}第二条", W
    ),
    "entry_id.custom_master": _may_warn(
        "报关单号的前 4 位与申报地海关（{read}）不一致；请核对这两项。", f"{FIL}第二条"
    ),
    "customs.unknown": Rule(
        "关区代码 {read} 不在本系统的关区代码表（仅辽宁）中；请核对。", TABLES, W
    ),
    "custom_master.form": Rule(
        "申报地海关应为 4 位数字且不以 00 结尾；请填海关代码。", f"{GUIDE}第一章"
    ),
    "ie_flag.form": Rule("进出口标志应为 I（进口）或 E（出口）；请改正。", XSD),
    "trade_mode.form": Rule("监管方式应为 4 位数字代码（如 0110）；请改正。", f"{FIL}第十四条"),
    "trade_mode.unknown": _may_warn("监管方式 {value} 不在代码表中；请核对代码。", TABLES),
    "declared_on.form": Rule(
        "申报日期应写成 20250131、2025-01-31 或日期格式；请改正。", f"{FIL}第六条"
    ),
    "declared_on.serial": Rule(
        "申报日期存成了 Excel 的日期序列号（{value}），已读作 {read}；请将单元格设为日期或文本。",
        OWN,
        W,
    ),
    "declared_on.future": _may_warn("申报日期晚于今天；请核对。", f"{FIL}第六条"),
    "declared_on.early": _may_warn("申报日期早于 2000 年 1 月 1 日；请核对。", OWN),
    "party.missing": Rule(
        "“{label}”的统一社会信用代码和海关注册编码都为空；请至少填一项。",
        f"{FIL}第三条、第四十八条",
    ),
    "uscc.form": Rule(
        "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）；请核对。", USCC
    ),
    "uscc.check_digit": Rule(
        "统一社会信用代码的校验位不对，可能有一位录错；请对照营业执照核对。", USCC
    ),
    "customs_code.form": Rule(
        "海关注册编码应为 10 位（4 位数字、1 位数字或字母、1 位数字、4 位数字或字母）；请核对。",
        f"{GUIDE}第五十一章",
    ),
    "customs_code.not_broker": Rule(
        "申报单位的海关注册编码第 6 位不是 8（报关企业），而它又不是收发货人自己；请核对。",
        f"{FIL}第四十八条",
        W,
    ),
    "party_name.length": Rule("企业名称超过 70 个字；请填登记的名称。", XSD),
    "party_name.blank": Rule("企业名称为空；有名称时页面才能显示。", OWN, W),
}

_GOODS_RULES = {
    "g_no.form": Rule("项号应为 1 至 32767 的整数；请改正。", XSD),
    "g_no.above_50": Rule("项号大于 50，一票报关单一般不超过 50 项；请核对。", OWN, W),
    "hs_code.form": Rule(
        "商品编号应为 10 位数字（带检验检疫编码时 13 位）；请改正。", f"{FIL}第三十四条"
    ),
    "hs_code.chapter": _may_warn(
        "商品编号的前两位（{read}）不是税则的章；请核对。", "《进出口税则》"
    ),
    "hs_code.chapter_98_99": Rule(
        "商品编号属于第 {read} 章，不是一般税则商品；请核对。", "《进出口税则》", W
    ),
    "hs_code.not_in_catalogue": Rule(
        "商品编号 {read} 不在 {year} 年版规范申报目录中；请核对。", CATALOGUE, W
    ),
    "g_name.length": _may_warn("商品名称超过 255 个字；请按报关单填写。", f"{GUIDE}第六十九章"),
    "g_name.control": Rule("商品名称含有换行、制表符等控制字符；请删除。", OWN),
    "g_name.no_chinese": Rule("商品名称没有中文；应为规范的中文名称。", f"{FIL}第三十五条", W),
    "g_name.vague": Rule("商品名称过于笼统；应写明具体是什么商品。", f"{FIL}第三十五条", W),
    "g_model.length": _may_warn("规格型号超过 255 个字；请按报关单填写。", f"{GUIDE}第二十五章"),
    "g_model.control": Rule("规格型号含有换行、制表符等控制字符；请删除。", OWN),
    "g_model.full_width_bar": Rule(
        "规格型号用了全角竖线“｜”分隔；请改为半角“|”。", f"{FIL}第三十五条", E, W
    ),
    "g_model.brand_type": Rule(
        "规格型号第一项不是品牌类型（0 至 4）；可能是旧格式，请核对。", f"{FIL}第三十五条（九）", W
    ),
    "g_model.brand_type_export_only": Rule(
        "品牌类型 3（境外品牌贴牌生产）只用于出口，而这是进口；请核对。",
        f"{FIL}第三十五条（九）",
        W,
    ),
    "g_model.export_benefit": Rule(
        "规格型号第二项（出口享惠情况）应为：进口填 3，出口填 0、1 或 2；请核对。",
        f"{FORMAT}表体 GModel",
        W,
    ),
    "g_model.few_parts": Rule(
        "规格型号只有 {count} 项，按 {year} 年版目录应有 {expected} 项；请核对。", CATALOGUE, W
    ),
    "g_model.blank_part": Rule("规格型号第 {read} 项为空；该要素应有内容。", CATALOGUE, W),
    "g_model.filler_part": Rule(
        "规格型号第 {read} 项只写了“{part}”；应写明具体内容。", CATALOGUE, W
    ),
    "g_model.brand_denied": Rule(
        "品牌类型为 0（无品牌），而规格型号写了品牌“{part}”；请核对。", f"{FIL}第三十五条（九）", W
    ),
    "g_model.brand_absent": Rule(
        "品牌类型为 {read}，而规格型号写的是“{part}”；请核对。", f"{FIL}第三十五条（九）", W
    ),
    "g_model.anti_dumping": Rule(
        "规格型号末尾的反倾销信息应为五对半角尖括号 <>；请补全。", f"{FIL}第三十五条（十二）", W
    ),
    "country.unknown": _may_warn(
        "“{label}” {value} 不在国别（地区）代码表中；请填三位字母代码。", TABLES
    ),
    "currency.unknown": _may_warn(
        "币制 {value} 不在代码表中；请填三位字母代码（如 USD）。", TABLES
    ),
    "unit.unknown": _may_warn(
        "“{label}” {value} 不在计量单位代码表中；请填三位数字代码（如 035）。", TABLES
    ),
    "amount.form": Rule("“{label}”不是数字；请改正。", XSD),
    "amount.sign": _may_warn("“{label}”不能{limit}；请改正。", FORMAT),
    "amount.places": _may_warn("“{label}”最多 {limit} 位小数；请改正。", FORMAT),
    "amount.size": Rule("“{label}”超过 {limit} 位整数；请改正。", FORMAT),
    "amount.product": Rule("单价乘以成交数量得 {read}，与总价相差超过 0.5%；请核对。", OWN, W),
}

_AUDIT_RULES = {
    "verdict.form": Rule("审核结论应为“规范”或“不规范”；请改正。", OWN),
    "verdict.no_reason": _may_warn("审核结论为不规范，但没有原因代码或原因说明；请补填。", OWN),
    "verdict.needless_reason": Rule("审核结论为规范，却填了不规范的原因；请核对。", OWN, W),
    "reason_code.form": Rule("原因代码应为 R 加两位数字（如 R01），多个用逗号分开；请改正。", OWN),
    "reason_code.unknown": Rule("原因代码 {read} 不在代码表中；请核对。", OWN, W),
    "reason_text.length": _may_warn("原因说明超过 1000 个字；请精简。", OWN),
    "auditor.length": Rule("审核人员超过 64 个字；请改正。", OWN),
    "audit_month.early": _may_warn(
        "审核月份早于申报日期所在的月份；请核对审核月份与申报日期。", OWN
    ),
}

# Rules that more than one row, or what is stored, decides.
_CROSS_RULES = {
    "line.repeated": Rule(
        "报关单号 {value} 的这个项号在文件中重复（首次在第 {read} 行）；请删去一行。",
        f"{FIL}第三十三条",
    ),
    "line.in_other_upload": Rule(
        "这一项同月还在{read}中审核；一项一个月只算最后发布的结论，请核对是否重复上传。", OWN, W
    ),
    "line.text_differs": Rule(
        "“{label}”与已装入的申报数据不同；申报数据保持原样，请核对。", OWN, W
    ),
    "entry.headers_differ": Rule(
        "同一报关单号各行的{read}不一致；应与报关单表头相同，请核对。", FIL, W
    ),
    "content.both_verdicts": Rule("同样的申报内容在本文件中既有规范也有不规范；请核对。", OWN, W),
    "verdict.contradicts_line": Rule(
        "这一项的同样内容在 {month} 审核为“{read}”，与本次结论相反；请核对。", OWN, W
    ),
    "verdict.contradicts_content": Rule(
        "另一项的同样申报内容在 {month} 审核为“{read}”，与本次结论相反；请核对。", OWN, W
    ),
    "party.code_held": Rule(
        "海关注册编码 {value} 已属于统一社会信用代码 {read} 的企业；请核对这两个代码。", OWN
    ),
    "party_name.differs": Rule(
        "企业名称与已登记的名称“{read}”不同；已登记的名称保持不变。", OWN, W
    ),
}

RULES: dict[str, Rule] = {
    **_FILE_RULES,
    **_CELL_RULES,
    **_HEADER_RULES,
    **_GOODS_RULES,
    **_AUDIT_RULES,
    **_CROSS_RULES,
}


def sentence(rule: str, **facts: object) -> str:
    """The rule's Chinese sentence with the facts of one case filled in."""
    return RULES[rule].text.format(**facts)
