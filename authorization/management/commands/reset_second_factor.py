"""`manage.py reset_second_factor USERNAME`: for the only administrator, whose phone is lost."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authorization import second_factor
from authorization.events import By
from authorization.models import User


class Command(BaseCommand):
    """Forgets an authenticator and its recovery codes; it is enrolled anew at the next login."""

    help = "重置一名管理员的动态口令；下次登录时重新绑定。仅在没有其他管理员可操作时使用。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("username", help="用户名")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset and print one line of JSON."""
        name = options["username"]
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"没有用户名为“{name}”的用户，请核对后重试。")
        done = second_factor.reset(By(None), user)
        self.stdout.write(json.dumps({"username": name, "reset": done}, ensure_ascii=False))
