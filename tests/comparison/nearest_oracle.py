"""What reasons say of other contents once more, written as plainly as can be: all pairs, no index."""

from collections import defaultdict

from catalogue.elements import edition_on, element_names
from comparison.forms import form_key, similarity
from comparison.judging import DeclaredText, Judged, Keys, judge
from comparison.models import EntryChoice, LibraryEntry, NearestPublic, RankedPublic
from comparison.projection import HIDDEN, project
from declarations.models import Content
from tests.comparison.oracle import (
    effective_verdicts,
    expected_entries,
    official_marks,
    public_contents,
)

Reasons = dict[tuple[int, int], dict[str, object]]


def expected_reasons() -> Reasons:
    """Compute what each entry without a verdict says of another content."""
    verdicts = effective_verdicts()
    contents = {c.pk: c for c in Content.objects.all()}
    texts = {
        pk: DeclaredText(c.hs_code, c.ie_flag, c.name, c.g_model) for pk, c in contents.items()
    }
    newest = edition_on()
    shown = {}
    for pk in public_contents(verdicts):
        one = project(contents[pk], newest, element_names(newest, contents[pk].hs_code))
        shown[pk] = DeclaredText(one.hs_code, one.ie_flag, one.name, one.g_model)
    own = defaultdict(dict)
    for (enterprise, pk), (mark, _) in official_marks(verdicts).items():
        if mark == "conforming":
            own[enterprise][pk] = texts[pk]
    chosen = {
        (c.enterprise_id, c.content_id) for c in EntryChoice.objects.filter(self_selected=True)
    }
    days = {(e.enterprise_id, e.content_id): e.last_declared_on for e in LibraryEntry.objects.all()}
    found: Reasons = {}
    for key, entry in expected_entries()[0].items():
        if entry.mark in {"conforming", "nonconforming"}:
            continue
        enterprise, pk = key
        mine = texts[pk]
        same = _same(pk, contents, own[enterprise], "own") or _same(pk, contents, shown, "public")
        if same:
            other, source = same
            theirs = (own[enterprise] if source == "own" else shown)[other]
            found[key] = _match(entry.mark, contents[pk], mine, contents[other], theirs, source)
        else:
            kind = "self_selected" if key in chosen else "none"
            names = element_names(edition_on(days[key]), mine.hs_code)
            nearest = _nearest(mine, contents, own[enterprise], shown, names)
            found[key] = {"kind": kind, "nearest": nearest}
    return found


def _same(pk, contents, others, source):
    def form(one):
        return form_key(one.hs_code, one.ie_flag, one.name, one.g_model)

    same = [other for other in others if form(contents[other]) == form(contents[pk])]
    if source == "public" and pk in same:
        return pk, source
    return (min(same, key=lambda o: bytes(contents[o].content_key)), source) if same else None


def _match(mark, content, mine, other, theirs, source):
    match = {"relation": "identical" if content.pk == other.pk else "same"}
    if match["relation"] == "same":
        judgement = judge(mine, theirs, b_keys=_keys(other))
        assert judgement.judged is Judged.SAME
        match["forms"] = [form.value for form in judgement.forms]
        match["hs_code"] = other.hs_code if other.hs_code != content.hs_code else ""
    if mark == "system_matched":
        return {"kind": "match", **match}
    return {"kind": "self_selected", "match": {"content": other.pk, "source": source, **match}}


def _keys(content):
    key = form_key(content.hs_code, content.ie_flag, content.name, content.g_model)
    return Keys(bytes(content.content_key), key)


def _nearest(mine, contents, own, shown, names):
    def in_block(text):
        return (text.hs_code[:8], text.ie_flag) == (mine.hs_code[:8], mine.ie_flag)

    # Greatest score first, own first, then the smallest key.
    ranked = sorted(
        (
            -round(similarity(mine.texts, text.texts), 6),
            source != "own",
            bytes(contents[other].content_key),
            other,
            source,
        )
        for source, texts in (("own", own), ("public", shown))
        for other, text in texts.items()
        if in_block(text)
    )
    if not ranked:
        return None
    score, _, _, other, source = ranked[0]
    theirs = (own if source == "own" else shown)[other]
    judgement = judge(mine, theirs, names=names)
    return {
        "content": other,
        "source": source,
        "score": -score,
        "differing": list(judgement.differing),
        "hidden": any(element.theirs == HIDDEN for element in judgement.elements),
    }


def stored_reasons() -> Reasons:
    """Read what the comparison has stored, in the same shape."""
    return {
        (entry.enterprise_id, entry.content_id): entry.reason
        for entry in LibraryEntry.objects.exclude(mark__in=["conforming", "nonconforming"])
    }


def nearest_stored() -> list[tuple[object, ...]]:
    """Read what is kept of the nearest public contents, for equality byte for byte."""
    ranked = RankedPublic.objects.order_by("pk").values_list(
        "pk", "hs8", "ie_flag", "parts", "text_key"
    )
    nearest = NearestPublic.objects.order_by("pk").values_list(
        "pk", "hs8", "ie_flag", "parts", "nearest", "score", "is_known", "is_told"
    )
    return [*ranked, *nearest]
