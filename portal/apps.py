"""The app's registration with Django."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    """门户: makes the project's Celery application the one that shared tasks belong to."""

    name = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        """Load the Celery application once the settings are known."""
        from portal import celery  # noqa: F401


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's own site."""

    default = False
    default_site = "portal.admin_site.PortalAdminSite"

    def ready(self) -> None:
        """Leave out Django's groups, since roles decide here, and the authenticators' secrets."""
        super().ready()
        from django.contrib import admin
        from django.contrib.auth.models import Group
        from django_otp.plugins.otp_totp.models import TOTPDevice

        admin.site.unregister([Group, TOTPDevice])
