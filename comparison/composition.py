"""Read a composition with shares, and write it in one way.

82%锦纶+18%氨纶, 氨纶18%、锦纶82% and 18%氨纶 锦纶82% are one composition: the same names with the
same shares. Which share belongs to which name is never guessed: where a text cannot be read as
names and shares in turn, it is no composition and stays as it is.
"""

import re

_SHARE = re.compile(r"[≥≤<>约]?\d[\d.]*(?:-\d[\d.]*)?%")
_STRONG = "[,、;/&+]"
_STRONG_WITHOUT_NAMES = "[,、;+]"

Item = tuple[str, str]


def read_composition(text: str) -> list[Item] | None:
    """Read normalised text into (name, share) items in its order; None if it is no composition."""
    if "%" not in text:
        return None
    for separators in (_STRONG, _STRONG_WITHOUT_NAMES):
        pieces = [piece.strip() for piece in re.split(separators, text)]
        if len(pieces) > 1 and pieces[-1] == "":
            pieces.pop()
        items = [_read_item(piece) for piece in pieces]
        if len(items) > 1 and all(items):
            return [item for item in items if item]
    if re.search(_STRONG_WITHOUT_NAMES, text):
        return None
    return _read_in_turn(text, at_spaces=True) or _read_in_turn(text, at_spaces=False)


def write_composition(text: str) -> str:
    """Write a composition as 82%锦纶+18%氨纶, greatest share first; other text as it is."""
    items = read_composition(text)
    if items is None:
        return text
    return "+".join(share + name for name, share in sorted(items, key=_greatest_first))


def _greatest_first(item: Item) -> tuple[float, str, str]:
    name, share = item
    numbers = re.findall(r"\d+(?:\.\d+)?", share)
    return -float(numbers[0]), share, name


def _read_item(text: str) -> Item | None:
    """Read one name with one share, in either order."""
    shares = list(_SHARE.finditer(text))
    if len(shares) != 1:
        return None
    share = shares[0]
    before, after = text[: share.start()].strip(), text[share.end() :].strip()
    if bool(before) == bool(after):
        return None
    return _without_spaces(before or after), share[0]


def _read_in_turn(text: str, *, at_spaces: bool) -> list[Item] | None:
    """Read names and shares that follow each other without separators.

    With `at_spaces`, a space ends a name; each item still has one name and one share.
    """
    items: list[Item] = []
    name = share = ""
    for token, is_share in _tokens(text, at_spaces=at_spaces):
        if is_share:
            if share:
                return None
            share = token
        elif name:
            return None
        else:
            name = token
        if name and share:
            items.append((_without_spaces(name), share))
            name = share = ""
    return items if items and not name and not share else None


def _tokens(text: str, *, at_spaces: bool) -> list[tuple[str, bool]]:
    tokens: list[tuple[str, bool]] = []
    end = 0
    for share in [*_SHARE.finditer(text), None]:
        between = text[end : share.start() if share else len(text)]
        names = between.split() if at_spaces else [between.strip()]
        tokens += [(name, False) for name in names if name]
        if share:
            tokens.append((share[0], True))
            end = share.end()
    return tokens


def _without_spaces(name: str) -> str:
    """Take away the spaces that normalising kept beside Chinese characters in a composition."""
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", name)
