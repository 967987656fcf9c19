"""Where each role begins, and what the home page of an enterprise shows."""

from dataclasses import dataclass, field

from django.urls import reverse

from authorization.models import Role, User

Facts = list[tuple[str, int | str]]


@dataclass(frozen=True)
class Function:
    """One large entry of the home page (templates/home.html says how it is drawn)."""

    title: str
    url: str
    icon: str
    summary: str
    facts: Facts = field(default_factory=list)
    news: list[str] = field(default_factory=list)


def must_wait_for_authorization(user: User) -> bool:
    """Whether the user acts for an enterprise that is not authorized yet."""
    return user.is_enterprise_user and (
        user.enterprise is None or not user.enterprise.is_authorized
    )


def first_page(user: User) -> str:
    """Return the URL of the page that a role begins with."""
    if user.role == Role.OFFICER:
        return reverse("customs_audit:releases")
    if user.role == Role.ADMINISTRATOR:
        return reverse("admin:index")
    return reverse("home")


def functions_for(user: User) -> list[Function]:
    """Return the three functions with what is new in each, for an enterprise's user."""
    return []
