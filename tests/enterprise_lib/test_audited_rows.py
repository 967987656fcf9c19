"""审核时文本: when an audited row stands in the library beside its line, or without it."""

from dataclasses import replace

import pytest

from comparison.working import work_outbox
from declarations.models import AuditVerdict
from declarations.releases import withdraw
from enterprise_lib.conditions import Conditions
from enterprise_lib.queries import LibraryRows
from enterprise_lib.rows import UnknownRow, find_rows
from tests.factories import make_enterprise
from tests.world import SOFA, SOFA_OTHER_FACT, TABLE, Party, Row, audit, declare, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker():
    return make_enterprise("大连虚构报关行", broker=True)


@pytest.fixture
def trader():
    return make_enterprise("大连虚构家居")


@pytest.fixture
def row(broker, trader) -> Row:
    return Row(1, Party.of(broker), Party.of(trader))


def shown(enterprise) -> list[str]:
    """What the library shows: L or A with the goods' own text; the total must agree."""
    work_outbox()
    source = LibraryRows(enterprise, Conditions())
    rows = source.rows(0, 20)
    assert source.count().value == len(rows)
    assert [found.key for found in find_rows(enterprise, [r.key for r in rows])] == [
        r.key for r in rows
    ]
    return [f"{r.key[0]} {r.goods.g_model}" for r in rows]


def test_a_verdict_on_the_lines_own_text_adds_no_row(row, broker, trader):
    declare(row)
    audit("2026-09", row)
    assert shown(broker) == shown(trader) == [f"L {SOFA.g_model}"]


def test_a_corrected_text_leaves_the_audited_one_as_a_row_with_its_own_mark(row, broker):
    declare(row)
    audit("2026-09", row)
    declare(replace(row, text=SOFA_OTHER_FACT))
    assert shown(broker) == [f"L {SOFA_OTHER_FACT.g_model}", f"A {SOFA.g_model}"]
    declared, audited = LibraryRows(broker, Conditions()).rows(0, 2)
    assert (declared.mark, audited.mark) == ("unmarked", "conforming")
    assert (declared.text_note, audited.text_note) == ("", "审核时文本（2026-09）")
    assert (declared.publication, audited.publication) == (None, "public")
    assert (declared.entry_id, declared.g_no) == (audited.entry_id, audited.g_no)


def test_texts_of_several_months_stand_each_for_itself(row, broker):
    declare(row)
    audit("2026-08", replace(row, text=TABLE))
    audit("2026-09", replace(row, text=SOFA_OTHER_FACT))
    assert sorted(shown(broker)) == sorted(
        [f"L {SOFA.g_model}", f"A {TABLE.g_model}", f"A {SOFA_OTHER_FACT.g_model}"]
    )


def test_a_party_that_left_keeps_the_audited_row_and_the_new_one_has_the_line(row, broker, trader):
    declare(row)
    audit("2026-09", row)
    newcomer = make_enterprise()
    declare(replace(row, trader=Party.of(newcomer)))
    assert shown(trader) == [f"A {SOFA.g_model}"]
    assert shown(newcomer) == [f"L {SOFA.g_model}"]
    assert shown(broker) == [f"L {SOFA.g_model}"], "its line still says what was audited"
    verdict = AuditVerdict.objects.get()
    for stranger in (broker, newcomer):
        with pytest.raises(UnknownRow):
            find_rows(stranger, [f"A{verdict.pk}"])


def test_an_audited_line_that_was_never_declared_is_hidden_with_its_release(row, broker):
    release = audit("2026-09", row)
    assert shown(broker) == [f"L {SOFA.g_model}"]
    key = f"L{line(row).pk}"
    withdraw(release, "上传有误")
    assert line(row).is_hidden
    assert LibraryRows(broker, Conditions()).row_ids(0, 20) == []
    assert shown(broker) == []
    with pytest.raises(UnknownRow):
        find_rows(broker, [key])
    declare(row)
    assert shown(broker) == [f"L {SOFA.g_model}"], "declared later, it is there for good"


def test_a_withdrawn_release_takes_its_audited_row_along(row, broker):
    declare(row)
    release = audit("2026-09", replace(row, text=TABLE))
    assert len(shown(broker)) == 2
    verdict = AuditVerdict.objects.get()
    withdraw(release, "上传有误")
    assert shown(broker) == [f"L {SOFA.g_model}"]
    with pytest.raises(UnknownRow):
        find_rows(broker, [f"A{verdict.pk}"])
