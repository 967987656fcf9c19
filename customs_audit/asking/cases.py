"""The case reference that a query of one enterprise in particular wants: kept in the session.

Asked for once for each subject and login; each read and export of the subject is noted with it.
"""

import re
from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from authorization.models import Enterprise
from customs_audit.views import CUSTOMS_SIDE
from pages.ticks import way_back

_KEPT = "query_cases"
# Subjects whose case a session remembers; the oldest is asked for anew.
_MOST = 50
LEAST, MOST_LETTERS = 4, 200
_SUBJECT = re.compile(r"e:[0-9]{1,18}(?:,[0-9]{1,18}){0,2}|n:[0-9]{8}[01IE][0-9]{9}")


def case_of(request: HttpRequest, subject: str) -> str:
    """Return the case that this login stated for a subject; "" where none was stated yet."""
    kept: dict[str, str] = request.session.get(_KEPT) or {}
    return kept.get(subject, "")


def keep_case(request: HttpRequest, subject: str, case: str) -> None:
    """Remember the case of a subject for this login."""
    kept: dict[str, str] = request.session.get(_KEPT) or {}
    kept.pop(subject, None)
    kept[subject] = case
    request.session[_KEPT] = dict(list(kept.items())[-_MOST:])


def subject_words(subject: str, named: Iterable[int]) -> str:
    """Tell what a query is about, for the question."""
    if subject.startswith("n:"):
        return f"报关单 {subject[2:]}"
    enterprises = Enterprise.objects.filter(pk__in=list(named)).order_by("pk")
    return "、".join(str(one) for one in enterprises)


@require_POST
@CUSTOMS_SIDE
def state_case(request: HttpRequest) -> HttpResponse:
    """Take the case reference of a subject, and go back to the query."""
    back = way_back(request, reverse("customs_audit:declared"))
    subject = request.POST.get("subject", "")
    case = " ".join(request.POST.get("case", "").split())
    if not _SUBJECT.fullmatch(subject):
        messages.error(request, "没有指明要查询的企业或报关单，请重新查询。")
    elif not LEAST <= len(case) <= MOST_LETTERS or not re.search(r"\w{2}", case):
        messages.error(
            request,
            f"请写明查询依据：案件编号、文号或具体事由，{LEAST} 至 {MOST_LETTERS} 个字。",
        )
    else:
        keep_case(request, subject, case)
    return redirect(back)
