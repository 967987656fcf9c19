"""What quickstart decides before it starts anything."""

import base64
import socket

import pytest

from launch.programs import Stopper
from launch.serve import CONTROL_PORT, Portal, _sealing_key, _secret_key


@pytest.fixture
def portal(tmp_path, monkeypatch):
    monkeypatch.delenv("CARD_CONTROL_WS", raising=False)
    return Portal(Stopper(), tmp_path, tmp_path, 8000)


def test_the_keys_are_made_once_and_for_their_owner_only(tmp_path):
    for make, name in ((_secret_key, "secret_key"), (_sealing_key, "card_sealing_keys")):
        key = make(tmp_path)
        assert make(tmp_path) == key
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert len(base64.urlsafe_b64decode(_sealing_key(tmp_path))) == 32


def test_a_key_that_a_killed_start_left_empty_is_made_anew(tmp_path):
    (tmp_path / "card_sealing_keys").write_text("")
    assert len(_sealing_key(tmp_path)) == 44


def test_the_demo_is_a_demo_only_by_our_own_word(tmp_path, monkeypatch):
    monkeypatch.setenv("PORTAL_DEMO", "true")
    assert "PORTAL_DEMO" not in Portal(Stopper(), tmp_path, tmp_path, 8000).given


def test_a_taken_control_port_is_left_to_whoever_has_it(portal):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", CONTROL_PORT))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        portal._choose_control()
    assert portal.control_port not in {0, CONTROL_PORT}
    assert portal.given["CARD_CONTROL_WS"] == f"ws://127.0.0.1:{portal.control_port}"


def test_a_control_that_the_user_named_is_left_to_him(portal, monkeypatch):
    monkeypatch.setenv("CARD_CONTROL_WS", "ws://127.0.0.1:7")
    portal._choose_control()
    assert portal.control_port == 0
