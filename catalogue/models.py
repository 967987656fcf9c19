"""规范申报目录: its editions, their codes and elements; and the outbox of what to compare again."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Edition(models.Model):
    """One published catalogue: a year, a revision of our reading of it, the dates it is in force."""

    year = models.PositiveSmallIntegerField("年份")
    revision = models.PositiveSmallIntegerField("修订", default=1)
    effective_from = models.DateField("生效日期")
    effective_to = models.DateField("失效日期", null=True, blank=True)
    source_hash = models.CharField("来源文件 SHA-256", max_length=64)
    in_force = models.BooleanField("已启用", default=False)
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


class CatalogueCode(models.Model):
    """An eight-digit code of an edition."""

    edition = models.ForeignKey(
        Edition, models.CASCADE, related_name="codes", verbose_name="目录版本"
    )
    hs8 = models.CharField("税则号列", max_length=8)
    heading = models.CharField("品目", max_length=8)
    name = models.TextField("货品名称")

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
    """A declaration element of a code: its position in the list (1..n), its printed name."""

    code = models.ForeignKey(
        CatalogueCode, models.CASCADE, related_name="elements", verbose_name="目录商品编码"
    )
    number = models.PositiveSmallIntegerField("序号")
    name = models.CharField("要素名称", max_length=255)
    category = models.CharField("类别", max_length=16, choices=ElementCategory.choices)

    class Meta:
        verbose_name = "申报要素"
        verbose_name_plural = "申报要素"
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="element_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="element_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Outbox(models.Model):
    """What must be compared again, written in the transaction of whatever caused it.

    It stands in this lowest room that writes it. `content_id` names a declarations.Content by
    number only, since this room may not know that one; a row goes when its work is committed.
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
    content_id = models.BigIntegerField("申报内容")
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
            )
        ]

    def __str__(self) -> str:
        return f"{self.chapter} 章 {self.content_id}（{self.get_cause_display()}）"
