"""The soft control's card reader: which card is inserted, what it is asked, what it answers."""

import base64
import hashlib
import threading
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from authorization.cards.certificates import CARD_NUMBER, BadCertificate, Certificate, from_base64
from authorization.cards.making import Made
from authorization.cards.signatures import Scheme, verifies
from authorization.softcards.deck import SoftCard

PREFIX = "cus-sec_"
TRIES = 6
Answer = tuple[list[str], list[str]]  # Data, Error


class Mode(Enum):
    """How the control misbehaves, so that the page can be seen in every state."""

    STRING_IDS = "string-ids"
    SILENT = "silent"
    SLOW = "slow"
    DROP = "drop"
    READER = "reader"
    BROKEN = "broken"
    UNTOLD = "untold"

    @property
    def title(self) -> str:
        """What it does, in words."""
        return _TITLES[self]


_TITLES = {
    Mode.STRING_IDS: "应答的 _id 为字符串",
    Mode.SILENT: "连接后不发问候",
    Mode.SLOW: "应答缓慢",
    Mode.DROP: "签名时断开连接",
    Mode.READER: "读卡器未就绪（Err:Custom50070）",
    Mode.BROKEN: "控件服务故障（Err:Base60408）",
    Mode.UNTOLD: "密码错误时不告知剩余次数",
}


class Fault(Exception):
    """What the control answers instead of data: a text and a code."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.answer = [text, f"Err:{code}"]


class Reader:
    """A reader with at most one card; many connections may ask at once."""

    def __init__(self, cards: Sequence[SoftCard]) -> None:
        self.lock = threading.RLock()
        self.cards = {card.name: card for card in cards}
        self.modes: frozenset[Mode] = frozenset()
        self.inserted: SoftCard | None = None
        self.made: Made | None = None
        self.tries = dict.fromkeys(self.cards, TRIES)
        self.methods: dict[str, Callable[[dict[str, Any]], list[str]]] = {
            "SpcGetCardID": lambda args: [self._eport(CARD_NUMBER)],
            "SpcGetCertNo": lambda args: [self._certificate().serial_text],
            "SpcGetUName": lambda args: [self._card().holder],
            "SpcGetEntID": lambda args: [self._card().uscc[8:17]],
            "SpcGetEntName": lambda args: [self._card().enterprise_name],
            "SpcGetEntMode": lambda args: ["1"],
            "SpcGetCardUserInfo": self._user_info,
            "SpcGetSignCertAsPEM": lambda args: [_base64(self._certificate().der)],
            "SpcGetValidTimeFromCert": self._valid_time,
            "SpcVerifyPINAll": self._verify_pin,
            "SpcSignDataAsPEM": self._sign,
            "SpcVerifySignData": self._verify_signature,
            "SpcSHA1DigestAsPEM": _sha1,
        }

    def insert(self, name: str | None) -> None:
        """Put a card in, or take it out; a card put in again has all its tries. Raises KeyError."""
        with self.lock:
            card = None if name is None else self.cards[name]
            self.made = None if card is None else card.load()
            self.inserted = card
            if card is not None:
                self.tries[card.name] = TRIES

    def answer(self, method: str, args: dict[str, Any]) -> Answer:
        """Answer a request: data, or an error's text and code."""
        found = self.methods.get(method.removeprefix(PREFIX))
        try:
            if Mode.BROKEN in self.modes:
                raise Fault("连接客户端控件服务失败，请重试。", "Base60408")
            if found is None or not method.startswith(PREFIX):
                raise Fault(f"本控件没有方法 {method[:80]}。", "Base50000")
            with self.lock:
                return found(args), []
        except Fault as fault:
            return [], fault.answer

    def _card(self) -> SoftCard:
        if Mode.READER in self.modes:
            raise Fault("[读卡器底层库]复位读卡器失败:错误码=50070", "Custom50070")
        if self.inserted is None:
            raise Fault("未检测到卡，请插入卡。", "Custom50071")
        return self.inserted

    def _made(self) -> Made:
        self._card()
        assert self.made is not None  # noqa: S101 (set with `inserted`)
        return self.made

    def _certificate(self) -> Certificate:
        return self._made().certificate

    def _eport(self, oid: str) -> str:
        return self._certificate().texts.get(oid, "")

    def _user_info(self, args: dict[str, Any]) -> list[str]:
        card = self._card()
        return [card.holder, card.enterprise_name, self._certificate().serial_text]

    def _valid_time(self, args: dict[str, Any]) -> list[str]:
        certificate = _given(args, "cert") if args.get("cert") else self._certificate()
        times = (certificate.not_before, certificate.not_after)
        return [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in times]

    def _verify_pin(self, args: dict[str, Any]) -> list[str]:
        card, sent = self._card(), args.get("passwd")
        if not isinstance(sent, str):
            raise Fault("args 中必须包含 passwd。", "Base50000")
        left = self.tries[card.name]
        if left <= 0:
            raise Fault("卡密码已锁定，请到制卡中心解锁。", "Custom50074")
        if sent != card.pin:
            self.tries[card.name] = left - 1
            told = "" if Mode.UNTOLD in self.modes else f"，剩余重试次数：{left - 1}"
            raise Fault(f"卡密码错误{told}。", "Custom50073")
        self.tries[card.name] = TRIES
        return []

    def _sign(self, args: dict[str, Any]) -> list[str]:
        self._verify_pin(args)
        made = self._made()
        signature = made.key.sign(_text(args, "inData").encode(), raw=True)
        return [_base64(signature), made.certificate.serial_text]

    def _verify_signature(self, args: dict[str, Any]) -> list[str]:
        certificate = _given(args, "certDataPEM")
        scheme = Scheme.SM2_SM3 if certificate.key.is_sm2 else Scheme.RSA_SHA256
        try:
            signature = base64.b64decode(_text(args, "signData"), validate=True)
        except ValueError:
            raise Fault("签名不是 base64。", "Base50000") from None
        if not verifies(certificate.key, scheme, _text(args, "inData").encode(), signature):
            raise Fault("验签失败。", "Custom50075")
        return []


def _text(args: dict[str, Any], name: str) -> str:
    value = args.get(name)
    if not isinstance(value, str):
        raise Fault(f"args 中必须包含 {name}。", "Base50000")
    return value


def _given(args: dict[str, Any], name: str) -> Certificate:
    try:
        return from_base64(_text(args, name))
    except BadCertificate:
        raise Fault(f"{name} 不是证书。", "Base50000") from None


def _sha1(args: dict[str, Any]) -> list[str]:
    # What the method of this name does; nothing is trusted for it.
    return [_base64(hashlib.sha1(_text(args, "szInfo").encode()).digest())]  # noqa: S324


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
