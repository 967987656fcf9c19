"""The log of changes: noting one, and telling it in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest

from authorization.addresses import known_address
from authorization.change_models import ChangeEvent
from authorization.models import Enterprise, User

# What an event may hold besides a user's own fields, in the order in which it is told.
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
    "name": "企业名称",
    "uscc": "统一社会信用代码",
    "customs_codes": "海关注册编码",
    "authorized_at": "授权时间",
    "authorized_until": "授权有效期至",
    "authorization": "授权编号",
    "reason": "原因",
    "joined": "并入的企业",
    "in_force": "启用状态",
    "replaced": "代替",
    "changed_codes": "要素有变化的税则号列",
    "file_name": "文件",
    "year": "目录年份",
    "codes_held": "税则号列数",
    "released_at": "发布时间",
    "withdrawn_at": "撤回时间",
    "level": "级别",
}
_ORDER = ["username", "display_name", "role", "enterprise", "is_active", *_OTHER_LABELS]
_SUBJECT_LENGTH = 200


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


# The portal itself: an importer, a worker, the command line.
NOBODY = By(None)


def note(
    kind: ChangeEvent.Kind,
    user: User,
    by: By,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> ChangeEvent:
    """Store one change of an account; call it in the transaction of the change itself."""
    return _store(
        kind,
        by,
        before,
        after,
        of=ChangeEvent.Of.ACCOUNT,
        number=user.pk,
        subject=f"{user.display_name}（{user.username}）",
        enterprise_id=user.enterprise_id,
        user=user,
    )


def note_of(
    kind: ChangeEvent.Kind,
    of: ChangeEvent.Of,
    row: models.Model,
    by: By,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> ChangeEvent:
    """Store one change of anything but an account, in the transaction of the change itself.

    `before` and `after` hold JSON values by the names that `told` knows.
    """
    return _store(
        kind,
        by,
        before,
        after,
        of=of,
        number=row.pk,
        subject=str(row)[:_SUBJECT_LENGTH],
        enterprise_id=row.pk if isinstance(row, Enterprise) else None,
    )


def _store(
    kind: ChangeEvent.Kind,
    by: By,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    **row: Any,
) -> ChangeEvent:
    return ChangeEvent.objects.create(
        kind=kind,
        # A lazy request.user would not do as a foreign key.
        actor_id=by.user.pk if by.user is not None else None,
        address=by.address,
        before=dict(before or {}),
        after=dict(after or {}),
        **row,
    )


def told(event: ChangeEvent) -> list[str]:
    """Return what changed in the words of the pages: "启用：是 → 否"; what was not there is left out."""
    return [
        f"{label}：{' → '.join(side for side in sides if side)}"
        for label, *sides in told_in_two(event)
    ]


def told_in_two(event: ChangeEvent) -> list[tuple[str, str, str]]:
    """Return each changed fact's name, and its value before and after, in words; "" where absent."""
    names = sorted({*event.before, *event.after}, key=_place)
    return [
        (
            _label(name),
            _value(name, event.before) if name in event.before else "",
            _value(name, event.after) if name in event.after else "",
        )
        for name in names
    ]


def _place(name: str) -> tuple[int, str]:
    """Where a name stands: jsonb forgets in which order its keys were written."""
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _field(name: str) -> "models.Field[Any, Any] | None":
    found = {field.name: field for field in User._meta.fields}
    return found.get(name)


def _label(name: str) -> str:
    if name in _OTHER_LABELS:
        return _OTHER_LABELS[name]
    field = _field(name)
    return str(field.verbose_name) if field is not None else name


def _value(name: str, values: Mapping[str, Any]) -> str:
    value, field = values[name], _field(name)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "—"
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return "—" if value is None or value == "" else str(value)
