"""The app's registration with Django."""

from django.apps import AppConfig


class ComparisonConfig(AppConfig):
    """比对."""

    name = "comparison"
    verbose_name = "比对"

    def ready(self) -> None:
        """Connect what this room does when releases change or enterprises are joined."""
        from comparison import receivers  # noqa: F401
