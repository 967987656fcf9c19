"""The app's registration with Django."""

from django.apps import AppConfig


class EnterpriseLibConfig(AppConfig):
    """企业库."""

    name = "enterprise_lib"
    verbose_name = "企业库"
