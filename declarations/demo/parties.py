"""Invented enterprises of Liaoning with codes that pass every official check digit.

统一社会信用代码 as GB 32100-2015, its 主体标识码 as GB 11714; customs codes as the customs'
ten-character form, whose sixth character 8 means 报关企业.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

_FILE = Path(__file__).parent / "parties.txt"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SERIAL_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Party:
    """An invented enterprise: 18-character USCC, ten-character customs code, Chinese name."""

    uscc: str
    customs_code: str
    name: str

    @property
    def is_broker(self) -> bool:
        """Whether its customs code is a 报关企业's (no trading right of its own)."""
        return self.customs_code[5] == "8"


def uscc(district: str, serial: int) -> str:
    """The 统一社会信用代码 of the enterprise `serial` (1 to 999999) in a 行政区划 (six digits)."""
    body = f"MA{serial:06d}"
    inner = (
        11
        - sum(
            w * (int(c) if c.isdigit() else ord(c) - 55)
            for w, c in zip(_INNER_WEIGHTS, body, strict=True)
        )
        % 11
    )
    code = f"91{district}{body}{'0' if inner == 11 else 'X' if inner == 10 else inner}"
    total = sum(w * _ALPHABET.index(c) for w, c in zip(_WEIGHTS, code, strict=True))
    return code + _ALPHABET[-total % 31]


def customs_code(area: str, nature: str, serial: int) -> str:
    """Area (five characters), 企业性质 (one digit), and a serial number in four characters."""
    tail = ""
    for _ in range(4):
        serial, digit = divmod(serial, len(_SERIAL_DIGITS))
        tail = _SERIAL_DIGITS[digit] + tail
    return f"{area}{nature}{tail}"


def make_parties(
    rng: Random, brokers: int, traders: int, first_serial: int = 1000
) -> tuple[list[Party], list[Party]]:
    """(brokers, traders): invented enterprises, all names and codes different.

    Their codes take the serial numbers from `first_serial` on; those below 1000 are the demo's.
    """
    words = _words()
    taken: set[str] = set()
    made: list[Party] = []
    for place in range(brokers + traders):
        is_broker = place < brokers
        name = ""
        while not name or name in taken:
            city, district, *areas = rng.choice(words["city"])
            trade = rng.choice(words["broker" if is_broker else "trade"][0])
            trade_name = rng.choice(words["first"][0]) + rng.choice(words["second"][0])
            # The plain form runs out at some thousand names; a place inside the city goes on.
            inner = f"（{rng.choice(words['first'][0])}）" if place > 3000 else ""
            name = f"{city}{trade_name}{inner}{trade}有限公司"
        taken.add(name)
        nature = "8" if is_broker else rng.choice("1346669")
        serial = first_serial + place
        made.append(
            Party(uscc(district, serial), customs_code(rng.choice(areas), nature, serial), name)
        )
    return made[:brokers], made[brokers:]


@cache
def maker_names(pool: str) -> tuple[str, ...]:
    """Producers that a 品牌 element names where it asks for one in the absence of a brand.

    `pool` is the goods' pool of the phrasebook; a producer's trade fits it.
    """
    rng = Random(pool)  # noqa: S311 - invented names, no secret
    words = _words()
    trade = next(trade for name, trade in words["maker"] if name == pool)
    return tuple(
        f"{rng.choice(words['city'])[0]}{rng.choice(words['first'][0])}"
        f"{rng.choice(words['second'][0])}{trade}有限公司"
        for _ in range(8)
    )


@cache
def _words() -> dict[str, list[list[str]]]:
    words: dict[str, list[list[str]]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, *rest = line.split()
            words.setdefault(kind, []).append(rest)
    return words
