"""Runs of the comparison: what each covers, its pieces, how far they are, and what failed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from comparison.stages import Spent
from declarations.models import Content


class ComparisonRun(models.Model):
    """One run of the comparison: what it covers and how far it is, for the page that shows it.

    An increment works off one chapter's outbox; a full run has pieces (RunPiece) that any number
    of workers take. What a queue lost or a killed worker left is found again from here
    (comparison/runs.py). A cancelled increment holds its chapter back until it is retried.
    """

    class Scope(models.TextChoices):
        """What a run works off."""

        INCREMENT = "increment", "增量"
        FULL = "full", "全部"

    class State(models.TextChoices):
        """Where a run stands."""

        WAITING = "waiting", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    # What the process that is at an increment had spent when it took it up; not stored.
    spent_before: Spent | None = None

    scope = models.CharField("范围", max_length=16, choices=Scope.choices)
    chapter = models.CharField("章", max_length=2, blank=True, default="")
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.RUNNING)
    contents_total = models.PositiveIntegerField("内容总数", default=0)
    contents_done = models.PositiveIntegerField("已比对内容", default=0)
    entries = models.PositiveIntegerField("比对条目", default=0)
    stored = models.PositiveIntegerField("写入条目", default=0)
    gone = models.PositiveIntegerField("删除条目", default=0)
    marks_changed = models.PositiveIntegerField("变更标记", default=0)
    failed_contents = models.PositiveIntegerField("失败内容", default=0)
    interruptions = models.PositiveIntegerField("中断次数", default=0)
    started_at = models.DateTimeField("开始", default=timezone.now)
    ended_at = models.DateTimeField("结束", null=True, blank=True)
    error = models.TextField("错误", blank=True, default="")
    # Of an increment what it spent, of a full run what making it ready did (comparison/stages.py).
    stages = models.JSONField(
        "各阶段", default=dict, db_default=models.Value({}, models.JSONField())
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="发起人",
    )
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="取消人",
    )

    class Meta:
        verbose_name = "比对运行"
        verbose_name_plural = "比对运行"
        indexes = [models.Index(fields=["-started_at"], name="run_started")]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "chapter"],
                condition=Q(state__in=["waiting", "running"])
                | Q(scope="increment", state="cancelled"),
                name="run_once_a_scope",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()}比对 {self.pk}（{self.get_state_display()}）"

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it still works, or waits to."""
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def can_be_retried(self) -> bool:
        """Whether it ended before its work was done."""
        return self.state in {self.State.FAILED, self.State.CANCELLED}


class RunPiece(models.Model):
    """A part of a full run that one worker takes: some eight-digit codes of one chapter.

    Contents are only compared within an eight-digit code, so that pieces are independent.
    `after_code` and `after_key` say how far it is, groups being taken by code and form key; they
    and the counts change in the transaction that stores the marks, so that a killed worker's
    piece is taken up again exactly where it was.
    """

    class State(models.TextChoices):
        """Where a piece stands; a running one without its advisory lock was killed."""

        WAITING = "waiting", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"

    run = models.ForeignKey(
        ComparisonRun,
        models.CASCADE,
        related_name="pieces",
        db_index=False,
        verbose_name="比对运行",
    )
    number = models.PositiveIntegerField("序号")
    chapter = models.CharField("章", max_length=2)
    first_code = models.CharField("起始税则号列", max_length=8)
    last_code = models.CharField("终止税则号列", max_length=8)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.WAITING)
    contents_total = models.PositiveIntegerField("内容总数")
    contents_done = models.PositiveIntegerField("已比对内容", default=0)
    entries = models.PositiveIntegerField("比对条目", default=0)
    stored = models.PositiveIntegerField("写入条目", default=0)
    gone = models.PositiveIntegerField("删除条目", default=0)
    marks_changed = models.PositiveIntegerField("变更标记", default=0)
    after_code = models.CharField("已比对到的税则号列", max_length=8, blank=True, default="")
    after_key = models.BinaryField("已比对到的形式指纹", max_length=32, default=bytes)
    taken = models.PositiveIntegerField("领取次数", default=0)
    errors = models.PositiveIntegerField("出错次数", default=0)
    worker = models.CharField("工作进程", max_length=100, blank=True, default="")
    started_at = models.DateTimeField("开始", null=True, blank=True)
    ended_at = models.DateTimeField("结束", null=True, blank=True)
    seconds = models.FloatField("用时（秒）", default=0)
    python_seconds = models.FloatField("其中文本处理（秒）", default=0)
    error = models.TextField("错误", blank=True, default="")
    stages = models.JSONField(
        "各阶段", default=dict, db_default=models.Value({}, models.JSONField())
    )

    class Meta:
        verbose_name = "比对分片"
        verbose_name_plural = "比对分片"
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="piece_once_a_run"),
        ]

    def __str__(self) -> str:
        return f"运行 {self.run_id} 第 {self.number} 片（{self.first_code}—{self.last_code}）"


class FailedContent(models.Model):
    """A content whose comparison raised: left out of runs, so that all others go on.

    `version` names the program that failed at it (comparison.failures.code_version); the content
    is left out while that is the running one. Empty: to be tried again.
    """

    content = models.OneToOneField(
        Content, models.CASCADE, primary_key=True, related_name="failure", verbose_name="申报内容"
    )
    error = models.TextField("错误")
    first_failed_at = models.DateTimeField("首次失败", default=timezone.now)
    last_failed_at = models.DateTimeField("最近失败", default=timezone.now)
    tries = models.PositiveIntegerField("失败次数", default=1)
    version = models.CharField("程序版本", max_length=16, blank=True, default="")
    run = models.ForeignKey(
        ComparisonRun,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="failures",
        verbose_name="比对运行",
    )

    class Meta:
        verbose_name = "比对失败的内容"
        verbose_name_plural = "比对失败的内容"
        indexes = [models.Index(fields=["-last_failed_at", "-content"], name="failure_newest")]

    def __str__(self) -> str:
        return f"{self.content_id}：{self.error[:60]}"

    @property
    def waits_for_retry(self) -> bool:
        """Whether it was asked to be tried again."""
        return not self.version
