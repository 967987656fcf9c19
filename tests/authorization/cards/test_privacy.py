"""The identity number of a card's holder stays in the seal: no log, page, record or error has it."""

import logging

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from authorization.cards import configured
from authorization.cards.certificates import IDENTITY_NUMBER as IDENTITY_OID
from authorization.cards.making import issue
from authorization.cards.proving import Policy, decide, examine, gather, read_sent
from authorization.cards.refusals import Refused
from authorization.masking import masked_identity
from authorization.models import (
    CardAttempt,
    CardAuthorization,
    CardChallenge,
    CardSignature,
    KeptCertificate,
    KeptProof,
    Role,
)
from tests.authorization.cards.trying import Trial
from tests.cards import (
    ALGORITHMS,
    HOLDER,
    IDENTITY_NUMBER,
    REVOKED_SERIALS,
    as_base64,
    cached_key,
    signed,
)
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db
TABLES = (CardAttempt, CardAuthorization, CardChallenge, CardSignature, KeptCertificate, KeptProof)


@pytest.fixture(params=ALGORITHMS)
def trial(request):
    cache.clear()
    return Trial(request.param)


def tried_in_every_way(trial, caplog):
    """Be refused in many ways, then accepted; give all that was raised."""
    raised = []
    authority = trial.authority
    wish = authority.card_wish(trial.enterprise.uscc)
    for card in (
        trial.card(eport={"5.3": "02"}),
        trial.card(eport={"5.3": IDENTITY_NUMBER}),
        trial.card(eport={"5.11": "000000000"}),
        trial.card(serial=REVOKED_SERIALS[5]),
        trial.card(not_after=authority.now),
        trial.card(key_usage=None),
        issue(wish, cached_key(trial.algorithm, "card")),
    ):
        with pytest.raises(Refused) as caught:
            trial.send(card)
        raised.append(caught.value)
        cache.clear()
        trial.again()
    trial.send()
    return raised


def test_neither_log_nor_record_nor_error_has_it(trial, caplog):
    caplog.set_level(logging.DEBUG)
    raised = tried_in_every_way(trial, caplog)
    for error in raised:
        said = f"{error!r} {error} {error.detail} {error.args} {error.__cause__!r}"
        assert IDENTITY_NUMBER not in said and HOLDER not in said
    assert IDENTITY_NUMBER not in caplog.text and HOLDER not in caplog.text
    for attempt in CardAttempt.objects.all():
        assert IDENTITY_NUMBER not in attempt.detail and HOLDER not in attempt.detail


def test_no_column_of_the_database_has_it(trial, caplog):
    tried_in_every_way(trial, caplog)
    trial.user.display_name = "别人"
    trial.user.save()
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table._meta.db_table} t")
            written = "\n".join(row[0] for row in cursor.fetchall())
            for secret in (IDENTITY_NUMBER, HOLDER):
                assert secret not in written, table
                # Bytes are written in hexadecimal.
                assert secret.encode().hex() not in written, table


def test_the_admin_does_not_show_it(trial):
    trial.send()
    client = client_for(make_user(Role.ADMINISTRATOR))
    shown = 0
    for table in TABLES:
        if table not in admin.site._registry:
            continue
        name = f"admin:{table._meta.app_label}_{table._meta.model_name}"
        pages = [reverse(f"{name}_changelist")]
        pages += [reverse(f"{name}_change", args=[row.pk]) for row in table.objects.all()[:3]]
        for page in pages:
            content = client.get(page, follow=True).content.decode()
            assert IDENTITY_NUMBER not in content
            shown += 1
    assert shown or not any(table in admin.site._registry for table in TABLES)


def test_what_errors_would_print_of_our_objects_does_not_show_it(trial):
    """A traceback of an error page shows local variables by repr."""
    card = trial.card()
    sent = read_sent(
        trial.challenge.text, signed(card, trial.challenge.text), as_base64(card.certificate.der)
    )
    assert sent.card.texts[IDENTITY_OID] == IDENTITY_NUMBER
    policy: Policy = configured.policy()
    at = trial.authority.now
    examined = examine(sent, policy, at)
    proofs, _ = gather(examined, policy, at, crls=configured.crls(), responders=[], fetch=None)
    proved = decide(examined, proofs, policy, trial.enterprise.uscc, at)
    assert proved.identity_number == IDENTITY_NUMBER
    for thing in (sent, sent.card, examined, proofs, proved, card.certificate):
        assert IDENTITY_NUMBER not in repr(thing) and HOLDER not in repr(thing)


def test_what_verify_authorizations_says_does_not_show_it(trial, capsys):
    trial.send()
    CardSignature.objects.update(identity_masked="x")
    with pytest.raises(SystemExit):
        call_command("verify_authorizations")
    said = capsys.readouterr()
    assert '"invalid": 1' in said.out
    assert IDENTITY_NUMBER not in said.out + said.err and HOLDER not in said.out


def test_nothing_of_the_card_is_left_in_the_cache(trial):
    trial.send()
    redis = cache._cache.get_client()
    for key in redis.keys("*"):
        if redis.type(key) == b"string":
            assert IDENTITY_NUMBER.encode() not in redis.get(key)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("999999190001010018", "9****************8"),
        (" 99999919000101001X ", "9****************X"),
        ("12", "**"),
        ("1", "*"),
        ("", ""),
    ],
)
def test_an_identity_number_is_shown_by_its_ends_only(number, shown):
    assert masked_identity(number) == shown
