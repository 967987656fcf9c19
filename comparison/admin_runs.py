"""比对运行 and 比对失败的内容 in the administrators' site: beginning, cancelling and retrying."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join

from authorization.admin_base import ReadOnlyAdmin, Search, shortened
from authorization.gate import as_user
from authorization.models import User
from comparison import failures, runs
from comparison.models import ComparisonRun, FailedContent
from comparison.stages import Stage
from declarations.models import Content

# What stages count, with its unit on the page.
_COUNTED = {"pairs": "对", "entries": "条目"}


class ComparisonRunAdmin(ReadOnlyAdmin):
    """比对运行: begun, cancelled and retried here; looked at otherwise."""

    list_display = [
        "id",
        "scope",
        "chapter",
        "state",
        "contents_done",
        "contents_total",
        "marks_changed",
        "failed_contents",
        "interruptions",
        "started_at",
        "ended_at",
    ]
    list_filter = ["state", "scope"]
    exclude = ["stages"]
    readonly_fields = ["spent"]
    actions = ["cancel_runs", "retry_runs"]  # type: ignore[assignment]
    change_list_template = "admin/comparison/comparisonrun/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the page of 全部重新比对."""
        begin = path(
            "begin/",
            self.admin_site.admin_view(self.begin_view),
            name="comparison_comparisonrun_begin",
        )
        return [begin, *super().get_urls()]

    @admin.display(description="各阶段用时")
    def spent(self, run: ComparisonRun) -> str:
        """Say how long each stage took, the processes of a full run together."""
        spent = runs.spent_by(run)
        rows = [
            (
                Stage(stage).label,
                f"{done.get('seconds', 0):,.1f}",
                "".join(
                    f"，{done[what]:,.0f} {unit}" for what, unit in _COUNTED.items() if what in done
                ),
            )
            for stage, done in spent.items()
        ]
        return format_html_join("", "<div>{}：{} 秒{}</div>", rows) or "—"

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """Ask, then begin to compare everything anew."""
        user = as_user(request)
        if request.method == "POST":
            try:
                run = runs.begin_full_run(user)
            except runs.RunRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
                return redirect("admin:comparison_comparisonrun_changelist")
            LogEntry.objects.log_actions(
                user.pk, [run], ADDITION, change_message="全部重新比对", single_object=True
            )
            self.message_user(
                request,
                f"已开始全部重新比对（运行 {run.pk}），由后台工作进程完成。",
                messages.SUCCESS,
            )
            return redirect("admin:comparison_comparisonrun_change", run.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "全部重新比对",
            "opts": self.opts,
            "active": runs.active_full_run(),
            "contents": Content.objects.count(),
        }
        return TemplateResponse(request, "admin/comparison/comparisonrun/begin.html", context)

    @admin.action(description="取消所选的运行", permissions=["view"])
    def cancel_runs(self, request: HttpRequest, found: QuerySet[ComparisonRun]) -> None:
        """Cancel the ticked runs."""
        self._act(request, found, runs.cancel, "取消")

    @admin.action(description="重试所选的运行（从未完成处接着进行）", permissions=["view"])
    def retry_runs(self, request: HttpRequest, found: QuerySet[ComparisonRun]) -> None:
        """Go on with the ticked runs."""
        self._act(request, found, runs.retry, "重试")

    def _act(
        self,
        request: HttpRequest,
        found: QuerySet[ComparisonRun],
        act: Callable[[int, User | None], ComparisonRun],
        verb: str,
    ) -> None:
        """Do it to each, say what was refused, and keep who did it."""
        user = as_user(request)
        done = []
        for run in found.order_by("pk"):
            try:
                done.append(act(run.pk, user))
            except runs.RunRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
        if done:
            LogEntry.objects.log_actions(user.pk, done, CHANGE, change_message=verb)
            numbers = "、".join(str(run.pk) for run in done)
            self.message_user(request, f"已{verb}运行 {numbers}。", messages.SUCCESS)


class FailedContentAdmin(ReadOnlyAdmin):
    """比对失败的内容: looked at, and tried again."""

    list_display = [
        "content",
        "short_error",
        "first_failed_at",
        "last_failed_at",
        "tries",
        "is_waiting",
        "run",
    ]
    list_select_related = ["content", "run"]
    ordering = ["-last_failed_at", "-pk"]
    searches = [
        Search(r"[0-9]+", "内容编号", "pk"),
        Search(r"[0-9]+", "运行编号", "run_id"),
    ]
    actions = ["retry_contents"]  # type: ignore[assignment]

    @admin.display(description="错误")
    def short_error(self, failed: FailedContent) -> str:
        """Return the error, cut."""
        return shortened(failed.error)

    @admin.display(description="等待重试", boolean=True)
    def is_waiting(self, failed: FailedContent) -> bool:
        """Whether it is to be tried again."""
        return failed.waits_for_retry

    @admin.action(description="重试所选的内容", permissions=["view"])
    def retry_contents(self, request: HttpRequest, found: QuerySet[FailedContent]) -> None:
        """Have the ticked contents compared again."""
        chosen = list(found)
        sent = failures.retry(row.pk for row in chosen)
        LogEntry.objects.log_actions(as_user(request).pk, chosen, CHANGE, change_message="重试")
        self.message_user(request, f"{sent} 条内容将在后台重新比对。", messages.SUCCESS)
