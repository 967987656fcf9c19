"""Tests of a content in SQL, which both queries of officers share.

In a walk they stand in a scalar subquery, which PostgreSQL never turns into a join (that would lose
the order and read everything); gathering begins with the contents that pass them.
"""

from collections.abc import Mapping
from typing import Any

from customs_audit.asking.conditions import ContentConditions, PartyConditions, PartyRole
from declarations.normalise import keyword_grams


def content_parameters(conditions: ContentConditions) -> dict[str, Any]:
    """Return the parameters that `content_tests` names."""
    grams = sorted({gram for word in conditions.words for gram in keyword_grams(word)})
    words = {f"word{number}": word for number, word in enumerate(conditions.words)}
    return {
        "content": conditions.number,
        "hs": f"{conditions.hs_prefix}%",
        "ie": conditions.ie_flag and conditions.ie_flag.value,
        "grams": grams,
        **words,
    }


_GRAMS = "c.search_grams @> %(grams)s::text[]"


def content_tests(conditions: ContentConditions, parameters: Mapping[str, Any]) -> list[str]:
    """Write the tests of a content `c`, each an SQL expression, that of an index first."""
    tests = []
    if conditions.number:
        tests.append("c.id = %(content)s")
    if conditions.hs_prefix:
        tests.append("c.hs_code LIKE %(hs)s")
    if conditions.ie_flag:
        tests.append("c.ie_flag = %(ie)s")
    if parameters["grams"]:
        tests.append(_GRAMS)
    for number, _ in enumerate(conditions.words):
        # Having all grams is not having the word: 不锈 and 锈钢 may stand apart.
        tests.append(f"strpos(c.search_text, %(word{number})s) > 0")
    return tests


def of_content(tests: list[str], row: str) -> str:
    """Write the test that a row's content passes, for a walk.

    The grams only lead an index to what has the words: of a content at hand its text tells more
    cheaply.
    """
    of_row = [test for test in tests if test != _GRAMS]
    return (
        f"coalesce((SELECT {' AND '.join(of_row)} FROM declarations_content c"
        f" WHERE c.id = {row}.content_id), false)"
    )


def party_test(parties: PartyConditions, row: str) -> str:
    """Write the test that a row names one of the enterprises in the wanted role."""
    agent, trader = (f"{row}.{role}_id = ANY(%(enterprises)s)" for role in ("agent", "trader"))
    if parties.role == PartyRole.AGENT:
        return agent
    if parties.role == PartyRole.TRADER:
        return trader
    return f"({agent} OR {trader})"
