"""企业消息: one message per enterprise and audit month, with versions."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from authorization.models import Enterprise
from declarations.models import Release


class Message(models.Model):
    """What customs audited of one enterprise in one month."""

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="messages", db_index=False, verbose_name="企业"
    )
    audit_month = models.DateField("审核月份")

    class Meta:
        verbose_name = "企业消息"
        verbose_name_plural = "企业消息"
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "audit_month"], name="message_once"),
            models.CheckConstraint(
                condition=models.Q(audit_month__day=1), name="message_month_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit_month:%Y-%m} 审核情况"


class MessageVersion(models.Model):
    """The figures of a message after one release or withdrawal changed them.

    Counts are audited lines: as 申报单位 and as 收发货人, all and 不规范. The newest version is what
    the message says; it is unread until a user reads this very version.
    """

    class Cause(models.TextChoices):
        """What made this version."""

        RELEASE = "release", "审核数据发布"
        WITHDRAWAL = "withdrawal", "审核数据撤回"
        JOIN = "join", "企业合并"

    message = models.ForeignKey(
        Message, models.CASCADE, related_name="versions", verbose_name="消息"
    )
    number = models.PositiveSmallIntegerField("版本")
    cause = models.CharField("起因", max_length=16, choices=Cause.choices)
    release = models.ForeignKey(
        Release, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发布"
    )
    pushed_at = models.DateTimeField("推送时间", default=timezone.now)
    agent_audited = models.PositiveIntegerField("作为申报单位审核条数")
    agent_nonconforming = models.PositiveIntegerField("作为申报单位不规范条数")
    trader_audited = models.PositiveIntegerField("作为收发货人审核条数")
    trader_nonconforming = models.PositiveIntegerField("作为收发货人不规范条数")

    class Meta:
        verbose_name = "企业消息版本"
        verbose_name_plural = "企业消息版本"
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="version_once"),
            models.CheckConstraint(
                condition=models.Q(agent_nonconforming__lte=models.F("agent_audited"))
                & models.Q(trader_nonconforming__lte=models.F("trader_audited")),
                name="version_part_of_whole",
            ),
        ]
        indexes = [models.Index(fields=["-pushed_at"], name="version_pushed")]

    def __str__(self) -> str:
        return f"{self.message_id} 第 {self.number} 版"


class MessageRead(models.Model):
    """That a user has read a version."""

    version = models.ForeignKey(
        MessageVersion, models.CASCADE, related_name="reads", db_index=False, verbose_name="版本"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="用户"
    )
    read_at = models.DateTimeField("阅读时间", default=timezone.now)

    class Meta:
        verbose_name = "阅读记录"
        verbose_name_plural = "阅读记录"
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} 已读 {self.version_id}"
