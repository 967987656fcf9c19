"""The app's registration with Django."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """企业消息."""

    name = "messages_app"
    verbose_name = "企业消息"
