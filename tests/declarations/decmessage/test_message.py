"""One DecMessage file: what is read, what is refused, and where a fault is said to stand."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarations.decmessage.limits import MOST_BYTES, MOST_LINES, MOST_NODES
from declarations.decmessage.message import read_message
from declarations.decmessage.rows import Messages
from declarations.decmessage.rules import NODE_RULES
from declarations.faults import Fault, Level, RejectedFile
from tests.declarations.decmessage.files import message
from tests.declarations.files import AGENT_CODE, declared_row, entry_id


def rows_of(tmp_path, text, name="报关单.xml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(Messages(path).rows())


def faults_of(tmp_path, text):
    return [row for row in rows_of(tmp_path, text) if isinstance(row, Fault)]


def line_of(text, node):
    return next(n for n, line in enumerate(text.splitlines(), 1) if f"<{node}>" in line)


def refusal(data):
    with pytest.raises(RejectedFile) as caught:
        read_message("a.xml", data)
    [fault] = caught.value.faults
    assert str(fault).startswith("文件“a.xml”")
    assert str(fault).endswith(("。", "。”"))
    return fault.rule, fault.row


# --- what is read ----------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "dec", "ns2"])
def test_it_is_read_with_any_prefix_or_none(tmp_path, prefix):
    [row] = rows_of(tmp_path, message([declared_row()], prefix=prefix))
    assert row.cells == declared_row()


def test_a_prefix_that_nothing_declares_is_no_fault(tmp_path):
    text = re.sub(r' xmlns:dec="[^"]*"', "", message(prefix="dec"))
    [row] = rows_of(tmp_path, text)
    assert row.cells == declared_row()


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("GB18030", "gb18030"),
        ("gb2312", "gb18030"),
        ("GBK", "gbk"),
        ("UTF-16", "utf-16"),
        (None, "utf-8"),
    ],
)
def test_the_encoding_is_the_declared_one(tmp_path, declared, codec):
    text = message([declared_row(g_name="轮毂轴承（“新”）")])
    _, _, rest = text.partition("\n")
    head = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else "\n"
    [row] = rows_of(tmp_path, (head + rest).encode(codec))
    assert row.cells["g_name"] == "轮毂轴承（“新”）"


def test_text_is_kept_as_it_stands(tmp_path):
    text = message().replace(
        "<GName>轮毂轴承</GName>", "<GName> 轴<!-- 说明 -->承<![CDATA[ <&>]]>&#x9f50; </GName>"
    )
    [row] = rows_of(tmp_path, text)
    assert row.cells["g_name"] == " 轴承 <&>齐 "


def test_the_countries_of_an_export_stand_in_each_others_nodes(tmp_path):
    row = declared_row(ie_flag="E", origin_country="CHN", destination_country="USA")
    text = message([row])
    assert "<OriginCountry>USA</OriginCountry>" in text
    [read] = rows_of(tmp_path, text)
    assert read.cells == row


def test_nodes_of_the_interface_that_are_not_read_are_left_out_in_silence(tmp_path):
    text = message(extra="<ContrNo>X-1</ContrNo><NetWt>3</NetWt><IEDate>20250301</IEDate>")
    text = text.replace("</DecMessage>", "<DecSign><OperType>G</OperType></DecSign></DecMessage>")
    [row] = rows_of(tmp_path, text)
    assert row.cells == declared_row()


# --- faults and their places -----------------------------------------------------------------

HEAD, FIRST = "DecMessage/DecHead", "DecMessage/DecLists/DecList[1]"
DAY = "<DDate>20250314</DDate>"
NUMBER = f"<EntryId>{entry_id(1)}</EntryId>"
# What is replaced, by what, and the rule and path of the fault that it makes.
CASES = [
    (NUMBER, "", "entry.no_number", f"{HEAD}/EntryId"),
    (NUMBER, "<EntryId> </EntryId><PreEntryId>1</PreEntryId>", "entry.no_number", f"{HEAD}/EntryId"),
    (NUMBER, "<SeqNo>I20210000585943233</SeqNo>", "entry.no_number", f"{HEAD}/EntryId"),
    (DAY, "<IEDate>20250314</IEDate>", "entry.no_date", f"{HEAD}/DDate"),
    (DAY, "<DDate/>", "entry.no_date", f"{HEAD}/DDate"),
    (DAY, "<DDate>2025-03-14</DDate>", "node.form", f"{HEAD}/DDate"),
    ("<IEFlag>I<", "<IEFlag>进口<", "node.form", f"{HEAD}/IEFlag"),
    ("<IEFlag>I</IEFlag>", "", "node.missing", HEAD),
    ("<IEFlag>I</IEFlag>", "<IEFlag>I</IEFlag><IEFlag>I</IEFlag>", "node.repeated", f"{HEAD}/IEFlag"),
    ("<IEFlag>I<", "<IEFlag>I<b>x</b><", "node.nested", f"{HEAD}/IEFlag"),
    ("<TradeMode>0110</TradeMode>", "<tradeMode>0110</tradeMode>", "node.missing", HEAD),
    ("<TradeMode>0110<", "<TradeMode>0111<", "trade_mode.unknown", f"{HEAD}/TradeMode"),
    ("<CustomMaster>0901<", "<CustomMaster>0900<", "custom_master.form", f"{HEAD}/CustomMaster"),
    (f"<AgentCode>{AGENT_CODE}<", "<AgentCode>12<", "customs_code.form", f"{HEAD}/AgentCode"),
    ("</DecHead>", "文</DecHead>", "node.text", HEAD),
    ("</DecHead>", "</DecHead><DecHead/>", "node.repeated", HEAD),
    ("</DecLists>", "</DecLists><DecLists/>", "node.repeated", "DecMessage/DecLists"),
    ("</DecHead>", "<IEDate>3月</IEDate></DecHead>", "node.form_unread", f"{HEAD}/IEDate"),
    ("</DecHead>", "<NoSuchNode/></DecHead>", "node.unknown", f"{HEAD}/NoSuchNode"),
    ("<GNo>1</GNo>", "", "node.missing", FIRST),
    ("<GNo>1<", "<GNo>0<", "g_no.form", f"{FIRST}/GNo"),
    ("<CodeTS>8482103000<", "<CodeTS>8482103000101<", "node.form", f"{FIRST}/CodeTS"),
    ("<GName>轮毂轴承<", "<GName><", "field.blank", f"{FIRST}/GName"),
    ("<GName>轮毂轴承<", f"<GName>{'轴' * 256}<", "g_name.length", f"{FIRST}/GName"),
    ("<GUnit>011<", "<GUnit>个<", "node.form", f"{FIRST}/GUnit"),
    ("<GUnit>011<", "<GUnit>999<", "unit.unknown", f"{FIRST}/GUnit"),
    ("<TradeCurr>USD<", "<TradeCurr>US<", "node.form", f"{FIRST}/TradeCurr"),
    ("<DeclPrice>2.5<", "<DeclPrice>2.5E0<", "amount.form", f"{FIRST}/DeclPrice"),
    ("</DecList>", "<CiqCode>1</CiqCode></DecList>", "node.form_unread", f"{FIRST}/CiqCode"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sound", "faulty", "rule", "path"), CASES, ids=lambda value: str(value)[:24]
)
def test_every_fault_names_file_node_and_line(tmp_path, checked_faults, sound, faulty, rule, path):
    text = message().replace(sound, faulty, 1)
    found = checked_faults(tmp_path, text)
    [fault] = [fault for fault in found if fault.rule == rule]
    assert (fault.column, fault.sheet) == (path, "报关单.xml")
    node = path.rpartition("/")[2].partition("[")[0]
    line = text.splitlines()[fault.row - 1]
    assert f"<{node}" in line or f"<{node}" not in text or fault.value in line
    assert str(fault).startswith(f"文件“报关单.xml”第 {fault.row} 行 {path}：")
    # Nothing else is said of the same node.
    assert {other.rule for other in found if other.column == path} == {rule}


def test_a_fault_of_the_head_is_told_once_for_all_its_lines(tmp_path, checked_faults):
    rows = [declared_row(1, n, trade_mode="0111") for n in (1, 2, 3)]
    text = message(rows)
    [fault] = checked_faults(tmp_path, text)
    assert (fault.rule, fault.row) == ("trade_mode.unknown", line_of(text, "TradeMode"))


def test_a_fault_of_a_later_line_names_its_list(tmp_path, checked_faults):
    text = message([declared_row(1, 1), declared_row(1, 2, g_unit="999")])
    [fault] = checked_faults(tmp_path, text)
    assert fault.column == "DecMessage/DecLists/DecList[2]/GUnit"
    assert text.splitlines()[fault.row - 1] == "<GUnit>999</GUnit>"


def test_a_country_s_fault_names_the_node_that_holds_it(tmp_path, checked_faults):
    row = declared_row(
        ie_flag="E", origin_country="CHN", destination_country="XQX", g_model="0|0|球轴承|无品牌|LB"
    )
    [fault] = checked_faults(tmp_path, message([row]))
    assert (fault.rule, fault.value) == ("country.unknown", "XQX")
    assert fault.column == f"{FIRST}/OriginCountry"


def test_a_repeated_item_number_names_the_first(tmp_path, checked_faults):
    text = message([declared_row(1, 1), declared_row(1, 1, g_name="")])
    found = checked_faults(tmp_path, text)
    assert [(fault.rule, fault.column) for fault in found] == [
        ("line.in_one_file", "DecMessage/DecLists/DecList[2]/GNo"),
        ("field.blank", "DecMessage/DecLists/DecList[2]/GName"),
    ]
    assert f"首次在第 {line_of(text, 'GNo')} 行" in found[0].text


@pytest.mark.parametrize("inner", ["", "<DecHead/>", "<DecLists/>", "<DecHead/><DecLists/>"])
def test_what_every_message_has_must_be_there(tmp_path, inner):
    found = faults_of(tmp_path, f"<DecMessage>\n{inner}</DecMessage>")
    missing = {fault.value for fault in found if fault.rule == "node.missing"}
    assert ("DecHead" in missing) == ("DecHead" not in inner)
    assert ("DecLists" in missing) == ("DecLists" not in inner)
    assert ("DecList" in missing) == ("DecLists" in inner)


def test_party_nodes_may_be_one_or_the_other(tmp_path):
    text = re.sub(r"<AgentCodeScc>.*?</AgentCodeScc>", "", message())
    assert faults_of(tmp_path, text) == []
    text = re.sub(r"<AgentCode>.*?</AgentCode>", "", text)
    [fault] = faults_of(tmp_path, text)
    assert (fault.rule, fault.value) == ("node.missing", "AgentCodeScc（或 AgentCode）")


def test_unknown_nodes_are_named_once_with_their_count_and_what_was_meant(tmp_path):
    rows = [declared_row(1, n) for n in (1, 2)]
    text = message(rows).replace("<GQty>", "<Foo><GQty>9</GQty></Foo><gqty/><GQty>")
    found = rows_of(tmp_path, text)
    notes = {row.column.rpartition("/")[2]: row for row in found if isinstance(row, Fault)}
    assert notes.keys() == {"Foo", "gqty"}
    assert all(note.level is Level.WARNING and "2 处" in note.text for note in notes.values())
    assert "应为 GQty" in notes["gqty"].text
    assert [row.cells["g_qty"] for row in found if not isinstance(row, Fault)] == ["10", "10"]


def test_many_kinds_of_unknown_nodes_are_counted_beyond_the_first(tmp_path):
    extra = "".join(f"<N{n}/>" for n in range(60))
    found = faults_of(tmp_path, message(extra=extra))
    assert len(found) == 51
    assert "另有 10 处" in found[-1].text


# --- what is refused as a whole --------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "billion laughs": (f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]><d>&l9;</d>', "xml.doctype"),
    "external entity": (
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "xml.doctype",
    ),
    "external dtd": ('<!DOCTYPE DecMessage SYSTEM "http://127.0.0.1/a.dtd"><d/>', "xml.doctype"),
    "parameter entity": ('<!DOCTYPE d [<!ENTITY % x SYSTEM "a"> %x;]><d/>', "xml.doctype"),
    "undeclared entity": ("<DecMessage>&x;</DecMessage>", "xml.malformed"),
    "deep nesting": ("<DecMessage>" + "<a>" * (MOST_BYTES // 4), "xml.depth"),
    "a million nodes": ("<DecMessage>" + "<a/>" * (MOST_NODES + 1), "xml.nodes"),
    "repeated nodes": (
        "<DecMessage><DecLists><DecList>" + "<GNo/>" * MOST_NODES, "xml.faults",
    ),
    "lines without end": ("<DecMessage><DecLists>" + "<DecList/>" * 9_999, "lines.many"),
    "one name": ("<" + "x" * (MOST_BYTES - 8) + "/>", "xml.root"),
    "one comment": ("<!--" + "x" * (MOST_BYTES - 8) + "-->", "xml.malformed"),
    "open brackets": ("<" * MOST_BYTES, "xml.malformed"),
    "too large": ("<" * (MOST_BYTES + 1), "xml.size"),
    "zeros": ("\0" * 999, "xml.malformed"),
    "nothing": (" \n", "xml.empty"),
    "two documents": ("<DecMessage/><DecMessage/>", "xml.malformed"),
    "another message": ("<DecResult/>", "xml.root"),
    "mismatched tags": ("<DecMessage><DecHead></DecMessage>", "xml.malformed"),
    "a spreadsheet": ("PK\x03\x04" + "\0" * 99, "xml.malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "rule"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_or_broken_file_ends_in_one_sentence_at_once(text, rule):
    began = time.process_time()
    assert refusal(text.encode())[0] == rule
    assert time.process_time() - began < 5


def test_a_huge_attribute_or_value_costs_nothing_but_its_size(tmp_path, checked_faults):
    huge = "x" * (MOST_BYTES // 2)
    text = message().replace("<DecHead>", f'<DecHead a="{huge}">')
    assert checked_faults(tmp_path, text) == []
    [fault] = checked_faults(tmp_path, message([declared_row(g_model=huge)]))
    assert (fault.rule, len(fault.value)) == ("g_model.length", 255)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?>\n<a>\n轴</a>'.encode("gbk"), ("xml.encoding", 3)),
        (b'<?xml version="1.0" encoding="big5"?><a/>', ("xml.encoding_unknown", 1)),
        (b"<a>\n\n\xff</a>", ("xml.encoding", 3)),
        (b"<DecMessage>\n<DecHead>\n<a></b>", ("xml.malformed", 3)),
    ],
)
def test_the_line_of_what_can_t_be_read_is_named(data, found):
    assert refusal(data) == found


def test_a_file_cut_anywhere_is_refused():
    data = message().encode()
    for end in range(0, len(data), len(data) // 40):
        with pytest.raises(RejectedFile):
            read_message("a.xml", data[:end])


def test_as_many_lines_as_a_declaration_may_have_are_read(tmp_path):
    rows = [declared_row(1, n) for n in range(1, MOST_LINES + 1)]
    assert len(rows_of(tmp_path, message(rows))) == MOST_LINES


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_changed_in_a_message_it_is_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzzed.xml"
    content = bytearray(message().encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6))
    path.write_bytes(content)
    for row in Messages(path).rows():
        assert isinstance(row, Fault) or row.cells


def test_every_rule_has_a_whole_sentence():
    for name, rule in NODE_RULES.items():
        assert rule.text.endswith("。"), name
