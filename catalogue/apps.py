"""The app's registration with Django."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """规范申报目录."""

    name = "catalogue"
    verbose_name = "规范申报目录"
