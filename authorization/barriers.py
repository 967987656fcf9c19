"""Why somebody can't get in right now: all that stands in an enterprise's or a user's way.

Read by administrators whom somebody has called, so each sentence says what is so, and `mend` what
the page may offer to do about it. Settings as they are now, data as it is now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils import timezone

from authorization import second_factor, throttle
from authorization.account_models import PasswordLink, SingleWindowIdentity
from authorization.backends import may_use_password
from authorization.cards.trust_report import report
from authorization.evidence_words import refusal_words
from authorization.models import CardAttempt, CardAuthorization, Enterprise, Role, User
from authorization.standing import State, standing_of


class Mend(Enum):
    """What would mend it; the page knows where that is done."""

    NOTHING = "nothing"
    COMPLETE_CODE = "complete_code"
    ADD_USER = "add_user"
    ACCOUNT = "account"
    TRUST = "trust"
    ATTEMPTS = "attempts"


@dataclass(frozen=True)
class Barrier:
    """One reason in a sentence, and what mends it. `blocks`: nobody gets past it."""

    sentence: str
    mend: Mend = Mend.NOTHING
    blocks: bool = True


def barriers_of_enterprise(enterprise: Enterprise, users: Sequence[User]) -> list[Barrier]:
    """Say what keeps all users of an enterprise out. `users` are its users, or the first of them."""
    found = []
    if enterprise.may_be_entered():
        return [] if users else [_no_user()]
    if not enterprise.uscc:
        found.append(
            Barrier(
                "企业没有登记统一社会信用代码，不能用法人卡授权，请先补全代码。", Mend.COMPLETE_CODE
            )
        )
    found.append(Barrier(_standing(enterprise)))
    if (untrusted := _untrusted()) is not None:
        found.append(untrusted)
    if not users:
        found.append(_no_user())
    elif not any(user.role == Role.LEGAL_REPRESENTATIVE and user.is_active for user in users):
        found.append(
            Barrier(
                "企业没有启用的法人账号，没有人能用法人卡授权，请新增或启用法人账号。",
                Mend.ADD_USER,
            )
        )
    refused = _last_refused(enterprise)
    if refused is not None:
        found.append(refused)
    return found


def barriers_of_users(users: Sequence[User]) -> dict[int, list[Barrier]]:
    """Say, by user id, what keeps each from logging in, his enterprise aside: at most four queries."""
    locked = throttle.locked_for([user.username for user in users])
    ids = [user.pk for user in users]
    links = _links(ids)
    linked = set(
        SingleWindowIdentity.objects.filter(user__in=ids).values_list("user_id", flat=True)
    )
    found = {}
    for user in users:
        barriers = []
        if not user.is_active:
            barriers.append(Barrier("账号已停用。", Mend.ACCOUNT))
        if seconds := locked.get(user.username):
            barriers.append(
                Barrier(
                    f"登录失败次数过多，已锁定，{throttle.in_words(seconds)}后自动解除。",
                    Mend.ACCOUNT,
                )
            )
        if not may_use_password(user):
            barriers += _without_password(user, user.pk in linked)
        elif not user.has_usable_password():
            barriers.append(_no_password(links.get(user.pk), user.pk in linked))
        barriers += _second_factor(user)
        found[user.pk] = barriers
    return found


def _no_user() -> Barrier:
    return Barrier("企业还没有任何用户，请新增法人账号。", Mend.ADD_USER)


def _standing(enterprise: Enterprise) -> str:
    standing = standing_of(enterprise)
    if standing.state == State.NEVER:
        return "企业从未授权：须由企业法人登录后用法人卡授权，管理员不能代为授权。"
    again = "须由企业法人用法人卡重新授权。"
    if standing.state == State.EXPIRED:
        return f"授权已于 {_at(standing.since)} 到期，{again}"
    last = (
        CardAuthorization.objects.filter(enterprise=enterprise)
        .select_related("ended_by")
        .order_by("-valid_from", "-pk")
        .first()
    )
    who = f"{last.ended_by}（{last.ended_by.username}）" if last and last.ended_by else "—"
    if standing.state == State.REVOKED_BY_ADMINISTRATOR:
        reason = f"，原因：{standing.reason.rstrip('。')}" if standing.reason else ""
        return f"授权已于 {_at(standing.since)} 由管理员 {who} 撤销{reason}。{again}"
    return f"授权已于 {_at(standing.since)} 由企业法人 {who} 凭卡撤销，{again}"


def _untrusted() -> Barrier | None:
    """Say that cards can't be believed now, whoever holds them."""
    problems = [problem for _, problem in report(timezone.now()).all_problems if problem.is_error]
    if not problems:
        return None
    sentence = "卡证书或吊销列表的设置有错误，法人卡可能不能通过验证。"
    return Barrier(sentence, Mend.TRUST, blocks=False)


def _last_refused(enterprise: Enterprise) -> Barrier | None:
    last = CardAttempt.objects.filter(enterprise=enterprise).order_by("-tried_at", "-pk").first()
    if last is None or not last.refusal:
        return None
    said = refusal_words(last.refusal)
    return Barrier(f"最近一次刷卡（{_at(last.tried_at)}）被拒：{said}", Mend.ATTEMPTS, blocks=False)


def _links(ids: Sequence[int]) -> dict[int, PasswordLink]:
    """Return each user's newest link that was not used."""
    rows = PasswordLink.objects.filter(user__in=ids, used_at__isnull=True)
    return {link.user_id: link for link in rows.order_by("made_at")}


def _no_password(link: PasswordLink | None, is_linked: bool) -> Barrier:
    if link is None:
        said = "还没有设置密码，也没有可用的设密链接，请生成链接交给本人。"
    elif link.expires_at > timezone.now():
        said = f"还没有设置密码；设密链接已生成但尚未使用，{_at(link.expires_at)} 前有效。"
    else:
        said = f"还没有设置密码；设密链接已于 {_at(link.expires_at)} 失效，请重新生成。"
    # Who comes by the Single Window needs no password.
    return Barrier(said, Mend.ACCOUNT, blocks=not is_linked)


def _without_password(user: User, is_linked: bool) -> list[Barrier]:
    """What password login switched off means for this user."""
    if is_linked:
        return []
    if user.enterprise is not None and not user.enterprise.uscc:
        return [
            Barrier(
                "密码登录已关闭，而企业没有统一社会信用代码，单一窗口账号无法对应到本企业。",
                Mend.COMPLETE_CODE,
            )
        ]
    return [
        Barrier(
            "密码登录已关闭，只能通过单一窗口登录；该用户还没有这样登录过，"
            f"首次登录时其单一窗口用户名须为 {user.username}。",
            blocks=False,
        )
    ]


def _second_factor(user: User) -> list[Barrier]:
    if not second_factor.is_required(user) or second_factor.authenticator_of(user) is not None:
        return []
    return [Barrier("还没有绑定动态口令，下次登录时须先绑定才能进入。", blocks=False)]


def _at(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment is not None else "—"
