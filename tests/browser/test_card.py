"""The card page in a real browser, with the real soft control and the real verification."""

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.utils import timezone
from playwright.sync_api import expect

from authorization.models import CardAttempt, CardChallenge, CardSignature, Enterprise, Role
from authorization.softcards.reader import TRIES, Mode
from tests.factories import make_enterprise, make_user
from tests.soft_cards import PIN, deck, insert, soft_control

__all__ = ["deck", "soft_control"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def enterprise():
    return make_enterprise("大连虚构海产有限公司", authorized=False)


@pytest.fixture
def representative(enterprise):
    return make_user(Role.LEGAL_REPRESENTATIVE, enterprise, display_name="欧阳小三")


def state(page, name, words=""):
    """Wait until the page tells a state."""
    box = page.locator(".card-state")
    expect(box).to_have_attribute("data-state", name, timeout=15_000)
    if words:
        expect(box).to_contain_text(words)


def type_pin(page, pin=PIN):
    page.get_by_label("卡密码").fill(pin)
    page.locator("[data-sign-button]").click()


def answered_with_an_error(open_as):
    """Take out the browser's own line on an answer 4xx or a socket that nobody opened."""
    open_as.faults[:] = [
        fault
        for fault in open_as.faults
        if "status of 4" not in fault and "WebSocket connection" not in fault
    ]


@pytest.mark.parametrize(("sort", "other"), [("rsa", "sm2"), ("sm2", "rsa")])
def test_the_card_opens_the_enterprise_side_and_shuts_it_again(
    open_as, soft_control, shot, enterprise, representative, sort, other
):
    control = soft_control(enterprise, sort)
    waiting = open_as(make_user(enterprise=enterprise), "/library/")
    expect(waiting.get_by_role("heading", name="尚未完成授权确认")).to_be_visible()
    shot(waiting, "unauthorized-operator")

    page = open_as(representative)
    shot(page, "unauthorized-legal-representative")
    page.get_by_role("link", name="前往授权确认").click()
    state(page, "ready", "法人卡已就绪")
    expect(page.get_by_label("卡密码")).to_be_focused()
    shot(page, f"card-ready-{sort}")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    state(page, "done", "授权有效期至")
    expect(page.locator("[data-standing]")).to_contain_text("已授权，有效期至")
    shot(page, f"card-done-{sort}")
    page.wait_for_url("**/")
    expect(page.get_by_role("heading", name="欧阳小三，您好")).to_be_visible()

    waiting.reload()
    expect(waiting.get_by_role("heading", name="您好")).to_be_visible()
    scheme = {"rsa": "RSA_SHA256", "sm2": "SM2_SM3"}
    assert CardSignature.objects.get().scheme == scheme[sort]

    insert(control, other)
    page.get_by_role("navigation").get_by_role("link", name="法人授权").click()
    state(page, "ready")
    shot(page, "card-renew")
    page.get_by_role("link", name="凭法人卡撤销授权").click()
    state(page, "ready")
    shot(page, "card-revoke")
    type_pin(page)
    state(page, "done", "授权已撤销")
    expect(page.get_by_text("不撤销")).to_be_hidden()
    page.wait_for_url("**/unauthorized/")
    expect(page.get_by_role("heading", name="授权已撤销")).to_be_visible()
    waiting.get_by_role("navigation").get_by_role("link", name="公共库").click()
    expect(waiting).to_have_url(re.compile("/unauthorized/$"))
    shot(waiting, "unauthorized-revoked")
    assert CardSignature.objects.latest("pk").scheme == scheme[other]


def test_the_pin_goes_to_the_control_and_nowhere_else(
    open_as, soft_control, enterprise, representative, monkeypatch, caplog
):
    received: list[bytes] = []
    make = WSGIRequest.__init__

    def record(self, environ):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        received.append(repr(environ).encode() + body)
        make(self, environ)

    monkeypatch.setattr(WSGIRequest, "__init__", record)
    soft_control(enterprise)
    page = open_as(representative, "/authorization/")
    to_control: list[str] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda sent: to_control.append(str(sent))),
    )
    page.reload()
    state(page, "ready")
    # Never part of a form, without a name, cleared before anything is answered.
    field = page.get_by_label("卡密码")
    assert field.evaluate("input => [input.form, input.name]") == [None, ""]
    type_pin(page)
    assert field.input_value() == ""
    state(page, "done")
    told = page.evaluate(
        """async () => JSON.stringify([
          document.documentElement.outerHTML,
          Array.from(document.querySelectorAll('input')).map(input => input.value),
          Object.entries(localStorage), Object.entries(sessionStorage), document.cookie,
          history.state, location.href, document.referrer, window.name,
          await indexedDB.databases(), await caches.keys(),
          performance.getEntries().map(entry => entry.name),
        ])"""
    )
    page.wait_for_url("**/")
    assert PIN not in told
    assert PIN not in page.content()
    assert PIN not in json.dumps(page.context.storage_state())
    assert len(received) > 5 and any(b"signature" in one for one in received)
    assert not any(PIN.encode() in one for one in received)
    assert PIN not in caplog.text
    rows = [*CardChallenge.objects.values(), *CardAttempt.objects.values()]
    assert PIN not in repr([*rows, *CardSignature.objects.values()])
    # Else the test would pass with a page that sends nothing at all.
    assert sum(PIN in sent for sent in to_control) == 2


def test_without_a_control_it_says_what_to_install_and_goes_on_once_it_runs(
    open_as, soft_control, shot, settings, enterprise, representative
):
    settings.CARD_CONTROL_WS = "ws://127.0.0.1:9"
    page = open_as(representative, "/authorization/")
    state(page, "missing", "请在本机安装并启动")
    expect(page.get_by_role("link", name="前往下载控件")).to_have_attribute(
        "href", settings.CARD_CONTROL_DOWNLOAD_URL
    )
    expect(page.get_by_label("卡密码")).to_be_hidden()
    expect(page.get_by_role("button", name="重新检测")).to_be_focused()
    shot(page, "card-missing")
    answered_with_an_error(open_as)
    soft_control(enterprise)
    page.reload()
    state(page, "ready")


def test_it_waits_for_the_controls_greeting_and_then_says_that_it_is_mute(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise)
    control.reader.modes = frozenset({Mode.SILENT})
    sent: list[str] = []
    page = open_as(representative, "/help/")
    page.on("websocket", lambda socket: socket.on("framesent", lambda one: sent.append(str(one))))
    page.clock.install()
    page.goto("/authorization/")
    state(page, "connecting")
    shot(page, "card-connecting")
    page.wait_for_timeout(500)
    page.clock.fast_forward(7_000)
    state(page, "mute", "重新启动")
    assert sent == []
    shot(page, "card-mute")
    control.reader.modes = frozenset()
    page.get_by_role("button", name="重新检测").click()
    state(page, "ready")


def test_a_reader_that_is_not_ready_and_a_missing_card_are_told_and_watched(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise, "")
    control.reader.modes = frozenset({Mode.READER})
    page = open_as(representative, "/authorization/")
    state(page, "reader", "读卡器未就绪")
    shot(page, "card-reader")
    control.reader.modes = frozenset()
    state(page, "empty", "没有检测到法人卡")
    shot(page, "card-empty")
    insert(control, "sm2")
    state(page, "ready")
    expect(page.locator(".card-facts")).to_contain_text("大连虚构海产有限公司")
    # Taken out again before signing.
    control.reader.insert(None)
    type_pin(page)
    state(page, "empty")


def test_a_wrong_pin_is_told_with_the_tries_left_and_then_the_lock(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise)
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    page.locator("[data-sign-button]").click()
    state(page, "ready", "请先输入卡密码")
    type_pin(page, "11111111")
    state(page, "pin", f"还可再试 {TRIES - 1} 次")
    expect(page.get_by_label("卡密码")).to_be_focused()
    expect(page.get_by_label("卡密码")).to_have_value("")
    shot(page, "card-pin")
    # Nothing was asked of the server: a wrong PIN uses no challenge up.
    assert not CardChallenge.objects.exists()
    control.reader.modes = frozenset({Mode.UNTOLD})
    type_pin(page, "11111111")
    state(page, "pin", "多次输错卡将锁定")
    control.reader.modes = frozenset()
    control.reader.tries[control.reader.inserted.name] = 1
    type_pin(page, "11111111")
    state(page, "locked", "到电子口岸制卡中心解锁")
    expect(page.get_by_label("卡密码")).to_be_hidden()
    shot(page, "card-locked")
    # Another card, whose PIN is not locked.
    insert(control, "sm2")
    page.get_by_role("button", name="重新读卡").click()
    state(page, "ready")
    type_pin(page)
    state(page, "done")


def test_a_connection_that_drops_while_signing_changes_nothing_and_can_be_tried_again(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise)
    control.reader.modes = frozenset({Mode.DROP})
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    type_pin(page)
    state(page, "dropped", "操作没有完成")
    shot(page, "card-dropped")
    assert not Enterprise.objects.get(pk=enterprise.pk).may_be_entered()
    control.reader.modes = frozenset()
    page.get_by_role("button", name="重新检测").click()
    state(page, "ready")
    type_pin(page)
    state(page, "done")


def test_a_slow_control_is_waited_for_and_in_the_end_given_up(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise, slow_seconds=1.2)
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    control.reader.modes = frozenset({Mode.SLOW})
    type_pin(page)
    state(page, "checking", "正在核对卡密码")
    shot(page, "card-checking")
    state(page, "signing", "正在签名")
    shot(page, "card-signing")
    state(page, "done")

    control.slow_seconds = 4
    page.goto("/help/")
    page.clock.install()
    page.goto("/authorization/")
    state(page, "reading")
    page.wait_for_timeout(300)
    page.clock.fast_forward(11_000)
    state(page, "slow", "没有在规定时间内完成")
    expect(page.locator("[aria-current=step]")).to_contain_text("读取法人卡")
    expect(page.get_by_label("卡密码")).to_be_hidden()


def test_what_goes_on_can_be_cancelled_and_begun_again(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise, slow_seconds=1)
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    expect(page.get_by_role("button", name="取消")).to_be_hidden()
    control.reader.modes = frozenset({Mode.SLOW})
    type_pin(page)
    state(page, "signing")
    page.get_by_role("button", name="取消").click()
    state(page, "cancelled", "授权状态未改变")
    expect(page.get_by_role("button", name="重新读卡")).to_be_focused()
    shot(page, "card-cancelled")
    page.wait_for_timeout(1_500)
    state(page, "cancelled")
    assert not CardSignature.objects.exists()
    control.reader.modes = frozenset()
    page.get_by_role("button", name="重新读卡").click()
    state(page, "ready")
    type_pin(page)
    state(page, "done")


def test_a_control_whose_service_fails_is_told_from_one_that_is_mute(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise)
    control.reader.modes = frozenset({Mode.BROKEN})
    page = open_as(representative, "/authorization/")
    state(page, "broken", "Err:Base60408")
    shot(page, "card-broken")
    control.reader.modes = frozenset()
    page.get_by_role("button", name="重新检测").click()
    state(page, "ready")


def test_a_challenge_that_ran_out_while_the_card_signed_is_told_and_signed_anew(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise, slow_seconds=1)
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    control.reader.modes = frozenset({Mode.SLOW})
    type_pin(page)
    state(page, "signing")
    CardChallenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    state(page, "refused", "签名用时超过了 5 分钟")
    shot(page, "card-refused-late")
    answered_with_an_error(open_as)
    control.reader.modes = frozenset()
    type_pin(page)
    state(page, "done")


def test_a_reload_in_the_middle_changes_nothing_and_begins_again(
    open_as, soft_control, enterprise, representative
):
    control = soft_control(enterprise, slow_seconds=0.6)
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    control.reader.modes = frozenset({Mode.SLOW})
    type_pin(page)
    state(page, "signing")
    page.reload()
    control.reader.modes = frozenset()
    state(page, "ready")
    expect(page.get_by_label("卡密码")).to_have_value("")
    assert not CardSignature.objects.exists()


def test_of_two_tabs_that_revoke_the_second_is_told_that_there_is_nothing_left(
    open_as, soft_control, representative, enterprise
):
    soft_control(enterprise)
    first = open_as(representative, "/authorization/")
    state(first, "ready")
    second = first.context.new_page()
    second.goto("/authorization/")
    state(second, "ready")
    type_pin(first)
    state(first, "done")
    for page in (first, second):
        page.goto("/authorization/revoke/")
        state(page, "ready")
    type_pin(first)
    state(first, "done")
    type_pin(second)
    state(second, "refused", "没有授权，无需撤销")


def test_a_portal_that_cannot_be_reached_is_told_with_a_way_on(
    open_as, soft_control, shot, enterprise, representative
):
    soft_control(enterprise)
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    page.route("**/authorization/challenge/", lambda route: route.abort("internetdisconnected"))
    type_pin(page)
    state(page, "offline", "请检查网络")
    shot(page, "card-offline")
    open_as.faults[:] = [one for one in open_as.faults if "ERR_INTERNET_DISCONNECTED" not in one]
    page.get_by_role("link", name="刷新页面").click()
    state(page, "ready")


def test_what_the_control_says_and_nobody_knows_is_shown_as_it_came(
    open_as, soft_control, shot, enterprise, representative
):
    control = soft_control(enterprise)
    control.reader.methods["SpcGetCardID"] = control.reader.methods["SpcSHA1DigestAsPEM"]
    page = open_as(representative, "/authorization/")
    state(page, "unread", "args 中必须包含 szInfo。（Err:Base50000）")
    shot(page, "card-unread")


def test_a_control_that_sends_ids_as_texts_is_understood(
    open_as, soft_control, enterprise, representative
):
    control = soft_control(enterprise)
    control.reader.modes = frozenset({Mode.STRING_IDS})
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    type_pin(page)
    state(page, "done")


@pytest.mark.parametrize(
    ("sort", "sentence"),
    [
        ("operator", "所插的不是企业法人卡"),
        ("stranger", "不属于本企业"),
        ("expired", "已过有效期"),
        ("revoked", "已被吊销"),
    ],
)
def test_a_card_that_may_not_sign_is_refused_in_one_sentence(
    open_as, soft_control, shot, enterprise, representative, sort, sentence
):
    control = soft_control(enterprise, sort)
    page = open_as(representative, "/authorization/")
    state(page, "differs" if sort == "stranger" else "ready")
    if sort == "stranger":
        shot(page, "card-other-unit")
    type_pin(page)
    state(page, "refused", sentence)
    expect(page.get_by_role("button", name="重新读卡")).to_be_visible()
    shot(page, f"card-refused-{sort}")
    answered_with_an_error(open_as)
    # The right card, without leaving the page: it is shown before it gets a PIN.
    insert(control, "sm2")
    tries = dict(control.reader.tries)
    type_pin(page, "11111111")
    state(page, "ready", "读卡器中的卡已更换")
    expect(page.locator(".card-facts")).to_contain_text("大连虚构海产有限公司")
    assert control.reader.tries == tries
    type_pin(page)
    state(page, "done")


def test_a_second_click_signs_nothing_twice_and_going_back_does_not_return(
    open_as, soft_control, enterprise, representative
):
    control = soft_control(enterprise, slow_seconds=0.4)
    page = open_as(representative)
    page.get_by_role("link", name="前往授权确认").click()
    state(page, "ready")
    control.reader.modes = frozenset({Mode.SLOW})
    page.get_by_label("卡密码").fill(PIN)
    page.evaluate(
        """() => {
          const button = document.querySelector('[data-sign-button]');
          const key = () => new KeyboardEvent('keydown', {key: 'Enter', bubbles: true});
          button.click(); button.click();
          document.getElementById('card-pin').dispatchEvent(key());
        }"""
    )
    state(page, "done")
    assert CardChallenge.objects.count() == CardSignature.objects.count() == 1
    page.wait_for_url("**/")
    page.go_back()
    # The card page is gone from the history; the notice before it leads home.
    expect(page.get_by_role("heading", name="欧阳小三，您好")).to_be_visible()


def test_a_session_that_ended_meanwhile_is_told(
    open_as, soft_control, shot, enterprise, representative
):
    soft_control(enterprise)
    page = open_as(representative, "/authorization/")
    state(page, "ready")
    page.context.clear_cookies(name="portal_session")
    type_pin(page)
    state(page, "away", "请重新登录")
    shot(page, "card-away")
    page.get_by_role("link", name="重新登录").click()
    expect(page).to_have_url(re.compile(r"/login/\?next=/authorization/$"))


def test_without_javascript_it_says_what_is_needed(open_as, enterprise, representative):
    page = open_as(representative, "/authorization/", java_script_enabled=False)
    expect(page.get_by_role("alert")).to_contain_text("需要浏览器的 JavaScript")
