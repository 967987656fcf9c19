"""Rules on the structure of DecMessage XML files, and of archives of them.

The structure, lengths and patterns are those of the single window's DecMessage_ImportSave_V1.0.xsd
and 报文格式说明. What a value means is checked afterwards by the rules of declarations/rules.py, as for
any other file.
"""

from declarations.decmessage.limits import (
    MOST_BYTES,
    MOST_DEPTH,
    MOST_FAULTS,
    MOST_FILES,
    MOST_LINES,
    MOST_NODES,
    MOST_NODES_IN_ALL,
    MOST_PACKED,
    MOST_UNPACKED,
)
from declarations.faults import Level
from declarations.rules import OWN, XSD, Rule

E, W = Level.ERROR, Level.WARNING
_MEBIBYTE = 2**20


def _rule(text: str, level: Level = E, source: str = OWN) -> Rule:
    return Rule(text, source, level)


def _node(text: str, level: Level = E) -> Rule:
    return Rule(text, XSD, level)


NODE_RULES: dict[str, Rule] = {
    "xml.size": _rule(
        f"文件超过 {MOST_BYTES // _MEBIBYTE} MB；一个文件只放一份报关单，请核对文件。"
    ),
    "xml.empty": _rule("文件是空的；请重新导出报文。"),
    "xml.encoding": _rule("文件内容不是它声明的 {value} 编码；请按声明的编码重新导出报文。"),
    "xml.encoding_unknown": _rule("不支持编码 {value}；请用 UTF-8 或 GB18030 重新导出报文。"),
    "xml.malformed": _rule("不是完整的 XML（{value}）；请重新导出报文。"),
    "xml.doctype": _rule("报文不能含有 DOCTYPE 或实体声明；请从单一窗口重新导出报文。"),
    "xml.depth": _rule(f"节点嵌套超过 {MOST_DEPTH} 层，不是报关单报文；请核对文件。"),
    "xml.nodes": _rule(f"节点超过 {MOST_NODES:,} 个，不是一份报关单；请核对文件。"),
    "xml.root": _rule("根节点是 {value}，应为 DecMessage；请导入报关单报文。"),
    "xml.faults": _rule(f"错误超过 {MOST_FAULTS:,} 处，其后的内容没有检查；请先改正已列出的。"),
    "node.missing": _node("缺少节点 {value}；请补上这个节点。"),
    "node.repeated": _node("节点 {value} 重复（首次在第 {read} 行）；请只保留一个。"),
    "node.nested": _node("节点 {value} 里不应再有节点；请只填它的值。"),
    "node.text": _node("节点之外有文字“{value}”；请删去，或放回它的节点。"),
    "node.form": _node("节点的值“{value}”不合报文格式（{form}）；请改正。"),
    "node.form_unread": _node(
        "节点的值“{value}”不合报文格式（{form}）；本系统不使用这个节点，请核对。", W
    ),
    "node.unknown": _rule("不认识的节点，未读取（共 {count} 处）{like}。", W),
    "node.unknown_more": _rule("另有 {count} 处不认识的节点，未读取。", W),
    "line.in_one_file": _rule("项号 {value} 重复（首次在第 {read} 行）；请核对各项的 GNo。"),
    "lines.many": _rule(f"商品项超过 {MOST_LINES:,} 项，不是一份报关单；请核对文件。"),
    "entry.no_number": _rule(
        "没有报关单号（EntryId）；预录入编号 PreEntryId 和统一编号 SeqNo 不是报关单号，"
        "请在海关接受申报后重新导出报文。"
    ),
    "entry.no_date": _rule(
        "没有申报日期（DDate）；IEDate 是进出口日期，不能代替，请在海关接受申报后重新导出报文。"
    ),
    "entry.in_two_files": _rule("报关单号 {value} 也在文件“{read}”中；请只保留一个文件。"),
    "zip.unreadable": _rule("压缩包打不开或已损坏（{value}）；请重新压缩为 .zip 再导入。"),
    "zip.size": _rule(f"压缩包超过 {MOST_PACKED // _MEBIBYTE} MB；请分成几个压缩包导入。"),
    "zip.unpacked": _rule(
        f"压缩包解开后超过 {MOST_UNPACKED // _MEBIBYTE:,} MB；请分成几个压缩包导入。"
    ),
    "zip.nodes": _rule(f"压缩包里的节点超过 {MOST_NODES_IN_ALL:,} 个；请分成几个压缩包导入。"),
    "zip.count": _rule(f"压缩包里的文件超过 {MOST_FILES:,} 个；请分成几个压缩包导入。"),
    "zip.office": _rule("这是 Office 文件而不是报文的压缩包；请以 .xlsx 为扩展名导入。"),
    "zip.empty": _rule("压缩包里没有 .xml 报文；请核对。"),
    "zip.encrypted": _rule("压缩包里的文件加了密码；请不加密码重新压缩。"),
    "zip.method": _rule(
        "压缩方式不是 zip 通用的 Deflate；请用 Windows 自带的“压缩文件夹”重新压缩。"
    ),
    "zip.ratio": _rule("压缩比异常，不像报文；请核对这个文件。"),
    "zip.nested": _rule("压缩包里又有压缩包；请解开后只压缩 .xml 报文。"),
    "zip.other_file": _rule("压缩包里只能放 .xml 报文；请移出这个文件后重新压缩。"),
}


def node_sentence(rule: str, **facts: object) -> str:
    """The rule's Chinese sentence with the facts of one case filled in."""
    return NODE_RULES[rule].text.format(**facts)
