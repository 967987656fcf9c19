"""The app's registration with Django."""

from django.apps import AppConfig


class AuthorizationConfig(AppConfig):
    """企业与用户."""

    name = "authorization"
    verbose_name = "企业与用户"

    def ready(self) -> None:
        """Register the checks, and listen to who logs in."""
        from authorization import checks, receivers  # noqa: F401
