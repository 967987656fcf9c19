"""`manage.py add_administrator USERNAME`: an administrator, and the link that sets his password."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction
from django.urls import reverse

from authorization import accounts
from authorization.account_forms import TAKEN, USERNAME_FORM
from authorization.events import By
from authorization.models import Role, User


class Command(BaseCommand):
    """Makes the first administrator, who enrols his second factor at his first login."""

    help = "新增管理员并输出一次性设密链接；首次登录时绑定动态口令。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and where the portal answers."""
        parser.add_argument("username", help="用户名")
        parser.add_argument("--name", default="系统管理员", help="姓名")
        parser.add_argument(
            "--site", default="http://127.0.0.1:8000", help="门户网址，用于拼出完整链接"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Store and print; the last line is JSON."""
        name = options["username"]
        try:
            USERNAME_FORM(name)
            if User.objects.filter(username__iexact=name).exists():
                raise CommandError(TAKEN)
            with transaction.atomic():
                user = User.objects.create_user(
                    name, None, display_name=options["name"], role=Role.ADMINISTRATOR
                )
                accounts.note_added(By(None), user)
                _, token = accounts.make_link(By(None), user)
        except ValidationError as error:
            raise CommandError(error.message) from None
        except IntegrityError:
            raise CommandError(TAKEN) from None
        link = options["site"].rstrip("/") + reverse("account:link", args=[token])
        minutes = settings.PASSWORD_LINK_MINUTES
        self.stderr.write(f"请在 {minutes} 分钟内打开下面的链接设置密码，链接只能使用一次。")
        self.stdout.write(json.dumps({"username": name, "link": link}, ensure_ascii=False))
