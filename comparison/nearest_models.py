"""What is kept to know each content's nearest conforming content (docs/decisions/nearest.md).

A block is the contents of one eight-digit code and 进出口标志. All of it can be computed anew at any
time from contents, the public set and its projections.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from declarations.models import Content, IEFlag


class RankedPublic(models.Model):
    """A public content as its block was searched with it last.

    `parts` is the projection's text in canonical writing (comparison.forms.canonical_parts),
    `text_key` tells whether the projection says still the same, by the same rules.
    """

    content = models.OneToOneField(
        Content, models.CASCADE, primary_key=True, related_name="+", verbose_name="申报内容"
    )
    hs8 = models.CharField("税则号列", max_length=8)
    ie_flag = models.CharField("进出口标志", max_length=1, choices=IEFlag.choices)
    content_key = models.BinaryField("内容指纹", max_length=32)
    parts = ArrayField(models.TextField(), verbose_name="各部分")
    text_key = models.CharField("文本标识", max_length=32)

    class Meta:
        verbose_name = "参与最接近比对的公开数据"
        verbose_name_plural = "参与最接近比对的公开数据"
        indexes = [models.Index(fields=["hs8", "ie_flag"], name="ranked_of_block")]

    def __str__(self) -> str:
        return str(self.content_id)


class NearestPublic(models.Model):
    """The nearest of the ranked public contents to a content that nothing says the same as.

    A row for each content with entries that ask for it. `nearest` is empty where the block has no
    public content, or `is_known` is not yet; `is_told`: the reasons of its entries say it.
    """

    content = models.OneToOneField(
        Content, models.CASCADE, primary_key=True, related_name="+", verbose_name="申报内容"
    )
    hs8 = models.CharField("税则号列", max_length=8)
    ie_flag = models.CharField("进出口标志", max_length=1, choices=IEFlag.choices)
    parts = ArrayField(models.TextField(), verbose_name="各部分")
    version = models.PositiveSmallIntegerField("规则版本")
    nearest = models.ForeignKey(
        Content,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="最接近的公开内容",
    )
    score = models.FloatField("相似度", null=True, blank=True)
    is_known = models.BooleanField("已比对", default=False)
    is_told = models.BooleanField("已写入原因", default=False)

    class Meta:
        verbose_name = "最接近的公开数据"
        verbose_name_plural = "最接近的公开数据"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_known=True) | Q(is_told=False), name="nearest_told_is_known"
            )
        ]
        indexes = [
            models.Index(fields=["hs8", "ie_flag"], name="nearest_of_block"),
            models.Index(
                fields=["hs8", "ie_flag"], name="nearest_to_tell", condition=Q(is_told=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.content_id)


class NearestWork(models.Model):
    """A block to look at again: its public set changed, or an enterprise's own conforming contents.

    Written in the transaction of the change, worked off after the outbox of the chapter. A row only
    says where to look: what changed is found by comparing what is kept with what is.
    """

    chapter = models.CharField("章", max_length=2)
    hs8 = models.CharField("税则号列", max_length=8)
    ie_flag = models.CharField("进出口标志", max_length=1, choices=IEFlag.choices)
    # By number only: an enterprise that was joined to another is no more.
    enterprise_id = models.BigIntegerField("企业", null=True)

    class Meta:
        verbose_name = "待比对最接近数据"
        verbose_name_plural = "待比对最接近数据"
        indexes = [models.Index(fields=["chapter", "hs8", "ie_flag"], name="nearest_work_block")]

    def __str__(self) -> str:
        return f"{self.hs8} {self.ie_flag}"
