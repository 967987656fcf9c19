"""Archives of DecMessages: what is taken out of them, and what is refused before it is unpacked."""

import random
import struct
import time
import zipfile
import zlib

import pytest

from declarations.decmessage.archive import open_archive
from declarations.decmessage.limits import MOST_BYTES, MOST_FILES, MOST_UNPACKED
from declarations.decmessage.rows import Messages
from declarations.faults import Fault, RejectedFile
from tests.declarations.decmessage.files import message, messages, write_zip
from tests.declarations.files import declared_row, entry_id


def refusal(path):
    with pytest.raises(RejectedFile) as caught:
        open_archive(path)
    [fault] = caught.value.faults
    assert fault.sheet == path.name
    return fault.rule


def refused_file(path):
    [fault] = [held for held in open_archive(path) if isinstance(held, Fault)]
    return fault.rule


def test_every_message_is_read_in_order_and_other_files_of_the_system_are_not(tmp_path):
    rows = [declared_row(n, item) for n in (1, 2, 3) for item in (1, 2)]
    files = {"__MACOSX/报文/._1.xml": b"\0", "Thumbs.db": b"x", ".DS_Store": b"x", "空/": ""}
    path = write_zip(tmp_path / "a.zip", messages(rows) | files)
    assert [row.cells for row in Messages(path).rows()] == rows


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.xml", "/etc/x.xml", "C:\\x.xml", "a\r\nb.xml"]
)
def test_what_a_file_calls_itself_names_a_fault_and_nothing_else(tmp_path, name):
    path = write_zip(tmp_path / "a.zip", {name: message(), "b.xml": "<a/>"})
    before = sorted(tmp_path.rglob("*"))
    row, fault = Messages(path).rows()
    assert row.cells == declared_row()
    assert (fault.sheet, fault.rule) == ("b.xml", "xml.root")
    assert "\n" not in row.layout.sheet
    assert sorted(tmp_path.rglob("*")) == before


def test_names_in_gbk_are_read_as_windows_wrote_them(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"x" * 10 + ".xml": "<a/>"})
    name = "报文一号中文"[:5].encode("gbk")
    path.write_bytes(path.read_bytes().replace(b"x" * 10, name))
    [fault] = Messages(path).rows()
    assert fault.sheet == "报文一号中.xml"


def test_a_declaration_in_two_files_is_refused_naming_both(tmp_path):
    files = {"a.xml": message(), "b.xml": message([declared_row(2)]), "c.xml": message()}
    rows = list(Messages(write_zip(tmp_path / "a.zip", files)).rows())
    [fault] = [row for row in rows if isinstance(row, Fault)]
    assert (fault.sheet, fault.rule, fault.value) == ("c.xml", "entry.in_two_files", entry_id(1))
    assert "a.xml" in fault.text


# --- refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ({}, "zip.empty"),
        ({"读我.txt": "x"}, "zip.empty"),
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>"}, "zip.office"),
        (dict.fromkeys((f"{n}.xml" for n in range(MOST_FILES + 1)), ""), "zip.count"),
    ],
    ids=["empty", "none", "office", "many"],
)
def test_an_archive_that_holds_no_messages_is_refused(tmp_path, files, rule):
    assert refusal(write_zip(tmp_path / "a.zip", files)) == rule


def inner_zip(tmp_path):
    return write_zip(tmp_path / "inner.zip", {"a.xml": message()}).read_bytes()


def test_files_that_are_no_messages_are_refused_by_name_or_content(tmp_path):
    inner = inner_zip(tmp_path)
    for files, rule in (
        ({"b.zip": inner}, "zip.nested"),
        ({"b.xml": inner}, "zip.nested"),
        ({"b.RAR": b"Rar!"}, "zip.nested"),
        ({"合同.pdf": b"%PDF"}, "zip.other_file"),
        ({"b.xml": b" " * (MOST_BYTES + 1)}, "xml.size"),
        ({"b.xml": b" " * (2 * 2**20)}, "zip.ratio"),
    ):
        path = write_zip(tmp_path / "a.zip", {"a.xml": message()} | files)
        assert refused_file(path) == rule


def test_an_encrypted_file_is_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"a.xml": message()})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refused_file(path) == "zip.encrypted"


def test_another_way_of_packing_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.xml", message())
    assert refused_file(path) == "zip.method"


def test_a_damaged_file_in_it_is_named_and_the_others_are_read(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"a.xml": message(), "b.xml": message([declared_row(2)])})
    data = bytearray(path.read_bytes())
    place = data.index(b"b.xml") + 60
    data[place : place + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    row, fault = Messages(path).rows()
    assert row.cells == declared_row()
    assert (fault.sheet, fault.rule) == ("b.xml", "zip.unreadable")


def test_sizes_that_lie_unpack_no_more_than_they_claim(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"a.xml": b"<!--" + b" " * (64 * 2**20)})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 5_000)
    path.write_bytes(data)
    [held] = open_archive(path)
    assert isinstance(held, Fault) or len(held[1]) <= 5_000


def test_files_that_share_their_bytes_are_refused(tmp_path):
    """A bomb of overlapping files: each of its names leads to the same compressed bytes."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(b" " * MOST_BYTES) + body.flush()
    local = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(packed), MOST_BYTES, 5, 0
    )
    entry = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(packed), MOST_BYTES, 5, 0, 0, 0, 0, 0, 0,
    ) + b"a.xml"  # fmt: skip
    count = 2_000
    start = len(local) + 5 + len(packed)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, count * len(entry), start, 0)
    path = tmp_path / "a.zip"
    path.write_bytes(local + b"a.xml" + packed + entry * count + end)
    assert count * MOST_BYTES > MOST_UNPACKED
    assert refusal(path) == "zip.unpacked"


def test_a_directory_of_millions_is_refused_unread(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"a.xml": message()})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, len(data) - 10, 300 * 2**20)
    path.write_bytes(data)
    assert refusal(path) == "zip.count"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<DecMessage/>", b"\0" * 99_999])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert refusal(path) == "zip.unreadable"


def test_an_archive_cut_or_changed_anywhere_is_read_or_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", messages(declared_row(n) for n in range(1, 6)))
    whole = path.read_bytes()
    choose = random.Random(5)
    began = time.process_time()
    for attempt in range(120):
        data = bytearray(whole)
        if attempt % 3 == 0:
            del data[choose.randrange(len(data)) :]
        for _ in range(attempt % 3 * 3):
            data[choose.randrange(len(data))] = choose.randrange(256)
        path.write_bytes(data)
        try:
            for row in Messages(path).rows():
                assert isinstance(row, Fault) or row.cells
        except RejectedFile as refused:
            assert refused.faults
    assert time.process_time() - began < 5
