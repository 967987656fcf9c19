"""What is kept about accounts: open sessions, one-time links, recovery codes.

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
        return f"{self.user_id} {timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"


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
        return f"{self.user_id} {timezone.localtime(self.made_at):%Y-%m-%d %H:%M}"


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
