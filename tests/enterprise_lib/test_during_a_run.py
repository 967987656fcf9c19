"""What an operator sees and sets while everything is compared anew."""

import html
import re
import threading
from collections import Counter

import pytest

from comparison import working
from comparison.choices import set_publication, set_self_selected
from comparison.models import EntryChoice, LibraryEntry, Mark, Publication
from comparison.working import full_compare, work_outbox
from declarations.models import DeclaredLine
from tests.comparison.oracle import everything_stored, expected_entries, stored_entries
from tests.factories import client_for, make_enterprise, make_user
from tests.threads import in_thread
from tests.world import Party, Row, Text, audit, content, declare, mark_of

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = [Text(g_model=f"0|3|家居用{n}|布面|木框架|装软垫|无品牌") for n in range(24)]
# What the page says of each mark, and of no other.
SENTENCES = {
    "未标记": re.compile(r"海关尚未审核这一申报内容|无相同申报要素的规范数据"),
    "系统匹配": re.compile(r"与公共库规范数据.*一致"),
}


@pytest.fixture
def trader():
    return make_enterprise("大连虚构家居")


def shown(page: str) -> tuple[str, str]:
    """The mark and the sentence of a page 为何如此标记."""
    mark = re.search(r'id="why-title">(.*?)</h2>', page, re.DOTALL)
    sentence = re.search(r'class="why-sentence">(.*?)</p>', page, re.DOTALL)
    words = re.sub(r"<[^>]+>", "", mark[1])
    return html.unescape(words).strip(), html.unescape(sentence[1])


def test_a_reader_sees_old_marks_or_new_ones_each_with_its_own_reason(
    trader, settings, monkeypatch
):
    settings.COMPARISON_BATCH = 2
    party = Party.of(trader)
    rows = [Row(n, party, party, text) for n, text in enumerate(TEXTS, 1)]
    declare(*rows)
    work_outbox()
    lines = DeclaredLine.objects.order_by("pk").values_list("pk", flat=True)
    keys = [f"L{pk}" for pk in lines]
    # What others publish is matched by the run, and by nothing before it.
    other = Party.of(make_enterprise("沈阳虚构家具"))
    audit("2026-09", *(Row(1_000 + n, other, other, text) for n, text in enumerate(TEXTS, 1)))
    client = client_for(make_user(enterprise=trader))
    errors: list[BaseException] = []
    compared, read = threading.Semaphore(0), threading.Semaphore(0)
    real = working.mark_entries

    def mark(*args, **more):
        """Let the reader look at every state of the table, and in the middle of a batch."""
        counts = real(*args, **more)
        compared.release()
        assert read.acquire(timeout=60)
        return counts

    monkeypatch.setattr(working, "mark_entries", mark)
    run = in_thread(full_compare, errors)
    seen: Counter[str] = Counter()
    states = []
    for number in range(len(TEXTS) // 2):
        assert compared.acquire(timeout=60), errors
        # Two that the batch in hand may have, some that are done, some to come; and while the
        # next batch is at work, all the same.
        for step, key in enumerate(keys[number % 8 :: 8]):
            if step == 2:
                read.release()
            label, sentence = shown(client.get(f"/library/{key}/why/").content.decode())
            assert SENTENCES[label].search(sentence), (label, sentence)
            seen[label] += 1
        states.append(LibraryEntry.objects.filter(mark=Mark.SYSTEM_MATCHED).count())
    run.join(120)
    assert errors == []
    assert set(seen) == {"未标记", "系统匹配"}, "the reader came too early or too late"
    assert all(count % 2 == 0 for count in states), "a batch was seen half"
    marks = LibraryEntry.objects.filter(enterprise=trader).values_list("mark", flat=True)
    assert set(marks) == {Mark.SYSTEM_MATCHED}


def test_choices_made_during_a_run_survive_it(trader, settings, monkeypatch):
    """Of contents that are done, that are being compared, and that are still to come."""
    settings.COMPARISON_BATCH = 2
    party = Party.of(trader)
    user = make_user(enterprise=trader)
    rows = [Row(n, party, party, text) for n, text in enumerate(TEXTS[:20], 1)]
    declare(*rows)
    audit("2026-09", *rows[10:])
    work_outbox()
    mine, audited = ([content(text).pk for text in part] for part in (TEXTS[:10], TEXTS[10:20]))
    errors: list[BaseException] = []
    threads: list[threading.Thread] = []
    order: list[int] = []
    real = working.mark_entries

    def choose() -> None:
        for pk in mine:
            set_self_selected(trader, [pk], True, user)
        for pk in audited:
            set_publication(trader, [pk], Publication.PRIVATE, user)

    def mark(ids, *args, **more):
        counts = real(ids, *args, **more)
        order.extend(ids)
        if len(order) == 10:
            threads.append(in_thread(choose, errors))
            threads[0].join(0.3)  # some are made now; the batch in hand is waited for
        return counts

    monkeypatch.setattr(working, "mark_entries", mark)
    full_compare()
    threads[0].join(60)
    monkeypatch.undo()
    assert errors == []
    assert EntryChoice.objects.filter(self_selected=True).count() == 10
    assert EntryChoice.objects.filter(publication=Publication.PRIVATE).count() == 10
    assert {mark_of(trader, text) for text in TEXTS[:10]} == {Mark.SELF_SELECTED}
    work_outbox()
    assert stored_entries() == expected_entries()
    before = everything_stored()
    full_compare()
    assert everything_stored() == before
