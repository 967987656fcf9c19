"""What the page of one checked line shows: its elements, its outlook, what it may be compared with."""

from dataclasses import dataclass

from authorization.models import Enterprise
from comparison.judging import Judged
from comparison.models import MatchSource
from comparison.nearest import JudgedReference, find_references
from comparison.outlook import Outlook, outlooks
from comparison.projection import HIDDEN, shown_count, shown_month
from enterprise_lib.checking.checker import CheckedLine, check_line
from enterprise_lib.checking.composing import Layout
from enterprise_lib.checking.forms import MOST_PLACES, Sent
from enterprise_lib.checking.lines import Line

# How many conforming declarations are shown, of each source.
SHOWN_REFERENCES = 3


@dataclass(frozen=True)
class ShownReference:
    """A conforming declaration as the page draws it; of a public one only its projection."""

    judged_reference: JudgedReference

    @property
    def is_public(self) -> bool:
        """Whether it is another's, seen through the projection."""
        return self.judged_reference.reference.source is MatchSource.PUBLIC

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else may be told of it: label and value."""
        reference = self.judged_reference.reference
        facts = [("商品编码", reference.text.hs_code)]
        if self.is_public:
            facts.append(("审核月份", shown_month(reference.month, reference.enterprise_count)))
            facts.append(("公开企业数", shown_count(reference.enterprise_count)))
        return facts

    @property
    def has_hidden(self) -> bool:
        """Whether a part of it is hidden."""
        return any(e.theirs == HIDDEN for e in self.judged_reference.judgement.elements)

    @property
    def says_the_same(self) -> bool:
        """Whether it states the same facts."""
        return self.judged_reference.judgement.judged is not Judged.DIFFERS


@dataclass(frozen=True)
class Result:
    """Everything that the page of one line shows below its form.

    `composed` is the text in the official order; `laid_out` what the shown elements make as they
    were laid out, by which a change of them is told.
    """

    checked: CheckedLine
    layout: Layout
    composed: str
    laid_out: str
    outlook: Outlook
    references: list[ShownReference]

    @property
    def is_editable(self) -> bool:
        """Whether its elements can be edited in place: not a text of hundreds of parts."""
        return len(self.layout.slots) <= MOST_PLACES

    @property
    def is_reordered(self) -> bool:
        """Whether the official order makes another text of it."""
        return self.composed != self.checked.line.g_model

    @property
    def sentences(self) -> int:
        """How many findings there are."""
        return len(self.checked.findings) + len(self.checked.line.notes) + len(self.checked.notes)


def result_of(enterprise: Enterprise, line: Line, sent: Sent | None = None) -> Result:
    """Check a line and find what it may be compared with.

    With `sent` whose elements can't be put together, they are shown as they were typed.
    """
    checked = check_line(line)
    layout = checked.layout()
    laid_out = layout.g_model
    if sent and sent.fault and len(sent.parts) == len(layout.slots):
        layout = layout.with_values(sent.parts, sent.tail)
    text = checked.text
    found = find_references(enterprise, text, SHOWN_REFERENCES, names=checked.reading.names)
    return Result(
        checked,
        layout,
        checked.corrected,
        laid_out,
        outlooks(enterprise, [text])[0],
        [ShownReference(one) for one in found],
    )
