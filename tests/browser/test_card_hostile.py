"""The card page beside a control that is none: whatever listens there may answer what it likes."""

import json
from contextlib import contextmanager
from threading import Thread

import pytest
from playwright.sync_api import expect
from websockets.sync.server import serve

from authorization.models import CardAttempt, Role
from tests.factories import make_enterprise, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MARKUP = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
# String() of it throws.
NO_TEXT = {"toString": 1, "valueOf": 1}


@contextmanager
def control(data=None, errors=None, number=None):
    """Answer each question by the `data` of its method (or of "")."""

    def converse(socket):
        socket.send(json.dumps({"_id": 0, "_method": "open", "_status": "00"}))
        for message in socket:
            asked = json.loads(message)
            method = asked["_method"]
            said = (data or {}).get(method.removeprefix("cus-sec_"), (data or {}).get("", []))
            answer = {"Result": errors is None, "Data": said, "Error": errors}
            if number is not None:
                socket.send(json.dumps({"_id": number, "_method": method, "_args": answer}))
            socket.send(json.dumps({"_id": asked["_id"], "_method": method, "_args": answer}))

    with serve(converse, "127.0.0.1", 0, max_size=None) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()


@pytest.fixture
def representative():
    return make_user(Role.LEGAL_REPRESENTATIVE, make_enterprise(authorized=False))


def state(page, name):
    expect(page.locator(".card-state")).to_have_attribute("data-state", name, timeout=15_000)


def sign(page):
    state(page, "differs")
    page.get_by_label("卡密码").fill("88888888")
    page.locator("[data-sign-button]").click()


def test_markup_is_shown_as_it_came_and_never_run(open_as, settings, representative):
    with control({"": [MARKUP]}) as settings.CARD_CONTROL_WS:
        page = open_as(representative, "/authorization/")
        state(page, "differs")
        expect(page.locator('[data-fact="unit"]')).to_have_text(MARKUP)
        assert page.locator(".card-page img").count() == 0
        assert page.title() != "run"
    with control(errors=[MARKUP, "Err:" + MARKUP]) as settings.CARD_CONTROL_WS:
        page = open_as(representative, "/authorization/")
        state(page, "unread")
        expect(page.locator("[data-help]")).to_contain_text(MARKUP)
        assert page.title() != "run"


@pytest.mark.parametrize(
    "word", [NO_TEXT, None, ["x"], True], ids=["no text", "null", "list", "true"]
)
def test_what_is_no_text_is_read_as_nothing(open_as, settings, representative, word):
    with control({"": [word]}, number=word) as settings.CARD_CONTROL_WS:
        page = open_as(representative, "/authorization/")
        state(page, "ready")
        expect(page.locator('[data-fact="unit"]')).to_have_text("—")
        page.get_by_label("卡密码").fill("88888888")
        page.locator("[data-sign-button]").click()
        state(page, "unsigned")
    with control(errors=[word]) as settings.CARD_CONTROL_WS:
        state(open_as(representative, "/authorization/"), "unread")


def test_texts_without_end_are_cut_and_a_signature_of_them_refused(
    open_as, settings, representative
):
    with control({"": ["A" * 3_000_000]}) as settings.CARD_CONTROL_WS:
        page = open_as(representative, "/authorization/")
        state(page, "differs")
        assert len(page.locator('[data-fact="unit"]').inner_text()) == 200
        sign(page)
        state(page, "refused")
    open_as.faults[:] = [fault for fault in open_as.faults if "status of 4" not in fault]
    assert CardAttempt.objects.get().refusal == "malformed"
    with control(errors=["A" * 300_000] * 40) as settings.CARD_CONTROL_WS:
        page = open_as(representative, "/authorization/")
        state(page, "unread")
        assert len(page.locator("[data-help]").inner_text()) < 5_000
