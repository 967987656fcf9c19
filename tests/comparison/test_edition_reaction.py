"""What the comparison does when another edition comes into force: contents of changed codes only."""

from datetime import date

import pytest
from django.db import connection

from catalogue.editions import put_in_force, withdraw
from catalogue.models import Outbox
from comparison import outbox, projection, working
from comparison.models import ComparisonRun, MarkHistory, PublicContent
from comparison.working import full_compare, waiting_chapters, work_chapter, work_outbox
from customs_audit.queries import waiting_contents
from tests.catalogue.lists import store_lists
from tests.comparison.oracle import (
    everything_stored,
    expected_projections,
    stored_projections,
)
from tests.factories import make_enterprise
from tests.world import SOFA, TABLE, Party, Row, Text, audit, content

pytestmark = pytest.mark.django_db

SOFA_LIST = ("用途", "面料", "框架", "装软垫", "品牌")
TABLE_LIST = ("用途", "材质", "品牌", "型号")
CHANGED_SOFA_LIST = ("用途", "生产厂商", "框架", "装软垫", "品牌")


@pytest.fixture
def editions():
    """2025 in force; 2026 held, which reads the sofa in another way and the basket as before."""
    first = store_lists(2025, {"94016190": SOFA_LIST, "39241000": TABLE_LIST}, in_force=True)
    second = store_lists(2026, {"94016190": CHANGED_SOFA_LIST, "39241000": TABLE_LIST})
    work_outbox()
    return first, second


@pytest.fixture
def party(editions):
    party = Party.of(make_enterprise("大连虚构家居"))
    audit("2026-09", Row(1, party, party), Row(2, party, party, TABLE))
    work_outbox()
    return party


def g_model_of(text: Text) -> str:
    return PublicContent.objects.get(content=content(text)).g_model


def test_only_contents_of_changed_codes_are_projected_again(editions, party, monkeypatch):
    projected = []
    real = projection.project
    monkeypatch.setattr(
        projection, "project", lambda c, *rest: projected.append(c.pk) or real(c, *rest)
    )
    assert "布面" in g_model_of(SOFA)
    put_in_force(editions[1])
    work_outbox()
    assert projected == [content(SOFA).pk]
    assert "布面" not in g_model_of(SOFA), "the second part names a producer now"
    full_compare()
    assert projected == [content(SOFA).pk], "a full run has nothing to add"
    withdraw(editions[1])
    work_outbox()
    assert "布面" in g_model_of(SOFA)
    assert stored_projections() == expected_projections()


def test_rows_of_a_code_are_worked_off_a_batch_at_a_time(editions, party, settings):
    settings.COMPARISON_BATCH = 3
    texts = [Text(g_model=f"0|3|家居用{n}|布面|木框架|装软垫|无品牌") for n in range(10)]
    audit("2026-09", *[Row(10 + n, party, party, text) for n, text in enumerate(texts)])
    work_outbox()
    put_in_force(editions[1])
    assert waiting_contents().value == 11
    seen = []
    run = ComparisonRun.objects.create(scope="increment", chapter="94")
    while not seen or seen[-1][0]:
        working._work_batch("94", run, working.MarkCounts())
        row = Outbox.objects.first()
        seen.append((outbox.count_waiting(100), row.after_content if row else None))
    assert [left for left, _ in seen] == [8, 5, 2, 0]
    assert seen[0][1] < seen[1][1] < seen[2][1]
    assert stored_projections() == expected_projections()


def test_a_batch_that_fails_leaves_the_row_as_far_as_it_was(editions, party, monkeypatch):
    put_in_force(editions[1])
    before = list(Outbox.objects.values_list("pk", "after_content"))

    def killed(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(working, "mark_entries", killed)
    with pytest.raises(KeyboardInterrupt):
        work_chapter("94")
    assert list(Outbox.objects.values_list("pk", "after_content")) == before
    monkeypatch.undo()
    work_outbox()
    assert stored_projections() == expected_projections()


def test_codes_without_contents_are_no_run(editions):
    ComparisonRun.objects.all().delete()
    put_in_force(editions[1])
    assert Outbox.objects.filter(hs8="94016190").exists()
    assert waiting_chapters() == []
    assert not Outbox.objects.exists()
    assert not ComparisonRun.objects.exists()


def test_of_several_rows_of_a_code_the_newest_does_it(editions, party):
    put_in_force(editions[1])
    withdraw(editions[1])
    put_in_force(editions[1])
    assert Outbox.objects.filter(hs8="94016190").count() == 3
    assert waiting_chapters() == ["94"]
    assert Outbox.objects.count() == 1
    work_outbox()
    run = ComparisonRun.objects.latest("pk")
    assert (run.contents_total, run.contents_done, run.chapter) == (1, 1, "94")


def test_marks_that_change_with_an_edition_name_it_as_their_cause(editions, party):
    """The cause of whatever a code's row brings is the edition."""
    found = content(SOFA)
    put_in_force(editions[1])
    taken = outbox.take("94", 10)
    assert taken.causes[found.pk].kind == Outbox.Cause.EDITION
    assert taken.causes[found.pk].number == editions[1].pk


def test_a_content_named_itself_keeps_its_own_cause(editions, party):
    found = content(SOFA)
    put_in_force(editions[1])
    Outbox.objects.create(chapter="94", content_id=found.pk, cause=Outbox.Cause.CHOICE)
    assert outbox.take("94", 10).causes[found.pk].kind == Outbox.Cause.CHOICE
    assert not Outbox.objects.exists()


def test_history_and_marks_stay_when_only_an_edition_changes(editions, party):
    before, history = everything_stored(), MarkHistory.objects.count()
    put_in_force(editions[1])
    work_outbox()
    withdraw(editions[1])
    work_outbox()
    assert everything_stored() == before
    assert MarkHistory.objects.count() == history


def test_a_code_of_many_contents_is_found_by_its_index(editions, party):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO declarations_content (content_key, hs_code, ie_flag, name, g_model,"
            " search_text, search_grams, is_public)"
            " SELECT decode(md5(i::text), 'hex'), lpad((i % 9000)::text, 8, '1') || '00', 'I',"
            "        i::text, '', '', '{}', false"
            "   FROM generate_series(1, 20000) i"
        )
        cursor.execute("ANALYZE declarations_content")
        cursor.execute("EXPLAIN " + outbox._NEEDLESS)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "content_hs_prefix" in plan


def test_a_content_declared_under_an_edition_is_read_by_the_newest_in_force(editions, party):
    put_in_force(editions[1])
    work_outbox()
    late = Text(g_model="0|3|办公用|皮面|木框架|装软垫|无品牌")
    audit("2026-09", Row(3, party, party, late, declared_on=date(2026, 3, 1)))
    work_outbox()
    assert "皮面" not in g_model_of(late)


def test_thousands_of_codes_without_contents_are_dropped_at_once(party):
    """Right after they were written, when the database has no statistics of them yet."""
    codes = [f"{n:08d}" for n in range(1_000_000, 1_009_000)]
    for _ in range(2):
        Outbox.objects.bulk_create(
            Outbox(chapter=hs8[:2], hs8=hs8, cause=Outbox.Cause.EDITION) for hs8 in codes
        )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10s'")
    assert waiting_chapters() == []
    assert not Outbox.objects.exists()
