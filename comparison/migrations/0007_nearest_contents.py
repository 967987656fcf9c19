"""The nearest conforming content of each content, kept; contents that are held are compared again."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# One outbox row a code stands for all its contents: their reasons name the nearest from then on.
_COMPARE_AGAIN = """
INSERT INTO catalogue_outbox (chapter, hs8, cause, written_at)
SELECT left(hs8, 2), hs8, 'full', now()
  FROM (SELECT DISTINCT left(hs_code, 8) AS hs8 FROM declarations_content) c ORDER BY hs8
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0003_list_keys_and_uploads"),
        ("comparison", "0006_public_of_code"),
        ("declarations", "0003_public_content_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="NearestWork",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chapter", models.CharField(max_length=2, verbose_name="章")),
                ("hs8", models.CharField(max_length=8, verbose_name="税则号列")),
                (
                    "ie_flag",
                    models.CharField(
                        choices=[("I", "进口"), ("E", "出口")],
                        max_length=1,
                        verbose_name="进出口标志",
                    ),
                ),
                ("enterprise_id", models.BigIntegerField(null=True, verbose_name="企业")),
            ],
            options={
                "verbose_name": "待比对最接近数据",
                "verbose_name_plural": "待比对最接近数据",
                "indexes": [
                    models.Index(fields=["chapter", "hs8", "ie_flag"], name="nearest_work_block")
                ],
            },
        ),
        migrations.CreateModel(
            name="RankedPublic",
            fields=[
                (
                    "content",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="declarations.content",
                        verbose_name="申报内容",
                    ),
                ),
                ("hs8", models.CharField(max_length=8, verbose_name="税则号列")),
                (
                    "ie_flag",
                    models.CharField(
                        choices=[("I", "进口"), ("E", "出口")],
                        max_length=1,
                        verbose_name="进出口标志",
                    ),
                ),
                ("content_key", models.BinaryField(max_length=32, verbose_name="内容指纹")),
                (
                    "parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="各部分"
                    ),
                ),
                ("text_key", models.CharField(max_length=32, verbose_name="文本标识")),
            ],
            options={
                "verbose_name": "参与最接近比对的公开数据",
                "verbose_name_plural": "参与最接近比对的公开数据",
                "indexes": [models.Index(fields=["hs8", "ie_flag"], name="ranked_of_block")],
            },
        ),
        migrations.CreateModel(
            name="NearestPublic",
            fields=[
                (
                    "content",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="declarations.content",
                        verbose_name="申报内容",
                    ),
                ),
                ("hs8", models.CharField(max_length=8, verbose_name="税则号列")),
                (
                    "ie_flag",
                    models.CharField(
                        choices=[("I", "进口"), ("E", "出口")],
                        max_length=1,
                        verbose_name="进出口标志",
                    ),
                ),
                (
                    "parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="各部分"
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="规则版本")),
                ("score", models.FloatField(blank=True, null=True, verbose_name="相似度")),
                ("is_known", models.BooleanField(default=False, verbose_name="已比对")),
                ("is_told", models.BooleanField(default=False, verbose_name="已写入原因")),
                (
                    "nearest",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="declarations.content",
                        verbose_name="最接近的公开内容",
                    ),
                ),
            ],
            options={
                "verbose_name": "最接近的公开数据",
                "verbose_name_plural": "最接近的公开数据",
                "indexes": [
                    models.Index(fields=["hs8", "ie_flag"], name="nearest_of_block"),
                    models.Index(
                        condition=models.Q(("is_told", False)),
                        fields=["hs8", "ie_flag"],
                        name="nearest_to_tell",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("is_known", True), ("is_told", False), _connector="OR"),
                        name="nearest_told_is_known",
                    )
                ],
            },
        ),
        migrations.RunSQL(_COMPARE_AGAIN, migrations.RunSQL.noop),
    ]
