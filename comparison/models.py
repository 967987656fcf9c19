"""What the comparison keeps: forms of contents, entries and their marks, choices, what is public.

Its runs stand in comparison/run_models.py.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Func, Q, When
from django.db.models.functions import Left
from django.utils import timezone

from authorization.models import Enterprise
from catalogue.models import Outbox
from comparison.nearest_models import NearestPublic, NearestWork, RankedPublic
from comparison.run_models import ComparisonRun, FailedContent, RunPiece
from declarations.models import Content, IEFlag

__all__ = [
    "OFFICIAL_MARKS",
    "ComparisonRun",
    "ContentConflict",
    "ContentForm",
    "EntryChoice",
    "FailedContent",
    "LibraryEntry",
    "Mark",
    "MarkHistory",
    "MatchSource",
    "NearestPublic",
    "NearestWork",
    "PublicContent",
    "PublicContentQuerySet",
    "Publication",
    "RankedPublic",
    "RunPiece",
]


class ContentForm(models.Model):
    """The form of a content: equal keys say the same facts, perhaps in another form.

    `form_key` is comparison.forms.form_key; `parts` what it is a hash of besides the code and
    进出口标志 (comparison.forms.canonical_parts), by which likeness is scored; `version` the version of
    their rules, so that a newer one is computed again.
    """

    content = models.OneToOneField(
        Content, models.CASCADE, primary_key=True, related_name="form", verbose_name="内容"
    )
    form_key = models.BinaryField("形式指纹", max_length=32)
    parts = ArrayField(models.TextField(), verbose_name="各部分", default=list)
    version = models.PositiveSmallIntegerField("规则版本")

    class Meta:
        verbose_name = "内容形式"
        verbose_name_plural = "内容形式"
        indexes = [models.Index(fields=["form_key"], name="content_form_key")]

    def __str__(self) -> str:
        return str(self.content_id)


class Mark(models.TextChoices):
    """标记类型, in the order in which they are decided (design: "Marks")."""

    CONFORMING = "conforming", "规范"
    NONCONFORMING = "nonconforming", "不规范"
    SELF_SELECTED = "self_selected", "企业自选"
    SYSTEM_MATCHED = "system_matched", "系统匹配"
    UNMARKED = "unmarked", "未标记"


OFFICIAL_MARKS = frozenset({Mark.CONFORMING, Mark.NONCONFORMING})


class Publication(models.TextChoices):
    """公开状态 that an enterprise sets on a content."""

    PUBLIC = "public", "公开"
    PRIVATE = "private", "不公开"


class MatchSource(models.TextChoices):
    """Whose conforming content a 系统匹配 rests on."""

    OWN = "own", "本企业规范数据"
    PUBLIC = "public", "公共库"


class LibraryEntry(models.Model):
    """One enterprise × one content: its computed mark and what the mark rests on.

    Recomputed at any time from lines, verdicts and choices (comparison/marking.py); never edited.
    `row_count` counts the rows that the 企业库 shows for it: lines, and audited rows whose text
    is no longer the line's. `reason` holds codes and values only, rendered to Chinese by
    comparison/reasons.py. `hs_code` and `ie_flag` repeat the content's for the list's conditions.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="entries", db_index=False, verbose_name="企业"
    )
    # Entries are made by a join with their contents, which are never deleted: to have the database
    # ask for each again, and lock it, is a quarter of the time of a full run.
    content = models.ForeignKey(
        Content,
        models.CASCADE,
        related_name="entries",
        db_constraint=False,
        verbose_name="申报内容",
    )
    hs_code = models.CharField("商品编码", max_length=10)
    ie_flag = models.CharField("进出口标志", max_length=1, choices=IEFlag.choices)
    mark = models.CharField("标记", max_length=16, choices=Mark.choices)
    has_conflict = models.BooleanField("结论冲突", default=False)
    matched_content = models.ForeignKey(
        Content,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="matched_entries",
        db_constraint=False,
        db_index=False,
        verbose_name="匹配内容",
    )
    match_source = models.CharField(
        "匹配来源", max_length=8, choices=MatchSource.choices, blank=True, default=""
    )
    reason = models.JSONField("原因", default=dict)
    row_count = models.PositiveIntegerField("行数")
    first_declared_on = models.DateField("最早申报日期")
    last_declared_on = models.DateField("最近申报日期")

    class Meta:
        verbose_name = "企业库条目"
        verbose_name_plural = "企业库条目"
        constraints = [
            # With the mark, so that filtering lines by mark reads this index alone.
            models.UniqueConstraint(
                fields=["enterprise", "content"], name="entry_once", include=["mark"]
            ),
            models.CheckConstraint(condition=Q(row_count__gte=1), name="entry_has_rows"),
            models.CheckConstraint(
                condition=Q(mark=Mark.SYSTEM_MATCHED, match_source__in=MatchSource.values)
                | (~Q(mark=Mark.SYSTEM_MATCHED) & Q(match_source="")),
                name="entry_match_has_source",
            ),
        ]
        indexes = [
            # With the counts, so that totals are sums over an index.
            models.Index(
                fields=["enterprise", "mark", "content"], name="entry_mark", include=["row_count"]
            ),
            models.Index(
                fields=["enterprise", "hs_code", "content"],
                name="entry_hs",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
                include=["row_count", "mark", "ie_flag"],
            ),
            models.Index(
                fields=["matched_content"],
                name="entry_matched",
                condition=Q(matched_content__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_mark_display()}（{self.enterprise_id}，{self.content_id}）"


class EntryChoice(models.Model):
    """What an enterprise chose for a content: 企业自选 and 公开状态.

    Kept apart from the computed mark, so that recomputing never loses a choice.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="choices", db_index=False, verbose_name="企业"
    )
    content = models.ForeignKey(
        Content, models.CASCADE, related_name="choices", verbose_name="申报内容"
    )
    self_selected = models.BooleanField("企业自选", default=False)
    self_selected_at = models.DateTimeField("自选时间", null=True, blank=True)
    publication = models.CharField(
        "公开状态", max_length=8, choices=Publication.choices, default=Publication.PUBLIC
    )
    publication_at = models.DateTimeField("公开状态设置时间", null=True, blank=True)

    class Meta:
        verbose_name = "企业选择"
        verbose_name_plural = "企业选择"
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "content"], name="choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id}，{self.content_id}"


class MarkHistory(models.Model):
    """Every change of an entry's mark or choice: from, to, why, by whom, when.

    Names the entry by enterprise and content, since an entry without rows is no more while its
    history stays.
    """

    class Subject(models.TextChoices):
        """What changed."""

        MARK = "mark", "标记"
        SELF_SELECTED = "self_selected", "企业自选"
        PUBLICATION = "publication", "公开状态"

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="+", db_index=False, verbose_name="企业"
    )
    content = models.ForeignKey(
        Content,
        models.CASCADE,
        related_name="+",
        db_constraint=False,
        verbose_name="申报内容",
    )
    subject = models.CharField("变更项", max_length=16, choices=Subject.choices)
    before = models.CharField("变更前", max_length=16, blank=True, default="")
    after = models.CharField("变更后", max_length=16, blank=True, default="")
    cause = models.CharField("起因", max_length=16, choices=Outbox.Cause.choices)
    cause_id = models.BigIntegerField("起因编号", null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="操作人",
    )
    changed_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "标记与选择变更"
        verbose_name_plural = "标记与选择变更"
        indexes = [models.Index(fields=["enterprise", "content", "-id"], name="history_of_entry")]

    def __str__(self) -> str:
        return f"{self.get_subject_display()}：{self.before} → {self.after}"


class FirstOfQuarter(Func):
    """The first day of a date's quarter; by a timestamp without zone, so that it never varies."""

    template = "(date_trunc('quarter', (%(expressions)s)::timestamp)::date)"
    output_field = models.DateField()


class PublicContentQuerySet(models.QuerySet["PublicContent"]):
    """What may be asked of the projection."""

    def visible(self) -> "PublicContentQuerySet":
        """Only contents that are public now."""
        return self.filter(content__is_public=True)

    def newest_of_code(self, hs_code: str, ie_flag: str) -> "PublicContentQuerySet":
        """Those of one eight-digit code and 进出口标志, the latest audited first.

        Sorted by what others may know of the month, so that the order tells no more; read from the
        index public_of_code, however many contents the code has.
        """
        return (
            self.alias(hs8=Left("hs_code", 8))
            .filter(hs8=hs_code[:8], ie_flag=ie_flag)
            .order_by("-shown_from", "-content_id")
        )


class PublicContent(models.Model):
    """The projection of a content that others may see (design: "Publication and privacy").

    Computed from the content alone, in one spelling; shown only while content.is_public.
    `search_text` and `search_grams` leave out every part that is hidden. `months` are the audit
    months and `trade_modes` the 监管方式 of its public lines; `enterprise_count` the number of
    enterprises that publish it, never shown below three.
    """

    content = models.OneToOneField(
        Content, models.CASCADE, primary_key=True, related_name="projection", verbose_name="内容"
    )
    hs_code = models.CharField("商品编码", max_length=10)
    ie_flag = models.CharField("进出口标志", max_length=1, choices=IEFlag.choices)
    name = models.TextField("商品名称")
    g_model = models.TextField("规格型号")
    elements = models.JSONField("申报要素", default=list)
    search_text = models.TextField("检索文本")
    search_grams = ArrayField(models.TextField(), verbose_name="检索二元组")
    trade_modes = ArrayField(models.CharField(max_length=4), verbose_name="监管方式", default=list)
    latest_month = models.DateField("最近审核月份", null=True)
    enterprise_count = models.PositiveIntegerField("公开企业数", default=0)
    # What lists sort and query by: the month itself would tell, by its place among others, what
    # the quarter hides. Below three (projection.FEW_ENTERPRISES) it is the quarter's first day.
    shown_from = models.GeneratedField(
        expression=Case(
            When(enterprise_count__lt=3, then=FirstOfQuarter("latest_month")),
            default=F("latest_month"),
        ),
        output_field=models.DateField("公开的审核时间", null=True),
        db_persist=True,
    )
    version = models.PositiveSmallIntegerField("规则版本", default=1)
    # By which element list it was read (catalogue/lists.py): an edition with the same list for the
    # code changes nothing about it. "absent" where the edition hasn't the code.
    list_key = models.CharField("要素表标识", max_length=32, db_default="")

    objects = PublicContentQuerySet.as_manager()

    class Meta:
        verbose_name = "公共库数据"
        verbose_name_plural = "公共库数据"
        indexes = [
            models.Index(fields=["-shown_from", "-content"], name="public_shown"),
            models.Index(
                Left("hs_code", 8),
                F("ie_flag"),
                F("shown_from").desc(),
                F("content").desc(),
                name="public_of_code",
            ),
            models.Index(
                fields=["hs_code"], name="public_hs_prefix", opclasses=["varchar_pattern_ops"]
            ),
            GinIndex(fields=["search_grams"], name="public_grams", fastupdate=False),
            GinIndex(fields=["trade_modes"], name="public_modes", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.hs_code} {self.name}"


class ContentConflict(models.Model):
    """A content on which the verdicts of one audit month disagree, where this month decides.

    A month decides for an enterprise when it is the newest that names the enterprise on the
    content; where it does so for any, its verdicts on the content are set against each other,
    whoever they name. Computed from verdicts and entries with the marks
    (comparison/conflicts.py). `enterprises` counts the libraries that hold the content, `lines`
    the declared lines of it; `divided_enterprises` those enterprises whose own verdicts disagree.
    """

    content = models.ForeignKey(
        Content,
        models.CASCADE,
        related_name="conflicts",
        db_index=False,
        verbose_name="申报内容",
    )
    audit_month = models.DateField("审核月份")
    hs_code = models.CharField("商品编码", max_length=10)
    conforming_rows = models.PositiveIntegerField("规范结论")
    nonconforming_rows = models.PositiveIntegerField("不规范结论")
    divided_enterprises = models.PositiveIntegerField("自身结论不一致的企业")
    enterprises = models.PositiveIntegerField("涉及企业")
    lines = models.PositiveIntegerField("涉及商品项")

    class Meta:
        verbose_name = "结论冲突"
        verbose_name_plural = "结论冲突"
        constraints = [
            models.UniqueConstraint(fields=["content", "audit_month"], name="conflict_once"),
        ]
        indexes = [
            models.Index(fields=["-enterprises", "-lines", "-id"], name="conflict_widest"),
            models.Index(fields=["-audit_month", "-enterprises"], name="conflict_month"),
            models.Index(
                fields=["hs_code"], name="conflict_hs_prefix", opclasses=["varchar_pattern_ops"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hs_code}（{self.audit_month:%Y-%m}）"
