"""The officers' queries of audited rows and of declared data, of all enterprises.

Each page shown and each file handed out stands in the ledger with the enterprises whose rows they
are. A query that names one enterprise, or one declaration, shows nothing before its case reference
is stated (cases.py).
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from authorization.ledger import concerned
from customs_audit.asking.cases import LEAST, MOST_LETTERS, case_of, subject_words
from customs_audit.asking.declared_rows import REACH, DeclaredRow, DeclaredRows
from customs_audit.asking.forms import AskingForm, DeclaredQueryForm, VerdictQueryForm
from customs_audit.asking.tables import DeclaredTable, VerdictTable
from customs_audit.asking.verdict_rows import VerdictRow, VerdictRows
from customs_audit.views import CUSTOMS_SIDE
from pages.forms import QueryForm
from pages.paging import ListSource, Page, RowSource
from pages.views import ListPage


class AskingPage(ListPage):
    """A query of enterprises' rows: noted, and with a case reference where it names one."""

    template_name = "customs_audit/asking.html"
    notes_reads = True
    reach = REACH
    query: AskingForm

    def get_query(self) -> AskingForm:
        """Return the bound form; the page asks it for what it names."""
        self.query = super().get_query()
        return self.query

    def get_source(self, query: AskingForm) -> RowSource[Any]:
        """Return the rows, or none while the case of the query is not stated."""
        return ListSource([]) if self.lacks_case else self.get_rows(query)

    def get_rows(self, query: Any) -> RowSource[Any]:
        """Return the rows of a valid query whose case is stated."""
        raise NotImplementedError

    @cached_property
    def subject(self) -> str:
        """What of a valid query wants a case reference."""
        return self.query.subject if self.query.is_valid() else ""

    @cached_property
    def case(self) -> str:
        """The case reference that was stated for it."""
        return case_of(self.request, self.subject) if self.subject else ""

    @property
    def lacks_case(self) -> bool:
        """Whether the case reference must be stated first."""
        return bool(self.subject and not self.case)

    def ledger_facts(self, form: QueryForm | None, page: Page[Any]) -> dict[str, Any]:
        """Add the case, and whom the query names; nothing was shown while the case is missing."""
        facts = super().ledger_facts(form, page)
        named = self.query.named if self.subject and not self.lacks_case else []
        return facts | {"case": self.case, "named": named}

    def refuse_export(self) -> HttpResponse:
        """Say what is missing, where it is the case reference."""
        if not self.lacks_case:
            return super().refuse_export()
        messages.error(self.request, "请先填写查询依据，看到数据后再导出。")
        query = self.request.GET.copy()
        query.pop("export")
        return redirect(f"{self.request.path}?{query.urlencode()}")

    def get_extra_context(self) -> dict[str, Any]:
        """Return what the template asks the case reference with."""
        if not self.subject:
            return {}
        return {
            "subject": self.subject,
            "subject_words": subject_words(self.subject, self.query.named),
            "case": self.case,
            "lacks_case": self.lacks_case,
            "case_least": LEAST,
            "case_most": MOST_LETTERS,
        }


@CUSTOMS_SIDE
class DeclaredList(AskingPage):
    """已申报数据查询: declared lines of all enterprises, the newest first."""

    title = "已申报数据查询"
    form_class = DeclaredQueryForm
    table_class = DeclaredTable
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {"declared_on": (), "hs_code": ()}
    default_sort = "-declared_on"
    export_name = "已申报数据"
    nothing_yet_title = "还没有申报数据"
    nothing_yet_help = "申报数据装入后，会显示在这里。"

    def get_rows(self, query: DeclaredQueryForm) -> RowSource[DeclaredRow]:
        """Return the lines of a valid query."""
        return DeclaredRows(
            query.conditions(),
            by_code=self.sort.removeprefix("-") == "hs_code",
            descending=self.sort.startswith("-"),
        )

    def concerned(self, page: Page[DeclaredRow]) -> Iterable[int]:
        """Return the parties of the shown lines."""
        return concerned([row.line for row in page.rows])


@CUSTOMS_SIDE
class VerdictList(AskingPage):
    """已审核数据查询: released verdicts of all enterprises, the last released first."""

    title = "已审核数据查询"
    form_class = VerdictQueryForm
    table_class = VerdictTable
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "release": (),
        "audit_month": (),
        "declared_on": (),
        "hs_code": (),
    }
    default_sort = "-release"
    export_name = "已审核数据"
    nothing_yet_title = "还没有已发布的审核数据"
    nothing_yet_help = "审核数据发布后，每一条结论会显示在这里。"

    def get_rows(self, query: VerdictQueryForm) -> RowSource[VerdictRow]:
        """Return the verdicts of a valid query."""
        return VerdictRows(
            query.conditions(),
            self.sort.removeprefix("-"),
            descending=self.sort.startswith("-"),
        )

    def concerned(self, page: Page[VerdictRow]) -> Iterable[int]:
        """Return the parties of the shown verdicts' audited rows."""
        return concerned([row.verdict for row in page.rows])
