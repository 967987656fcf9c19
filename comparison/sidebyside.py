"""Two contents side by side, element by element, as a page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue.elements import Reading
from comparison.display import display_text
from comparison.finding_words import note_of
from comparison.findings import Finding, Kind, Relation, find
from comparison.marked import By, Pieces, mark_differences, mark_items
from declarations.normalise import normalise_text


@dataclass(frozen=True)
class ComparedElement:
    """One element on both sides, as shown; `same` is the comparison's judgement.

    `note` says what colour alone may not: 相同, 仅填报形式不同：单位写法, 不同：50 毫米 与 60 毫米 ...
    `my_pieces` and `their_pieces` are the shown values, divided where their characters differ.
    """

    name: str
    mine: str
    theirs: str
    same: bool
    note: str
    relation: str = Relation.EQUAL
    my_pieces: Pieces = ()
    their_pieces: Pieces = ()


def compare_elements(
    my_name: str, mine: Reading, their_name: str, theirs: Reading, *, hidden_word: str
) -> list[ComparedElement]:
    """Compare names and parts, both read by one edition, and put what is found into words."""
    return show(find(my_name, mine, their_name, theirs, hidden_word=hidden_word))


def show(findings: Iterable[Finding]) -> list[ComparedElement]:
    """Put findings into words for a page.

    A value that another element has pushed to another place counts as different only where
    nothing else differs: then its place is the reason.
    """
    findings = list(findings)
    pushed = any(f.relation in {Relation.DIFFERS, Relation.MISSING} for f in findings)
    return [_shown(finding, pushed) for finding in findings]


def _shown(finding: Finding, pushed: bool) -> ComparedElement:
    mine = display_text(normalise_text(finding.mine))
    theirs = finding.theirs
    if finding.relation is not Relation.HIDDEN:
        theirs = display_text(normalise_text(theirs))
    pieces = _marked(finding, mine, theirs)
    return ComparedElement(
        finding.element,
        mine,
        theirs,
        finding.relation.says_the_same or (pushed and finding.relation is Relation.MOVED),
        note_of(finding, *pieces),
        finding.relation.value,
        *pieces,
    )


def _marked(finding: Finding, mine: str, theirs: str) -> tuple[Pieces, Pieces]:
    """Mark what differs; nothing where only the form differs, or one side is not there."""
    if finding.relation is not Relation.DIFFERS:
        return mark_differences(mine, mine)[0], mark_differences(theirs, theirs)[0]
    if finding.shares:
        return (
            mark_items(mine, [(name, share) for name, share, _ in finding.shares]),
            mark_items(theirs, [(name, share) for name, _, share in finding.shares]),
        )
    by = {Kind.CODE: By.CHARACTER, Kind.BRAND: By.ITEM}.get(finding.kind, By.WORD)
    return mark_differences(mine, theirs, by)
