"""Stop the embedded PostgreSQL and Valkey that earlier commands left running."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.embedded import ServicesError, stop_services


class Command(BaseCommand):
    """`manage.py stop_services`; the data stays, the next command starts them again."""

    help = "停止随项目启动的 PostgreSQL 和 Valkey（数据保留，下次使用时自动启动）。"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Stop both; none running is no error."""
        try:
            stop_services()
        except ServicesError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write("内置数据库和队列已停止，数据保留在 var/ 中。")
