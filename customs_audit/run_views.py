"""The officers' pages of the comparison: its runs, one run, contents that failed; 取消 and 重试."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from authorization.gate import as_user
from authorization.models import User
from comparison import failures, runs
from comparison.models import ComparisonRun, FailedContent
from customs_audit import queries
from customs_audit.filters import FailureFilterSet, RunFilterSet
from customs_audit.run_tables import FailureTable, RunTable, run_notes, written_duration
from customs_audit.views import CUSTOMS_SIDE
from pages.ticks import TickError, done, ticked_keys, way_back
from pages.views import ListPage


@CUSTOMS_SIDE
class RunList(ListPage):
    """Runs of the comparison with their progress; looks again by itself while one is running."""

    title = "比对运行"
    template_name = "customs_audit/runs.html"
    filterset_class = RunFilterSet
    table_class = RunTable
    sorts = {"started_at": ("started_at", "pk")}
    default_sort = "-started_at"
    nothing_yet_title = "还没有比对运行"
    nothing_yet_help = "申报数据或审核数据装入后，系统会自动比对。"

    def get_queryset(self) -> "QuerySet[ComparisonRun]":
        """Return all runs."""
        return ComparisonRun.objects.select_related("cancelled_by")

    def get_extra_context(self) -> dict[str, object]:
        """Say how much waits, and whether to look again."""
        waiting = queries.waiting_contents()
        active = ComparisonRun.objects.filter(state__in=runs.ACTIVE).exists()
        return {
            "waiting": waiting,
            "is_moving": active or waiting.value > 0,
            "failed_contents": FailedContent.objects.count(),
            "held_back": runs.held_back_chapters(),
        }


@require_safe
@CUSTOMS_SIDE
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one run: how far it is, by whom its pieces are done, what failed."""
    found = get_object_or_404(
        ComparisonRun.objects.select_related("started_by", "cancelled_by"), pk=run_id
    )
    context = {
        "title": f"比对运行 {found.pk}",
        "run": found,
        "notes": run_notes(found),
        "duration": written_duration(queries.length_of(found)),
        "pieces": queries.pieces_of(found),
        "hosts": queries.hosts_of(found),
        "failed": FailedContent.objects.filter(run=found).count(),
    }
    return render(request, "customs_audit/run.html", context)


@require_POST
@CUSTOMS_SIDE
def cancel(request: HttpRequest) -> HttpResponse:
    """Cancel the run that a button names."""
    return _act_on_run(
        request,
        runs.cancel,
        "运行 {} 已取消：正在比对的一批完成后停止，已比对的内容保留；可以重试。",
    )


@require_POST
@CUSTOMS_SIDE
def retry(request: HttpRequest) -> HttpResponse:
    """Go on with the run that a button names."""
    return _act_on_run(request, runs.retry, "运行 {} 已重新开始，从尚未比对的内容接着进行。")


def _act_on_run(
    request: HttpRequest, act: Callable[[int, User | None], ComparisonRun], sentence: str
) -> HttpResponse:
    back = way_back(request, reverse("customs_audit:runs"))
    try:
        number = _number(ticked_keys(request)[0])
        act(number, as_user(request))
    except ComparisonRun.DoesNotExist:
        raise Http404("没有这个比对运行") from None
    except (TickError, runs.RunRefused) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence.format(number))
    return redirect(back)


@CUSTOMS_SIDE
class FailureList(ListPage):
    """Contents whose comparison raises, the latest first; ticked ones may be tried again."""

    title = "比对失败的内容"
    template_name = "customs_audit/failures.html"
    filterset_class = FailureFilterSet
    table_class = FailureTable
    sorts = {"last_failed_at": ("last_failed_at", "pk"), "tries": ("tries", "pk")}
    default_sort = "-last_failed_at"
    export_name = "比对失败的内容"
    nothing_yet_title = "没有比对失败的内容"
    nothing_yet_help = "某条申报内容比对出错时会单独列在这里，其他内容照常比对。"

    def get_queryset(self) -> "QuerySet[FailedContent]":
        """Return all listed contents."""
        return FailedContent.objects.select_related("content", "run")


@require_POST
@CUSTOMS_SIDE
def retry_failures(request: HttpRequest) -> HttpResponse:
    """Have the ticked contents compared again."""
    back = way_back(request, reverse("customs_audit:failures"))
    try:
        wanted = [_number(key) for key in ticked_keys(request)]
    except TickError as error:
        messages.error(request, str(error))
        return redirect(back)
    sent = failures.retry(wanted)
    done(
        request,
        f"{sent:,} 条内容将在后台重新比对，成功后不再列在这里。"
        if sent
        else "所选内容已在等待重试，或已比对成功，无需再次重试。",
    )
    return redirect(back)


def _number(key: str) -> int:
    """Read a row's number; raises TickError for what no page made."""
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        raise TickError("勾选的数据有误，请刷新页面后重新勾选。")
    return int(key)
