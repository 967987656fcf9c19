"""Storing editions, putting them in force, withdrawing them: whole, once, with their outbox rows."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction

from catalogue import editions
from catalogue.editions import (
    Source,
    codes_that_would_change,
    edition_of_year,
    list_keys,
    lock_editions,
    put_in_force,
    store_edition,
    withdraw,
)
from catalogue.importing.result import (
    ReadCatalogue,
    ReadCode,
    ReadElement,
    ReadHeading,
    ReadReport,
    ReportLine,
    UnreadableCatalogue,
)
from catalogue.models import (
    CatalogueCode,
    CatalogueHeading,
    Edition,
    Element,
    Outbox,
    SourceKind,
)
from tests.catalogue.lists import read_lists, store_lists

LISTS = {"84821030": ("用途", "品牌"), "94016190": ("用途", "面料")}
OTHER_LISTS = {"84821030": ("用途", "品牌"), "94016190": ("用途", "面料", "款式")}


def store(lists=LISTS, year=2025, told="a", **options):
    return store_edition(
        read_lists(lists),
        year=year,
        effective_from=date(year, 1, 1),
        effective_to=date(year, 12, 31),
        source=Source(SourceKind.TSV, f"{year}.tsv", told * 64),
        **options,
    )


def states() -> list[tuple[int, int, bool]]:
    return list(Edition.objects.order_by("pk").values_list("year", "revision", "in_force"))


def outbox() -> list[tuple[str, str, str, int | None]]:
    rows = Outbox.objects.order_by("pk")
    return list(rows.values_list("chapter", "hs8", "cause", "cause_id"))


@pytest.mark.django_db
class TestStoring:
    def test_everything_that_was_read_is_stored(self):
        code = ReadCode(
            "84821030",
            "84.82",
            "角接触球轴承",
            (
                ReadElement(1, "用途（适用机型）", "classification"),
                ReadElement(2, "品牌；型号", "price", "3"),
                ReadElement(3, "签约日期", "other"),
            ),
            path=("滚珠轴承", "其他"),
            inherited_from="滚珠轴承：",
            page=412,
            note="见注释",
        )
        read = ReadCatalogue(
            {"84821030": code},
            [
                ReadHeading("section", "16", "", "机器"),
                ReadHeading("chapter", "84", "16", "锅炉", "本章不包括"),
                ReadHeading("heading", "84.82", "84", "滚动轴承"),
            ],
            ReadReport([ReportLine(412, "编号不连续")], {"codes": 1}),
            640,
        )
        stored = store_edition(
            read,
            year=2025,
            effective_from=date(2025, 1, 1),
            effective_to=None,
            source=Source(SourceKind.PDF, "目录.pdf", "a" * 64),
        )
        held = CatalogueCode.objects.get()
        assert (held.heading, held.name, held.path) == ("84.82", "角接触球轴承", "滚珠轴承\n其他")
        assert (held.inherited_from, held.page, held.note) == ("滚珠轴承：", 412, "见注释")
        assert list(
            Element.objects.order_by("number").values_list(
                "number", "name", "category", "printed_number"
            )
        ) == [tuple(element) for element in code.elements]
        assert list(
            CatalogueHeading.objects.order_by("pk").values_list("level", "code", "parent", "note")
        ) == [("section", "16", "", ""), ("chapter", "84", "16", "本章不包括"), ("heading", "84.82", "84", "")]  # fmt: skip
        edition = Edition.objects.get()
        assert edition == stored.edition
        assert edition.report["lines"] == [{"page": 412, "text": "编号不连续"}]
        assert (edition.source_kind, edition.source_name) == ("pdf", "目录.pdf")
        assert (stored.codes, stored.elements, stored.is_new) == (1, 3, True)

    def test_a_new_year_is_not_in_force_and_changes_nothing(self):
        store(in_force=True)
        Outbox.objects.all().delete()
        stored = store(OTHER_LISTS, year=2026, told="b")
        assert states() == [(2025, 1, True), (2026, 1, False)]
        assert outbox() == []
        assert "请由管理员核对" in stored.sentence

    def test_a_new_year_is_put_in_force_where_that_is_wished(self):
        store(in_force=True)
        Outbox.objects.all().delete()
        stored = store(OTHER_LISTS, year=2026, told="b", in_force=True)
        assert states() == [(2025, 1, True), (2026, 1, True)]
        assert outbox() == [("94", "94016190", "edition", stored.edition.pk)]
        assert stored.edition.in_force_since is not None

    def test_a_revision_of_a_year_in_force_replaces_it_at_once(self):
        first = store(in_force=True)
        Outbox.objects.all().delete()
        stored = store(OTHER_LISTS, told="b")
        assert states() == [(2025, 1, False), (2025, 2, True)]
        assert stored.replaced == first.edition
        assert outbox() == [("94", "94016190", "edition", stored.edition.pk)]
        assert "代替 2025 年版" in stored.sentence and "1 个税则号列" in stored.sentence
        assert Edition.objects.get(revision=1).in_force_since is None

    def test_a_revision_of_a_year_that_is_not_in_force_stays_so(self):
        store()
        assert not store(OTHER_LISTS, told="b").edition.in_force
        assert states() == [(2025, 1, False), (2025, 2, False)]

    def test_a_revision_with_the_same_lists_needs_no_comparison(self):
        store(in_force=True)
        Outbox.objects.all().delete()
        assert "没有变化" in store(told="b").sentence
        assert outbox() == []

    def test_the_same_file_again_says_so_and_changes_nothing(self):
        store(in_force=True)
        before = states(), outbox(), CatalogueCode.objects.count()
        stored = store()
        assert not stored.is_new
        assert "完全相同，没有重复装入" in stored.sentence
        assert (states(), outbox(), CatalogueCode.objects.count()) == before

    def test_the_same_file_for_another_year_is_another_edition(self):
        store()
        assert store(year=2026).is_new

    def test_an_earlier_revisions_file_is_put_in_force_again_where_that_is_wished(self):
        store(in_force=True)
        store(OTHER_LISTS, told="b")
        stored = store(in_force=True)
        assert states() == [(2025, 1, True), (2025, 2, False)]
        assert not stored.is_new and stored.was_put_in_force and stored.changed == 1
        assert "代替 2025 年版（第 2 次修订）" in stored.sentence

    def test_what_fails_halfway_leaves_nothing(self, monkeypatch):
        store(in_force=True)
        before = states(), outbox(), Element.objects.count()

        def fails(*args):
            raise RuntimeError

        monkeypatch.setattr(editions, "changed_codes", fails)
        with pytest.raises(RuntimeError), transaction.atomic():
            store(OTHER_LISTS, told="b")
        assert (states(), outbox(), Element.objects.count()) == before

    @pytest.mark.parametrize(
        ("lists", "words"),
        [
            ({}, "没有税则号列"),
            ({"84821030": ("长" * 256,)}, "超过 255 个字"),
            ({"84821030": ("用途", "")}, "第 2 个要素的名称为空"),
        ],
    )
    def test_what_no_table_can_hold_is_refused_with_a_sentence(self, lists, words):
        with pytest.raises(UnreadableCatalogue, match=words):
            store(lists)
        assert not Edition.objects.exists()


@pytest.mark.django_db
class TestSwitching:
    def test_putting_in_force_writes_a_row_for_each_changed_code_and_wakes_the_comparison(
        self, monkeypatch, django_capture_on_commit_callbacks
    ):
        sent = []
        monkeypatch.setattr(
            "catalogue.outbox.current_app.send_task", lambda name, **options: sent.append(name)
        )
        store_lists(2025, LISTS, in_force=True)
        edition = store_lists(2026, OTHER_LISTS)
        Outbox.objects.all().delete()
        assert codes_that_would_change(edition, on=True) == ["94016190"]
        with django_capture_on_commit_callbacks(execute=True):
            switched = put_in_force(edition)
        assert switched.is_done and switched.changed == 1 and switched.replaced is None
        assert outbox() == [("94", "94016190", "edition", edition.pk)]
        assert sent == ["comparison.work_outbox"]

    def test_withdrawing_undoes_it(self):
        store_lists(2025, LISTS, in_force=True)
        edition = store_lists(2026, OTHER_LISTS, in_force=True)
        Outbox.objects.all().delete()
        assert codes_that_would_change(edition, on=False) == ["94016190"]
        assert withdraw(edition).changed == 1
        assert outbox() == [("94", "94016190", "edition", edition.pk)]
        edition.refresh_from_db()
        assert (edition.in_force, edition.in_force_since) == (False, None)

    def test_a_second_click_changes_nothing(self):
        edition = store_lists(2025, LISTS)
        assert put_in_force(edition).is_done
        rows = outbox()
        assert not put_in_force(edition).is_done
        assert outbox() == rows
        assert withdraw(edition).is_done
        assert not withdraw(edition).is_done

    def test_an_older_revision_takes_the_place_of_the_newer(self):
        first = store_lists(2025, LISTS)
        second = store_lists(2025, OTHER_LISTS, in_force=True)
        switched = put_in_force(first)
        assert switched.replaced == second
        assert states() == [(2025, 1, True), (2025, 2, False)]

    def test_withdrawing_the_only_edition_changes_all_its_codes(self):
        edition = store_lists(2025, LISTS, in_force=True)
        assert withdraw(edition).changed == 2

    def test_a_stale_copy_of_an_edition_is_looked_at_anew(self):
        stale = store_lists(2025, LISTS)
        put_in_force(Edition.objects.get())
        assert not stale.in_force
        assert not put_in_force(stale).is_done


@pytest.mark.django_db
class TestReadingBack:
    def test_the_edition_of_a_year_is_the_one_in_force_else_the_newest(self):
        first = store_lists(2025, LISTS)
        second = store_lists(2025, OTHER_LISTS)
        assert edition_of_year(2025) == second
        put_in_force(first)
        assert edition_of_year(2025) == first
        assert edition_of_year(2024) is None

    def test_keys_of_lists(self, django_assert_num_queries):
        edition = store_lists(2025, {"84821030": ("用途",), "94016190": ("用途",), "39241000": ()})
        with django_assert_num_queries(1):
            keys = list_keys(edition, ["84821030", "94016190", "39241000", "01012100"])
        assert keys["84821030"] == keys["94016190"] != keys["39241000"]
        assert keys["01012100"] == "absent"
        edition.codes.update(list_key="")
        assert list_keys(edition, keys) == keys
        assert set(list_keys(None, ["84821030"]).values()) == {"absent"}


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def together(self, *acts: Callable[[], object]) -> list[object]:
        """Begin all while another holds the lock; then let it go. Returns what they gave."""
        results: list[object] = []

        def run(act: Callable[[], object]) -> None:
            try:
                results.append(act())
            except Exception as error:
                results.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[act]) for act in acts]
        with transaction.atomic():
            lock_editions()
            for thread in threads:
                thread.start()
            self.wait_until_waiting(len(acts))
        for thread in threads:
            thread.join(30)
        return results

    def wait_until_waiting(self, count: int) -> None:
        for _ in range(400):
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone()[0] == count:
                    return
                cursor.execute("SELECT pg_sleep(0.02)")
        pytest.fail("they do not wait for the lock")

    def test_two_administrators_put_two_revisions_in_force(self):
        first, second = store_lists(2025, LISTS), store_lists(2025, OTHER_LISTS)
        results = self.together(lambda: put_in_force(first), lambda: put_in_force(second))
        assert [type(result).__name__ for result in results] == ["Switched", "Switched"]
        assert sum(in_force for _, _, in_force in states()) == 1

    def test_the_same_file_imported_twice_at_once_is_stored_once(self):
        results = self.together(store, store)
        assert sorted(result.is_new for result in results) == [False, True]
        assert states() == [(2025, 1, False)]

    def test_an_import_while_another_edition_is_withdrawn(self):
        edition = store_lists(2025, LISTS, in_force=True)
        self.together(lambda: withdraw(edition), lambda: store(OTHER_LISTS, told="b"))
        # Either order is right; none leaves two in force, or one whose codes nobody looks at.
        assert states() in (
            [(2025, 1, False), (2025, 2, False)],
            [(2025, 1, False), (2025, 2, True)],
        )
