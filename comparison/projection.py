"""The one way in which a content is shown to others (design: "Publication and privacy").

One spelling computed from the content alone, never a party's goods. Parts that the reading does
not place under a named element with certainty, producers' names and the anti-dumping tail are
hidden, dates appear as the year; what is hidden is not indexed either. Every read of another
enterprise's content goes through here at read time.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from django.db import connection

from catalogue.editions import list_keys
from catalogue.elements import (
    WITHHELD,
    ElementName,
    Part,
    PartKind,
    edition_on,
    element_names,
    read_by,
)
from catalogue.models import Edition
from comparison.display import display_text
from comparison.failures import each
from comparison.models import PublicContent
from comparison.publication import OFFICIAL, PARTIES, PUBLIC_LINES
from comparison.stages import Stage, timed
from declarations.models import Content
from declarations.normalise import search_grams, search_text
from declarations.script import simplify_every

HIDDEN = WITHHELD
NO_LONGER_PUBLIC = "该参考数据已不公开"
PROJECTION_VERSION = 3
# Below this many enterprises a count is not shown, and a month only as its quarter.
FEW_ENTERPRISES = 3
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})")
_CAS = re.compile(r"\d{2,7}-\d{2}-\d")
_GTIN = re.compile(r"\d{8}|\d{12,14}")
# A producer may be named where no list asks for one.
_COMPANY = re.compile(
    r"公司|集团|有限|株式会社|商社|\w{2}厂\Z|\b(?:co\.?,? ?ltd|inc|corp|gmbh|llc)\b", re.IGNORECASE
)
_QUARTERS = "一二三四"

_STATISTICS = f"""
WITH {PARTIES}, {OFFICIAL}, {PUBLIC_LINES}, publisher AS (
    SELECT content_id, agent_id AS enterprise_id FROM public_line
    UNION SELECT content_id, trader_id FROM public_line
), counted AS (
    SELECT content_id, count(*) AS publishers FROM publisher GROUP BY content_id
), said AS (
    SELECT content_id, array_agg(DISTINCT trade_mode ORDER BY trade_mode) AS modes,
           max(audit_month) AS month
      FROM public_line GROUP BY content_id
), wanted AS (
    SELECT * FROM said JOIN counted USING (content_id)
)
UPDATE comparison_publiccontent c
   SET trade_modes = w.modes, latest_month = w.month, enterprise_count = w.publishers
  FROM wanted w
 WHERE w.content_id = c.content_id
   AND (c.trade_modes::text[], c.latest_month, c.enterprise_count)
       IS DISTINCT FROM (w.modes::text[], w.month, w.publishers::int)
"""


@cache
def hidden_element_words() -> tuple[tuple[str, str], ...]:
    """Load the data list of element names that are hidden or shown as a year: (word, how)."""
    path = Path(__file__).parent / "data" / "hidden_elements.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            (row["contains"], row["shown_as"]) for row in csv.DictReader(lines, delimiter="\t")
        )


def shown_value(part: Part) -> str:
    """Give the text of a part as others may see it: itself, its year, or 已隐去.

    The reading's certainty counts part by part: in a string with a shift, what surely stands under
    its element is shown, and all else hidden. Who names a company is hidden under any element.
    """
    value = part.value.strip()
    if part.kind in {PartKind.BRAND_TYPE, PartKind.EXPORT_BENEFIT} or not value:
        return value
    if not part.is_certain or _COMPANY.search(value):
        return HIDDEN
    if part.kind is PartKind.ELEMENT:
        how = next((how for word, how in hidden_element_words() if word in part.name), "")
        if how == "year":
            year = _YEAR.search(value)
            return year.group(1) if year else HIDDEN
        return HIDDEN if how else display_text(value)
    if part.kind is PartKind.CAS and _CAS.fullmatch(value):
        return value
    if part.kind is PartKind.GTIN and _GTIN.fullmatch(value):
        return value
    return HIDDEN


def project(
    content: Content,
    edition: Edition | None,
    names: Sequence[ElementName] | None,
    list_key: str = "",
) -> PublicContent:
    """Compute what others see of a content by an element list, which has a key; not saved."""
    # Normalising keeps a traditional character that may be either of two words; which script its
    # party writes is the party's own.
    reading = read_by(
        simplify_every(content.g_model), content.ie_flag, edition, names, content.hs_code
    )
    shown = [(part, shown_value(part)) for part in reading.parts]
    name = display_text(simplify_every(content.name))
    indexed = "|".join(value for _, value in shown if value != HIDDEN)
    return PublicContent(
        content=content,
        hs_code=content.hs_code,
        ie_flag=content.ie_flag,
        name=name,
        g_model="|".join(value for _, value in shown),
        elements=[
            {
                "kind": part.kind.value,
                "number": part.number,
                "name": part.name,
                "category": part.category,
                "value": value,
                "meaning": part.meaning,
            }
            for part, value in shown
        ],
        search_text=search_text(name, indexed),
        search_grams=search_grams(search_text(name, indexed)),
        version=PROJECTION_VERSION,
        list_key=list_key,
    )


@timed(Stage.PROJECTIONS)
def refresh_projections(content_ids: Sequence[int]) -> None:
    """Store the projection of each public content among these, and its statistics.

    The caller has set the public flags. One made by older rules, or by another element list than
    that of the newest edition in force, is made anew. A projection of a content that is no longer
    public stays stored; no query shows it. Raises ContentsFailed.
    """
    edition = edition_on()
    public = Content.objects.filter(pk__in=content_ids, is_public=True)
    codes = {pk: hs_code[:8] for pk, hs_code in public.values_list("pk", "hs_code")}
    keys = list_keys(edition, set(codes.values()))
    held = _held(codes)
    missing = [pk for pk, hs8 in codes.items() if held.get(pk) != (PROJECTION_VERSION, keys[hs8])]
    fresh = each(
        list(Content.objects.filter(pk__in=missing).order_by("pk")),
        lambda c: project(c, edition, element_names(edition, c.hs_code), keys[c.hs_code[:8]]),
    )
    PublicContent.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["content"],
        update_fields=[
            "name",
            "g_model",
            "elements",
            "search_text",
            "search_grams",
            "version",
            "list_key",
        ],
    )
    refresh_statistics(content_ids)


def refresh_statistics(content_ids: Sequence[int]) -> None:
    """Store the months, 监管方式 and number of publishers of those among these that have a projection."""
    with connection.cursor() as cursor:
        cursor.execute(_STATISTICS, {"contents": list(content_ids)})


def outdated_among(content_ids: Sequence[int]) -> set[int]:
    """Return those whose stored projection was made by older rules, or by another element list.

    A content without a projection is none of them: nothing of it is shown.
    """
    codes = dict(
        PublicContent.objects.filter(pk__in=content_ids).values_list("content_id", "hs_code")
    )
    keys = list_keys(edition_on(), {hs_code[:8] for hs_code in codes.values()})
    held = _held(codes)
    return {pk for pk, code in codes.items() if held[pk] != (PROJECTION_VERSION, keys[code[:8]])}


def _held(content_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """By which rules and element list the stored projections were made: content id → both."""
    rows = PublicContent.objects.filter(pk__in=list(content_ids))
    return {
        pk: (version, key) for pk, version, key in rows.values_list("pk", "version", "list_key")
    }


def shown_month(month: date | None, enterprise_count: int) -> str:
    """Give an audit month as others may see it: the quarter when fewer than three publish it."""
    if month is None:
        return ""
    if enterprise_count < FEW_ENTERPRISES:
        return f"{month:%Y} 年第{_QUARTERS[(month.month - 1) // 3]}季度"
    return f"{month:%Y-%m}"


def shown_count(enterprise_count: int) -> str:
    """Give how many enterprises publish a content as others may see it."""
    return f"<{FEW_ENTERPRISES}" if enterprise_count < FEW_ENTERPRISES else str(enterprise_count)
