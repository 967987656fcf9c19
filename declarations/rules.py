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
"""

from __future__ import annotations

from typing import NamedTuple

from declarations.faults import Level

E, W = Level.ERROR, Level.WARNING


class Rule(NamedTuple):
    """A rule's sentence (a format string) and its level for declared and for audited rows."""

    text: str
    level: Level = E
    audited_level: Level | None = None

    def level_for(self, audited: bool) -> Level:
        """The level for this kind of file."""
        return self.audited_level if audited and self.audited_level else self.level


_FILE_RULES = {
    "file.type": Rule("只能导入 .xlsx、.xls 或 .csv 文件；请另存为其中一种格式后再导入。"),
    "file.other_table": Rule("这是{kind}，本系统不读取；请用 Excel 打开，另存为 .xlsx 再导入。"),
    "file.content": Rule("文件名以 {ending} 结尾，内容却是{kind}；{advice}。"),
    "file.empty": Rule("文件里没有数据行；请确认导出时选中了数据。"),
    "file.size": Rule("文件超过 {limit} MB；请分成几个文件导入。"),
    "file.workbook_size": Rule(
        "工作簿超过 {limit} MB；请另存为 .csv（最大 200 MB），或分成几个文件再导入。"
    ),
    "file.workbook_rows": Rule(
        "工作簿超过 {limit} 行；请另存为 .csv（最多 1,000,000 行），或分成几个文件再导入。"
    ),
    "file.csv_rows": Rule("文件超过 {limit} 行；请分成几个文件再导入。"),
    "file.encoding": Rule("文件的编码既不是 UTF-8 也不是 GB18030；请用 Excel 另存为“CSV UTF-8”。"),
    "file.nul": Rule("文件含有空字符（NUL），不是完好的文本；请用 Excel 另存为“CSV UTF-8”。"),
    "file.unreadable": Rule("文件打不开或已损坏（{value}）；请用 Excel 打开并另存一份再导入。"),
    "file.quotes": Rule("从第 {value} 行起引号不成对，后面的内容无法分列；请检查该行的双引号。"),
    "file.encrypted": Rule("文件加了密码；请在 Excel 中打开，去掉密码并保存后再导入。"),
    "file.macros": Rule("工作簿含有宏；请用 Excel 另存为不含宏的 .xlsx 再导入。"),
    "file.links": Rule(
        "工作簿链接了其他文件或外部数据；请在 Excel 的“数据”中断开链接和连接，保存后再导入。"
    ),
    "file.doctype": Rule(
        "文件内部含有 XML 文档类型定义（DTD），正常的工作簿没有；请用 Excel 打开并另存一份再导入。"
    ),
    "file.entries": Rule(
        "文件内部超过 {limit} 个部分，不像正常的工作簿；请只把数据复制到新的工作簿再导入。"
    ),
    "file.unpacked": Rule(
        "文件解开后超过 {limit} MB；请删去空白的带格式区域，另存为 .csv 或分成几个文件再导入。"
    ),
    "file.ratio": Rule(
        "文件内部压缩了 {limit} 倍以上，不像正常的工作簿；请只把数据复制到新的工作簿再导入。"
    ),
    "file.sheets": Rule("工作簿超过 {limit} 个工作表；请只保留需要的工作表再导入。"),
    "file.memory": Rule(
        "读取这个文件需要的内存超过上限；请只保留需要的行和列，另存为 .csv 或分成几个文件再导入。"
    ),
    "file.time": Rule(
        "读取这个文件需要的时间超过上限；请只保留需要的行和列，另存为 .csv 或分成几个文件再导入。"
    ),
    "sheet.columns": Rule(
        "工作表到第 {value} 列还有内容，最多读取 {limit} 列；请只保留需要的列再导入。"
    ),
    "sheet.hidden": Rule("工作表“{value}”是隐藏的，未读取；需要时请取消隐藏再导入。", W),
    "row.too_long": Rule("第 {row} 行的文字超过 {limit} 字；请只保留需要的列再导入。"),
    "cell.too_long": Rule("第 {row} 行有单元格超过 {limit} 字；请删去多余的文字再导入。"),
    "sheet.no_header": Rule("没有找到表头；请保留含“报关单号”“项号”“商品编号”等列名的一行。"),
    "sheet.ignored": Rule("工作表“{value}”没有可识别的表头，未读取。", W),
    "column.missing": Rule("缺少必填列“{label}”；请补上这一列再导入。"),
    "column.duplicate": Rule("列“{first}”和“{second}”都是“{label}”；请只保留一列。"),
    "column.unknown": Rule("不认识的列，未读取：{value}。", W),
    "head.missing": Rule("表头工作表中没有报关单号 {value}；请补上这票的表头，或删除这一项。"),
    "head.repeated": Rule("表头工作表中报关单号 {value} 重复；请只保留一行。"),
    "cell.formula": Rule("单元格是公式；请复制后“选择性粘贴为数值”，再导入。"),
    "cell.error": Rule("单元格是错误值（{value}）；请改为正确的内容。"),
    "field.blank": Rule("“{label}”为空；请补填。"),
    "text.number": Rule(
        "“{label}”存成了数字或日期（{value}）；请将单元格设为文本，按原文重新填写。"
    ),
    "code.number": Rule(
        "“{label}”存成了数字（{value}），前导零或末几位已丢失；请将单元格设为文本，按原代码重新填写。"
    ),
    "code.scientific": Rule(
        "“{label}”被 Excel 变成了科学计数法（{value}），原代码已不完整；"
        "请将单元格设为文本，按原代码重新填写。"
    ),
    "code.full_width": Rule("“{label}”含有全角字符（{value}）；请改为半角。"),
    "code.number_read": Rule("“{label}”存成了数字，已读作 {read}；请将单元格设为文本。", W),
    "code.zero_padded": Rule(
        "“{label}”丢了前导零（{value}），已读作 {read}；请将单元格设为文本。", W
    ),
}

_HEADER_RULES = {
    "entry_id.form": Rule(
        "报关单号应为 18 位（4 位关区、4 位年份、1 位进出口标志、9 位顺序号）；请按报关单重新填写。"
    ),
    "entry_id.customs": Rule("报关单号的前 4 位（{read}）不能以 00 结尾；请填接受申报的海关代码。"),
    "entry_id.year": Rule("报关单号第 5 至 8 位（{read}）不是 2000 年至今的年份；请核对报关单号。"),
    "entry_id.ie_flag": Rule(
        "报关单号第 9 位（{read}）与进出口标志不符（1 或 I 为进口，0 或 E 为出口）；请核对这两项。"
    ),
    "entry_id.year_differs": Rule("报关单号中的年份与申报日期（{read}）不是同一年；请核对。", W),
    "entry_id.custom_master": Rule("报关单号的前 4 位与申报地海关（{read}）不一致；请核对这两项。"),
    "customs.unknown": Rule("关区代码 {read} 不在本系统的关区代码表（仅辽宁）中；请核对。", W),
    "custom_master.form": Rule("申报地海关应为 4 位数字且不以 00 结尾；请填海关代码。"),
    "ie_flag.form": Rule("进出口标志应为 I（进口）或 E（出口）；请改正。"),
    "trade_mode.form": Rule("监管方式应为 4 位数字代码（如 0110）；请改正。"),
    "trade_mode.unknown": Rule("监管方式 {value} 不在代码表中；请核对代码。"),
    "declared_on.form": Rule("申报日期应写成 20250131、2025-01-31 或日期格式；请改正。"),
    "declared_on.future": Rule("申报日期晚于今天；请核对。"),
    "declared_on.early": Rule("申报日期早于 2000 年 1 月 1 日；请核对。"),
    "party.missing": Rule("“{label}”的统一社会信用代码和海关注册编码都为空；请至少填一项。"),
    "uscc.form": Rule("统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）；请核对。"),
    "uscc.check_digit": Rule("统一社会信用代码的校验位不对，可能有一位录错；请对照营业执照核对。"),
    "customs_code.form": Rule(
        "海关注册编码应为 10 位（4 位数字、1 位数字或字母、1 位数字、4 位数字或字母）；请核对。"
    ),
    "customs_code.not_broker": Rule(
        "申报单位的海关注册编码第 6 位不是 8（报关企业），而它又不是收发货人自己；请核对。", W
    ),
    "party_name.length": Rule("企业名称超过 70 个字；请填登记的名称。"),
    "party_name.blank": Rule("企业名称为空；有名称时页面才能显示。", W),
}

_GOODS_RULES = {
    "g_no.form": Rule("项号应为 1 至 32767 的整数；请改正。"),
    "g_no.above_50": Rule("项号大于 50，一票报关单一般不超过 50 项；请核对。", W),
    "hs_code.form": Rule("商品编号应为 10 位数字（带检验检疫编码时 13 位）；请改正。"),
    "hs_code.chapter": Rule("商品编号的前两位（{read}）不是税则的章；请核对。"),
    "hs_code.chapter_98_99": Rule("商品编号属于第 {read} 章，不是一般税则商品；请核对。", W),
    "hs_code.not_in_catalogue": Rule("商品编号 {read} 不在 {year} 年版规范申报目录中；请核对。", W),
    "g_name.length": Rule("商品名称超过 255 个字；请按报关单填写。"),
    "g_name.control": Rule("商品名称含有换行、制表符等控制字符；请删除。"),
    "g_name.no_chinese": Rule("商品名称没有中文；应为规范的中文名称。", W),
    "g_name.vague": Rule("商品名称过于笼统；应写明具体是什么商品。", W),
    "g_model.length": Rule("规格型号超过 255 个字；请按报关单填写。"),
    "g_model.control": Rule("规格型号含有换行、制表符等控制字符；请删除。"),
    "g_model.full_width_bar": Rule("规格型号用了全角竖线“｜”分隔；请改为半角“|”。", E, W),
    "g_model.brand_type": Rule("规格型号第一项不是品牌类型（0 至 4）；可能是旧格式，请核对。", W),
    "g_model.brand_type_export_only": Rule(
        "品牌类型 3（境外品牌贴牌生产）只用于出口，而这是进口；请核对。", W
    ),
    "g_model.export_benefit": Rule(
        "规格型号第二项（出口享惠情况）应为：进口填 3，出口填 0、1 或 2；请核对。", W
    ),
    "g_model.few_parts": Rule(
        "规格型号只有 {count} 项，按 {year} 年版目录应有 {expected} 项；请核对。", W
    ),
    "g_model.blank_part": Rule("规格型号第 {read} 项为空；该要素应有内容。", W),
    "g_model.filler_part": Rule("规格型号第 {read} 项只写了“{part}”；应写明具体内容。", W),
    "g_model.brand_denied": Rule("品牌类型为 0（无品牌），而规格型号写了品牌“{part}”；请核对。", W),
    "g_model.brand_absent": Rule("品牌类型为 {read}，而规格型号写的是“{part}”；请核对。", W),
    "g_model.anti_dumping": Rule("规格型号末尾的反倾销信息应为五对半角尖括号 <>；请补全。", W),
    "country.unknown": Rule("“{label}” {value} 不在国别（地区）代码表中；请填三位字母代码。"),
    "currency.unknown": Rule("币制 {value} 不在代码表中；请填三位字母代码（如 USD）。"),
    "unit.unknown": Rule("“{label}” {value} 不在计量单位代码表中；请填三位数字代码（如 035）。"),
    "amount.form": Rule("“{label}”不是数字；请改正。"),
    "amount.sign": Rule("“{label}”不能{limit}；请改正。"),
    "amount.places": Rule("“{label}”最多 {limit} 位小数；请改正。"),
    "amount.size": Rule("“{label}”超过 {limit} 位整数；请改正。"),
    "amount.product": Rule("单价乘以成交数量得 {read}，与总价相差超过 0.5%；请核对。", W),
}

_AUDIT_RULES = {
    "verdict.form": Rule("审核结论应为“规范”或“不规范”；请改正。"),
    "verdict.no_reason": Rule("审核结论为不规范，但没有原因代码或原因说明；请补填。"),
    "verdict.needless_reason": Rule("审核结论为规范，却填了不规范的原因；请核对。", W),
    "reason_code.form": Rule("原因代码应为 R 加两位数字（如 R01），多个用逗号分开；请改正。"),
    "reason_code.unknown": Rule("原因代码 {read} 不在代码表中；请核对。", W),
    "reason_text.length": Rule("原因说明超过 1000 个字；请精简。"),
    "auditor.length": Rule("审核人员超过 64 个字；请改正。"),
    "audit_month.early": Rule("审核月份早于申报日期所在的月份；请核对 --month 与申报日期。"),
}

_CROSS_RULES = {
    "line.repeated": Rule(
        "报关单号 {value} 的这个项号在文件中重复（首次在第 {read} 行）；请删去一行。"
    ),
    "entry.headers_differ": Rule("同一报关单号各行的{read}不一致；应与报关单表头相同，请核对。", W),
    "content.both_verdicts": Rule("同样的申报内容在本文件中既有规范也有不规范；请核对。", W),
    "line.text_differs": Rule("审核文本与已装入的申报数据不同；申报数据保持原样。", W),
    "party.code_held": Rule(
        "海关注册编码 {value} 已属于统一社会信用代码 {read} 的企业；请核对这两个代码。"
    ),
    "party_name.differs": Rule("企业名称与已登记的名称“{read}”不同；已登记的名称保持不变。", W),
}

RULES: dict[str, Rule] = {
    **_FILE_RULES,
    **_HEADER_RULES,
    **_GOODS_RULES,
    **_AUDIT_RULES,
    **_CROSS_RULES,
}


def sentence(rule: str, **facts: object) -> str:
    """The rule's Chinese sentence with the facts of one case filled in."""
    return RULES[rule].text.format(**facts)
