"""Why a file is not read: a rule's id and the facts of the case, for the one sentence it ends in."""

from __future__ import annotations

Fact = str | int


class Refused(Exception):
    """The file can't be read; `rule` is an id of declarations.rules, `facts` fill its sentence."""

    def __init__(self, rule: str, **facts: Fact) -> None:
        super().__init__(rule, facts)
        self.rule = rule
        self.facts = facts


def damaged(detail: str) -> Refused:
    """The refusal of a file that is not put together as its kind must be."""
    return Refused("file.unreadable", value=detail)
