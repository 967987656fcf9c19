"""One large entry of a home page."""

from dataclasses import dataclass, field

NOTHING = "—"

Facts = list[tuple[str, int | str]]
News = list[tuple[str, str]]  # what is new, and the URL that shows it


@dataclass(frozen=True)
class Function:
    """One large entry of the home page (templates/home.html says how it is drawn)."""

    title: str
    url: str
    icon: str
    summary: str
    facts: Facts = field(default_factory=list)
    news: News = field(default_factory=list)
