"""The app's registration with Django."""

from django.apps import AppConfig


class CustomsAuditConfig(AppConfig):
    """海关审核."""

    name = "customs_audit"
    verbose_name = "海关审核"

    def ready(self) -> None:
        """Listen for releases that are taken back."""
        from customs_audit.releasing import withdrawing  # noqa: F401
