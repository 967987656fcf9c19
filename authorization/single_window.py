"""Whose account of ours somebody of the Single Window is.

By the issuer's unchanging name for him (`sub`) once that is known; at his first login by his
enterprise's 统一社会信用代码 and his user name within that enterprise. Enterprises come with the data
or by an administrator, never by a login.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from authorization.account_forms import USERNAME_FORM
from authorization.account_models import SingleWindowIdentity
from authorization.accounts import note_added
from authorization.change_models import ChangeEvent
from authorization.events import By, note
from authorization.models import Enterprise, Role, User


class NotAdmitted(Exception):
    """Nobody of ours, or nobody who may enter; str() is the sentence for the page."""


def claim(claims: dict[str, Any], name: str) -> str:
    """Return a claim as text; a dotted name leads into nested claims; missing is empty."""
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    text = str(value).strip() if isinstance(value, str | int) else ""
    # PostgreSQL keeps no NUL, so nobody of ours is named by such a text.
    return "" if "\0" in text else text


def user_of(claims: dict[str, Any], address: str | None) -> User:
    """Return the user whom proved claims name, made where the settings allow it.

    Raises NotAdmitted.
    """
    uscc = claim(claims, settings.OIDC_CLAIM_USCC).upper()
    enterprise = Enterprise.objects.filter(uscc=uscc).first() if uscc else None
    if enterprise is None:
        raise NotAdmitted(
            "您在单一窗口的所属企业尚未登记在本系统，请联系服务热线核对统一社会信用代码。"
        )
    try:
        with transaction.atomic():
            user = _known(claims) or _linked(claims, enterprise, address)
    except IntegrityError:  # two first logins at the same moment
        raise NotAdmitted("登录未完成，请稍后重新登录。") from None
    if user.enterprise_id != enterprise.pk:
        raise NotAdmitted("您在单一窗口的所属企业与本系统登记的不一致，请联系管理员核对。")
    if not user.is_active:
        raise NotAdmitted("您的账号已停用，请联系本企业法人或管理员。")
    return user


def _known(claims: dict[str, Any]) -> User | None:
    identity = (
        SingleWindowIdentity.objects.filter(issuer=settings.OIDC_ISSUER, subject=claims["sub"])
        .select_related("user__enterprise")
        .first()
    )
    return identity.user if identity is not None else None


def _linked(claims: dict[str, Any], enterprise: Enterprise, address: str | None) -> User:
    """Find or make the user of a first login and note who he is at the Single Window."""
    username = claim(claims, settings.OIDC_CLAIM_USERNAME)
    users = User.objects.select_for_update(of=("self",)).filter(enterprise=enterprise)
    user = users.filter(username=username).first() if username else None
    if user is None:
        user = _made(claims, enterprise, username)
    elif SingleWindowIdentity.objects.filter(user=user).exists():
        raise NotAdmitted("同名账号已关联其他单一窗口用户，请联系管理员核对。")
    SingleWindowIdentity.objects.create(
        user=user, issuer=settings.OIDC_ISSUER, subject=claims["sub"]
    )
    by = By(user, address)
    note(ChangeEvent.Kind.IDENTITY_LINKED, user, by, after={"subject": claims["sub"]})
    return user


def _made(claims: dict[str, Any], enterprise: Enterprise, username: str) -> User:
    """Make an operator, never more than that; where the settings and the name allow it."""
    if not settings.OIDC_CREATE_OPERATORS:
        raise NotAdmitted("您的账号尚未在本系统开通，请联系本企业法人新增操作员后再登录。")
    try:
        USERNAME_FORM(username)
    except ValidationError:
        raise NotAdmitted("您的单一窗口用户名不能用于本系统，请联系管理员。") from None
    if User.objects.filter(username__iexact=username).exists():
        raise NotAdmitted("您的用户名在本系统已被其他企业使用，请联系管理员。")
    name = claim(claims, settings.OIDC_CLAIM_NAME)[:64] or username
    user = User.objects.create_user(
        username, None, display_name=name, role=Role.OPERATOR, enterprise=enterprise
    )
    note_added(By(None), user)
    return user
