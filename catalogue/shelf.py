"""Which edition a page of 目录查询 shows, and how its links keep that."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode

from authorization.gate import as_user
from catalogue.browsing import edition_key, edition_named, editions_for, state_of
from catalogue.models import Edition


@dataclass(frozen=True)
class Shown:
    """An edition as a switch draws it; `key` is its name in a URL."""

    key: str
    name: str
    state: str
    dates: str
    is_current: bool


@dataclass(frozen=True)
class Shelf:
    """The editions that a user may see, the newest in force first, and the one to show.

    `is_asked`: the URL names it, so that nothing else may be shown in its place.
    """

    editions: list[Edition]
    edition: Edition
    is_asked: bool
    today: date

    @property
    def key(self) -> str:
        """The shown edition's key where links must name it, else empty: the newest goes unnamed."""
        return "" if self.edition.pk == self.editions[0].pk else edition_key(self.edition)

    @property
    def query(self) -> str:
        """What the links of the page add so that the edition stays."""
        return f"?{urlencode({'edition': self.key})}" if self.key else ""

    @property
    def shown(self) -> list[Shown]:
        """All of them, for the switch."""
        return [self.drawn(edition) for edition in self.editions]

    def drawn(self, edition: Edition) -> Shown:
        """One of them, for the switch."""
        until = f"至 {edition.effective_to:%Y-%m-%d}" if edition.effective_to else "起"
        return Shown(
            edition_key(edition),
            str(edition),
            state_of(edition, self.editions, self.today),
            f"{edition.effective_from:%Y-%m-%d} {until}",
            edition.pk == self.edition.pk,
        )


def shelf_of(request: HttpRequest) -> Shelf | None:
    """Return the editions for a request's user and the one it names; None where there is none.

    An edition that is not there leaves a notice on the page, which shows the newest instead.
    """
    editions = editions_for(as_user(request))
    if not editions:
        return None
    today, wanted = timezone.localdate(), request.GET.get("edition", "")
    edition = edition_named(editions, wanted) if wanted else None
    if wanted and edition is None:
        messages.warning(
            request, f"没有可供查询的“{wanted[:12]}”版目录，以下按 {editions[0]} 显示。"
        )
    return Shelf(editions, edition or editions[0], edition is not None, today)
