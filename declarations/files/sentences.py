"""The one sentence that a file ends in which is not read, by the rule's id.

The most that a file may be stands in `declarations.files.limits`; what a sentence says of .csv files is
the limit of uploads.
"""

from __future__ import annotations

REFUSALS = {
    "file.type": "只能导入 .xlsx、.xls 或 .csv 文件；请另存为其中一种格式后再导入。",
    "file.other_table": "这是{kind}，本系统不读取；请用 Excel 打开，另存为 .xlsx 再导入。",
    "file.content": "文件名以 {ending} 结尾，内容却是 {kind}；{advice}。",
    "file.empty": "文件里没有数据行；请确认导出时选中了数据。",
    "file.all_hidden": (
        "看得见的工作表里没有数据，而隐藏的工作表不读取；请取消隐藏有数据的工作表再导入。"
    ),
    "file.size": "文件超过 {limit} MB；请分成几个文件导入。",
    "file.workbook_size": (
        "工作簿超过 {limit} MB；请另存为 .csv（最大 200 MB），或分成几个文件再导入。"
    ),
    "file.workbook_rows": (
        "工作簿超过 {limit} 行；请另存为 .csv（最多 1,000,000 行），或分成几个文件再导入。"
    ),
    "file.csv_rows": "文件超过 {limit} 行；请分成几个文件再导入。",
    "file.encoding": "文件的编码既不是 UTF-8 也不是 GB18030；请用 Excel 另存为“CSV UTF-8”。",
    "file.nul": "文件含有空字符（NUL），不是完好的文本；请用 Excel 另存为“CSV UTF-8”。",
    "file.unreadable": "文件打不开或已损坏（{value}）；请用 Excel 打开并另存一份再导入。",
    "file.quotes": "从第 {value} 行起引号不成对，后面的内容无法分列；请检查该行的双引号。",
    "file.encrypted": "文件加了密码；请在 Excel 中打开，去掉密码并保存后再导入。",
    "file.macros": "工作簿含有宏；请用 Excel 另存为不含宏的 .xlsx 再导入。",
    "file.links": (
        "工作簿链接了其他文件或外部数据；请在 Excel 的“数据”中断开链接和连接，保存后再导入。"
    ),
    "file.doctype": (
        "文件内部含有 XML 文档类型定义（DTD），正常的工作簿没有；请用 Excel 打开并另存一份再导入。"
    ),
    "file.entries": (
        "文件内部超过 {limit} 个部分，不像正常的工作簿；请只把数据复制到新的工作簿再导入。"
    ),
    "file.unpacked": (
        "文件解开后超过 {limit} MB；请删去空白的带格式区域，另存为 .csv 或分成几个文件再导入。"
    ),
    "file.ratio": (
        "文件内部压缩了 {limit} 倍以上，不像正常的工作簿；请只把数据复制到新的工作簿再导入。"
    ),
    "file.sheets": "工作簿超过 {limit} 个工作表；请只保留需要的工作表再导入。",
    "file.memory": (
        "读取这个文件需要的内存超过上限；请只保留需要的行和列，另存为 .csv 或分成几个文件再导入。"
    ),
    "file.time": (
        "读取这个文件需要的时间超过上限；请只保留需要的行和列，另存为 .csv 或分成几个文件再导入。"
    ),
    "sheet.columns": "第 {value} 列还有内容，而最多读取 {limit} 列；请只保留需要的列再导入。",
    "sheet.long_row": "第 {row} 行的文字超过 {limit:,} 字；请只保留需要的列再导入。",
    "sheet.long_cell": "第 {row} 行有单元格超过 {limit:,} 字；请删去多余的文字再导入。",
}
