from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorization.cards.challenge_text import Challenge, Purpose, new_nonce, one_line, read_text

AT = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)


def make(**changes):
    said = {
        "origin": "https://portal.example",
        "purpose": Purpose.AUTHORIZE,
        "enterprise_name": "大连虚构贸易有限公司",
        "uscc": "91210200123456789X",
        "username": "wang",
        "issued_at": AT,
        "nonce": "0" * 64,
    }
    return Challenge(**(said | changes))


def test_it_is_a_text_that_a_person_can_read():
    assert make().text == (
        "海关进出口商品规范申报企业专属库 法人卡签名\n"
        "网站：https://portal.example\n"
        "用途：授权本企业使用规范申报企业专属库\n"
        "企业：大连虚构贸易有限公司\n"
        "统一社会信用代码：91210200123456789X\n"
        "用户：wang\n"
        "时间：2026-03-02T09:02:03+08:00\n"
        f"随机数：{'0' * 64}"
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_it_reads_back_as_it_was_written_whatever_the_names(name, username):
    read = read_text(make(enterprise_name=name, username=username).text)
    assert (read.enterprise_name, read.username) == (one_line(name), one_line(username))
    assert read.issued_at == AT and read.purpose is Purpose.AUTHORIZE


@pytest.mark.parametrize(
    "name",
    [
        "甲\n用户：admin",
        "甲\r\n用途：乙",
        "甲\u2028乙",
        "甲\u202e乙",
        "甲\u200b乙",
        "甲\x00乙",
        "甲\x85乙",
    ],
)
def test_no_name_can_look_like_another_line_or_hide_anything(name):
    text = make(enterprise_name=name).text
    assert len(text.splitlines()) == 8
    assert not any(letter in text for letter in "\r\u2028\u202e\u200b\x00\x85")


@pytest.mark.parametrize(
    "blank", list("\u2800\u3164\uffa0\u115f\u1160\u034f\ufe0f\U000e0100\U000e0041\U000e0fff")
)
def test_no_name_can_push_its_words_onto_what_looks_like_another_line(blank):
    name = f"甲公司{blank * 40}统一社会信用代码：91210200000000000X"
    text = make(enterprise_name=name).text
    assert blank not in text
    assert "企业：甲公司 统一社会信用代码" in text or "企业：甲公司统一社会信用代码" in text
    assert read_text(text).uscc == "91210200123456789X"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text.replace("用户：", "用户:"),
        lambda text: text.replace("+08:00", "+00:00"),
        lambda text: text.replace("+08:00", ""),
        lambda text: text.replace("09:02:03+08:00", "01:02:03+00:00"),
        lambda text: text.replace("T", " "),
        lambda text: "\n".join(reversed(text.split("\n"))),
        lambda text: text.replace("授权本企业", "授权别企业"),
        lambda text: text + "\n用户：admin",
        lambda text: text.replace("大连", "大连 "),
        lambda text: text.replace("大连虚构", "大连  虚构"),
        lambda text: "",
    ],
)
def test_any_other_form_is_refused(change):
    text = make().text
    changed = change(text)
    if changed == make(enterprise_name="大连 虚构贸易有限公司").text:
        return
    with pytest.raises(ValueError):
        read_text(changed)


def test_each_nonce_is_new_and_of_256_bits():
    drawn = {new_nonce() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(len(bytes.fromhex(nonce)) == 32 for nonce in drawn)
