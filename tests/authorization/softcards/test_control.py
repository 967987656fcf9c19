"""The soft control's protocol, asked by a plain WebSocket client."""

import base64
import hashlib
import http.client
import json
import re
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from authorization.cards.certificates import from_base64
from authorization.cards.signatures import Scheme, verifies
from authorization.softcards.blocks import HEADER, BadBlock, Blocks, check_code, split
from authorization.softcards.control import SoftControl, running
from authorization.softcards.deck import Holder, Places, make_deck
from authorization.softcards.reader import TRIES, Mode
from tests.factories import valid_uscc

PIN = "70316294"
TEXT = "随机数：abc\n用途：授权"


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deck")
    where = Places(folder / "roots", folder / "links", folder / "crls", folder / "cards")
    return make_deck(where, [Holder("haiguan", valid_uscc(7), "大连虚构海产有限公司")], pin=PIN)[0]


@pytest.fixture
def control(cards):
    with running(SoftControl(cards, port=0, slow_seconds=0.5)) as one:
        one.reader.insert("haiguan-rsa")
        yield one


@pytest.fixture
def talk(control):
    with ExitStack() as stack:

        def open_(**options):
            return stack.enter_context(connect(control.address, **options))

        yield open_


def greeted(socket):
    assert json.loads(socket.recv(3))["_method"] == "open"
    return socket


def ask(socket, method, number=7, **args):
    socket.send(json.dumps({"_id": number, "_method": f"cus-sec_{method}", "args": args}))
    return json.loads(socket.recv(5))


def error(socket, method, **args):
    answer = ask(socket, method, **args)["_args"]
    assert answer["Result"] is False and answer["Data"] == []
    return answer["Error"][-1]


class TestTalk:
    def test_it_speaks_first(self, talk):
        assert json.loads(talk().recv(3)) | {"_args": None} == {
            "_id": 0,
            "_method": "open",
            "_status": "00",
            "_args": None,
        }

    @pytest.mark.parametrize("name", ["haiguan-rsa", "haiguan-sm2"])
    def test_it_signs_what_it_is_given_byte_for_byte(self, control, talk, name):
        control.reader.insert(name)
        socket = greeted(talk())
        signed = ask(socket, "SpcSignDataAsPEM", inData=TEXT, passwd=PIN)["_args"]["Data"]
        card = from_base64(ask(socket, "SpcGetSignCertAsPEM")["_args"]["Data"][0])
        scheme = Scheme.SM2_SM3 if card.key.is_sm2 else Scheme.RSA_SHA256
        signature = base64.b64decode(signed[0])
        assert verifies(card.key, scheme, TEXT.encode(), signature)
        assert len(signature) == (64 if card.key.is_sm2 else 256)
        assert signed[1] == card.serial_text and re.fullmatch("[0-9A-F]{16}", signed[1])
        sent = {"signData": signed[0], "certDataPEM": base64.b64encode(card.der).decode()}
        verify = "SpcVerifySignData"
        assert ask(socket, verify, inData=TEXT, **sent)["_args"]["Result"] is True
        assert error(socket, verify, inData=TEXT + " ", **sent).startswith("Err:")

    def test_it_tells_what_is_on_the_card(self, talk):
        socket = greeted(talk())

        def data(method):
            return ask(socket, method)["_args"]["Data"]

        assert data("SpcGetCardID") == ["03-JJ0G900000000"]
        assert data("SpcGetUName") == ["测试法人"]
        assert data("SpcGetEntName") == ["大连虚构海产有限公司"]
        assert data("SpcGetEntID") == [valid_uscc(7)[8:17]]
        assert data("SpcGetCardUserInfo")[:2] == ["测试法人", "大连虚构海产有限公司"]
        assert data("SpcGetEntMode") and data("SpcGetCertNo")
        assert data("SpcGetValidTimeFromCert")[0] < data("SpcGetValidTimeFromCert")[1]
        digest = ask(socket, "SpcSHA1DigestAsPEM", szInfo="甲")["_args"]["Data"]
        assert digest == [base64.b64encode(hashlib.sha1("甲".encode()).digest()).decode()]

    @pytest.mark.parametrize(("modes", "number"), [((), 41), ((Mode.STRING_IDS,), "41")])
    def test_it_sends_the_number_back_as_a_number_or_as_a_text(self, control, talk, modes, number):
        control.reader.modes = frozenset(modes)
        assert ask(greeted(talk()), "SpcGetCardID", 41)["_id"] == number

    @pytest.mark.parametrize("sent", ["", "[]", "{", '{"_id": 1}', '{"_method": 3}', "null", b"\1"])
    def test_what_is_no_request_ends_nothing(self, talk, sent):
        socket = greeted(talk())
        socket.send(sent)
        assert json.loads(socket.recv(3))["_args"]["Result"] is False
        assert ask(socket, "SpcGetCardID")["_args"]["Result"] is True

    def test_an_unknown_method_and_a_missing_argument_are_errors(self, talk):
        socket = greeted(talk())
        assert error(socket, "SpcNothing") == "Err:Base50000"
        assert error(socket, "SpcVerifyPINAll") == "Err:Base50000"
        assert error(socket, "SpcSignDataAsPEM", passwd=PIN) == "Err:Base50000"


class TestFaults:
    def test_a_wrong_pin_takes_a_try_and_a_right_one_gives_all_back(self, control, talk):
        socket = greeted(talk())
        said = ask(socket, "SpcVerifyPINAll", passwd="1")["_args"]["Error"]
        assert said[0].endswith(f"剩余重试次数：{TRIES - 1}。")
        assert ask(socket, "SpcVerifyPINAll", passwd=PIN)["_args"]["Result"] is True
        for left in range(TRIES - 1, -1, -1):
            said = ask(socket, "SpcSignDataAsPEM", passwd="1", inData="x")["_args"]["Error"]
            assert f"{left}。" in said[0]
        said = ask(socket, "SpcVerifyPINAll", passwd=PIN)["_args"]["Error"]
        assert "锁定" in said[0]
        control.reader.insert("haiguan-rsa")
        assert ask(socket, "SpcVerifyPINAll", passwd=PIN)["_args"]["Result"] is True

    @pytest.mark.parametrize(
        ("mode", "code"), [(Mode.READER, "Err:Custom50070"), (Mode.BROKEN, "Err:Base60408")]
    )
    def test_the_codes_that_are_known_come_as_they_are_known(self, control, talk, mode, code):
        control.reader.modes = frozenset({mode})
        assert error(greeted(talk()), "SpcGetCardID") == code

    def test_without_a_card_it_says_so(self, control, talk):
        control.reader.insert(None)
        socket = greeted(talk())
        assert "请插入卡" in ask(socket, "SpcGetCardID")["_args"]["Error"][0]

    def test_it_may_say_nothing_at_first(self, control, talk):
        control.reader.modes = frozenset({Mode.SILENT})
        socket = talk()
        with pytest.raises(TimeoutError):
            socket.recv(0.3)

    def test_it_may_hang_up_while_signing(self, control, talk):
        control.reader.modes = frozenset({Mode.DROP})
        socket = greeted(talk())
        assert ask(socket, "SpcVerifyPINAll", passwd=PIN)["_args"]["Result"] is True
        with pytest.raises(ConnectionClosed):
            ask(socket, "SpcSignDataAsPEM", passwd=PIN, inData="x")

    def test_it_may_be_slow(self, control, talk):
        control.reader.modes = frozenset({Mode.SLOW})
        socket = greeted(talk())
        socket.send(json.dumps({"_id": 1, "_method": "cus-sec_SpcGetCardID", "args": {}}))
        with pytest.raises(TimeoutError):
            socket.recv(0.2)
        assert json.loads(socket.recv(3))["_id"] == 1


class TestBlocks:
    # CRC-16/MODBUS of 123456789 is 4B37; its low byte comes first.
    @pytest.mark.parametrize(("text", "code"), [("", "FFFF"), ("123456789", "374B")])
    def test_the_check_code_is_modbus_low_byte_first(self, text, code):
        assert check_code(text) == code

    def test_a_long_request_comes_in_blocks_and_is_answered_once(self, talk):
        socket = greeted(talk())
        text = "甲乙丙丁" * 50_000
        args = {"inData": text, "passwd": PIN}
        request = {"_id": 5, "_method": "cus-sec_SpcSignDataAsPEM", "args": args}
        blocks = split(json.dumps(request), "0" * 8 + "-1111-2222-3333-" + "4" * 12, 120_000)
        assert len(blocks) > 2
        for number, block in enumerate(blocks, 1):
            socket.send(block)
            step = json.loads(socket.recv(5))
            assert step["_method"] == "_nextBlock"
            assert step["_args"]["Data"][0]["next"] == number
            assert step["_args"]["Data"][0]["finish"] == (number == len(blocks))
        answer = json.loads(socket.recv(5))
        assert answer["_id"] == 5
        card = from_base64(ask(socket, "SpcGetSignCertAsPEM")["_args"]["Data"][0])
        signature = base64.b64decode(answer["_args"]["Data"][0])
        assert verifies(card.key, Scheme.RSA_SHA256, text.encode(), signature)

    def test_a_damaged_block_is_asked_for_again(self):
        blocks, (first, second) = Blocks(), split("abcdef", "g", 3)
        message, step = blocks.take(first[:-1] + "X")
        assert message is None and json.loads(step)["_args"]["Result"] is False
        assert json.loads(step)["_args"]["Data"][0]["next"] == 0
        blocks.take(first)
        assert blocks.take(second)[0] == "abcdef"

    @pytest.mark.parametrize(
        "text", ["BLOCKTXT", "BLOCKTXT".ljust(HEADER, "x"), "BLOCKTXT".ljust(HEADER, "0")]
    )
    def test_what_is_no_block_is_said(self, text):
        with pytest.raises(BadBlock):
            Blocks().take(text)


class TestWhoMayConnect:
    @pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost", None])
    def test_a_page_of_this_machine_may(self, talk, origin):
        greeted(talk(origin=origin))

    @pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1.evil.example"])
    def test_another_may_not(self, talk, origin):
        with pytest.raises(InvalidStatus):
            talk(origin=origin)

    def test_one_that_was_named_may(self, cards):
        with (
            running(SoftControl(cards, 0, ["http://portal.example"])) as control,
            connect(control.address, origin="http://portal.example") as socket,
        ):
            greeted(socket)

    def test_it_listens_on_this_machine_only(self, control):
        assert control.server.socket.getsockname()[0] == "127.0.0.1"


class TestChooser:
    def get(self, control, path, host=""):
        connection = http.client.HTTPConnection("127.0.0.1", control.port, timeout=5)
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def link(self, page, words):
        found = re.search(rf'href="([^"]+)">{words}<', page)
        return found.group(1).replace("&amp;", "&")

    def test_it_lists_the_cards_and_a_link_changes_the_inserted_one(self, control):
        status, page = self.get(control, "/")
        assert status == 200
        assert "已插入：大连虚构海产有限公司 法人卡（RSA）" in page and PIN in page
        assert self.get(control, self.link(page, "拔出"))[0] == 303
        assert control.reader.inserted is None
        _, page = self.get(control, "/")
        assert "未插卡" in page
        assert self.get(control, self.link(page, "插入"))[0] == 303
        assert control.reader.inserted.name == "haiguan-rsa"
        assert self.get(control, self.link(page, "开启"))[0] == 303
        assert control.reader.modes == {Mode.STRING_IDS}

    def test_a_link_of_another_site_changes_nothing(self, control):
        assert self.get(control, "/?card=")[0] == 403
        assert self.get(control, "/?card=&token=guessed")[0] == 403
        assert self.get(control, "/", host="evil.example")[0] == 403
        assert control.reader.inserted is not None

    def test_what_is_not_there_is_said(self, control):
        assert self.get(control, "/other")[0] == 404
        assert self.get(control, f"/?card=none&token={control.chooser.token}")[0] == 404
