"""What an enterprise keeps of its own: drafts of texts that it means to declare."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from authorization.models import Enterprise
from catalogue.models import Edition
from declarations.models import Content, IEFlag


class Draft(models.Model):
    """A text that an enterprise means to declare: never marked, counted or public.

    `source_content` is the content of its own that it was made from, `edition` the catalogue it
    was written by.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="drafts", db_index=False, verbose_name="企业"
    )
    hs_code = models.CharField("商品编码", max_length=10)
    ie_flag = models.CharField("进出口标志", max_length=1, choices=IEFlag.choices)
    name = models.CharField("商品名称", max_length=255, blank=True, default="")
    g_model = models.TextField("规格型号", blank=True, default="")
    source_content = models.ForeignKey(
        Content, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="来源内容"
    )
    edition = models.ForeignKey(
        Edition, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="所据目录"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="建立人"
    )
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        verbose_name = "草稿"
        verbose_name_plural = "草稿"
        indexes = [models.Index(fields=["enterprise", "-updated_at", "-id"], name="draft_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(hs_code__regex=r"^[0-9]{8,10}$"), name="draft_hs_code_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hs_code} {self.name}"
