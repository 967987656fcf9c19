"""What administrators are told about configured roots, authorities, lists and responders."""

from dataclasses import replace
from datetime import timedelta

import pytest

from authorization.cards.answers import NoAnswer
from authorization.cards.making import issue, make_crl, make_ocsp
from authorization.cards.trust_report import ask_responder, report
from tests.cards import as_pem, cached_key, card_settings, make_world

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def world():
    return make_world()


@pytest.fixture
def folder(world, settings, tmp_path):
    """Both authorities' files as an operator puts them, with nothing wrong."""
    for name, value in card_settings(tmp_path).items():
        setattr(settings, name, value)
    world.install(tmp_path)
    return tmp_path


def problems(at):
    return {f"{file}：{problem.sentence}" for file, problem in report(at).all_problems}


def told(at, file):
    return next((one for one in problems(at) if one.startswith(f"{file}：")), "")


def test_what_is_as_it_should_be_has_no_problem(world, folder):
    found = report(world.rsa.now)
    assert found.all_problems == []
    assert [one.file for one in found.roots] == ["rsa.pem", "sm2.pem"]
    assert {one.key for one in found.intermediates} == {"RSA，2048 位", "SM2，256 位"}
    [rsa, _] = found.intermediates
    assert (rsa.own_lists, rsa.card_lists) == (("rsa-root.crl",), ("rsa-intermediate.crl",))
    entries = {one.file: one.said.entries for one in found.lists}
    assert entries["rsa-intermediate.crl"] == 256 and entries["rsa-root.crl"] == 0


def test_no_roots_at_all_is_an_error(world, folder, settings):
    settings.CARD_ROOTS = str(folder / "nowhere")
    assert any("没有设置可信根证书" in one for one in problems(world.rsa.now))


@pytest.mark.parametrize(
    ("file", "content"),
    [("roots/bad.pem", b"no certificate"), ("crls/bad.crl", b"-----BEGIN X-----\n"),
     ("crls/bad.crl", b"\x30\x00")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named_and_hides_no_other(world, folder, file, content):
    (folder / file).write_bytes(content)
    assert "不能读取" in told(world.rsa.now, file.split("/")[1]) or "不是可用的" in told(
        world.rsa.now, file.split("/")[1]
    )
    assert len(report(world.rsa.now).roots) == 2


@pytest.mark.parametrize(
    ("days", "sentence", "is_error"),
    [(0, "", False), (3650 - 30, "天后到期", False), (3651, "已过有效期", True), (-3651, "尚未生效", True)],
)  # fmt: skip
def test_a_certificate_is_told_before_and_after_its_end(world, folder, days, sentence, is_error):
    at = world.rsa.now + days * DAY
    found = [problem for file, problem in report(at).all_problems if file == "rsa.pem"]
    if not sentence:
        assert found == []
    else:
        assert any(sentence in one.sentence and one.is_error == is_error for one in found)


class TestLists:
    def put(self, folder, content, name="rsa-intermediate.crl"):
        (folder / "crls" / name).write_bytes(content)

    def test_one_that_is_over_leaves_its_cards_uncovered(self, world, folder):
        at = world.rsa.now
        self.put(folder, make_crl(world.rsa.intermediate, {}, at - 9 * DAY, DAY))
        assert "已过期" in told(at, "rsa-intermediate.crl")
        assert "它签发的法人卡是否已被吊销，持卡人会被拒绝" in told(at, "rsa.pem")

    def test_one_that_is_soon_over_is_a_warning(self, world, folder):
        at = world.rsa.now
        self.put(folder, make_crl(world.rsa.intermediate, {}, at - 6 * DAY, 7 * DAY))
        [(file, problem)] = report(at).all_problems
        assert (file, problem.is_error) == ("rsa-intermediate.crl", False)
        assert "即将过期" in problem.sentence

    def test_one_by_nobody_who_is_trusted(self, world, folder):
        wish = replace(world.rsa.authority_wish("旁人"), path_length=0)
        stranger = issue(wish, cached_key("rsa", "thief"))
        self.put(folder, make_crl(stranger, {}, world.rsa.now), "other.crl")
        assert "签发者不在已设置的证书中" in told(world.rsa.now, "other.crl")

    def test_one_by_another_key_of_that_name(self, world, folder):
        wish = world.rsa.authority_wish("测试专用证书管理中心")
        thief = issue(wish, cached_key("rsa", "thief"))
        self.put(folder, make_crl(thief, {}, world.rsa.now))
        assert "签名与签发者不符" in told(world.rsa.now, "rsa-intermediate.crl")

    def test_without_any_the_settings_say_what_happens(self, world, folder, settings):
        for path in (folder / "crls").iterdir():
            path.unlink()
        assert "持卡人会被拒绝" in told(world.rsa.now, "rsa.pem")
        settings.CARD_ACCEPT_UNANSWERED = True
        assert "验证时按设置放行" in told(world.rsa.now, "rsa.pem")
        settings.CARD_OCSP_URLS = ["http://ocsp.test/"]
        assert report(world.rsa.now).all_problems == []


class TestAuthorities:
    def test_one_that_no_configured_root_has_signed(self, world, folder, settings):
        (folder / "roots" / "rsa.pem").unlink()
        assert "不会被采用" in told(world.rsa.now, "rsa.pem")

    def test_a_card_among_them(self, world, folder):
        card = world.rsa.card("91210200MA99999967").certificate
        (folder / "intermediates" / "card.pem").write_bytes(as_pem(card))
        assert "不是证书机构的证书" in told(world.rsa.now, "card.pem")


class TestResponders:
    def test_one_that_answers(self, world, folder):
        authority = world.rsa

        def fetch(url, question):
            link = authority.intermediate.certificate
            return make_ocsp(link, authority.root, authority.root, authority.now)

        answered, said = ask_responder("http://ocsp.test/", authority.now, fetch)
        assert answered and "测试专用证书管理中心 RSA" in said

    def test_one_that_does_not(self, world, folder):
        def fetch(url, question):
            raise NoAnswer("HTTP 503")

        answered, said = ask_responder("http://ocsp.test/", world.rsa.now, fetch)
        assert not answered and "HTTP 503" in said

    def test_without_an_authority_there_is_nothing_to_ask(self, world, folder, settings):
        settings.CARD_INTERMEDIATES = str(folder / "nowhere")
        answered, said = ask_responder("http://ocsp.test/", world.rsa.now, None)
        assert not answered and "没有可用来询问的中级证书" in said
