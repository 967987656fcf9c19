"""What officers upload, row by row, and how it goes on: faults, changes, releases, rules.

An upload's rows are kept as cells (field name → cell, declarations/cell_json.py), never as read
values: whatever decides reads the cells anew by the same rules, so that a page, the error workbook
and a release can't disagree. Columns beside the cells repeat what pages and rules across rows ask.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from customs_audit import inbox_models, workbook_models  # noqa: F401
from declarations.faults import Level
from declarations.models import Release

_USER = settings.AUTH_USER_MODEL


class AuditKind(models.TextChoices):
    """What an audit was; each has a template of its own (design: customs side)."""

    MONTHLY = "monthly", "月度审核"
    SPECIAL = "special", "专项审核"
    REVIEW = "review", "复核"


class AuditUpload(models.Model):
    """One upload of audited rows: the file as it came, how far it is, what came of it.

    `sheets` holds the layouts that were found or confirmed, one object a sheet (customs_audit's
    checking room writes and reads it); `report` holds what is known of the file besides its rows
    (unknown columns, ignored sheets) as faults. A correction made on a page is an upload without a
    file. Counts of rows are never stored: `queries.row_counts` asks the rows.
    """

    class State(models.TextChoices):
        """Where it stands; the words are those of the page."""

        RECEIVED = "received", "已上传"
        TO_CONFIRM = "to_confirm", "待确认表头"
        CHECKING = "checking", "校验中"
        TO_MEND = "to_mend", "待修正"
        TO_RELEASE = "to_release", "待发布"
        DONE = "done", "处理完毕"
        REFUSED = "refused", "未通过"

    class Source(models.TextChoices):
        """The way it came."""

        PAGE = "page", "网页上传"
        INBOX = "inbox", "收件文件夹"
        CORRECTION = "correction", "页面更正"

    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.RECEIVED)
    source = models.CharField("来源", max_length=12, choices=Source.choices, default=Source.PAGE)
    audit_kind = models.CharField(
        "审核类别", max_length=12, choices=AuditKind.choices, default=AuditKind.MONTHLY
    )
    audit_month = models.DateField("审核月份", help_text="该月第一天")
    file = models.FileField("文件", upload_to="audit_uploads/%Y/%m/", blank=True)
    file_name = models.CharField("文件名", max_length=255)
    file_hash = models.CharField("文件 SHA-256", max_length=64, blank=True, default="")
    file_size = models.PositiveBigIntegerField("文件大小（字节）", default=0)
    uploaded_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)
    # False for a file that does not tell text from numbers (.csv).
    is_typed = models.BooleanField("区分文本和数字", default=True)
    sheets = models.JSONField("表头", default=list, blank=True)
    report = models.JSONField("文件情况", default=list, blank=True)
    # One Chinese sentence: why it was refused, or what broke.
    message = models.TextField("结果", blank=True, default="")
    rows_done = models.PositiveIntegerField("已校验行数", default=0)
    rows_total = models.PositiveIntegerField("总行数", default=0)
    attempts = models.PositiveSmallIntegerField("校验次数", default=0)
    started_at = models.DateTimeField("校验开始", null=True, blank=True)
    ended_at = models.DateTimeField("校验结束", null=True, blank=True)

    class Meta:
        verbose_name = "审核数据上传"
        verbose_name_plural = "审核数据上传"
        constraints = [
            models.CheckConstraint(condition=Q(audit_month__day=1), name="upload_month_first_day"),
        ]
        indexes = [
            models.Index(fields=["-uploaded_at", "-id"], name="upload_newest"),
            models.Index(fields=["audit_month", "-id"], name="upload_month"),
            models.Index(fields=["file_hash"], name="upload_hash"),
        ]

    def __str__(self) -> str:
        return f"上传 {self.pk} {self.file_name}"


class UploadRow(models.Model):
    """One audited row of an upload.

    `number` counts the upload's rows from 1 and is its key on pages and in the error workbook;
    `sheet` and `row_number` say where it stands in the file (0 and 0 for a correction). `version`
    grows with every change, so that two who change one row find out. `cells` is what the row says
    now; what the file said stands in the first UploadRowChange of a field.
    """

    class State(models.TextChoices):
        """A row is in exactly one of these, so that their counts always make up the file."""

        FAULTY = "faulty", "待修正"
        CLEAN = "clean", "待发布"
        SET_ASIDE = "set_aside", "暂不处理"
        IN_RELEASE = "in_release", "在发布中"
        RELEASED = "released", "已发布"

    # Rows and faults are stored while their upload is held, and go with it: to have the database ask
    # for it again, once for each, is a tenth of the time of a check.
    upload = models.ForeignKey(
        AuditUpload,
        models.CASCADE,
        related_name="rows",
        db_index=False,
        db_constraint=False,
        verbose_name="上传",
    )
    number = models.PositiveIntegerField("序号")
    sheet = models.PositiveSmallIntegerField("工作表序号", default=0)
    row_number = models.PositiveIntegerField("文件行号", default=0)
    state = models.CharField("状态", max_length=12, choices=State.choices)
    version = models.PositiveIntegerField("版本", default=1)
    cells = models.JSONField("内容")
    errors = models.PositiveSmallIntegerField("错误数", default=0)
    warnings = models.PositiveSmallIntegerField("提醒数", default=0)
    # As far as they could be read; what rules across rows and pages ask of a row.
    entry_id = models.CharField("报关单号", max_length=18, blank=True, default="")
    g_no = models.PositiveIntegerField("项号", null=True, blank=True)
    goods_key = models.BinaryField("文本指纹", max_length=16, null=True, blank=True)
    content_key = models.BinaryField("内容指纹", max_length=32, null=True, blank=True)
    head_key = models.BinaryField("表头指纹", max_length=16, null=True, blank=True)
    conforming = models.BooleanField("规范", null=True, blank=True)
    auditor = models.CharField("审核人员", max_length=64, blank=True, default="")
    release = models.ForeignKey(
        "customs_audit.UploadRelease",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rows",
        db_index=False,
        verbose_name="所在发布",
    )
    set_aside_reason = models.CharField("暂不处理的原因", max_length=500, blank=True, default="")
    set_aside_by = models.ForeignKey(
        _USER,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="暂不处理人",
    )
    set_aside_at = models.DateTimeField("暂不处理时间", null=True, blank=True)

    class Meta:
        verbose_name = "审核数据行"
        verbose_name_plural = "审核数据行"
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_row_once"),
            models.CheckConstraint(
                condition=Q(state__in=["in_release", "released"], release__isnull=False)
                | Q(state__in=["faulty", "clean", "set_aside"], release__isnull=True),
                name="upload_row_release",
            ),
            models.CheckConstraint(
                condition=~Q(state="set_aside") | ~Q(set_aside_reason=""),
                name="upload_row_set_aside_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="clean") | Q(errors=0), name="upload_row_clean_is_clean"
            ),
        ]
        indexes = [
            models.Index(fields=["upload", "state", "number"], name="upload_row_state"),
            models.Index(
                fields=["entry_id", "g_no"], name="upload_row_line", condition=~Q(entry_id="")
            ),
            models.Index(
                fields=["upload", "content_key"],
                name="upload_row_content",
                condition=Q(content_key__isnull=False),
            ),
            # Only of rows that are in one: a million new rows are in none.
            models.Index(
                fields=["release", "number"],
                name="upload_row_of_release",
                condition=Q(release__isnull=False),
            ),
            models.Index(
                fields=["set_aside_by"],
                name="upload_row_set_aside_by",
                condition=Q(set_aside_by__isnull=False),
            ),
            # The rows with something to say, in the file's order: listed and counted by this alone.
            models.Index(
                fields=["upload", "number"],
                name="upload_row_to_see",
                include=["id", "state", "errors", "warnings"],
                condition=Q(state="faulty") | Q(warnings__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"上传 {self.upload_id} 第 {self.number} 行"


class UploadFault(models.Model):
    """One rule that a row breaks; its sentence is made at the edge from rule, value and facts."""

    row = models.ForeignKey(
        UploadRow,
        models.CASCADE,
        related_name="faults",
        db_constraint=False,
        verbose_name="审核数据行",
    )
    # Repeats its row's, for one index.
    upload = models.ForeignKey(
        AuditUpload,
        models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="上传",
    )
    field = models.CharField("字段", max_length=32)
    rule = models.CharField("规则", max_length=48)
    level = models.CharField("级别", max_length=8, choices=Level.choices)
    value = models.TextField("原值", blank=True, default="")
    facts = models.JSONField("事实", default=dict, blank=True)

    class Meta:
        verbose_name = "校验发现"
        verbose_name_plural = "校验发现"
        indexes = [
            models.Index(fields=["upload", "level", "rule", "field"], name="upload_fault_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}（{self.row_id}）"


class UploadRowChange(models.Model):
    """One change of one cell, kept for good: who, when, how, from, to (cells as JSON).

    `version` is the row's after it, so that what stood there at a version is known. A row that was
    set aside, taken back or found right leaves a record without a field and a version; `after` is
    then the reason.
    """

    class How(models.TextChoices):
        """The way it was changed."""

        GRID = "grid", "页面修正"
        BULK = "bulk", "批量修正"
        WORKBOOK = "workbook", "修正表"
        REPAIR = "repair", "系统修复"
        SET_ASIDE = "set_aside", "暂不处理"
        TAKEN_BACK = "taken_back", "恢复处理"
        FOUND_RIGHT = "found_right", "核对无误"
        CORRECTION = "correction", "更正"

    row = models.ForeignKey(
        UploadRow, models.CASCADE, related_name="changes", verbose_name="审核数据行"
    )
    field = models.CharField("字段", max_length=32, blank=True, default="")
    version = models.PositiveIntegerField("修改后的版本", default=0)
    before = models.JSONField("修改前", null=True)
    after = models.JSONField("修改后", null=True)
    how = models.CharField("方式", max_length=12, choices=How.choices)
    by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="修改人"
    )
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "修改记录"
        verbose_name_plural = "修改记录"
        indexes = [models.Index(fields=["row", "field", "id"], name="row_change_of_cell")]

    def __str__(self) -> str:
        return f"{self.row_id} {self.field}"


class UploadRelease(models.Model):
    """Clean rows of one upload on their way to being verdicts, and back.

    `release` is the verdicts' own record, by whose number people call it; its released_at and
    withdrawn_at are what counts (declarations/releases.py), and it has no verdicts before it is
    released. `preview` holds what the reviewer is shown beforehand.
    """

    class State(models.TextChoices):
        """Where it stands; the words are those of the page."""

        TO_REVIEW = "to_review", "待复核"
        RUNNING = "running", "发布中"
        RELEASED = "released", "已发布"
        WITHDRAWN = "withdrawn", "已撤回"
        RETURNED = "returned", "已退回"
        FAILED = "failed", "发布失败"

    upload = models.ForeignKey(
        AuditUpload, models.PROTECT, related_name="releases", verbose_name="上传"
    )
    release = models.OneToOneField(
        Release, models.PROTECT, related_name="of_upload", verbose_name="发布"
    )
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.TO_REVIEW)
    row_count = models.PositiveIntegerField("行数", default=0)
    preview = models.JSONField("预览", default=dict, blank=True)
    submitted_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人"
    )
    submitted_at = models.DateTimeField("提交时间", default=timezone.now)
    reviewed_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    reviewed_at = models.DateTimeField("复核时间", null=True, blank=True)
    # Why it was returned, or what broke: one Chinese sentence.
    message = models.TextField("说明", blank=True, default="")
    attempts = models.PositiveSmallIntegerField("执行次数", default=0)
    started_at = models.DateTimeField("开始", null=True, blank=True)
    ended_at = models.DateTimeField("结束", null=True, blank=True)

    class Meta:
        verbose_name = "上传的发布"
        verbose_name_plural = "上传的发布"
        indexes = [models.Index(fields=["state", "-id"], name="upload_release_state")]

    def __str__(self) -> str:
        return f"上传 {self.upload_id} 的发布 {self.release_id}"


class RuleLevel(models.Model):
    """A rule whose level an administrator changed; its history stands in the log of changes."""

    rule = models.CharField("规则", max_length=48, unique=True)
    level = models.CharField("级别", max_length=8, choices=Level.choices)
    changed_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="修改人"
    )
    changed_at = models.DateTimeField("修改时间", default=timezone.now)
    # When the rows that wait had all been judged by it.
    applied_at = models.DateTimeField("应用时间", null=True, blank=True)

    class Meta:
        verbose_name = "规则级别"
        verbose_name_plural = "规则级别"

    def __str__(self) -> str:
        return self.rule


class HeadingMap(models.Model):
    """Which heading means which field, as an officer confirmed it, for the next file alike.

    `signature` is the SHA-256 of a sheet's headings; `columns` maps a heading to a field name, or
    to "" where the column is left out.
    """

    signature = models.CharField("表头指纹", max_length=64, unique=True)
    columns = models.JSONField("对应关系", default=dict)
    saved_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    saved_at = models.DateTimeField("确认时间", default=timezone.now)

    class Meta:
        verbose_name = "表头对应"
        verbose_name_plural = "表头对应"

    def __str__(self) -> str:
        return self.signature[:12]
