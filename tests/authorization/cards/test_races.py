"""Real threads on real connections: one challenge is good for one signature."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F

from authorization import accounts
from authorization.authorizing import accept, issue_challenge, revoke_by_administrator
from authorization.cards.proving import gather
from authorization.cards.refusals import Refusal, Refused
from authorization.events import By
from authorization.models import (
    CardAttempt,
    CardAuthorization,
    CardChallenge,
    CardPurpose,
    CardSignature,
    Enterprise,
    Role,
    User,
)
from tests.authorization.cards.trying import Trial, spent
from tests.cards import ORIGIN, as_base64, signed
from tests.factories import make_enterprise, make_user, valid_uscc

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def at_once(*works):
    """Run each in a thread of its own, begun at the same moment; give what each returned."""
    barrier = threading.Barrier(len(works))

    def run(work):
        try:
            connection.ensure_connection()
            barrier.wait(20)
            return work()
        except Refused as refused:
            return refused.refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.fixture
def trial():
    cache.clear()
    return Trial("rsa")


def sending(trial, challenge, card):
    signature, der = signed(card, challenge.text), as_base64(card.certificate.der)

    def send():
        return accept(
            trial.asking,
            CardPurpose(challenge.purpose),
            nonce=challenge.nonce,
            signature=signature,
            card=der,
        )

    return send


def test_of_many_with_the_same_text_one_passes(trial):
    send = sending(trial, trial.challenge, trial.card())
    results = at_once(*[send] * THREADS)
    assert sum(isinstance(result, CardSignature) for result in results) == 1
    assert results.count(Refusal.CHALLENGE_USED) == THREADS - 1
    assert CardSignature.objects.count() == 1
    assert CardAttempt.objects.filter(refusal="challenge_used").count() == THREADS - 1


def test_of_two_with_texts_of_their_own_both_pass_and_one_stands(trial):
    texts = [trial.challenge, *(new(trial) for _ in range(3))]
    card = trial.card()
    results = at_once(*(sending(trial, text, card) for text in texts))
    assert all(isinstance(result, CardSignature) for result in results)
    (standing,) = CardAuthorization.objects.filter(ended_at__isnull=True)
    trial.enterprise.refresh_from_db()
    assert trial.enterprise.authorization == standing
    assert CardAuthorization.objects.filter(end="renewed").count() == 3


def test_of_two_revocations_one_ends_it(trial):
    trial.send()
    texts = [new(trial, CardPurpose.REVOKE) for _ in range(2)]
    card = trial.card()
    results = at_once(*(sending(trial, text, card) for text in texts))
    assert sum(isinstance(result, CardSignature) for result in results) == 1
    assert results.count(Refusal.NOTHING_TO_REVOKE) == 1
    trial.enterprise.refresh_from_db()
    assert not trial.enterprise.is_authorized


def new(trial, purpose=CardPurpose.AUTHORIZE):
    return issue_challenge(trial.asking, purpose, ORIGIN)


def test_a_callers_transaction_cannot_give_a_text_back(trial):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        trial.send()
    assert not CardSignature.objects.exists()


def test_an_error_on_our_side_uses_the_text_up_all_the_same(trial, settings):
    settings.AUTHORIZATION_DAYS = "nonsense"
    with pytest.raises(TypeError):
        trial.send()
    assert spent(trial.challenge)
    trial.enterprise.refresh_from_db()
    assert not trial.enterprise.is_authorized and not CardSignature.objects.exists()


class TestWhileTheResponderIsAsked:
    """Seconds may pass between the request's beginning and its effect; who asks may be out by then."""

    def sent_while(self, trial, monkeypatch, happens):
        """Send, and let something happen in another connection before the answers have come."""

        def gather_and(*found, **how):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(in_own_connection, happens).result(20)
            return gather(*found, **how)

        monkeypatch.setattr("authorization.authorizing.gather", gather_and)
        with pytest.raises(Refused) as caught:
            trial.send()
        trial.enterprise.refresh_from_db()
        assert not trial.enterprise.is_authorized
        assert not CardSignature.objects.filter(enterprise=trial.enterprise).exists()
        attempt = CardAttempt.objects.latest("pk")
        assert attempt.refusal == caught.value.refusal.value
        return caught.value.refusal

    def test_a_user_who_was_disabled_meanwhile_authorizes_nothing(self, trial, monkeypatch):
        refusal = self.sent_while(
            trial, monkeypatch, lambda: accounts.disable(By(None), same_user(trial))
        )
        assert refusal is Refusal.FOREIGN_CHALLENGE

    @pytest.mark.parametrize("change", ["role", "enterprise"])
    def test_nor_one_who_became_another(self, trial, monkeypatch, change):
        value = {"role": Role.OPERATOR, "enterprise": make_enterprise()}[change]
        users = User.objects.filter(pk=trial.user.pk)
        refusal = self.sent_while(trial, monkeypatch, lambda: users.update(**{change: value}))
        assert refusal is Refusal.FOREIGN_CHALLENGE

    def test_what_an_administrator_revoked_meanwhile_stays_revoked(self, trial, monkeypatch):
        trial.send()
        trial.again()
        by = By(make_user(Role.ADMINISTRATOR))
        before = CardSignature.objects.count()
        # What reading the text and typing the PIN take.
        CardChallenge.objects.update(issued_at=F("issued_at") - timedelta(seconds=2))

        def gather_and(*found, **how):
            with ThreadPoolExecutor(1) as pool:
                work = lambda: revoke_by_administrator(trial.enterprise, by, "企业注销")  # noqa: E731
                pool.submit(in_own_connection, work).result(20)
            return gather(*found, **how)

        monkeypatch.setattr("authorization.authorizing.gather", gather_and)
        with pytest.raises(Refused) as caught:
            trial.send()
        assert caught.value.refusal is Refusal.FOREIGN_CHALLENGE
        trial.enterprise.refresh_from_db()
        assert not trial.enterprise.is_authorized
        assert CardSignature.objects.count() == before
        # With a text of afterwards the card opens it again.
        monkeypatch.undo()
        trial.again()
        trial.send()
        trial.enterprise.refresh_from_db()
        assert trial.enterprise.is_authorized

    def test_nor_for_an_enterprise_that_got_another_code(self, trial, monkeypatch):
        held = Enterprise.objects.filter(pk=trial.enterprise.pk)
        refusal = self.sent_while(trial, monkeypatch, lambda: held.update(uscc=valid_uscc()))
        assert refusal is Refusal.FOREIGN_CHALLENGE


def same_user(trial):
    return User.objects.get(pk=trial.user.pk)


def in_own_connection(work):
    try:
        return work()
    finally:
        connection.close()
