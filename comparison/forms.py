"""When two contents say the same in another form, and in which forms they differ.

The form key is equal for contents of one eight-digit code that state the same facts; it is a
function of the content key's text, so that identical contents always have the same form key. It
is the basis of 系统匹配 and never of an official mark. Pure functions, no database.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from rapidfuzz.distance import Indel

from catalogue.reading.splitting import cut
from comparison.form_rules import ELEMENT_FORMS, NAME_FORMS, Form, write_element
from declarations.characters import FOLDED
from declarations.normalise import normalise_g_model, normalise_text
from declarations.script import simplify_every

FORMS_VERSION = 3
FORM_KEY_BYTES = 16
HS_DIGITS = 8
# The name says more than any one element; a part that differs never counts more than half.
NAME_WEIGHT = 2.0
DIFFERING_SHARE = 0.5


# Name and g_model of a content, in any form: as declared, normalised, or as the projection shows.
Texts = tuple[str, str]


class FormDifference(NamedTuple):
    """One difference of form: where, which, and how either side writes it.

    `part` counts the parts of g_model from 0; it is NAME_PART for the name.
    """

    part: int
    form: Form
    a: str
    b: str


NAME_PART = -1


def canonical_form(hs_code: str, ie_flag: str, name: str, g_model: str) -> tuple[str, ...]:
    """Write a content in the one way that stands for all its forms.

    Returns the eight-digit code, 进出口标志, the name, then each part of g_model without the empty
    ones at its end.
    """
    return (hs_code[:HS_DIGITS], ie_flag, *_written(name, g_model))


def form_key(hs_code: str, ie_flag: str, name: str, g_model: str) -> bytes:
    """Give the 16 bytes that contents share that say the same, in whatever form."""
    return key_of_parts(hs_code, ie_flag, _written(name, g_model))


def key_of_parts(hs_code: str, ie_flag: str, parts: Sequence[str]) -> bytes:
    """Give the form key of a content by its canonical parts (`canonical_parts`)."""
    form = (hs_code[:HS_DIGITS], ie_flag, *parts)
    encoded = f"{','.join(str(len(text)) for text in form)}:{''.join(form)}"
    return hashlib.blake2b(
        encoded.encode("utf-8", "surrogatepass"),
        digest_size=FORM_KEY_BYTES,
        person=b"form-%d" % FORMS_VERSION,
    ).digest()


def form_differences(a: Texts, b: Texts) -> list[FormDifference]:
    """Find in which forms two contents differ, part by part, where they state the same facts.

    A part that differs in a fact is left out: see `differing_parts`. For each part the fewest
    forms are named that make the two texts equal.
    """
    found = _part_differences(NAME_PART, a[0], b[0], NAME_FORMS)
    pairs = zip(cut(a[1]).raws, cut(b[1]).raws, strict=False)
    for part, (text_a, text_b) in enumerate(pairs):
        found += _part_differences(part, text_a, text_b, ELEMENT_FORMS)
    return found


def explain_forms(a: Texts, b: Texts) -> list[Form]:
    """Give the forms in which two contents differ, each once, in a fixed order.

    A Form is its code (`brand_wording`); for a page: `form_labels`.
    """
    forms = {difference.form for difference in form_differences(a, b)}
    return [form for form in Form if form in forms]


def form_labels(forms: Iterable[Form | str]) -> str:
    """Put forms or their codes into Chinese: 品牌写法、单位写法."""
    return "、".join(Form(form).label for form in forms)


def same_part(a: str, b: str) -> bool:
    """Say whether two texts of one element say the same, in any form."""
    return write_element(normalise_text(a)) == write_element(normalise_text(b))


def differing_parts(a_parts: Sequence[str], b_parts: Sequence[str]) -> list[int]:
    """Find the parts of two g_models that do not say the same, counted from 0.

    The parts are texts in any form; a missing part counts as an empty one.
    """
    count = max(len(a_parts), len(b_parts))
    return [i for i in range(count) if _element(a_parts, i) != _element(b_parts, i)]


def similarity(a: Texts, b: Texts) -> float:
    """Score how near two contents are, 0 to 1; 1 just when name and all parts say the same.

    The mean over the name (weight 2) and every part that either content fills (weight 1): 1 where
    both say the same, else half the share of characters in common (insertions and deletions).
    """
    return parts_similarity(_written(*a), _written(*b))


def canonical_parts(name: str, g_model: str) -> tuple[str, ...]:
    """Write the name, then each part without the empty ones at the end: what `similarity` compares."""
    return _written(name, g_model)


def parts_similarity(a: Sequence[str], b: Sequence[str]) -> float:
    """Score two contents whose name and parts are written in the one way (`canonical_parts`)."""
    weight, score = NAME_WEIGHT, NAME_WEIGHT * _likeness(a[0], b[0])
    for part_a, part_b in zip_longest(a[1:], b[1:], fillvalue=""):
        if part_a or part_b:
            weight += 1
            score += _likeness(part_a, part_b)
    return score / weight


def _likeness(a: str, b: str) -> float:
    return 1.0 if a == b else DIFFERING_SHARE * Indel.normalized_similarity(a, b)


# Looking for the nearest compares one content with many others.
@lru_cache(maxsize=1 << 12)
def _written(name: str, g_model: str) -> tuple[str, ...]:
    """Write the name, then each part, in the one way that stands for all forms."""
    parts = (part.written for part in filled_parts(g_model))
    return (write_element(normalise_text(name), NAME_FORMS), *parts)


class FilledPart(NamedTuple):
    """One part of a g_model: its normalised text, and the way that stands for all its forms."""

    raw: str
    written: str


def filled_parts(g_model: str) -> list[FilledPart]:
    """Cut a g_model into the parts that its form key is made of, without the empty ones at its end.

    An anti-dumping tail is a part of its own, whatever bars stand inside it or none before it.
    """
    normalised = normalise_g_model(g_model)
    raws = cut(normalised).raws if normalised else []
    return [FilledPart(raw, write_element(raw)) for raw in raws]


def _element(parts: Sequence[str], part: int) -> str:
    return write_element(normalise_text(parts[part])) if part < len(parts) else ""


def _part_differences(
    part: int, raw_a: str, raw_b: str, forms: frozenset[Form]
) -> list[FormDifference]:
    return [FormDifference(part, form, raw_a, raw_b) for form in needed_forms(raw_a, raw_b, forms)]


def needed_forms(raw_a: str, raw_b: str, forms: frozenset[Form]) -> tuple[Form, ...]:
    """Find the fewest of some forms that make two texts equal; none where they differ in a fact."""
    if raw_a == raw_b:
        return ()
    text_a, text_b = normalise_text(raw_a), normalise_text(raw_b)
    if write_element(text_a, forms) != write_element(text_b, forms):
        return ()
    needed = _folded_forms(raw_a, raw_b, same_text=text_a == text_b)
    if text_a != text_b:
        kept = set(forms)
        for form in _DROPPED_FIRST:
            rest = frozenset(kept - {form})
            if write_element(text_a, rest) == write_element(text_b, rest):
                kept.discard(form)
        needed |= kept
    return tuple(form for form in Form if form in needed)


# Where either of two rules would do, the one named later explains better: drop the earlier.
_DROPPED_FIRST = (
    Form.ORDER,
    Form.SPACE,
    Form.USE,
    Form.SYMBOL,
    Form.DIMENSION,
    Form.NUMERAL,
    Form.UNIT,
    Form.NONE,
    Form.MODEL,
    Form.BRAND,
    Form.LABEL,
    Form.SEPARATOR,
    Form.SCRIPT,
)


def _folded_forms(raw_a: str, raw_b: str, *, same_text: bool) -> set[Form]:
    """Find the forms that normalising has folded already: width and case, script, spaces.

    Where the texts differ in more than that, only full-width letters and digits are called a
    difference of width: a full-width colon belongs to a label.
    """
    found: set[Form] = set()
    if _traditional(raw_a) != _traditional(raw_b):
        found.add(Form.SCRIPT)
    if _changed_by_width(raw_a, same_text) != _changed_by_width(raw_b, same_text):
        found.add(Form.WIDTH_CASE)
    if same_text:
        a, b = (simplify_every(raw.translate(FOLDED)) for raw in (raw_a, raw_b))
        if a.replace(" ", "") != b.replace(" ", ""):
            found.add(Form.WIDTH_CASE)
        if a.casefold() != b.casefold():
            found.add(Form.SPACE)
    return found


def _changed_by_width(raw: str, punctuation_too: bool) -> Counter[str]:
    folded = ((c, c.translate(FOLDED)) for c in raw if not c.isspace() and simplify_every(c) == c)
    return Counter(c for c, to in folded if to != c and (punctuation_too or to.isalnum()))


def _traditional(raw: str) -> Counter[str]:
    return Counter(c for c in raw if simplify_every(c) != c)
