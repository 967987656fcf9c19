"""What is kept about accounts: open sessions, one-time links, recovery codes, and who changed what.

Imported by authorization/models.py, where Django looks for models; names other models by text, so
that neither module needs the other first.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone


class UserSession(models.Model):
    """One login that has not ended: the session's own data carries this row's number.

    Without the row the session opens nothing from its next request on. Neither the session's key
    nor anything that it could be found by stands here, so that the table opens no session.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="open_sessions", verbose_name="用户"
    )
    address = models.GenericIPAddressField("登录地址", null=True, blank=True)
    browser = models.CharField("浏览器", max_length=80, blank=True, default="")
    way = models.CharField(
        "登录方式",
        max_length=16,
        choices=[("password", "密码"), ("single_window", "单一窗口")],
        default="password",
    )
    started_at = models.DateTimeField("登录时间", default=timezone.now)
    last_seen_at = models.DateTimeField("最近使用", default=timezone.now)
    expires_at = models.DateTimeField("失效时间")

    class Meta:
        verbose_name = "登录会话"
        verbose_name_plural = "登录会话"
        indexes = [models.Index(fields=["user", "expires_at"], name="session_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class PasswordLink(models.Model):
    """A link by which its holder sets a password once; the database knows only the token's hash."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="用户"
    )
    token_hash = models.CharField("链接摘要", max_length=64, unique=True)
    made_at = models.DateTimeField("生成时间", default=timezone.now)
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "密码链接"
        verbose_name_plural = "密码链接"

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at:%Y-%m-%d %H:%M}"


class RecoveryCode(models.Model):
    """A code that stands in once for a lost authenticator; 140 random bits, kept as SHA-256."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes", verbose_name="用户"
    )
    code_hash = models.CharField("恢复码摘要", max_length=64, unique=True)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "恢复码"
        verbose_name_plural = "恢复码"

    def __str__(self) -> str:
        return f"{self.user_id} {'已使用' if self.used_at else '未使用'}"


class SingleWindowIdentity(models.Model):
    """Which account of the Single Window a user is: its issuer's name for him never changes."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="single_window",
        verbose_name="用户",
    )
    issuer = models.CharField("签发方", max_length=255)
    subject = models.CharField("账号标识", max_length=255)
    linked_at = models.DateTimeField("关联时间", default=timezone.now)

    class Meta:
        verbose_name = "单一窗口账号"
        verbose_name_plural = "单一窗口账号"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_of_one_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.subject}"


class AccountEvent(models.Model):
    """One change of an account: whose, what, by whom, from where, before and after.

    `before` and `after` hold the changed fields of the user by their names; `enterprise` is the
    user's at that time, so that a legal representative reads his own enterprise's history.
    """

    class Kind(models.TextChoices):
        """What was done."""

        ADDED = "added", "新增用户"
        CHANGED = "changed", "修改资料"
        DISABLED = "disabled", "停用"
        ENABLED = "enabled", "启用"
        UNLOCKED = "unlocked", "解除锁定"
        LINK_MADE = "link_made", "生成设密链接"
        PASSWORD_SET = "password_set", "通过链接设置密码"
        PASSWORD_CHANGED = "password_changed", "修改密码"
        SESSION_ENDED = "session_ended", "结束登录"
        SECOND_FACTOR_ENROLLED = "second_factor_enrolled", "绑定动态口令"
        SECOND_FACTOR_RESET = "second_factor_reset", "重置动态口令"
        RECOVERY_CODE_USED = "recovery_code_used", "使用恢复码"
        RECOVERY_CODES_MADE = "recovery_codes_made", "重新生成恢复码"
        IDENTITY_LINKED = "identity_linked", "关联单一窗口账号"

    enterprise = models.ForeignKey(
        "authorization.Enterprise",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="企业",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="account_events",
        verbose_name="用户",
    )
    kind = models.CharField("操作", max_length=32, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="操作人",
    )
    address = models.GenericIPAddressField("来源地址", null=True, blank=True)
    before = models.JSONField("变更前", default=dict, blank=True)
    after = models.JSONField("变更后", default=dict, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "账号变更记录"
        verbose_name_plural = "账号变更记录"
        indexes = [
            models.Index(fields=["enterprise", "-at", "-id"], name="account_event_newest"),
            models.Index(fields=["user", "-at"], name="account_event_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.get_kind_display()}"
