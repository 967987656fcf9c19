"""Finding the user of a session, together with the enterprise that every page asks about."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from authorization.models import User


def may_use_password(user: User) -> bool:
    """Whether this installation lets the user in by a password of its own."""
    return bool(settings.LOCAL_PASSWORDS) or not user.is_enterprise_user


class PortalBackend(ModelBackend):
    """Passwords as Django checks them, where they may be used; user and enterprise in one query."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user of a right password, or None; a refused one costs the same time."""
        user = super().authenticate(request, username=username, password=password, **kwargs)
        return user if isinstance(user, User) and may_use_password(user) else None

    def get_user(self, user_id: int) -> User | None:
        """Return an active user with his enterprise, or None."""
        user = User.objects.select_related("enterprise").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
