"""The app's registration with Django."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """企业消息."""

    name = "messages_app"
    verbose_name = "企业消息"

    def ready(self) -> None:
        """Listen for what changes an enterprise's figures."""
        from authorization.joining import enterprises_joined
        from declarations.releases import verdicts_changed
        from messages_app import versions

        verdicts_changed.connect(versions.on_verdicts_changed, dispatch_uid="messages_app.versions")
        enterprises_joined.connect(
            versions.on_enterprises_joined, dispatch_uid="messages_app.versions"
        )
