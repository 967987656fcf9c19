"""The history of accounts: noting a change, and telling it in words."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest

from authorization.account_models import AccountEvent
from authorization.addresses import known_address
from authorization.models import User

# What an event may hold besides the user's own fields.
_OTHER_LABELS = {
    "sessions": "登录会话",
    "expires_at": "有效期至",
    "locked_seconds": "剩余锁定（秒）",
    "failures": "登录失败次数",
    "browser": "浏览器",
    "address": "登录地址",
    "started_at": "登录时间",
    "codes": "恢复码个数",
    "subject": "单一窗口账号标识",
    "enterprise": "企业",
}
_ORDER = ["username", "display_name", "role", "enterprise", "is_active", *_OTHER_LABELS]


@dataclass(frozen=True)
class By:
    """Who does something, and from which address; nobody where the portal itself does it."""

    user: User | None
    address: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "By":
        """Return who sent a request."""
        user = request.user
        return cls(user if isinstance(user, User) else None, known_address(request))


def note(
    kind: AccountEvent.Kind,
    user: User,
    by: By,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AccountEvent:
    """Store one event; call it in the transaction of the change itself."""
    return AccountEvent.objects.create(
        enterprise_id=user.enterprise_id,
        user=user,
        kind=kind,
        # A lazy request.user would not do as a foreign key.
        actor_id=by.user.pk if by.user is not None else None,
        address=by.address,
        before=before or {},
        after=after or {},
    )


def told(event: AccountEvent) -> list[str]:
    """Return what changed in the words of the pages: "启用：是 → 否"; what was not there is left out."""
    names = sorted({*event.before, *event.after}, key=_place)
    return [f"{_label(name)}：{_change(name, event)}" for name in names]


def _place(name: str) -> tuple[int, str]:
    """Where a name stands: jsonb forgets in which order its keys were written."""
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _change(name: str, event: AccountEvent) -> str:
    sides = [_value(name, side) for side in (event.before, event.after) if name in side]
    return " → ".join(sides)


def _field(name: str) -> "models.Field[Any, Any] | None":
    found = {field.name: field for field in User._meta.fields}
    return found.get(name)


def _label(name: str) -> str:
    if name in _OTHER_LABELS:
        return _OTHER_LABELS[name]
    field = _field(name)
    return str(field.verbose_name) if field is not None else name


def _value(name: str, values: dict[str, Any]) -> str:
    value, field = values[name], _field(name)
    if isinstance(value, bool):
        return "是" if value else "否"
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return "—" if value is None or value == "" else str(value)
