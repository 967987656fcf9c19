"""`make_test_cards`, `softcard`, and a portal in earnest that refuses to believe their cards."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from websockets.sync.client import connect

from authorization.cards.making import Wish, issue, rsa_key
from authorization.checks import check_test_roots, refuse_test_roots
from authorization.models import Role
from authorization.softcards.deck import Holder, Places, make_deck, read_index
from authorization.softcards.places import places
from tests.cards import as_pem
from tests.factories import make_enterprise, make_user, valid_uscc

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def var(tmp_path, settings):
    """A portal of its own, in demo mode, with its cards under tmp_path/cards."""
    settings.VAR_DIR, settings.DEMO_MODE = tmp_path, True
    for name in ("roots", "intermediates", "crls"):
        setattr(settings, f"CARD_{name.upper()}", tmp_path / "cards" / name)
    return tmp_path


def made(capsys):
    return json.loads(capsys.readouterr().out)


@pytest.mark.django_db
class TestMakeTestCards:
    def test_who_has_a_legal_representative_gets_cards_once(self, var, capsys):
        enterprise = make_enterprise(authorized=False)
        make_user(Role.LEGAL_REPRESENTATIVE, enterprise)
        make_user(enterprise=make_enterprise(authorized=False))
        call_command("make_test_cards")
        assert made(capsys) == {
            "cards": 6,
            "new": 6,
            "index": str(var / "cards" / "cards" / "index.json"),
        }
        assert {c.uscc for c in read_index(places())} >= {enterprise.uscc}
        call_command("make_test_cards")
        assert made(capsys)["new"] == 0
        call_command("make_test_cards", "--enterprise", f"{valid_uscc()}=大连虚构新来有限公司")
        assert made(capsys)["new"] == 5

    @pytest.mark.parametrize("given", ["x", "91210200MA99999967", "91210200MA99999967=", "1=名"])
    def test_an_enterprise_that_is_not_written_right_is_said(self, var, given):
        with pytest.raises(CommandError, match="应写作"):
            call_command("make_test_cards", "--enterprise", given)

    def test_a_portal_in_earnest_makes_none(self, var, settings):
        settings.DEMO_MODE = False
        for command in ("make_test_cards", "load_demo"):
            with pytest.raises(CommandError, match="只能在 DEBUG=true 或演示环境"):
                call_command(command)
        assert not (var / "cards").exists()


class TestSoftcard:
    def test_without_cards_it_says_how_to_make_them(self, var):
        with pytest.raises(CommandError, match=r"manage\.py make_test_cards"):
            call_command("softcard")

    def test_it_lists_the_cards(self, var, capsys):
        make_deck(places(), [Holder("haiguan", valid_uscc(), "大连虚构海产有限公司")])
        call_command("softcard", "--list")
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 6 and lines[0].startswith("haiguan-rsa\t大连虚构海产有限公司")

    def test_a_card_that_is_not_there_is_said(self, var):
        make_deck(places(), [])
        with pytest.raises(CommandError, match="没有名为“none”的卡"):
            call_command("softcard", "--port", "0", "--card", "none")

    def test_as_a_process_it_serves_until_it_is_told_to_end(self, var):
        make_deck(places(), [])
        arguments = ["manage.py", "softcard", "--port", "0", "--card", "stranger-sm2"]
        with subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**os.environ, "PORTAL_VAR": str(var), "DEBUG": "true", "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ) as process:
            said = process.stdout.readline()
            assert "软卡控件已就绪：ws://127.0.0.1:" in said
            address = said.split("：")[1].split("，")[0]
            # An open page must not keep it from ending.
            with connect(address) as socket:
                assert json.loads(socket.recv(3))["_method"] == "open"
                process.send_signal(signal.SIGTERM)
                assert process.wait(5) == 0


class TestRefusal:
    @pytest.fixture
    def test_root(self, var, settings):
        make_deck(places(), [])
        settings.DEMO_MODE = False
        return settings

    def test_a_portal_in_earnest_refuses_and_says_why(self, test_root):
        with pytest.raises(ImproperlyConfigured, match="有测试根证书，任何人都能据此伪造法人卡"):
            refuse_test_roots()
        assert [one.id for one in check_test_roots(None)] == ["authorization.E001"]

    @pytest.mark.parametrize("allowed", ["DEMO_MODE", "DEBUG"])
    def test_the_demo_and_a_developer_may(self, test_root, allowed):
        setattr(test_root, allowed, True)
        refuse_test_roots()
        assert check_test_roots(None) == []

    def test_a_real_root_is_no_reason(self, var, settings):
        settings.DEMO_MODE = False
        now = datetime.now(UTC).replace(microsecond=0)
        wish = Wish((("common_name", "真根"),), now, now + timedelta(days=9), is_ca=True)
        settings.CARD_ROOTS.mkdir(parents=True)
        (settings.CARD_ROOTS / "real.pem").write_bytes(as_pem(issue(wish, rsa_key()).certificate))
        refuse_test_roots()

    @pytest.mark.parametrize(
        "arguments",
        [
            ["-c", "import portal.wsgi"],
            ["-m", "celery", "-A", "portal", "worker", "-P", "solo", "-Q", "nobody"],
            ["-m", "celery", "-A", "portal", "beat", "--schedule", "{var}/schedule"],
        ],
        ids=["web", "worker", "beat"],
    )
    def test_each_process_of_it_refuses_to_start(self, var, arguments):
        make_deck(places(), [])
        kept = {k: v for k, v in os.environ.items() if k not in {"DEBUG", "PORTAL_DEMO"}}
        done = subprocess.run(
            [sys.executable, *(word.format(var=var) for word in arguments)],
            cwd=PROJECT,
            env={**kept, "PORTAL_VAR": str(var), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode != 0
        assert "拒绝启动" in done.stderr
        assert "删除其中的测试根证书" in done.stderr


def test_the_places_are_those_of_the_settings(var):
    assert places() == Places(
        var / "cards" / "roots",
        var / "cards" / "intermediates",
        var / "cards" / "crls",
        var / "cards",
    )
