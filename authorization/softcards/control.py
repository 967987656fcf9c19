"""The soft control: the protocol of the E-Port client control, spoken on this machine only.

A WebSocket on 127.0.0.1; a browser that opens the same address as a page gets a list of the cards
to insert (chooser.py). Only pages of this machine, or of the origins given, may connect, since
whoever connects can sign with the inserted card once he knows its PIN.
"""

import contextlib
import json
import secrets
import time
from collections.abc import Iterator, Sequence
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from authorization.softcards.blocks import MARK, BadBlock, Blocks
from authorization.softcards.chooser import Chooser
from authorization.softcards.deck import SoftCard
from authorization.softcards.reader import PREFIX, Mode, Reader

HOST = "127.0.0.1"
PORT = 61232
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SLOW_SECONDS = 6.0
MAX_FRAME = 1024 * 1024
_GREETING = {"_id": 0, "_method": "open", "_status": "00", "_args": {"Result": True}}


class SoftControl:
    """A control that serves until it is stopped. `port` 0 takes any free one."""

    def __init__(
        self,
        cards: Sequence[SoftCard],
        port: int = PORT,
        origins: Sequence[str] = (),
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        self.reader = Reader(cards)
        self.origins = frozenset(origins)
        self.slow_seconds = slow_seconds
        self.chooser = Chooser(self.reader, secrets.token_urlsafe(16))
        self.server: Server = serve(
            self._converse,
            HOST,
            port,
            process_request=self._look_at,
            max_size=MAX_FRAME,
            compression=None,
            close_timeout=1,
        )
        self.port: int = self.server.socket.getsockname()[1]

    @property
    def address(self) -> str:
        """Where it is, as CARD_CONTROL_WS names it."""
        return f"ws://{HOST}:{self.port}"

    def run(self) -> None:
        """Serve until `stop`."""
        self.server.serve_forever()

    def stop(self) -> None:
        """Stop serving; open connections end."""
        self.server.shutdown()

    def _look_at(self, connection: ServerConnection, request: Request) -> Response | None:
        """Let a page's socket in, or answer a browser with the list of cards."""
        if not _is_loopback(f"//{request.headers.get('Host', '')}"):
            return connection.respond(403, "只接受本机访问。\n")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            origin = request.headers.get("Origin", "")
            if not origin or _is_loopback(origin) or origin in self.origins:
                return None
            return connection.respond(403, "只接受本机页面的连接。\n")
        status, headers, body = self.chooser.answer(request.path)
        return Response(status, "", Headers([*headers, ("Connection", "close")]), body)

    def _converse(self, connection: ServerConnection) -> None:
        blocks = Blocks()
        with contextlib.suppress(ConnectionClosed):
            if Mode.SILENT not in self.reader.modes:
                connection.send(json.dumps(_GREETING))
            for message in connection:
                for answer in self._answers(message, blocks):
                    if answer is None:
                        connection.socket.close()
                        return
                    connection.send(answer)

    def _answers(self, message: str | bytes, blocks: Blocks) -> Iterator[str | None]:
        """Answer a message by some messages; None drops the connection."""
        whole: str | None = message if isinstance(message, str) else None
        if whole is not None and whole.startswith(MARK):
            try:
                whole, step = blocks.take(whole)
            except BadBlock as problem:
                yield _reply(0, "_nextBlock", [], [f"分块数据错误：{problem}。", "Err:Base50000"])
                return
            yield step
            if whole is None:
                return
        try:
            request = json.loads(whole or "")
            method, args = request["_method"], request.get("args") or {}
            if not isinstance(method, str) or not isinstance(args, dict):
                raise TypeError(method)
        except (ValueError, KeyError, TypeError, AttributeError):
            yield _reply(0, "error", [], ["数据格式非法。", "Err:Base50000"])
            return
        modes = self.reader.modes
        if Mode.SLOW in modes:
            time.sleep(self.slow_seconds)
        if Mode.DROP in modes and method == f"{PREFIX}SpcSignDataAsPEM":
            yield None
        number = request.get("_id", 0)
        data, error = self.reader.answer(method, args)
        yield _reply(str(number) if Mode.STRING_IDS in modes else number, method, data, error)


def _reply(number: Any, method: str, data: list[str], error: list[str]) -> str:
    answer = {"Result": not error, "Data": data, "Error": error}
    return json.dumps({"_id": number, "_method": method, "_status": "00", "_args": answer})


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in LOOPBACK
    except ValueError:
        return False


@contextlib.contextmanager
def running(control: SoftControl) -> Iterator[SoftControl]:
    """Serve in a thread of its own for as long as the block lasts."""
    thread = Thread(target=control.run, name="soft control", daemon=True)
    thread.start()
    try:
        yield control
    finally:
        control.stop()
        thread.join(5)
