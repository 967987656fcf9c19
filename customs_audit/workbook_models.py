"""Error workbooks that came back mended: what each would change, until somebody decides.

Imported by customs_audit/models.py, where Django looks for models; names other models by text, so
that neither module needs the other first.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone

_USER = settings.AUTH_USER_MODEL


class MendWorkbook(models.Model):
    """An error workbook that came back mended: what it would change, until that is decided."""

    class State(models.TextChoices):
        """Where it stands; the words are those of the page."""

        OPEN = "open", "待确认"
        APPLIED = "applied", "已应用"
        DROPPED = "dropped", "已放弃"

    upload = models.ForeignKey(
        "customs_audit.AuditUpload", models.CASCADE, related_name="workbooks", verbose_name="上传"
    )
    file_name = models.CharField("文件名", max_length=255)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.OPEN)
    rows_read = models.PositiveIntegerField("行数", default=0)
    # What applying it could not change: [row number, field, text, sentence] each.
    refused = models.JSONField("没有应用的改动", default=list, blank=True)
    taken_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上传人"
    )
    taken_at = models.DateTimeField("上传时间", default=timezone.now)
    ended_at = models.DateTimeField("结束", null=True, blank=True)

    class Meta:
        verbose_name = "修正表"
        verbose_name_plural = "修正表"

    def __str__(self) -> str:
        return f"修正表 {self.pk} {self.file_name}"


class MendWorkbookRow(models.Model):
    """One row that a workbook changes: field → [text that was handed out, text that came back].

    `version` is the row's when the workbook was written. Where the row has another by now, somebody
    decides: `takes` says whether the workbook's texts are taken, `decided_version` at which version
    of the row that was said.
    """

    workbook = models.ForeignKey(
        MendWorkbook, models.CASCADE, related_name="rows", db_index=False, verbose_name="修正表"
    )
    number = models.PositiveIntegerField("序号")
    version = models.PositiveIntegerField("版本")
    texts = models.JSONField("改动")
    takes = models.BooleanField("采用修正表", null=True, blank=True)
    decided_version = models.PositiveIntegerField("决定时的版本", default=0)

    class Meta:
        verbose_name = "修正表的行"
        verbose_name_plural = "修正表的行"
        constraints = [
            models.UniqueConstraint(fields=["workbook", "number"], name="workbook_row_once"),
        ]

    def __str__(self) -> str:
        return f"修正表 {self.workbook_id} 第 {self.number} 行"
