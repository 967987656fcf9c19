"""The app's registration with Django."""

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    """申报数据."""

    name = "declarations"
    verbose_name = "申报数据"

    def ready(self) -> None:
        """Connect what this room does when enterprises are joined."""
        from declarations import receivers  # noqa: F401
