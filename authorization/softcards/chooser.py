"""The soft control's own small page: which card is in the reader, and how the control behaves."""

from html import escape
from http import HTTPStatus
from itertools import groupby
from urllib.parse import parse_qs, urlsplit

from authorization.softcards.deck import SoftCard
from authorization.softcards.reader import Mode, Reader

Answer = tuple[int, list[tuple[str, str]], bytes]

_STYLE = """
body { max-width: 760px; margin: 24px auto; padding: 0 16px; font: 14px/1.6 "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #1b2733; background: #eef2f6; }
h1 { font-size: 18px; } h2 { margin: 20px 0 6px; font-size: 14px; }
.now { padding: 12px 16px; background: #fff; border: 1px solid #dbe2ea; border-left: 3px solid #1c60ab; }
ul { padding: 0; margin: 0; list-style: none; background: #fff; border: 1px solid #dbe2ea; }
li { display: flex; gap: 12px; padding: 6px 16px; border-top: 1px solid #eef2f6; } li:first-child { border-top: 0; }
li span:first-child { flex: 1; } li.on { font-weight: 600; background: #eff5fc; }
a { color: #1c60ab; } .hint { color: #566472; }
"""


class Chooser:
    """Answers a browser. `token` is in every link that changes something: another site knows it not."""

    def __init__(self, reader: Reader, token: str) -> None:
        self.reader = reader
        self.token = token

    def answer(self, target: str) -> Answer:
        """Show the page, or do what a link asks and come back."""
        parts = urlsplit(target)
        asked = parse_qs(parts.query, keep_blank_values=True)
        if parts.path != "/":
            return _answer(HTTPStatus.NOT_FOUND, "没有此页。")
        if not asked:
            return _answer(HTTPStatus.OK, self._page())
        if asked.get("token") != [self.token]:
            return _answer(HTTPStatus.FORBIDDEN, "链接已失效，请刷新页面后再试。")
        if "card" in asked:
            name = asked["card"][0]
            if name and name not in self.reader.cards:
                return _answer(HTTPStatus.NOT_FOUND, "没有这张卡。")
            self.reader.insert(name or None)
        if "mode" in asked:
            chosen = {mode for mode in Mode if mode.value == asked["mode"][0]}
            self.reader.modes = self.reader.modes ^ chosen
        return HTTPStatus.SEE_OTHER, [("Location", "/"), ("Content-Length", "0")], b""

    def _page(self) -> str:
        inserted = self.reader.inserted
        now = f"已插入：{_title(inserted)}，密码 {inserted.pin}" if inserted else "未插卡"
        out = self._link("拔出", card="") if inserted else ""
        first = inserted.uscc if inserted else ""
        cards = sorted(self.reader.cards.values(), key=lambda card: card.uscc != first)
        groups = groupby(cards, key=lambda card: card.enterprise_name)
        lists = "".join(
            f"<h2>{escape(name)}</h2><ul>{''.join(map(self._row, cards))}</ul>"
            for name, cards in groups
        )
        modes = "".join(
            f"<li{' class=on' if mode in self.reader.modes else ''}><span>{mode.title}</span>"
            f"{self._link('关闭' if mode in self.reader.modes else '开启', mode=mode.value)}</li>"
            for mode in Mode
        )
        return (
            "<!DOCTYPE html><html lang=zh-CN><meta charset=utf-8><title>软法人卡</title>"
            f"<style>{_STYLE}</style><h1>软法人卡（仅供演示与测试）</h1>"
            f"<p class=now><strong>{escape(now)}</strong> {out}</p>"
            f"<p class=hint>选择插入读卡器的卡，然后回到授权确认页面。</p>{lists}"
            f"<h2>控件的异常表现</h2><ul>{modes}</ul></html>"
        )

    def _row(self, card: SoftCard) -> str:
        is_in = card == self.reader.inserted
        link = "已插入" if is_in else self._link("插入", card=card.name)
        on = " class=on" if is_in else ""
        return f"<li{on}><span>{escape(card.title)}</span><span>密码 {card.pin}</span>{link}</li>"

    def _link(self, words: str, **asked: str) -> str:
        query = "&amp;".join(f"{name}={escape(value)}" for name, value in asked.items())
        return f'<a href="/?{query}&amp;token={self.token}">{words}</a>'


def _title(card: SoftCard) -> str:
    return f"{card.enterprise_name} {card.title}"


def _answer(status: HTTPStatus, text: str) -> Answer:
    body = text.encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Frame-Options", "DENY"),
    ]
    return status, headers, body
