"""Whether two declared texts say the same: the one judgement behind marks, reasons and 自检.

There are three answers (docs/decisions/normalising.md): identical (equal content keys), the same in
another form (equal form keys), different. Marks compute the two keys once for each content and
compare them in SQL (comparison/marking.py); everything that judges two texts asks `judge`, which
compares just these keys and says why in Chinese. Pure functions, no database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices

from catalogue.elements import ElementName, read_by
from comparison.findings import ANOTHER_FACT, Finding, Relation, find
from comparison.form_rules import Form
from comparison.forms import (
    HS_DIGITS,
    Texts,
    form_key,
    form_labels,
    similarity,
)
from comparison.projection import HIDDEN
from comparison.sidebyside import ComparedElement, show
from declarations.models import IEFlag
from declarations.normalise import content_key, normalise_g_model, normalise_text

# Texts that differ never score as those that say the same do.
MOST_LIKE = 0.999
# How many elements a sentence names before it only counts the rest.
NAMED_ELEMENTS = 6


class Judged(TextChoices):
    """What two declared texts are to each other."""

    IDENTICAL = "identical", "一致"
    SAME = "same", "仅形式不同"
    DIFFERS = "differs", "不同"


@dataclass(frozen=True)
class DeclaredText:
    """What a line declares: `hs_code` of ten digits, `ie_flag` I or E, any texts."""

    hs_code: str
    ie_flag: str
    name: str
    g_model: str

    @property
    def texts(self) -> Texts:
        """The name and the g_model."""
        return self.name, self.g_model

    @property
    def as_folded(self) -> "DeclaredText":
        """The text with name and g_model as a content keeps them."""
        name, g_model = normalise_text(self.name), normalise_g_model(self.g_model)
        return DeclaredText(self.hs_code, self.ie_flag, name, g_model)


class Keys(NamedTuple):
    """By what two texts are told identical, and the same in another form."""

    content_key: bytes
    form_key: bytes


@dataclass(frozen=True)
class Judgement:
    """The answer; `score` is 1 just where both say the same, else how near they are (0 to 1).

    `reason` is one Chinese sentence. `forms` are those in which they differ, `differing` the names
    of what states another fact (商品名称, or elements), `findings` what was found element by element.
    What a projection hides is neither named nor counted in `differing`.
    """

    judged: Judged
    score: float
    reason: str
    forms: tuple[Form, ...] = ()
    differing: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def elements(self) -> list[ComparedElement]:
        """Both sides element by element, as a page shows them."""
        return show(self.findings)

    @property
    def says_the_same(self) -> bool:
        """Whether both state the same facts, identical or in another form."""
        return self.judged is not Judged.DIFFERS


def keys_of(text: DeclaredText) -> Keys:
    """Compute both keys of a text."""
    parts = (text.hs_code, text.ie_flag, text.name, text.g_model)
    return Keys(content_key(*parts), form_key(*parts))


def judge(
    a: DeclaredText,
    b: DeclaredText,
    *,
    names: Sequence[ElementName] | None = None,
    b_keys: Keys | None = None,
) -> Judgement:
    """Judge two declared texts; never raises.

    `names` is the element list by which both sides are read, to name what differs. `b_keys` are the
    keys of the content whose text `b` shows: its normalised text, or the projection of another's.
    The answer is then the content's own, while score and reason come from what is shown alone.
    """
    if a.hs_code[:HS_DIGITS] != b.hs_code[:HS_DIGITS]:
        return _apart(f"商品编码前八位不同（{a.hs_code[:HS_DIGITS]} 与 {b.hs_code[:HS_DIGITS]}）")
    if a.ie_flag != b.ie_flag:
        return _apart(f"进出口标志不同（{_flag(a)}与{_flag(b)}）")
    judged = _compare_keys(keys_of(a), b_keys or keys_of(b))
    # How a stored content was spelled is not shown, so that its spelling is no difference.
    findings = _find(a, b, names) if b_keys is None else _find(a.as_folded, b.as_folded, names)
    if judged is Judged.DIFFERS:
        score = min(similarity(a.texts, b.texts), MOST_LIKE)
        differing = tuple(f.element for f in findings if f.relation in ANOTHER_FACT)
        reason = _where_they_differ(differing, findings)
        return Judgement(judged, score, reason, differing=differing, findings=findings)
    needed = {form for finding in findings for form in finding.forms}
    forms = tuple(form for form in Form if form in needed)
    return Judgement(judged, 1.0, _how_they_differ(a, b, judged, forms), forms, findings=findings)


def _compare_keys(a: Keys, b: Keys) -> Judged:
    if a.content_key == b.content_key:
        return Judged.IDENTICAL
    return Judged.SAME if a.form_key == b.form_key else Judged.DIFFERS


def _apart(why: str) -> Judgement:
    """What never is compared: another code, another direction."""
    return Judgement(Judged.DIFFERS, 0.0, f"{why}，不能互相参照。")


def _flag(text: DeclaredText) -> str:
    flag = text.ie_flag
    return str(IEFlag(flag).label) if flag in IEFlag.values else flag or "空"


def _find(
    a: DeclaredText, b: DeclaredText, names: Sequence[ElementName] | None
) -> tuple[Finding, ...]:
    mine = read_by(a.g_model, a.ie_flag, None, names, a.hs_code)
    theirs = read_by(b.g_model, b.ie_flag, None, names, b.hs_code)
    return tuple(find(a.name, mine, b.name, theirs, hidden_word=HIDDEN))


def _how_they_differ(
    a: DeclaredText, b: DeclaredText, judged: Judged, forms: tuple[Form, ...]
) -> str:
    written = form_labels(forms)
    if judged is Judged.IDENTICAL:
        return f"申报内容一致，只有{written}不同。" if written else "申报内容一致。"
    codes = ""
    if a.hs_code != b.hs_code:
        codes = f"商品编码末两位不同（{a.hs_code} 与 {b.hs_code}）"
        if not written:
            return f"前八位相同，{codes}，其余申报内容一致。"
    return f"仅填报形式不同：{written or '书写形式'}" + (f"；{codes}。" if codes else "。")


def _where_they_differ(differing: tuple[str, ...], findings: Sequence[Finding]) -> str:
    if differing:
        named = "".join(f"“{name}”" for name in differing[:NAMED_ELEMENTS])
        rest = f"等 {len(differing)} 项" if len(differing) > NAMED_ELEMENTS else ""
        return f"在{named}{rest}上不同。"
    if any(finding.relation is Relation.HIDDEN for finding in findings):
        return f"在可见的各项上没有不同，{HIDDEN}的部分不作比对。"
    return "各项内容相同，但所在位置不同。"
