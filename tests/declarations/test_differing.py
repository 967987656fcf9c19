"""The flag of verdicts that say something else than their line does today."""

from dataclasses import replace

import pytest
from django.db import transaction

from authorization.joining import join_enterprises
from declarations.models import AuditVerdict
from declarations.releases import recompute_all_verdicts, withdraw
from tests.enterprise_lib.random_world import make_world
from tests.factories import make_enterprise
from tests.world import SOFA, SOFA_OTHER_FACT, TABLE, Party, Row, audit, declare, line

pytestmark = pytest.mark.django_db


def flagged(row: Row) -> list[bool]:
    """The flags of a line's verdicts, by release."""
    verdicts = AuditVerdict.objects.filter(line=line(row)).order_by("release_id")
    return list(verdicts.values_list("differs_from_line", flat=True))


@pytest.fixture
def row() -> Row:
    return Row(1, Party.of(make_enterprise()), Party.of(make_enterprise()))


def test_a_verdict_on_the_declared_text_does_not_differ(row):
    declare(row)
    audit("2026-09", row)
    assert flagged(row) == [False]


def test_a_verdict_on_another_text_differs_until_the_line_says_the_same(row):
    declare(row)
    audit("2026-09", replace(row, text=SOFA_OTHER_FACT))
    assert flagged(row) == [True]
    declare(replace(row, text=SOFA_OTHER_FACT))
    assert flagged(row) == [False]


def test_a_corrected_party_makes_the_verdict_differ(row):
    declare(row)
    audit("2026-09", row)
    declare(replace(row, trader=Party.of(make_enterprise())))
    assert flagged(row) == [True]


def test_a_line_that_only_audits_brought_follows_its_newest_verdict(row):
    audit("2026-08", row)
    newer = audit("2026-09", replace(row, text=TABLE))
    assert flagged(row) == [True, False]
    withdraw(newer, "上传有误")
    assert flagged(row) == [False, True]
    declare(replace(row, text=SOFA_OTHER_FACT))
    assert flagged(row) == [True, True]


def test_a_joined_enterprise_is_still_found_to_be_the_same_party(row):
    staying, known_by_code = make_enterprise(), make_enterprise(uscc=None)
    of_code = replace(row, trader=Party.of(known_by_code))
    declare(of_code)
    audit("2026-09", of_code)
    with transaction.atomic():
        join_enterprises([(known_by_code.pk, staying.pk)])
    assert flagged(row) == [False]


@pytest.mark.parametrize("seed", [21, 22])
def test_the_flag_is_right_after_any_history_and_recomputing_changes_nothing(seed):
    make_world(seed)

    def flags() -> dict[int, bool]:
        return dict(AuditVerdict.objects.values_list("pk", "differs_from_line"))

    kept = flags()
    assert kept == {
        verdict.pk: (verdict.content_id, verdict.agent_id, verdict.trader_id)
        != (verdict.line.content_id, verdict.line.agent_id, verdict.line.trader_id)
        for verdict in AuditVerdict.objects.select_related("line")
    }
    assert set(kept.values()) == {True, False}
    AuditVerdict.objects.update(differs_from_line=True)
    recompute_all_verdicts()
    assert flags() == kept


def test_the_text_alone_decides_not_how_it_is_spelled(row):
    declare(row)
    audit("2026-09", replace(row, text=replace(SOFA, g_model=SOFA.g_model + "||")))
    assert flagged(row) == [False]
