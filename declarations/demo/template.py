"""The phrasebook's small templates: one line of text with choices, compiled once.

    text | text            one of the alternatives
    {k=甲,乙,丙}            one of the choices, remembered as k (`\\,` is a comma inside one)
    {k:A,B,C}              the choice at the place that k took
    {n=10..90/5}           a number in steps of 5, remembered as n; `:02` pads it with zeros
    {x=#AA-999}            a code: A a capital letter, 9 a digit, anything else as it stands
    {k}  {n+100}  {100-a-b}  what was remembered, or sums and differences of numbers
    {brand} {maker} {date} {date2} {gtin}   supplied by the caller

A name belongs to the whole entry: where it is used before its `name=` is reached, that one is made
then and kept. `name=` may be left out where nothing refers to it.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import NamedTuple

_SLOT = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?(?::0(\d))?")
_SUM = re.compile(r"[\w.]+(?:[+-][\w.]+)+")
_COMMA = re.compile(r"(?<!\\),")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and O, which a part number avoids


class TemplateError(ValueError):
    """A template can't be read, or uses a name that nothing in its entry makes."""


class Made(NamedTuple):
    """What a name stands for in one good: its text, and the place of the choice it was."""

    text: str
    place: int = 0


Maker = Callable[[Random], Made]


class Memory:
    """The names of one good while it is written."""

    def __init__(self, rng: Random, given: dict[str, str], makers: dict[str, Maker]) -> None:
        """`given` are the caller's texts, `makers` every `name=` of the entry."""
        self.rng = rng
        self._made = {name: Made(text) for name, text in given.items()}
        self._makers = makers
        self._early: set[str] = set()

    def make(self, name: str, maker: Maker) -> str:
        """The text of a `name=` slot, made now unless another slot already had it made."""
        if name in self._early:
            return self._made[name].text
        made = self._made[name] = maker(self.rng)
        return made.text

    def recall(self, name: str) -> Made:
        """What `name` stands for. TemplateError when nothing in the entry makes it."""
        if name not in self._made:
            if name not in self._makers:
                raise TemplateError(f"占位 {name} 没有取值")
            self._made[name] = self._makers[name](self.rng)
            self._early.add(name)
        return self._made[name]


Piece = Callable[[Memory], str]


class Template:
    """One compiled line of the phrasebook; `makers` are the names that it sets."""

    def __init__(self, source: str) -> None:
        """Compile `source`; TemplateError if it is not in the form described above."""
        self.source = source
        self.makers: dict[str, Maker] = {}
        self._alternatives = [self._compile(part.strip()) for part in source.split(" | ")]

    def render(self, memory: Memory) -> str:
        """One text of this template; TemplateError for a name that nothing makes."""
        pieces = memory.rng.choice(self._alternatives)
        return "".join([piece(memory) for piece in pieces])

    def _compile(self, text: str) -> list[Piece]:
        pieces: list[Piece] = []
        end = 0
        for slot in _SLOT.finditer(text):
            if slot.start() > end:
                pieces.append(_literal(text[end : slot.start()]))
            pieces.append(self._slot(slot[1]))
            end = slot.end()
        if end < len(text):
            pieces.append(_literal(text[end:]))
        return pieces

    def _slot(self, body: str) -> Piece:
        aligned = re.fullmatch(r"([a-z]\w*):(.+)", body)
        if aligned:
            return _aligned(aligned[1], _split(aligned[2]))
        if re.fullmatch(r"[a-z]\w*", body):
            return lambda memory: memory.recall(body).text
        if _SUM.fullmatch(body) and "=" not in body:
            return _sum(body)
        named = re.fullmatch(r"([a-z]\w*)=(.*)", body)
        if not named:
            maker = _maker(body)
            return lambda memory: maker(memory.rng).text
        name = named[1]
        made = self.makers[name] = _maker(named[2])
        return lambda memory: memory.make(name, made)


def _literal(text: str) -> Piece:
    if "{" in text or "}" in text:
        raise TemplateError(f"花括号不成对：{text}")
    return lambda memory: text


def _maker(body: str) -> Maker:
    """What makes something new for a slot: a code, a number of a range, or one of some choices."""
    if body.startswith("#"):
        return lambda rng: Made(_code(rng, body[1:]))
    span = _RANGE.fullmatch(body)
    choices = _numbers(span) if span else _split(body)

    def choose(rng: Random) -> Made:
        place = rng.randrange(len(choices))
        return Made(choices[place], place)

    return choose


def _split(body: str) -> list[str]:
    return [choice.replace("\\,", ",") for choice in _COMMA.split(body)]


def _numbers(span: re.Match[str]) -> list[str]:
    low, high = Decimal(span[1]), Decimal(span[2])
    step = Decimal(span[3] or "1")
    width = int(span[4] or 0)
    return [plain(low + step * n).zfill(width) for n in range(int((high - low) / step) + 1)]


def _code(rng: Random, pattern: str) -> str:
    return "".join(
        rng.choice(_LETTERS) if c == "A" else str(rng.randrange(10)) if c == "9" else c
        for c in pattern
    )


def _aligned(name: str, texts: list[str]) -> Piece:
    def piece(memory: Memory) -> str:
        place = memory.recall(name).place
        if place >= len(texts):
            raise TemplateError(f"{{{name}:…}} 的各项与 {name} 的选项不对应")
        return texts[place]

    return piece


def _sum(body: str) -> Piece:
    terms = re.findall(r"([+-]?)([\w.]+)", body)

    def piece(memory: Memory) -> str:
        total = Decimal(0)
        for sign, term in terms:
            value = Decimal(term if term[0].isdigit() else memory.recall(term).text)
            total += -value if sign == "-" else value
        return plain(total)

    return piece


def plain(value: Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros after the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
