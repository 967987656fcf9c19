"""The app's registration with Django."""

from django.apps import AppConfig


class PublicLibConfig(AppConfig):
    """公共库."""

    name = "public_lib"
    verbose_name = "公共库"
