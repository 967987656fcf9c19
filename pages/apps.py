"""The app's registration with Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """列表页."""

    name = "pages"
    verbose_name = "列表页"
