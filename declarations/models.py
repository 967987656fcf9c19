"""Declared lines, the distinct goods and contents behind them, releases and verdicts.

Most lines repeat some goods and goods some content, so everything costly hangs on Goods or
Content, never on a line (design: "Data").
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from authorization.models import Enterprise


class IEFlag(models.TextChoices):
    """进出口标志."""

    IMPORT = "I", "进口"
    EXPORT = "E", "出口"


class Content(models.Model):
    """What is declared, whoever spells it how: one row per content_key.

    `content_key` is declarations.normalise.content_key: the hash of the ten-digit code, the
    进出口标志, the normalised name and g_model. `is_public` is the flag of the publication rule
    (design: "Publication and privacy"); comparison/ alone decides it.
    """

    content_key = models.BinaryField("内容指纹", max_length=32, unique=True)
    hs_code = models.CharField("商品编码", max_length=10)
    ie_flag = models.CharField("进出口标志", max_length=1, choices=IEFlag.choices)
    name = models.TextField("商品名称（归一）")
    g_model = models.TextField("规格型号（归一）")
    search_text = models.TextField("检索文本")
    search_grams = ArrayField(models.TextField(), verbose_name="检索二元组")
    is_public = models.BooleanField("公开", default=False)

    class Meta:
        verbose_name = "申报内容"
        verbose_name_plural = "申报内容"
        constraints = [
            models.CheckConstraint(condition=Q(hs_code__regex=r"^[0-9]{10}$"), name="content_hs"),
            models.CheckConstraint(condition=Q(ie_flag__in=["I", "E"]), name="content_ie"),
        ]
        indexes = [
            models.Index(
                fields=["hs_code"], name="content_hs_prefix", opclasses=["varchar_pattern_ops"]
            ),
            GinIndex(fields=["search_grams"], name="content_grams"),
            # Each read of the 公共库 asks this of every row that it looks at: by the index alone.
            models.Index(fields=["id"], name="content_public", condition=Q(is_public=True)),
        ]

    def __str__(self) -> str:
        return f"{self.hs_code} {self.name}"


class Goods(models.Model):
    """One row per exact declared text, byte for byte; lines show it, nobody else's spelling."""

    goods_key = models.BinaryField("文本指纹", max_length=16, unique=True)
    hs_code = models.CharField("商品编码", max_length=10)
    ie_flag = models.CharField("进出口标志", max_length=1, choices=IEFlag.choices)
    name = models.TextField("商品名称")
    g_model = models.TextField("规格型号")
    content = models.ForeignKey(Content, models.PROTECT, related_name="goods", verbose_name="内容")

    class Meta:
        verbose_name = "商品"
        verbose_name_plural = "商品"

    def __str__(self) -> str:
        return f"{self.hs_code} {self.name}"


class ImportRun(models.Model):
    """One import of a file of declared lines: what came, and what it did."""

    file_name = models.CharField("文件名", max_length=255)
    file_hash = models.CharField("文件 SHA-256", max_length=64)
    started_at = models.DateTimeField("开始", default=timezone.now)
    counts = models.JSONField("计数", default=dict)

    class Meta:
        verbose_name = "申报数据装入"
        verbose_name_plural = "申报数据装入"

    def __str__(self) -> str:
        return f"{self.file_name}（{self.started_at:%Y-%m-%d %H:%M}）"


class DeclaredLine(models.Model):
    """One goods line of one declaration.

    `content` repeats goods.content so that an enterprise's lines of a content are one index away.
    `declared_at` is empty for a line that only audits have brought; such a line is `is_hidden`
    when no effective verdict is left (declarations/releases.py).
    """

    entry_id = models.CharField("报关单号", max_length=18)
    g_no = models.PositiveSmallIntegerField("项号")
    goods = models.ForeignKey(Goods, models.PROTECT, db_index=False, verbose_name="商品")
    content = models.ForeignKey(Content, models.PROTECT, db_index=False, verbose_name="内容")
    agent = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", db_index=False, verbose_name="申报单位"
    )
    trader = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", db_index=False, verbose_name="境内收发货人"
    )
    trade_mode = models.CharField("监管方式", max_length=4)
    declared_on = models.DateField("申报日期")
    custom_master = models.CharField("申报地海关", max_length=4, blank=True, default="")
    origin_country = models.CharField("原产国", max_length=3, blank=True, default="")
    destination_country = models.CharField("最终目的国", max_length=3, blank=True, default="")
    g_qty = models.DecimalField("成交数量", max_digits=19, decimal_places=5, null=True, blank=True)
    g_unit = models.CharField("成交单位", max_length=3, blank=True, default="")
    decl_price = models.DecimalField("单价", max_digits=19, decimal_places=4, null=True, blank=True)
    decl_total = models.DecimalField("总价", max_digits=19, decimal_places=2, null=True, blank=True)
    trade_curr = models.CharField("币制", max_length=3, blank=True, default="")
    declared_at = models.DateTimeField("申报数据装入时间", null=True, blank=True)
    is_hidden = models.BooleanField("隐藏", default=False)

    class Meta:
        verbose_name = "申报商品项"
        verbose_name_plural = "申报商品项"
        constraints = [
            models.UniqueConstraint(fields=["entry_id", "g_no"], name="line_once"),
            models.CheckConstraint(
                condition=Q(entry_id__regex=r"^[0-9]{8}[01IE][0-9]{9}$"), name="line_entry_id"
            ),
            models.CheckConstraint(condition=Q(g_no__gte=1), name="line_g_no"),
            models.CheckConstraint(
                condition=Q(trade_mode__regex=r"^[0-9]{4}$"), name="line_trade_mode"
            ),
            models.CheckConstraint(
                condition=Q(is_hidden=False) | Q(declared_at__isnull=True),
                name="line_declared_is_shown",
            ),
        ]
        indexes = [
            # The 企业库 walks, filters and counts an enterprise's lines by these four alone, without
            # fetching a line that it does not show.
            models.Index(
                fields=["agent", "-declared_on", "-id"],
                name="line_agent_shown",
                include=["content", "trade_mode", "trader"],
                condition=Q(is_hidden=False),
            ),
            models.Index(
                fields=["trader", "-declared_on", "-id"],
                name="line_trader_shown",
                include=["content", "trade_mode", "agent"],
                condition=Q(is_hidden=False),
            ),
            # With hidden lines too: joining enterprises looks up all of a party's lines.
            models.Index(
                fields=["agent", "content", "-declared_on", "-id"],
                name="line_agent_content",
                include=["trade_mode", "is_hidden"],
            ),
            models.Index(
                fields=["trader", "content", "-declared_on", "-id"],
                name="line_trader_content",
                include=["trade_mode", "agent", "is_hidden"],
            ),
            # With the parties and dates: the comparison counts a content's lines by this alone.
            models.Index(
                fields=["content"],
                name="line_content",
                include=["agent", "trader", "declared_on", "is_hidden"],
            ),
            models.Index(fields=["goods"], name="line_goods"),
            # Officers walk and filter everybody's lines, the newest first, by this alone.
            models.Index(
                fields=["-declared_on", "-id"],
                name="line_shown",
                include=["content", "trade_mode", "agent", "trader"],
                condition=Q(is_hidden=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} 第 {self.g_no} 项"


class DeclaredLineHistory(models.Model):
    """What a line said before a later declaration import corrected it."""

    line = models.ForeignKey(
        DeclaredLine, models.CASCADE, related_name="history", verbose_name="申报商品项"
    )
    import_run = models.ForeignKey(ImportRun, models.PROTECT, verbose_name="由哪次装入改正")
    changed_at = models.DateTimeField("改正时间", default=timezone.now)
    before = models.JSONField("改正前")

    class Meta:
        verbose_name = "申报商品项改正记录"
        verbose_name_plural = "申报商品项改正记录"

    def __str__(self) -> str:
        return f"{self.line_id} {self.changed_at:%Y-%m-%d %H:%M}"


class Release(models.Model):
    """A month's audited rows made effective at one moment; may be withdrawn as a whole.

    Only releases with `released_at` set and `withdrawn_at` empty count. `withdrawal_asked_at` says
    that it is to be withdrawn for `withdrawal_reason`; a worker does it.
    """

    audit_month = models.DateField("审核月份", help_text="该月第一天")
    file_name = models.CharField("文件名", max_length=255, blank=True, default="")
    file_hash = models.CharField("文件 SHA-256", max_length=64, blank=True, default="")
    created_at = models.DateTimeField("建立时间", default=timezone.now)
    released_at = models.DateTimeField("发布时间", null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="发布人",
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="撤回人",
    )
    withdrawal_reason = models.TextField("撤回原因", blank=True, default="")
    withdrawal_asked_at = models.DateTimeField("申请撤回时间", null=True, blank=True)
    withdrawal_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="申请撤回人",
    )

    class Meta:
        verbose_name = "审核数据发布"
        verbose_name_plural = "审核数据发布"
        constraints = [
            models.CheckConstraint(condition=Q(audit_month__day=1), name="release_month_first_day"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawal_reason=""),
                name="release_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(released_at__isnull=False),
                name="release_withdrawn_after_release",
            ),
        ]
        indexes = [models.Index(fields=["audit_month"], name="release_month")]

    def __str__(self) -> str:
        return f"{self.audit_month:%Y-%m} 审核数据（发布 {self.pk}）"

    @property
    def counts(self) -> bool:
        """Whether its verdicts count today."""
        return self.released_at is not None and self.withdrawn_at is None


class AuditVerdict(models.Model):
    """One audited row as customs sent it, untouched by later corrections of its line.

    Three flags are derived. declarations/releases.py alone keeps `counts_in_month`: of the counting
    releases of one audit month, this is the latest for its line; and `is_effective`: of those, its
    month is the newest that names this content for this line. declarations/differing.py keeps
    `differs_from_line`: content, agent or trader are not what its line says today.
    `audit_month` repeats the release's, so that one index orders an enterprise's verdicts.
    """

    release = models.ForeignKey(
        Release, models.PROTECT, related_name="verdicts", verbose_name="发布"
    )
    # Lines, goods and contents are never deleted, and verdicts are made by a join with them: to have the
    # database ask for each again, and lock it in its page, is a sixth of the time of a release.
    line = models.ForeignKey(
        DeclaredLine,
        models.PROTECT,
        related_name="verdicts",
        db_constraint=False,
        verbose_name="申报商品项",
    )
    goods = models.ForeignKey(
        Goods, models.PROTECT, db_index=False, db_constraint=False, verbose_name="审核时商品"
    )
    content = models.ForeignKey(
        Content, models.PROTECT, db_index=False, db_constraint=False, verbose_name="审核时内容"
    )
    agent = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name="申报单位")
    trader = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name="境内收发货人"
    )
    audit_month = models.DateField("审核月份")
    trade_mode = models.CharField("监管方式", max_length=4)
    declared_on = models.DateField("申报日期")
    row_number = models.PositiveIntegerField("文件行号", null=True, blank=True)
    facts = models.JSONField(
        "审核行的其他数据", default=dict, blank=True, help_text="海关、国别、数量、价格等，按字段名"
    )
    conforming = models.BooleanField("规范")
    reason_codes = ArrayField(
        models.CharField(max_length=3), verbose_name="原因代码", default=list, blank=True
    )
    reason_text = models.TextField("原因说明", blank=True, default="")
    auditor = models.CharField("审核人员", max_length=64, blank=True, default="")
    counts_in_month = models.BooleanField("本月有效", default=False)
    is_effective = models.BooleanField("现行有效", default=False)
    differs_from_line = models.BooleanField("与现申报不一致", default=False, db_default=False)

    class Meta:
        verbose_name = "审核结论"
        verbose_name_plural = "审核结论"
        constraints = [
            models.UniqueConstraint(fields=["release", "line"], name="verdict_once_a_release"),
            models.CheckConstraint(
                condition=Q(is_effective=False) | Q(counts_in_month=True),
                name="verdict_effective_counts",
            ),
        ]
        indexes = [
            # All that marks and public flags ask of a verdict: its row is wide (the whole audited row).
            models.Index(
                fields=["content"],
                name="verdict_content_eff",
                condition=Q(is_effective=True),
                include=[
                    "id",
                    "line",
                    "agent",
                    "trader",
                    "audit_month",
                    "conforming",
                    "trade_mode",
                    "declared_on",
                    "differs_from_line",
                ],
            ),
            # Of a content all verdicts, and by each officer the newest: officers' queries, agreement.
            models.Index(
                fields=["content", "auditor", "-audit_month", "-id"],
                name="verdict_judged",
                include=["conforming", "counts_in_month"],
            ),
            # The few rows that the 企业库 shows as 审核时文本, in its order: few beside all verdicts.
            models.Index(
                fields=["agent", "-declared_on", "-line"],
                name="verdict_agent_differs",
                condition=Q(is_effective=True, differs_from_line=True),
            ),
            models.Index(
                fields=["trader", "-declared_on", "-line"],
                name="verdict_trader_differs",
                condition=Q(is_effective=True, differs_from_line=True),
            ),
            models.Index(
                fields=["audit_month", "agent"],
                name="verdict_month_agent",
                condition=Q(counts_in_month=True),
            ),
            models.Index(
                fields=["audit_month", "trader"],
                name="verdict_month_trader",
                condition=Q(counts_in_month=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit_month:%Y-%m} {'规范' if self.conforming else '不规范'}（{self.pk}）"
