"""Test cards on disk: made once, kept, and good for the real verification or refused by it."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import crl

from authorization.cards.certificates import from_pem_file
from authorization.cards.configured import TEST_ROOT_WORD
from authorization.cards.making import Wish, issue, rsa_key
from authorization.softcards.deck import (
    CRL_LIFE,
    DeckError,
    Holder,
    Places,
    make_deck,
    read_index,
)
from tests.cards import as_pem
from tests.factories import valid_uscc

HOLDERS = [Holder("haiguan", valid_uscc(7), "大连虚构海产有限公司")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deck")
    where = Places(folder / "roots", folder / "links", folder / "crls", folder / "cards")
    return where, *make_deck(where, HOLDERS)


def files(where: Places) -> dict[Path, bytes]:
    folder = where.roots.parent
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_enterprise_gets_five_sorts_and_a_stranger_one(made):
    where, cards, new = made
    assert new == len(cards) == 6
    assert [card.name for card in cards] == [
        *(f"haiguan-{sort}" for sort in ("rsa", "sm2", "operator", "expired", "revoked")),
        "stranger-sm2",
    ]
    assert read_index(where) == cards


def test_a_card_is_read_with_the_key_that_signs_for_it(made):
    for card in made[1]:
        loaded = card.load()
        assert loaded.key.is_sm2 == loaded.certificate.key.is_sm2 == (card.algorithm == "sm2")
        assert loaded.certificate.serial == card.serial
        assert loaded.key.public_info()["public_key"].dump() in loaded.certificate.der


def test_the_roots_name_themselves_as_tests(made):
    roots = [root for path in made[0].roots.iterdir() for root in from_pem_file(path.read_bytes())]
    assert len(roots) == 2
    assert all(TEST_ROOT_WORD in "".join(root.subject_text.values()) for root in roots)


def test_again_it_changes_nothing(made):
    where, cards, _ = made
    before = files(where)
    assert make_deck(where, HOLDERS) == (cards, 0)
    assert files(where) == before


def test_keys_and_pins_are_for_their_owner_only(made):
    secret = [p for p in made[0].cards.rglob("*") if p.is_file()]
    assert len(secret) == 13
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_an_old_list_is_renewed_and_a_young_one_left(made):
    where, cards, _ = made
    path = where.crls / "test-intermediate-sm2.crl"

    def read():
        found = crl.CertificateList.load(path.read_bytes())
        serials = {
            one["user_certificate"].native for one in found["tbs_cert_list"]["revoked_certificates"]
        }
        return found.crl_number_value.native, found["tbs_cert_list"]["next_update"].native, serials

    revoked = {card.serial for card in cards if card.sort == "revoked"}
    number, until, serials = read()
    assert serials == revoked
    now = datetime.now(UTC)
    make_deck(where, HOLDERS, at=now + timedelta(days=6))
    assert read() == (number, until, revoked)
    make_deck(where, HOLDERS, at=now + timedelta(days=8))
    assert read()[0] == number + 1
    assert read()[1] > now + CRL_LIFE
    assert read()[2] == revoked


def test_beside_a_real_root_it_makes_nothing(tmp_path):
    where = Places(tmp_path / "roots", tmp_path / "links", tmp_path / "crls", tmp_path / "cards")
    where.roots.mkdir()
    now = datetime.now(UTC).replace(microsecond=0)
    wish = Wish((("common_name", "真根"),), now, now + timedelta(days=9), is_ca=True)
    (where.roots / "real.pem").write_bytes(as_pem(issue(wish, rsa_key()).certificate))
    with pytest.raises(DeckError, match=r"已有正式根证书（real.pem）"):
        make_deck(where, HOLDERS)
    assert not where.cards.exists()
