"""The app's registration with Django."""

from django.apps import AppConfig


class ComparisonConfig(AppConfig):
    """比对."""

    name = "comparison"
    verbose_name = "比对"
