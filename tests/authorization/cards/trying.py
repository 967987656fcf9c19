"""A try with a card, as the card page would send it; each step can be spoilt."""

from dataclasses import dataclass, field

import pytest

from authorization.authorizing import Asking, accept, issue_challenge
from authorization.cards.making import Made
from authorization.cards.refusals import Refusal, Refused
from authorization.models import CardAttempt, CardChallenge, CardPurpose, CardSignature, Role
from tests.cards import ORIGIN, World, as_base64, installed_world, signed
from tests.factories import make_enterprise, make_user


@dataclass
class Trial:
    """An unauthorized enterprise, its legal representative, and a text that he may sign."""

    algorithm: str = "rsa"
    purpose: CardPurpose = CardPurpose.AUTHORIZE
    world: World = field(default_factory=installed_world)

    def __post_init__(self):
        self.enterprise = make_enterprise(authorized=False)
        self.user = make_user(Role.LEGAL_REPRESENTATIVE, self.enterprise)
        self.asking = Asking(self.user, "the session", "10.1.2.3")
        self.challenge = issue_challenge(self.asking, self.purpose, ORIGIN)

    @property
    def authority(self):
        return self.world[self.algorithm]

    def card(self, **changes) -> Made:
        return self.authority.card(self.enterprise.uscc, self.enterprise.name, **changes)

    def send(
        self,
        card=None,
        *,
        text=None,
        signature=None,
        asking=None,
        purpose=None,
        nonce=None,
        others=(),
    ) -> CardSignature:
        card = card or self.card()
        text = self.challenge.text if text is None else text
        return accept(
            asking or self.asking,
            purpose or self.purpose,
            nonce=self.challenge.nonce if nonce is None else nonce,
            signature=signed(card, text) if signature is None else signature,
            card=as_base64(card.certificate.der),
            others=[as_base64(other.der) for other in others],
        )

    def refuses(self, refusal: Refusal, card=None, **how) -> CardAttempt:
        """Send, be refused for this reason, leave a record and no authorization; give the record."""
        before = CardAttempt.objects.count()
        with pytest.raises(Refused) as caught:
            self.send(card, **how)
        assert caught.value.refusal is refusal, caught.value.detail
        assert str(caught.value) == refusal.sentence
        self.enterprise.refresh_from_db()
        assert not self.enterprise.is_authorized
        assert not CardSignature.objects.filter(enterprise=self.enterprise).exists()
        assert CardAttempt.objects.count() == before + 1
        attempt = CardAttempt.objects.latest("pk")
        assert attempt.refusal == refusal.value
        return attempt

    def again(self) -> None:
        """Take a new text, as one who was refused would."""
        self.challenge = issue_challenge(self.asking, self.purpose, ORIGIN)


def spent(challenge: CardChallenge) -> bool:
    """Whether a challenge was consumed."""
    challenge.refresh_from_db()
    return challenge.used_at is not None
