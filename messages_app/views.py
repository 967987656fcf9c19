"""The pages of the 企业消息. Every one starts from the enterprise of whoever is logged in."""

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from authorization.gate import as_user, roles
from authorization.models import Role
from messages_app import queries, wording
from messages_app.figures import figures_of, history_of
from messages_app.filters import MessageFilterSet
from messages_app.tables import MessageTable
from pages.ticks import TickError, done, ticked_keys, way_back
from pages.views import ListPage

ENTERPRISE_SIDE = roles(Role.OPERATOR, Role.LEGAL_REPRESENTATIVE)


@ENTERPRISE_SIDE
class MessageList(ListPage):
    """企业消息: query, tick, mark as read."""

    title = "企业消息"
    template_name = "messages_app/list.html"
    filterset_class = MessageFilterSet
    table_class = MessageTable
    sorts = {"pushed_at": ("pushed_at", "pk")}
    default_sort = "-pushed_at"
    nothing_yet_title = "还没有企业消息"
    nothing_yet_help = "海关发布月度审核结果后，涉及本企业的审核情况会推送到这里。"

    def get_queryset(self) -> object:
        """Return the newest version of each message of this enterprise."""
        return queries.list_for(as_user(self.request))

    def get_extra_context(self) -> dict[str, object]:
        """Say which is the newest version that this page can know."""
        newest = queries.list_for(as_user(self.request)).aggregate(newest=Max("pk"))
        return {"newest_version": newest["newest"]}


@require_POST
@ENTERPRISE_SIDE
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark the ticked messages as read, or all that were there when the page was opened.

    The ticks are versions, so that a version that came meanwhile stays unread.
    """
    user = as_user(request)
    back = way_back(request, reverse("messages_app:list"))
    up_to = request.POST.get("all", "")
    try:
        if up_to.isascii() and up_to.isdecimal() and len(up_to) < 19:
            shown = queries.list_for(user).filter(pk__lte=int(up_to))
            wanted = list(shown.values_list("pk", flat=True))
        else:
            wanted = [int(key) for key in ticked_keys(request)]
    except TickError as error:
        messages.error(request, str(error))
        return redirect(back)
    except ValueError:
        messages.error(request, "勾选的数据有误，请刷新页面后重新勾选。")
        return redirect(back)
    marked = queries.mark_read(user, wanted)
    done(
        request, f"已将 {marked:,} 条消息标记为已读。" if marked else "所选消息均已读过，无需标记。"
    )
    return redirect(back)


@require_safe
@ENTERPRISE_SIDE
def detail(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show a message with its figures and earlier versions; opening it reads this very version."""
    user = as_user(request)
    version = queries.list_for(user).filter(message_id=message_id).first()
    if version is None:
        raise Http404("这家企业没有这条消息")
    if request.method == "GET":
        queries.mark_read(user, [version.pk])
    month = version.message.audit_month
    overall = queries.month_figures(month)
    context = {
        "title": wording.heading(month),
        "version": version,
        "overall": overall,
        "overall_sentence": wording.overall_sentence(month, overall),
        "own_sentence": wording.own_sentence(version),
        "figures": figures_of(version),
        "history": history_of(version.message),
    }
    return render(request, "messages_app/detail.html", context)
