"""最接近的规范数据: the conforming content most like an unmarked one. Help, never a mark."""

from dataclasses import dataclass
from datetime import date

from comparison.forms import similarity
from comparison.models import LibraryEntry, Mark, MatchSource, PublicContent

# How many conforming contents of the same eight-digit code are looked at, of each source: the
# enterprise's most used ones, and the public ones audited last,
# as far as others may know: equally near ones are told apart by this order.
CANDIDATES = 500


@dataclass(frozen=True)
class Reference:
    """A conforming content to compare with, as this enterprise may see it.

    Own ones come with their normalised text; public ones with the projection's, where hidden
    parts read 已隐去. `month` and `enterprise_count` are the projection's, for public ones.
    """

    source: MatchSource
    content_id: int
    hs_code: str
    name: str
    g_model: str
    month: date | None = None
    enterprise_count: int = 0


def own_reference(entry: LibraryEntry) -> Reference:
    """Make a reference of an entry of the enterprise's own library."""
    content = entry.content
    return Reference(MatchSource.OWN, content.pk, content.hs_code, content.name, content.g_model)


def public_reference(public: PublicContent) -> Reference:
    """Make a reference of a public content: only what the projection shows."""
    return Reference(
        MatchSource.PUBLIC,
        public.content_id,
        public.hs_code,
        public.name,
        public.g_model,
        public.latest_month,
        public.enterprise_count,
    )


def nearest_reference(entry: LibraryEntry) -> Reference | None:
    """Find the nearest conforming content of the same eight-digit code and 进出口标志.

    Own before public at the same likeness; costs two queries and at most 1,000 comparisons. None
    where neither this enterprise nor the public library has any.
    """
    mine = entry.content
    hs8 = mine.hs_code[:8]
    own = (
        LibraryEntry.objects.filter(
            enterprise_id=entry.enterprise_id,
            mark=Mark.CONFORMING,
            hs_code__startswith=hs8,
            ie_flag=mine.ie_flag,
        )
        .exclude(content_id=mine.pk)
        .select_related("content")
        .order_by("-row_count", "content_id")[:CANDIDATES]
    )
    public = (
        PublicContent.objects.visible()
        .filter(hs_code__startswith=hs8, ie_flag=mine.ie_flag)
        .exclude(content_id=mine.pk)
        .order_by("-shown_from", "-content_id")[:CANDIDATES]
    )
    references = [own_reference(e) for e in own] + [public_reference(p) for p in public]
    return max(
        references,
        key=lambda r: similarity((mine.name, mine.g_model), (r.name, r.g_model)),
        default=None,
    )
