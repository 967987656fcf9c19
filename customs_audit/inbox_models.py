"""What came by a watched folder, and what became of it.

Imported by customs_audit/models.py, where Django looks for models; names other models by text, so
that neither module needs the other first.
"""

from django.db import models
from django.utils import timezone


class InboxFile(models.Model):
    """One file that was taken from a watched folder, stored together with what came of it.

    `claim` is the name of the folder that it was moved to when it was taken, another for each
    taking: so that whoever is killed at a file finds what he had done already. `facts` hold what
    the report tells (counts, faults of declared lines).
    """

    class Outcome(models.TextChoices):
        """What became of it; the words but for the first are the folders where it lies then."""

        WORKING = "working", "处理中"
        RECEIVED = "received", "已接收"
        TO_SETTLE = "to_settle", "待处理"
        REFUSED = "refused", "未通过"

    claim = models.CharField("收取编号", max_length=64, unique=True)
    folder = models.CharField("收件文件夹", max_length=255)
    file_name = models.CharField("文件名", max_length=255)
    file_hash = models.CharField("文件 SHA-256", max_length=64, blank=True, default="")
    is_declared = models.BooleanField("申报数据", default=False)
    upload = models.ForeignKey(
        "customs_audit.AuditUpload",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inbox_files",
        verbose_name="上传",
    )
    outcome = models.CharField(
        "结果", max_length=12, choices=Outcome.choices, default=Outcome.WORKING
    )
    message = models.TextField("说明", blank=True, default="")
    # How many processes began with it and did not say how it went on: they were killed at it.
    attempts = models.PositiveSmallIntegerField("收取次数", default=0)
    facts = models.JSONField("事实", default=dict, blank=True)
    taken_at = models.DateTimeField("收取时间", default=timezone.now)
    ended_at = models.DateTimeField("处理结束", null=True, blank=True)

    class Meta:
        verbose_name = "收件文件夹中的文件"
        verbose_name_plural = "收件文件夹中的文件"
        indexes = [models.Index(fields=["-taken_at", "-id"], name="inbox_newest")]

    def __str__(self) -> str:
        return f"{self.file_name}（{self.get_outcome_display()}）"
