"""Finding the user of a session, together with the enterprise that every page asks about."""

from django.contrib.auth.backends import ModelBackend

from authorization.models import User


class PortalBackend(ModelBackend):
    """Passwords as Django checks them; the user and his enterprise in one query."""

    def get_user(self, user_id: int) -> User | None:
        """Return an active user with his enterprise, or None."""
        user = User.objects.select_related("enterprise").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
