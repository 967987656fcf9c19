"""Who looked at whose data, and who took which away: written once, in one chain.

Imported by authorization/models.py, where Django looks for models; names other models by text, so
that neither module needs the other first. PostgreSQL refuses to change, delete or empty these
tables (migration 0008); authorization/ledger_proof.py finds what was done past that.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone


class LedgerEntry(models.Model):
    """One page of data shown to an officer, or one file handed out to anybody.

    All facts are as they were: who by name and role, the enterprises by name and code
    (`enterprises`: [id, name, code]; `named`: the ids that the query itself named), what in the
    words of the page, `query` as [label, value] pairs. `hash` is over all of it and the hash before;
    `seal` is made of the hash by a key that is not in the database. Only the seal may be made anew.
    """

    class Kind(models.TextChoices):
        """What was done with the data."""

        READ = "read", "查看"
        EXPORT = "export", "导出"

    number = models.BigIntegerField("序号", primary_key=True)
    kind = models.CharField("方式", max_length=8, choices=Kind.choices)
    at = models.DateTimeField("时间")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="用户",
    )
    who = models.CharField("用户（当时）", max_length=140, blank=True, default="")
    role = models.CharField("角色（当时）", max_length=24, blank=True, default="")
    address = models.CharField("来源地址", max_length=45, blank=True, default="")
    what = models.CharField("内容", max_length=200)
    query = models.JSONField("查询条件", default=list, blank=True)
    case = models.CharField("查询依据", max_length=200, blank=True, default="")
    enterprises = models.JSONField("涉及企业（当时）", default=list, blank=True)
    named = models.JSONField("查询指定的企业", default=list, blank=True)
    rows = models.PositiveIntegerField("行数", default=0)
    facts = models.JSONField("其他", default=dict, blank=True)
    previous = models.BinaryField("上一条的摘要", max_length=32)
    hash = models.BinaryField("摘要", max_length=32)
    seal = models.BinaryField("封印", max_length=32)

    class Meta:
        verbose_name = "查询导出台账"
        verbose_name_plural = "查询导出台账"
        indexes = [
            models.Index(fields=["user", "-number"], name="ledger_of_user"),
            models.Index(fields=["kind", "-number"], name="ledger_of_kind"),
        ]

    def __str__(self) -> str:
        at = f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S}"
        return f"{at} {self.get_kind_display()} {self.what}"


class LedgerEnterprise(models.Model):
    """An enterprise that an entry concerns, to look entries up by.

    `then` is what the entry itself names and its hash covers; `enterprise` is who that is today,
    and follows joins. `by_customs`: an officer did it, so that the enterprise is told.
    """

    entry = models.ForeignKey(
        LedgerEntry, models.PROTECT, related_name="+", db_index=False, verbose_name="台账"
    )
    then = models.BigIntegerField("企业编号（当时）")
    enterprise = models.ForeignKey(
        "authorization.Enterprise",
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name="企业",
    )
    by_customs = models.BooleanField("海关")

    class Meta:
        verbose_name = "台账涉及的企业"
        verbose_name_plural = "台账涉及的企业"
        constraints = [
            models.UniqueConstraint(fields=["entry", "then"], name="ledger_enterprise_once"),
        ]
        indexes = [
            models.Index(
                fields=["enterprise", "-entry"],
                name="ledger_of_enterprise",
                include=["by_customs"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.enterprise_id}"
