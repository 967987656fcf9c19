"""What is noted when somebody logs in, out, or fails to."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import F
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from authorization import sessions
from authorization.account_models import UserSession
from authorization.addresses import known_address
from authorization.models import User

# A slip of the fingers is no news.
FAILURES_TO_TELL = 3


@receiver(user_logged_in)
def note_login(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Note the session, tell of failures before it, and begin counting them anew."""
    way = "single_window" if getattr(request, "came_by_single_window", False) else "password"
    sessions.begin(request, user, way)
    if user.failures >= FAILURES_TO_TELL:
        messages.warning(request, _failures_told(user), fail_silently=True)
    if user.failures:
        User.objects.filter(pk=user.pk).update(failures=0)


def _failures_told(user: User) -> str:
    at = timezone.localtime(user.last_failure_at)
    where = f"，来自 {user.last_failure_from}" if user.last_failure_from else ""
    return (
        f"上次成功登录以来，您的账号有 {user.failures} 次登录失败，"
        f"最近一次在 {at:%Y-%m-%d %H:%M}{where}。如非本人操作，请修改密码并告知管理员。"
    )


@receiver(user_logged_out)
def note_logout(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Forget the session; the signal comes before its data is gone."""
    UserSession.objects.filter(pk=sessions.own_number(request)).delete()


@receiver(user_login_failed)
def note_failure(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Count a failed login on the account, where the name is anybody's."""
    User.objects.filter(username=credentials.get("username")).update(
        failures=F("failures") + 1,
        last_failure_at=timezone.now(),
        last_failure_from=known_address(request),
    )
