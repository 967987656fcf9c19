"""Editions: storing one that was read, putting it in force, withdrawing it.

Each is one transaction under one lock, so that two administrators, or an import and an
administrator, never see each other's half. What is in force decides how contents are read: with
every change of it goes an outbox row for each code whose list changed (catalogue/effective.py).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db import connection, transaction
from django.utils import timezone

from authorization.change_models import ChangeEvent
from authorization.events import NOBODY, By, note_of
from catalogue.effective import changed_codes
from catalogue.importing.result import ReadCatalogue, ReadCode, UnreadableCatalogue
from catalogue.lists import list_key
from catalogue.models import CatalogueCode, Edition, Element, Outbox, SourceKind
from catalogue.outbox import wake_comparison

# An arbitrary number of our own; pg_locks shows it as the lock's objid.
EDITIONS_LOCK = 20_190_020
_NAME_LENGTH = Element._meta.get_field("name").max_length or 255

_COPY_HEADINGS = (
    "COPY catalogue_catalogueheading (edition_id, level, code, parent, name, note) FROM STDIN"
)
_COPY_CODES = (
    "COPY catalogue_cataloguecode (edition_id, hs8, heading, name, path, inherited_from, page,"
    " note, list_key) FROM STDIN"
)
_COPY_ELEMENTS = (
    "COPY catalogue_element (code_id, number, name, category, printed_number) FROM STDIN"
)
_WRITE_OUTBOX = """
INSERT INTO catalogue_outbox (chapter, hs8, cause, cause_id, written_at)
SELECT left(hs8, 2), hs8, %s, %s, now() FROM unnest(%s::text[]) WITH ORDINALITY AS c(hs8, place)
 ORDER BY place
"""


@dataclass(frozen=True)
class Source:
    """The file that an edition was read from: `sha256` in hexadecimal tells it from others."""

    kind: SourceKind
    name: str
    sha256: str


@dataclass(frozen=True)
class Stored:
    """What storing did. `is_new` is False where the same file was held already.

    `replaced` is the revision of the year that went out of force for it; `changed` how many codes
    are to be read anew.
    """

    edition: Edition
    is_new: bool
    codes: int = 0
    elements: int = 0
    changed: int = 0
    replaced: Edition | None = None
    was_put_in_force: bool = False

    @property
    def sentence(self) -> str:
        """Say it in Chinese."""
        edition = self.edition
        if not self.is_new:
            text = f"这个文件与已有的 {edition} 完全相同，没有重复装入。"
            if self.was_put_in_force:
                return text + _in_force_text(self)
            return text + ("该版本已启用。" if edition.in_force else "该版本未启用。")
        text = f"已装入 {edition}：{self.codes} 个税则号列，{self.elements} 个申报要素。"
        if self.was_put_in_force:
            return text + _in_force_text(self)
        return text + "尚未启用，请由管理员核对读取报告后启用。"


def _in_force_text(stored: Stored) -> str:
    how = f"已启用，代替 {stored.replaced}" if stored.replaced else "已启用"
    if not stored.changed:
        return f"{how}；各税则号列的申报要素没有变化。"
    return f"{how}；{stored.changed} 个税则号列的申报要素有变化，相关申报内容将重新比对。"


def lock_editions() -> None:
    """Wait until no other transaction stores, puts in force or withdraws, until this one ends."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("lock_editions needs a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EDITIONS_LOCK])


def held_revision(year: int, sha256: str) -> Edition | None:
    """Find the revision of a year that was read from this very file."""
    return Edition.objects.filter(year=year, source_hash=sha256).order_by("-revision").first()


def store_edition(
    read: ReadCatalogue,
    *,
    year: int,
    effective_from: date,
    effective_to: date | None,
    source: Source,
    in_force: bool = False,
    by: By = NOBODY,
) -> Stored:
    """Store a catalogue that was read and checked: all of it, or nothing.

    A year that is held gets a new revision; where an edition of that year is in force the new one
    replaces it at once. A new year is put in force only with `in_force`. The same file again
    stores nothing. Raises UnreadableCatalogue for what no table can hold.
    """
    _refuse_what_cannot_be_kept(read)
    with transaction.atomic():
        lock_editions()
        held = held_revision(year, source.sha256)
        if held is not None:
            if not in_force or held.in_force:
                return Stored(held, is_new=False)
            switched = _switch(held, on=True, by=by)
            return Stored(
                held,
                is_new=False,
                changed=switched.changed,
                replaced=switched.replaced,
                was_put_in_force=True,
            )
        newest = Edition.objects.filter(year=year).order_by("-revision").first()
        edition = Edition.objects.create(
            year=year,
            revision=newest.revision + 1 if newest else 1,
            effective_from=effective_from,
            effective_to=effective_to,
            source_hash=source.sha256,
            source_kind=source.kind,
            source_name=source.name[-255:],
            report=read.report.as_json(),
        )
        elements = _copy(edition, read)
        facts = {"file_name": edition.source_name, "codes_held": len(read.codes)}
        stored = ChangeEvent.Kind.EDITION_STORED
        note_of(stored, ChangeEvent.Of.EDITION, edition, by, after=facts)
        replaces = Edition.objects.filter(year=year, in_force=True).exists()
        if not (in_force or replaces):
            return Stored(edition, is_new=True, codes=len(read.codes), elements=elements)
        switched = _switch(edition, on=True, by=by)
        return Stored(
            edition,
            is_new=True,
            codes=len(read.codes),
            elements=elements,
            changed=switched.changed,
            replaced=switched.replaced,
            was_put_in_force=True,
        )


@dataclass(frozen=True)
class Switched:
    """What putting in force or withdrawing did: how many codes' lists changed, and for whom.

    `is_done` is False where it was so already, and nothing changed.
    """

    is_done: bool
    changed: int = 0
    replaced: Edition | None = None


def put_in_force(edition: Edition, by: By = NOBODY) -> Switched:
    """Put a stored edition in force; another revision of its year goes out of force."""
    with transaction.atomic():
        lock_editions()
        edition.refresh_from_db()
        return _switch(edition, on=True, by=by)


def withdraw(edition: Edition, by: By = NOBODY) -> Switched:
    """Take an edition out of force; it stays held and may be put in force again."""
    with transaction.atomic():
        lock_editions()
        edition.refresh_from_db()
        return _switch(edition, on=False, by=by)


def codes_that_would_change(edition: Edition, *, on: bool) -> list[str]:
    """List the codes whose lists would change if the edition were put in force, or withdrawn."""
    before = _in_force()
    return changed_codes(before, _after(before, edition, on=on))


def _in_force() -> list[Edition]:
    return list(Edition.objects.filter(in_force=True))


def _after(before: Sequence[Edition], edition: Edition, *, on: bool) -> list[Edition]:
    """Give what would be in force: one revision of a year at most."""
    others = [held for held in before if held.year != edition.year]
    if on:
        return [*others, edition]
    return [held for held in before if held.pk != edition.pk]


def _switch(edition: Edition, *, on: bool, by: By) -> Switched:
    """Change what is in force, write the log and the outbox; the caller holds the lock."""
    if edition.in_force == on:
        return Switched(is_done=False)
    before = _in_force()
    after = _after(before, edition, on=on)
    codes = changed_codes(before, after)
    replaced = next((held for held in before if held not in after), None) if on else None
    Edition.objects.filter(pk__in=[held.pk for held in before if held not in after]).update(
        in_force=False, in_force_since=None
    )
    if on:
        edition.in_force_since = timezone.now()
    else:
        edition.in_force_since = None
    edition.in_force = on
    edition.save(update_fields=["in_force", "in_force_since"])
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_OUTBOX, [Outbox.Cause.EDITION.value, edition.pk, codes])
    _note(edition, by, on=on, replaced=replaced, codes=len(codes))
    if codes:
        wake_comparison()
    return Switched(is_done=True, changed=len(codes), replaced=replaced)


def _note(edition: Edition, by: By, *, on: bool, replaced: Edition | None, codes: int) -> None:
    """Write down what was put in force or withdrawn, by whom."""
    kind = ChangeEvent.Kind.EDITION_IN_FORCE if on else ChangeEvent.Kind.EDITION_WITHDRAWN
    after: dict[str, object] = {"in_force": on, "changed_codes": codes}
    if replaced is not None:
        after["replaced"] = str(replaced)
    note_of(kind, ChangeEvent.Of.EDITION, edition, by, {"in_force": not on}, after)


# --- storing -----------------------------------------------------------------------------------


def _refuse_what_cannot_be_kept(read: ReadCatalogue) -> None:
    """Raise UnreadableCatalogue for an empty catalogue, and for texts that no column holds."""
    if not read.codes:
        raise UnreadableCatalogue("文件中没有税则号列，没有装入；请核对文件。", read.report)
    for code in read.codes.values():
        for element in code.elements:
            if not element.name or len(element.name) > _NAME_LENGTH:
                raise UnreadableCatalogue(
                    f"税则号列 {code.hs8} 第 {element.number} 个要素的名称为空或超过 {_NAME_LENGTH} 个字，"
                    "没有装入；请核对文件。",
                    read.report,
                )


def _copy(edition: Edition, read: ReadCatalogue) -> int:
    """Store headings, codes in the file's order, and elements; returns how many elements."""
    with connection.cursor() as cursor:
        with cursor.copy(_COPY_HEADINGS) as copy:
            for heading in read.headings:
                copy.write_row(
                    (
                        edition.pk,
                        heading.level,
                        heading.code,
                        heading.parent,
                        heading.name,
                        heading.note,
                    )
                )
        with cursor.copy(_COPY_CODES) as copy:
            for code in read.codes.values():
                copy.write_row(_code_row(edition, code))
        stored = dict(CatalogueCode.objects.filter(edition=edition).values_list("hs8", "pk"))
        count = 0
        with cursor.copy(_COPY_ELEMENTS) as copy:
            for code in read.codes.values():
                for element in code.elements:
                    copy.write_row((stored[code.hs8], *element))
                count += len(code.elements)
        # Pages join these tables from the first request on.
        cursor.execute(
            "ANALYZE catalogue_catalogueheading, catalogue_cataloguecode, catalogue_element"
        )
    return count


def _code_row(edition: Edition, code: ReadCode) -> tuple[object, ...]:
    key = list_key((element.name, element.category) for element in code.elements)
    path = "\n".join(code.path)
    return (
        edition.pk,
        code.hs8,
        code.heading,
        code.name,
        path,
        code.inherited_from,
        code.page,
        code.note,
        key,
    )


# --- reading back ------------------------------------------------------------------------------


def edition_of_year(year: int) -> Edition | None:
    """Find a year's revision in force, else its newest."""
    return Edition.objects.filter(year=year).order_by("-in_force", "-revision").first()


def element_lists(edition: Edition) -> Iterator[tuple[int, list[Element]]]:
    """Walk an edition's codes that have elements: (code's id, its elements in order)."""
    elements = Element.objects.filter(code__edition=edition).order_by("code_id", "number")
    for code, found in groupby(elements.iterator(), key=lambda element: element.code_id):
        yield code, list(found)


# The key that stands for "not in this edition".
ABSENT = "absent"


def list_keys(edition: Edition | None, hs8s: Collection[str]) -> dict[str, str]:
    """Give the key of each code's element list, ABSENT where the edition hasn't the code.

    One query, and one more where a list was stored without its key.
    """
    found = {
        hs8: (pk, key)
        for hs8, pk, key in CatalogueCode.objects.filter(edition=edition, hs8__in=hs8s).values_list(
            "hs8", "pk", "list_key"
        )
    }
    keys = {hs8: found[hs8][1] if hs8 in found else ABSENT for hs8 in hs8s}
    without = {found[hs8][0]: hs8 for hs8, key in keys.items() if not key}
    if without:
        lists: dict[int, list[tuple[str, str]]] = {pk: [] for pk in without}
        elements = Element.objects.filter(code__in=without).order_by("code_id", "number")
        for pk, name, category in elements.values_list("code_id", "name", "category"):
            lists[pk].append((name, category))
        keys |= {without[pk]: list_key(elements) for pk, elements in lists.items()}
    return keys
