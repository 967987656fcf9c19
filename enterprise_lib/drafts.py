"""Drafts: what an enterprise keeps of texts that it means to declare, and how it changes them.

A draft is its enterprise's alone. Nothing here touches contents, entries or marks, so that a draft
is never marked, counted or public (design: "Data").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from authorization.models import Enterprise, User
from catalogue.models import Edition
from declarations.models import Content, IEFlag
from enterprise_lib.models import Draft

# What the 报关单 takes of a name and of a 规格型号 (DecMessage schema: GName, GModel).
DECLARED_LENGTH = 255
# A draft may be longer while it is worked on; beyond this nothing is a 规格型号.
LONGEST_G_MODEL = 2_000
MOST_DRAFTS = 20_000


class DraftRefused(Exception):
    """The text can't be kept as a draft; the text is a sentence for the user."""


@dataclass(frozen=True)
class DraftText:
    """What a draft holds: `hs_code` of 8 to 10 digits, `ie_flag` I or E."""

    hs_code: str
    ie_flag: str
    name: str
    g_model: str

    def check(self) -> None:
        """Raise DraftRefused where the text can't be stored."""
        digits = self.hs_code.isascii() and self.hs_code.isdigit()
        if not (digits and 8 <= len(self.hs_code) <= 10):
            raise DraftRefused("商品编码应为 10 位数字，请改正后再存为草稿。")
        if self.ie_flag not in IEFlag.values:
            raise DraftRefused("请选择进口或出口，再存为草稿。")
        if not (self.name.strip() or self.g_model.strip()):
            raise DraftRefused("商品名称和规格型号都为空，请填写后再存为草稿。")
        if len(self.name) > DECLARED_LENGTH:
            raise DraftRefused(
                f"商品名称有 {len(self.name):,} 个字，超过 {DECLARED_LENGTH} 个，请删减后再存为草稿。"
            )
        if len(self.g_model) > LONGEST_G_MODEL:
            raise DraftRefused(
                f"规格型号有 {len(self.g_model):,} 个字，超过 {LONGEST_G_MODEL:,} 个，"
                "请删减后再存为草稿。"
            )


def drafts_of(enterprise: Enterprise) -> QuerySet[Draft]:
    """Return the drafts of one enterprise, and of no other."""
    return Draft.objects.filter(enterprise=enterprise)


def save_draft(
    enterprise: Enterprise,
    user: User,
    *,
    hs_code: str,
    ie_flag: str,
    name: str,
    g_model: str,
    source_content: Content | None = None,
    edition: Edition | None = None,
) -> Draft:
    """Keep a text as a draft of the enterprise and return it.

    The same text of the same source again is the same draft, brought to the top: a second click
    makes no second one. Raises DraftRefused, whose text says what to do.
    """
    text = DraftText(hs_code, ie_flag, name, g_model)
    return save_drafts(enterprise, user, [text], source_content, edition)[0]


@transaction.atomic
def save_drafts(
    enterprise: Enterprise,
    user: User,
    texts: Sequence[DraftText],
    source_content: Content | None = None,
    edition: Edition | None = None,
) -> list[Draft]:
    """Keep several texts at once, all or none; otherwise as `save_draft`.

    Costs two queries and one for each text that is kept already.
    """
    texts = [_storable(text) for text in texts]
    for text in texts:
        text.check()
    # Two savers of one enterprise wait for each other here, so that neither doubles the other's.
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    held = {
        _text_of(draft): draft
        for draft in drafts_of(enterprise).filter(
            source_content=source_content, hs_code__in={text.hs_code for text in texts}
        )
    }
    fresh: dict[DraftText, Draft] = {}
    for text in texts:
        if text in held:
            held[text].edition = edition
            held[text].save(update_fields=["edition", "updated_at"])
        else:
            fresh[text] = Draft(
                enterprise=enterprise,
                hs_code=text.hs_code,
                ie_flag=text.ie_flag,
                name=text.name,
                g_model=text.g_model,
                source_content=source_content,
                edition=edition,
                created_by=user,
            )
    if fresh and drafts_of(enterprise).count() + len(fresh) > MOST_DRAFTS:
        raise DraftRefused(f"草稿最多保留 {MOST_DRAFTS:,} 条，请先删除不用的草稿。")
    Draft.objects.bulk_create(fresh.values())
    return [(held | fresh)[text] for text in texts]


def change_draft(draft: Draft, text: DraftText, edition: Edition | None) -> None:
    """Replace a draft's text, read by `edition`. Raises DraftRefused; the draft then stays."""
    changed = _storable(text)
    changed.check()
    draft.hs_code, draft.ie_flag = changed.hs_code, changed.ie_flag
    draft.name, draft.g_model = changed.name, changed.g_model
    draft.edition = edition
    draft.updated_at = timezone.now()
    draft.save()


def find_drafts(enterprise: Enterprise, ids: Iterable[int]) -> list[Draft]:
    """Return the enterprise's drafts of these numbers, newest first; raises DoesNotExist.

    One that is another's, or is gone, is not found at all: all or nothing.
    """
    wanted = set(ids)
    found = list(
        drafts_of(enterprise)
        .filter(pk__in=wanted)
        .select_related("edition")
        .order_by("-updated_at", "-pk")
    )
    if len(found) != len(wanted):
        raise Draft.DoesNotExist
    return found


def delete_drafts(enterprise: Enterprise, ids: Iterable[int]) -> int:
    """Delete drafts of the enterprise and return how many there were."""
    count, _ = drafts_of(enterprise).filter(pk__in=set(ids)).delete()
    return count


def _text_of(draft: Draft) -> DraftText:
    return DraftText(draft.hs_code, draft.ie_flag, draft.name, draft.g_model)


def _storable(text: DraftText) -> DraftText:
    """Take out what no database text holds: NUL, and halves of surrogate pairs."""
    name, g_model = (
        part.replace("\x00", "").encode("utf-8", "ignore").decode()
        for part in (text.name, text.g_model)
    )
    return replace(text, name=name, g_model=g_model)
