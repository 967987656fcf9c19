"""What mark a text would get if it were declared as it is, by today's data. Nothing is stored.

The order is that of the marks themselves (design: "Marks"; comparison/marking.py decides them in
SQL for stored contents). Set-based: four queries for any number of texts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from authorization.models import Enterprise
from comparison.judging import DeclaredText, Judged, keys_of
from comparison.models import (
    OFFICIAL_MARKS,
    EntryChoice,
    LibraryEntry,
    Mark,
    MatchSource,
    PublicContent,
)


@dataclass(frozen=True)
class Outlook:
    """The mark that a declared text would get, and what it would rest on.

    `judged` and `source` tell of the best conforming content that says the same; both are None
    where there is none.
    """

    mark: Mark
    judged: Judged | None = None
    source: MatchSource | None = None

    @property
    def sentence(self) -> str:
        """Say in Chinese which mark, and why; never that a text is 规范: that is for customs."""
        return f"{self._why}；如照此申报，按现有数据将标为“{self.mark.label}”。"

    @property
    def _why(self) -> str:
        if self.mark is Mark.CONFORMING:
            return "与本企业经海关审核为规范的申报内容一致"
        if self.mark is Mark.NONCONFORMING:
            return "与本企业经海关审核为不规范的申报内容一致，请先按审核原因改正"
        if self.mark is Mark.SELF_SELECTED:
            return "与本企业设为自选的申报内容一致"
        if self.judged is None or self.source is None:
            return "现有规范数据中没有相同的申报内容"
        whose = "本企业" if self.source is MatchSource.OWN else "公共库"
        how = "一致" if self.judged is Judged.IDENTICAL else "仅填报形式不同"
        return f"与{whose}的规范数据{how}"


def outlooks(enterprise: Enterprise, texts: Sequence[DeclaredText]) -> list[Outlook]:
    """Say for each text which mark it would get in this enterprise's library."""
    keys = [keys_of(text) for text in texts]
    contents = {key.content_key for key in keys}
    forms = {key.form_key for key in keys}
    official = _official(enterprise, contents)
    chosen = {
        bytes(key)
        for key in EntryChoice.objects.filter(
            enterprise=enterprise, self_selected=True, content__content_key__in=contents
        ).values_list("content__content_key", flat=True)
    }
    own, public = _conforming_own(enterprise, forms), _conforming_public(forms)
    found = []
    for key in keys:
        judged, source = None, None
        for whose, groups in ((MatchSource.OWN, own), (MatchSource.PUBLIC, public)):
            if judged is None and key.form_key in groups:
                identical = key.content_key in groups[key.form_key]
                judged, source = Judged.IDENTICAL if identical else Judged.SAME, whose
        if key.content_key in official:
            mark = official[key.content_key]
        elif key.content_key in chosen:
            mark = Mark.SELF_SELECTED
        else:
            mark = Mark.SYSTEM_MATCHED if judged else Mark.UNMARKED
        found.append(Outlook(mark, judged, source))
    return found


def _official(enterprise: Enterprise, contents: set[bytes]) -> dict[bytes, Mark]:
    """Find the enterprise's contents that customs judged: content key → mark."""
    rows = LibraryEntry.objects.filter(
        enterprise=enterprise, mark__in=OFFICIAL_MARKS, content__content_key__in=contents
    ).values_list("content__content_key", "mark")
    return {bytes(key): Mark(mark) for key, mark in rows}


def _conforming_own(enterprise: Enterprise, forms: set[bytes]) -> dict[bytes, set[bytes]]:
    """Find the enterprise's own conforming contents: form key → content keys."""
    rows = LibraryEntry.objects.filter(
        enterprise=enterprise, mark=Mark.CONFORMING, content__form__form_key__in=forms
    )
    return _grouped(rows.values_list("content__form__form_key", "content__content_key"))


def _conforming_public(forms: set[bytes]) -> dict[bytes, set[bytes]]:
    """Find public contents: form key → content keys."""
    rows = PublicContent.objects.visible().filter(content__form__form_key__in=forms)
    return _grouped(rows.values_list("content__form__form_key", "content__content_key"))


def _grouped(
    rows: Iterable[tuple[bytes | memoryview, bytes | memoryview]],
) -> dict[bytes, set[bytes]]:
    groups: dict[bytes, set[bytes]] = defaultdict(set)
    for form, content in rows:
        groups[bytes(form)].add(bytes(content))
    return dict(groups)
