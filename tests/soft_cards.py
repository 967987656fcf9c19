"""Soft cards and the soft control for tests: real keys, the portal's own verification."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from authorization.models import Enterprise
from authorization.softcards.control import SoftControl, running
from authorization.softcards.deck import Holder, Places, SoftCard, make_deck
from authorization.softcards.places import places

# Eight digits that nothing else in a page or a request can be.
PIN = "70316294"


@dataclass(frozen=True)
class Deck:
    """The cards of a test run's own test root, one folder for all its tests."""

    places: Places

    def cards_of(self, *enterprises: Enterprise) -> list[SoftCard]:
        """Make cards for these enterprises; returns theirs and the stranger's."""
        holders = [
            Holder(f"e{one.pk}", one.uscc, one.name, holder="欧阳小三") for one in enterprises
        ]
        wanted = {one.uscc for one in enterprises}
        cards, _ = make_deck(self.places, holders, pin=PIN)
        return [c for c in cards if c.uscc in wanted or c.name.startswith("stranger")]


@pytest.fixture(scope="session")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Deck:
    return Deck(places(tmp_path_factory.mktemp("deck")))


@pytest.fixture
def soft_control(deck: Deck, settings) -> Iterator[Callable[..., SoftControl]]:
    """Start a control with the cards of an enterprise; `sort` is inserted, "" for none."""
    with ExitStack() as stack:

        def start(enterprise: Enterprise, sort: str = "rsa", **options) -> SoftControl:
            control = SoftControl(deck.cards_of(enterprise), port=0, **options)
            stack.enter_context(running(control))
            settings.CARD_CONTROL_WS = control.address
            if sort:
                insert(control, sort)
            return control

        yield start


def insert(control: SoftControl, sort: str) -> None:
    """Insert the first card of a sort; "stranger" is another enterprise's."""
    cards = control.reader.cards
    if sort == "stranger":
        control.reader.insert(next(name for name in cards if name.startswith("stranger")))
        return
    own = {c.sort: n for n, c in cards.items() if not n.startswith("stranger")}
    control.reader.insert(own[sort])


__all__ = ["PIN", "Deck", "deck", "insert", "soft_control"]
