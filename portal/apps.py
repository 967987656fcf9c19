"""The app's registration with Django."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """门户: makes the project's Celery application the one that shared tasks belong to."""

    name = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        """Load the Celery application once the settings are known."""
        from portal import celery  # noqa: F401
