"""规范申报目录: its editions, their codes and elements; and the outbox of what to compare again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class SourceKind(models.TextChoices):
    """Where an edition was read from."""

    SHIPPED = "shipped", "随系统提供"
    PDF = "pdf", "官方 PDF"
    XLSX = "xlsx", "Excel 工作簿"
    TSV = "tsv", "制表符分隔文本"


class Edition(models.Model):
    """One published catalogue: a year, a revision of our reading of it, the dates it is in force."""

    year = models.PositiveSmallIntegerField("年份")
    revision = models.PositiveSmallIntegerField("修订", default=1)
    effective_from = models.DateField("生效日期")
    effective_to = models.DateField("失效日期", null=True, blank=True)
    source_hash = models.CharField("来源文件 SHA-256", max_length=64)
    source_kind = models.CharField(
        "来源", max_length=8, choices=SourceKind.choices, default=SourceKind.SHIPPED
    )
    source_name = models.CharField("来源文件名", max_length=255, blank=True, default="")
    # What the reading of the source could not read or found odd, as the self-checks say it.
    report = models.JSONField("读取报告", default=dict, blank=True)
    in_force = models.BooleanField("已启用", default=False)
    in_force_since = models.DateTimeField("启用时间", null=True, blank=True)
    loaded_at = models.DateTimeField("装入时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "目录版本"
        verbose_name_plural = "目录版本"
        constraints = [
            models.UniqueConstraint(fields=["year", "revision"], name="edition_year_revision"),
            models.UniqueConstraint(
                fields=["year"], condition=Q(in_force=True), name="edition_one_in_force_a_year"
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True)
                | Q(effective_to__gte=models.F("effective_from")),
                name="edition_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年版" + (f"（第 {self.revision} 次修订）" if self.revision > 1 else "")


class CatalogueHeading(models.Model):
    """A 类, 章 or 品目 of an edition: what the codes below it are found by.

    `code` is the section's number (`01`..`22`), the chapter's two digits or the heading as printed
    (`03.03`); `note` the printed 注释 of a section or chapter, where the source has it.
    """

    class Level(models.TextChoices):
        """How deep it stands."""

        SECTION = "section", "类"
        CHAPTER = "chapter", "章"
        HEADING = "heading", "品目"

    edition = models.ForeignKey(
        Edition, models.CASCADE, related_name="headings", verbose_name="目录版本"
    )
    level = models.CharField("层级", max_length=8, choices=Level.choices)
    code = models.CharField("编号", max_length=8)
    # Which section a chapter, which chapter a heading belongs to.
    parent = models.CharField("上级编号", max_length=8, blank=True, default="")
    name = models.TextField("名称")
    note = models.TextField("注释", blank=True, default="")

    class Meta:
        verbose_name = "类、章、品目"
        verbose_name_plural = "类、章、品目"
        constraints = [
            models.UniqueConstraint(fields=["edition", "level", "code"], name="heading_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CatalogueCode(models.Model):
    """An eight-digit code of an edition.

    `heading` as printed (`03.03`); `path` the sub-headings above it, outermost first, parted by
    line breaks; `inherited_from` the heading or sub-heading whose elements it takes, empty where
    its own row names them; `page` of the source, 0 where it has none; `list_key` tells whether
    two element lists are the same (catalogue/lists.py).
    """

    edition = models.ForeignKey(
        Edition, models.CASCADE, related_name="codes", verbose_name="目录版本"
    )
    hs8 = models.CharField("税则号列", max_length=8)
    heading = models.CharField("品目", max_length=8)
    name = models.TextField("货品名称")
    path = models.TextField("上级子目", blank=True, default="")
    inherited_from = models.TextField("要素承自", blank=True, default="")
    page = models.PositiveSmallIntegerField("页码", default=0)
    note = models.TextField("备注", blank=True, default="")
    list_key = models.CharField("要素表标识", max_length=32, blank=True, default="")

    class Meta:
        verbose_name = "目录商品编码"
        verbose_name_plural = "目录商品编码"
        constraints = [
            models.UniqueConstraint(fields=["edition", "hs8"], name="catalogue_code_once"),
            models.CheckConstraint(
                condition=Q(hs8__regex=r"^[0-9]{8}$"), name="catalogue_code_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hs8} {self.name}"


class ElementCategory(models.TextChoices):
    """The catalogue's three columns of elements."""

    CLASSIFICATION = "classification", "归类要素"
    PRICE = "price", "价格要素"
    OTHER = "other", "其他要素"


class Element(models.Model):
    """A declaration element of a code: its position in the list (1..n), its printed name.

    The name keeps its bracket hint; `printed_number` is the source's own number where it is not
    the position.
    """

    code = models.ForeignKey(
        CatalogueCode, models.CASCADE, related_name="elements", verbose_name="目录商品编码"
    )
    number = models.PositiveSmallIntegerField("序号")
    name = models.CharField("要素名称", max_length=255)
    category = models.CharField("类别", max_length=16, choices=ElementCategory.choices)
    printed_number = models.CharField("印刷序号", max_length=8, blank=True, default="")

    class Meta:
        verbose_name = "申报要素"
        verbose_name_plural = "申报要素"
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="element_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="element_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class CatalogueImport(models.Model):
    """A catalogue file that an administrator uploaded, read by a worker: how far it is, its end."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "排队中"
        RUNNING = "running", "读取中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"

    file = models.FileField("文件", upload_to="catalogue/%Y/")
    file_name = models.CharField("文件名", max_length=255)
    # By which a second click on 上传 is told from another file.
    source_hash = models.CharField("文件 SHA-256", max_length=64, blank=True, default="")
    year = models.PositiveSmallIntegerField("目录年份")
    effective_from = models.DateField("生效日期", null=True, blank=True)
    effective_to = models.DateField("失效日期", null=True, blank=True)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    pages_done = models.PositiveIntegerField("已读页数", default=0)
    pages_total = models.PositiveIntegerField("总页数", default=0)
    # One Chinese sentence: what came of it, or what is wrong and what to do.
    message = models.TextField("结果", blank=True, default="")
    report = models.JSONField("读取报告", default=dict, blank=True)
    edition = models.ForeignKey(
        Edition,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="imports",
        verbose_name="装入的版本",
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)
    # How often a worker began: one that is always killed at it must not be tried for ever.
    attempts = models.PositiveSmallIntegerField("读取次数", default=0)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "目录文件上传"
        verbose_name_plural = "目录文件上传"

    def __str__(self) -> str:
        return f"{self.year} 年：{self.file_name}"


class Outbox(models.Model):
    """What must be compared again, written in the transaction of whatever caused it.

    It stands in this lowest room that writes it. `content_id` names a declarations.Content by
    number only, since this room may not know that one; where a catalogue's list changed the row
    names the eight-digit code instead (`hs8`), and stands for all its contents: those up to
    `after_content` are done. A row goes when its work is committed.
    """

    class Cause(models.TextChoices):
        """Why the content must be compared again; kept for the mark's history."""

        IMPORT = "import", "申报数据装入"
        RELEASE = "release", "审核数据发布"
        WITHDRAWAL = "withdrawal", "审核数据撤回"
        CHOICE = "choice", "企业设置"
        JOIN = "join", "企业合并"
        EDITION = "edition", "目录版本变化"
        FULL = "full", "全部重新比对"

    chapter = models.CharField("章", max_length=2)
    content_id = models.BigIntegerField("申报内容", null=True)
    # The database's own defaults: rows of contents are written by statements that don't name them.
    hs8 = models.CharField("税则号列", max_length=8, blank=True, db_default="")
    after_content = models.BigIntegerField("已比对到的内容", db_default=0)
    cause = models.CharField("起因", max_length=16, choices=Cause.choices)
    cause_id = models.BigIntegerField("起因编号", null=True)
    written_at = models.DateTimeField("写入时间", default=timezone.now)

    class Meta:
        verbose_name = "待比对"
        verbose_name_plural = "待比对"
        indexes = [models.Index(fields=["chapter", "id"], name="outbox_by_chapter")]
        constraints = [
            models.CheckConstraint(
                condition=Q(chapter__regex=r"^[0-9]{2}$"), name="outbox_chapter_form"
            ),
            models.CheckConstraint(
                condition=Q(content_id__isnull=False, hs8="")
                | Q(content_id__isnull=True, hs8__regex=r"^[0-9]{8}$"),
                name="outbox_names_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chapter} 章 {self.content_id or self.hs8}（{self.get_cause_display()}）"
