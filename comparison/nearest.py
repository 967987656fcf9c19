"""Conforming contents to compare a text with: the enterprise's own first, then public ones.

Help, never a mark. Which are near is ranked by comparison.forms.similarity; what each is to the
text, comparison.judging says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, QuerySet

from authorization.models import Enterprise
from catalogue.elements import ElementName, edition_on, element_names
from comparison.forms import HS_DIGITS, similarity
from comparison.judging import DeclaredText, Judgement, Keys, judge, keys_of
from comparison.models import (
    LibraryEntry,
    Mark,
    MatchSource,
    PublicContent,
    PublicContentQuerySet,
)

# How many conforming contents of the same eight-digit code are looked at, of each source: the
# enterprise's most used ones, and the public ones audited last,
# as far as others may know: equally near ones are told apart by this order.
CANDIDATES = 500


@dataclass(frozen=True)
class Reference:
    """A conforming content to compare with, as this enterprise may see it.

    Own ones come with their normalised text; public ones with the projection's, where hidden
    parts read 已隐去. `month` and `enterprise_count` are the projection's, for public ones. `keys`
    are the content's own and go nowhere but into a judgement.
    """

    source: MatchSource
    content_id: int
    text: DeclaredText
    keys: Keys
    month: date | None = None
    enterprise_count: int = 0

    @property
    def hs_code(self) -> str:
        """The ten-digit code."""
        return self.text.hs_code


@dataclass(frozen=True)
class JudgedReference:
    """A reference, and what it is to the text that it was found for."""

    reference: Reference
    judgement: Judgement


def own_reference(entry: LibraryEntry) -> Reference:
    """Make a reference of an entry of the enterprise's own library (see `own_entries`)."""
    content = entry.content
    text = DeclaredText(content.hs_code, content.ie_flag, content.name, content.g_model)
    return Reference(MatchSource.OWN, content.pk, text, _keys_of(entry))


def public_reference(public: PublicContent) -> Reference:
    """Make a reference of a public content: only what the projection shows (see `public_ones`)."""
    return Reference(
        MatchSource.PUBLIC,
        public.content_id,
        DeclaredText(public.hs_code, public.ie_flag, public.name, public.g_model),
        _keys_of(public),
        public.latest_month,
        public.enterprise_count,
    )


def own_entries(enterprise_id: int) -> QuerySet[LibraryEntry]:
    """Return the conforming entries of an enterprise, with what `own_reference` needs."""
    return (
        LibraryEntry.objects.filter(enterprise_id=enterprise_id, mark=Mark.CONFORMING)
        .select_related("content")
        .annotate(key=F("content__content_key"), form=F("content__form__form_key"))
    )


def public_ones() -> PublicContentQuerySet:
    """Return what is public now, with what `public_reference` needs."""
    return PublicContent.objects.visible().annotate(
        key=F("content__content_key"), form=F("content__form__form_key")
    )


def find_references(
    enterprise: Enterprise,
    text: DeclaredText,
    limit: int,
    *,
    names: tuple[ElementName, ...] | None = None,
    without: int | None = None,
) -> list[JudgedReference]:
    """Find the conforming contents nearest to a text: own ones, then public ones, `limit` of each.

    What says the same comes first in its half, then the most like. A public content that is the
    enterprise's own as well stands among its own only. `names` is the element list to explain by
    (default: the newest edition's in force); `without` leaves one content out. Costs four queries
    and at most 1,000 comparisons.
    """
    keys = keys_of(text)
    near = {"hs_code__startswith": text.hs_code[:HS_DIGITS], "ie_flag": text.ie_flag}
    own = own_entries(enterprise.pk).filter(**near).order_by("-row_count", "content_id")
    public = public_ones().newest_of_code(text.hs_code, text.ie_flag)
    if without is not None:
        own, public = own.exclude(content_id=without), public.exclude(content_id=without)
    # The one that says the same may stand behind the most used 500.
    own_found = _distinct(
        own_reference(entry)
        for entry in [*own.filter(content__form__form_key=keys.form_key), *own[:CANDIDATES]]
    )
    held = {reference.content_id for reference in own_found}
    public_found = _distinct(
        public_reference(content)
        for content in [*public.filter(content__form__form_key=keys.form_key), *public[:CANDIDATES]]
        if content.content_id not in held
    )
    if names is None:
        names = element_names(edition_on(), text.hs_code)
    return [
        JudgedReference(one, judge(text, one.text, names=names, b_keys=one.keys))
        for found in (own_found, public_found)
        for one in _nearest(text, keys, found)[:limit]
    ]


def nearest_reference(entry: LibraryEntry) -> JudgedReference | None:
    """Find the conforming content nearest to an entry, explained by its last declared date.

    Own before public at the same likeness; None where neither this enterprise nor the public
    library has any of the same eight-digit code and 进出口标志.
    """
    mine = text_of(entry)
    names = element_names(edition_on(entry.last_declared_on), entry.hs_code)
    found = find_references(entry.enterprise, mine, 1, names=names, without=entry.content_id)
    return max(found, key=lambda one: one.judgement.score, default=None)


def text_of(entry: LibraryEntry) -> DeclaredText:
    """Return the normalised text of an entry's content."""
    content = entry.content
    return DeclaredText(content.hs_code, content.ie_flag, content.name, content.g_model)


def _nearest(text: DeclaredText, keys: Keys, found: list[Reference]) -> list[Reference]:
    """Sort references: identical, then the same in another form, then by likeness."""

    def rank(reference: Reference) -> tuple[bool, bool, float]:
        identical = reference.keys.content_key == keys.content_key
        same = reference.keys.form_key == keys.form_key
        return identical, same, similarity(text.texts, reference.text.texts)

    return sorted(found, key=rank, reverse=True)


def _distinct(references: Iterable[Reference]) -> list[Reference]:
    return list({one.content_id: one for one in references}.values())


def _keys_of(annotated: LibraryEntry | PublicContent) -> Keys:
    """Read the annotated keys; a content that has no form yet is like nothing but itself."""
    form = annotated.form  # type: ignore[union-attr]
    return Keys(bytes(annotated.key), bytes(form or b""))  # type: ignore[union-attr]
