"""Read a composition with shares, and write it in one way.

82%锦纶+18%氨纶, 氨纶18%、锦纶82%, 锦纶:82%,氨纶:18% and 18%的氨纶和82%的锦纶 are one composition: the same
names with the same shares. Which share belongs to which name is never guessed: where a text cannot
be read as names and shares in turn, it is no composition and stays as it is. What stands before a
colon and is not a name with its share (面料:95%棉+5%氨纶;里料:...) divides the text into compositions
of their own, so that no item changes sides.
"""

import re

_SHARE = re.compile(r"[≥≤<>约]?\d[\d.]*(?:-\d[\d.]*)?%")
_SHARE_TEXT = _SHARE.pattern
_STRONG = "[,、;/&+]"
_STRONG_WITHOUT_NAMES = "[,、;+]"
# 棉:95%, 棉占95%, 棉(95%): the sign between a name and its share.
_NAMED_SHARE = re.compile(
    rf"(?<=[^,、;/&+:%|\s])(?::|占)"
    rf"(?={_SHARE_TEXT}(?:[,、;/&+ 和与及]|\Z|[^,、;/&+:%\d]+[:占]{_SHARE_TEXT}))"
)
_BRACKETED_SHARE = re.compile(rf"\(({_SHARE_TEXT})\)")
_OF = re.compile(r"(?<=%)的(?=[^,、;/&+\s])")
# 95%棉和5%氨纶, 棉95%及氨纶5%.
_AND = re.compile(rf"(?<=%)[和与及](?=[^,、;/&+%\s])|(?<=[^,、;/&+\s])[和与及](?={_SHARE_TEXT})")
_GROUP = re.compile(r"(?:(?<=\A)|(?<=[,、;/&+ ]))[^,、;/&+:%\d ]+:")
# The case of these tells two things apart in a composition too: cobalt, carbon monoxide.
_CASE_TELLS = frozenset({"co", "hf"})

Item = tuple[str, str]


def read_composition(text: str) -> list[Item] | None:
    """Read normalised text into (name, share) items in its order; None if it is no composition."""
    if "%" not in text:
        return None
    text = _plain(text)
    if ":" in text:
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
    if "%" not in text:
        return text
    plain = _plain(text)
    if ":" in plain:
        return _write_groups(text, plain)
    items = read_composition(plain)
    return text if items is None else _write(items)


def _write_groups(text: str, plain: str) -> str:
    """Write the composition behind each 面料: by itself, in the order of the groups."""
    starts = list(_GROUP.finditer(plain))
    if not starts or starts[0].start() != 0:
        return text
    ends = [following.start() for following in starts[1:]] + [len(plain)]
    written = []
    for start, end in zip(starts, ends, strict=True):
        items = read_composition(plain[start.end() : end].strip(" ,、;/&+"))
        if items is None:
            return text
        written.append(start[0] + _write(items))
    return ";".join(written)


def _write(items: list[Item]) -> str:
    return "+".join(share + name for name, share in sorted(items, key=_greatest_first))


def _plain(text: str) -> str:
    """Take away what stands between a name and its share, and write 和 between items as +."""
    text = _BRACKETED_SHARE.sub(r"\1", text)
    text = _NAMED_SHARE.sub("", text)
    return _AND.sub("+", _OF.sub("", text))


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
    return _name(before or after), share[0]


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
            items.append((_name(name), share))
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


def _name(name: str) -> str:
    """Take away the spaces that normalising kept beside Chinese characters in a composition.

    And the case that it kept of what might be a unit (Mn, mN): a name is none.
    """
    name = re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", name)
    folded = name.casefold()
    return name if folded in _CASE_TELLS or not name.isascii() else folded
