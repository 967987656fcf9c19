"""`manage.py softcard`: a local control with test cards in its reader."""

import errno
import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authorization.softcards.control import HOST, PORT, SLOW_SECONDS, SoftControl, running
from authorization.softcards.deck import DeckError, read_index
from authorization.softcards.places import places, require_tests_allowed
from authorization.softcards.reader import Mode


class Command(BaseCommand):
    """Serves until Ctrl-C. Speaks as the E-Port client control does; signs with soft cards."""

    help = "在 127.0.0.1 上运行软法人卡控件（WebSocket），供演示、开发和测试使用；按 Ctrl-C 停止。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Port, the inserted card, and how the control misbehaves."""
        parser.add_argument("--port", type=int, default=PORT, help=f"端口，默认 {PORT}")
        parser.add_argument("--card", default="", help="启动时插入的卡；--list 列出全部")
        parser.add_argument("--list", action="store_true", help="列出全部软卡后退出")
        parser.add_argument(
            "--mode",
            action="append",
            default=[],
            choices=[mode.value for mode in Mode],
            help="异常表现，可重复：" + "；".join(f"{mode.value} {mode.title}" for mode in Mode),
        )
        parser.add_argument(
            "--delay", type=float, default=SLOW_SECONDS, help="slow 模式每次应答的秒数"
        )
        parser.add_argument(
            "--origin",
            action="append",
            default=[],
            help="除本机页面外还允许连接的网站，如 http://portal.example；可重复",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGINT or SIGTERM."""
        cards = read_index(places())
        if not cards:
            raise CommandError("还没有软卡：请先运行 manage.py make_test_cards。")
        if options["list"]:
            for card in cards:
                self.stdout.write(f"{card.name}\t{card.enterprise_name}\t{card.title}\t{card.pin}")
            return
        try:
            require_tests_allowed()
            control = SoftControl(cards, options["port"], options["origin"], options["delay"])
        except DeckError as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise
            raise CommandError(
                f"端口 {options['port']} 已被占用：可能电子口岸客户端控件或另一个软卡控件正在运行，"
                "请先停止它，或用 --port 换一个端口（并相应设置 CARD_CONTROL_WS）。"
            ) from None
        control.reader.modes = frozenset(Mode(word) for word in options["mode"])
        if options["card"]:
            if options["card"] not in control.reader.cards:
                raise CommandError(f"没有名为“{options['card']}”的卡，--list 列出全部。")
            control.reader.insert(options["card"])

        asked = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: asked.set())
        with running(control):
            self.stdout.write(
                f"软卡控件已就绪：{control.address}，换卡请打开 http://{HOST}:{control.port}/"
            )
            self.stdout.flush()
            asked.wait()
        self.stdout.write("软卡控件已停止。")
