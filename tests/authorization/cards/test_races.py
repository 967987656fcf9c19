"""Real threads on real connections: one challenge is good for one signature."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from authorization.authorizing import accept, issue_challenge
from authorization.cards.refusals import Refusal, Refused
from authorization.models import CardAttempt, CardAuthorization, CardPurpose, CardSignature
from tests.authorization.cards.trying import Trial, spent
from tests.cards import ORIGIN, as_base64, signed

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
