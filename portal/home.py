"""Where each role begins, and what the home page shows."""

from django.db.models import Sum
from django.urls import reverse
from django.utils.timezone import localtime

from authorization.models import Enterprise, Role, User
from authorization.standing import Standing, standing_of
from comparison.models import LibraryEntry, Mark, PublicContent
from comparison.projection import shown_month
from enterprise_lib.conditions import Conditions
from enterprise_lib.new_catalogue import impact_news
from enterprise_lib.queries import LibraryRows
from messages_app.queries import list_for, unread_count
from messages_app.wording import heading
from portal.functions import NOTHING, Function
from portal.officer_home import officer_functions
from public_lib.queries import PublicRows


def first_page(user: User) -> str:
    """Return the URL of the page that a role begins with."""
    if user.role == Role.ADMINISTRATOR:
        return reverse("admin:index")
    return reverse("home")


def standing_for(user: User) -> Standing | None:
    """Say how the user's enterprise stands where its authorization ends soon, else None."""
    standing = standing_of(user.enterprise) if user.enterprise else None
    return standing if standing and standing.ends_soon else None


def functions_for(user: User) -> list[Function]:
    """Return the three functions of the user's enterprise, or of officers, with what is new in each.

    Each costs one or two queries, answered by the enterprise's own part of an index or by a count
    that stops early.
    """
    if user.role == Role.OFFICER:
        return officer_functions(user)
    enterprise = user.enterprise
    if enterprise is None:
        return []
    return [library(enterprise), public_library(), messages(user)]


def library(enterprise: Enterprise) -> Function:
    """Return the entry of the 企业库: how many rows, the newest of them, which need a look."""
    rows = LibraryRows(enterprise, Conditions())
    newest = rows.rows(0, 1)
    wrong, matched = marked_rows(enterprise, Mark.NONCONFORMING, Mark.SYSTEM_MATCHED)
    url = reverse("enterprise_lib:list")
    news = []
    if wrong:
        sentence = f"{wrong:,} 条数据被审核为不规范，可逐条查看原因"
        news.append((sentence, f"{url}?mark={Mark.NONCONFORMING.value}"))
    if matched:
        sentence = f"{matched:,} 条数据与规范数据一致（系统匹配），可设为自选"
        news.append((sentence, f"{url}?mark={Mark.SYSTEM_MATCHED.value}"))
    touched = impact_news(enterprise)
    if touched:
        news.append((touched, reverse("enterprise_lib:impact")))
    return Function(
        title="企业库",
        url=url,
        icon="library",
        summary="查询本企业的历史申报与海关审核结果",
        facts=[
            ("数据条数", str(rows.count())),
            ("最近申报日期", f"{newest[0].declared_on:%Y-%m-%d}" if newest else NOTHING),
        ],
        news=news,
    )


def marked_rows(enterprise: Enterprise, *marks: Mark) -> list[int]:
    """Count the rows of an enterprise's 企业库 that carry each of these marks: one query."""
    entries = LibraryEntry.objects.filter(enterprise=enterprise, mark__in=marks)
    counted = dict(entries.values_list("mark").annotate(Sum("row_count")))
    return [counted.get(mark, 0) for mark in marks]


def public_library() -> Function:
    """Return the entry of the 公共库: how many contents, up to which audit month."""
    rows = PublicRows(PublicContent.objects.visible())
    newest = rows.rows(0, 1)
    # The month is shown as any reader of that content sees it: below three enterprises its quarter.
    month = shown_month(newest[0].latest_month, newest[0].enterprise_count) if newest else ""
    return Function(
        title="公共库",
        url=reverse("public_lib:list"),
        icon="public",
        summary="查询海关审核规范、企业公开的申报数据",
        facts=[("规范数据条数", str(rows.count())), ("最近审核月份", month or NOTHING)],
        news=[(f"已更新至 {month}", reverse("public_lib:list"))] if month else [],
    )


def messages(user: User) -> Function:
    """Return the entry of 企业消息: how many are unread, and what the newest says."""
    unread = unread_count(user)
    newest = list_for(user).order_by("-pushed_at", "-pk").first()
    news = []
    if newest is not None:
        # list_for annotates it
        read = "" if newest.is_read else "（未读）"  # type: ignore[attr-defined]
        page = reverse("messages_app:detail", args=[newest.message_id])
        news.append((f"{heading(newest.message.audit_month)}{read}", page))
    return Function(
        title="企业消息",
        url=reverse("messages_app:list"),
        icon="bell",
        summary="查看每月规范申报审核情况",
        facts=[
            ("未读消息", unread),
            ("最近推送", f"{localtime(newest.pushed_at):%Y-%m-%d}" if newest else NOTHING),
        ],
        news=news,
    )
