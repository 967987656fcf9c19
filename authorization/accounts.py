"""What is done to accounts, each with its entry in the history, in one transaction.

Who may do it to whom is decided here as well, so that the enterprise's pages and the
administrators' site keep the same rules.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from authorization import throttle
from authorization.account_models import PasswordLink, UserSession
from authorization.backends import may_use_password
from authorization.change_models import ChangeEvent
from authorization.events import By, note
from authorization.models import Enterprise, Role, User
from authorization.sessions import not_over

Kind = ChangeEvent.Kind


class AccountRefusal(Exception):
    """Something may not be done to this account; str() is the sentence for the page."""


def may_manage(actor: User, user: User) -> bool:
    """Whether an actor may change an account: administrators any, others their operators only."""
    if actor.role == Role.ADMINISTRATOR:
        return True
    return (
        actor.role == Role.LEGAL_REPRESENTATIVE
        and user.role == Role.OPERATOR
        and user.enterprise_id == actor.enterprise_id
        and user.enterprise_id is not None
    )


def add_operator(by: By, enterprise: Enterprise, username: str, display_name: str) -> User:
    """Store an operator who can't log in until a link has let him set a password.

    Raises IntegrityError where the name was taken meanwhile.
    """
    with transaction.atomic():
        user = User.objects.create_user(
            username, None, display_name=display_name, role=Role.OPERATOR, enterprise=enterprise
        )
        note_added(by, user)
    return user


def note_added(by: By, user: User) -> None:
    """Write down that an account was made, with what it is."""
    note(Kind.ADDED, user, by, after=facts_of(user))


def facts_of(user: User) -> dict[str, object]:
    """Return what the history keeps of an account: JSON values by the field's name."""
    return {
        "username": user.username,
        "display_name": user.display_name,
        "role": user.role,
        "enterprise": str(user.enterprise) if user.enterprise else "",
        "is_active": user.is_active,
    }


def note_changed(by: By, user: User, before: dict[str, object]) -> None:
    """Write down which of `facts_of` an edit has changed; nothing where none has."""
    after = facts_of(user)
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        old, new = ({name: facts[name] for name in changed} for facts in (before, after))
        note(Kind.CHANGED, user, by, old, new)
    if {"role", "enterprise", "is_active"} & set(changed):
        end_all(user)
        _end_links(user)


def disable(by: By, user: User) -> bool:
    """Keep a user out from his next request on; False where he was out already."""
    _refuse_unless_allowed(by, user)
    if by.user is not None and by.user.pk == user.pk:
        raise AccountRefusal("不能停用自己的账号，请由其他人员操作。")
    with transaction.atomic():
        if not _set_active(user, False):
            return False
        end_all(user)
        _end_links(user)
        note(Kind.DISABLED, user, by, {"is_active": True}, {"is_active": False})
    return True


def enable(by: By, user: User) -> bool:
    """Let a user in again; False where he was never out."""
    _refuse_unless_allowed(by, user)
    with transaction.atomic():
        if not _set_active(user, True):
            return False
        note(Kind.ENABLED, user, by, {"is_active": False}, {"is_active": True})
    return True


def unlock(by: By, user: User) -> bool:
    """Forget the failures that have locked an account; False where it was not locked."""
    _refuse_unless_allowed(by, user)
    seconds = throttle.locked_for([user.username]).get(user.username, 0)
    if not seconds:
        return False
    with transaction.atomic():
        note(Kind.UNLOCKED, user, by, {"locked_seconds": seconds}, {"locked_seconds": 0})
        throttle.of_account(user.username).forget()
    return True


def make_link(by: By, user: User) -> tuple[PasswordLink, str]:
    """Make a link that sets the password once; earlier ones end. Returns it and its token.

    The token, 256 random bits, exists here and on the page that shows it, nowhere else.
    """
    _refuse_unless_allowed(by, user)
    if not user.is_active:
        raise AccountRefusal("该账号已停用，请先启用，再生成设密链接。")
    if not may_use_password(user):
        raise AccountRefusal("企业用户只能通过单一窗口登录，不使用本系统的密码。")
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        PasswordLink.objects.filter(user=user, used_at__isnull=True).delete()
        link = PasswordLink.objects.create(
            user=user,
            token_hash=_hash(token),
            made_at=now,
            expires_at=now + timedelta(minutes=settings.PASSWORD_LINK_MINUTES),
        )
        until = timezone.localtime(link.expires_at)
        note(Kind.LINK_MADE, user, by, after={"expires_at": f"{until:%Y-%m-%d %H:%M}"})
    return link, token


def link_of(token: str) -> PasswordLink | None:
    """Return the link of a token if it can still be used."""
    return usable_links().filter(token_hash=_hash(token)).select_related("user").first()


def usable_links() -> "models.QuerySet[PasswordLink]":
    """Return the links that are neither used nor over, of users who may log in."""
    return PasswordLink.objects.filter(
        used_at__isnull=True, expires_at__gt=timezone.now(), user__is_active=True
    )


def set_password_by_link(link: PasswordLink, password: str, address: str | None) -> bool:
    """Use a link up and set its user's password; False where it was used or ended meanwhile."""
    hashed = make_password(password)  # slow by intention, so before any row is locked
    with transaction.atomic():
        now = timezone.now()
        user = User.objects.select_for_update().get(pk=link.user_id)
        # Of the row itself: with a joined condition PostgreSQL would not look again after waiting.
        fresh = PasswordLink.objects.filter(pk=link.pk, used_at__isnull=True, expires_at__gt=now)
        if not user.is_active or not fresh.update(used_at=now):
            return False
        user.password = hashed
        user.save(update_fields=["password"])
        end_all(user)
        note(Kind.PASSWORD_SET, user, By(user, address))
        throttle.of_account(user.username).forget()
    return True


def note_password_changed(by: By, user: User, keep: int) -> None:
    """Write down that a user has changed his own password; his other sessions end."""
    with transaction.atomic():
        UserSession.objects.filter(user=user).exclude(pk=keep).delete()
        PasswordLink.objects.filter(user=user, used_at__isnull=True).delete()
        note(Kind.PASSWORD_CHANGED, user, by)


def end_session(by: By, user: User, number: int) -> bool:
    """End one session of a user; False where there is none of this number (any more)."""
    _refuse_unless_allowed(by, user, own=True)
    with transaction.atomic():
        session = UserSession.objects.select_for_update().filter(user=user, pk=number).first()
        if session is None:
            return False
        note(
            Kind.SESSION_ENDED,
            user,
            by,
            {
                "address": session.address,
                "browser": session.browser,
                "started_at": f"{timezone.localtime(session.started_at):%Y-%m-%d %H:%M}",
            },
        )
        session.delete()
    return True


def end_sessions(by: By, user: User, keep: int = 0) -> int:
    """End all sessions of a user but one to keep; returns how many were open."""
    _refuse_unless_allowed(by, user, own=True)
    with transaction.atomic():
        rows = UserSession.objects.filter(user=user).exclude(pk=keep)
        ended = rows.filter(not_over()).count()
        rows.delete()
        if ended:
            left = 1 if keep else 0
            note(Kind.SESSION_ENDED, user, by, {"sessions": ended + left}, {"sessions": left})
    return ended


def end_all(user: User) -> None:
    """End every session of a user as part of another change."""
    UserSession.objects.filter(user=user).delete()


def _end_links(user: User) -> None:
    """End the links that set this user's password, and those that he made for others.

    Whoever made a link knows its token: it must outlive neither his right to make it, nor what
    the account was when it was made.
    """
    since = timezone.now() - timedelta(minutes=settings.PASSWORD_LINK_MINUTES)
    made = ChangeEvent.objects.filter(kind=Kind.LINK_MADE, actor=user, at__gte=since)
    PasswordLink.objects.filter(used_at__isnull=True).filter(
        Q(user=user) | Q(user__in=made.values("user"))
    ).delete()


def _set_active(user: User, wanted: bool) -> bool:
    changed = User.objects.filter(pk=user.pk, is_active=not wanted).update(is_active=wanted)
    user.is_active = wanted
    return bool(changed)


def _refuse_unless_allowed(by: By, user: User, *, own: bool = False) -> None:
    """Raise AccountRefusal unless `by` may change this account, or it is his own and `own`.

    `by` without a user is the portal's own command line.
    """
    if by.user is None or may_manage(by.user, user) or (own and by.user.pk == user.pk):
        return
    raise AccountRefusal("企业法人的账号由管理员维护，您只能管理本企业的操作员。")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
