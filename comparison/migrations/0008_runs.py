"""Full runs in pieces, contents that fail alone, conflicts of verdicts; one run a scope at a time."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comparison", "0007_nearest_contents"),
        ("declarations", "0003_public_content_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContentConflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("audit_month", models.DateField(verbose_name="审核月份")),
                ("hs_code", models.CharField(max_length=10, verbose_name="商品编码")),
                ("conforming_rows", models.PositiveIntegerField(verbose_name="规范结论")),
                ("nonconforming_rows", models.PositiveIntegerField(verbose_name="不规范结论")),
                (
                    "divided_enterprises",
                    models.PositiveIntegerField(verbose_name="自身结论不一致的企业"),
                ),
                ("enterprises", models.PositiveIntegerField(verbose_name="涉及企业")),
                ("lines", models.PositiveIntegerField(verbose_name="涉及商品项")),
            ],
            options={
                "verbose_name": "结论冲突",
                "verbose_name_plural": "结论冲突",
            },
        ),
        migrations.CreateModel(
            name="FailedContent",
            fields=[
                (
                    "content",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="failure",
                        serialize=False,
                        to="declarations.content",
                        verbose_name="申报内容",
                    ),
                ),
                ("error", models.TextField(verbose_name="错误")),
                (
                    "first_failed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="首次失败"
                    ),
                ),
                (
                    "last_failed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="最近失败"
                    ),
                ),
                ("tries", models.PositiveIntegerField(default=1, verbose_name="失败次数")),
                (
                    "version",
                    models.CharField(
                        blank=True, default="", max_length=16, verbose_name="程序版本"
                    ),
                ),
            ],
            options={
                "verbose_name": "比对失败的内容",
                "verbose_name_plural": "比对失败的内容",
            },
        ),
        migrations.CreateModel(
            name="RunPiece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("chapter", models.CharField(max_length=2, verbose_name="章")),
                ("first_code", models.CharField(max_length=8, verbose_name="起始税则号列")),
                ("last_code", models.CharField(max_length=8, verbose_name="终止税则号列")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等待"),
                            ("running", "进行中"),
                            ("done", "完成"),
                            ("failed", "失败"),
                        ],
                        default="waiting",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("contents_total", models.PositiveIntegerField(verbose_name="内容总数")),
                (
                    "contents_done",
                    models.PositiveIntegerField(default=0, verbose_name="已比对内容"),
                ),
                ("entries", models.PositiveIntegerField(default=0, verbose_name="比对条目")),
                ("stored", models.PositiveIntegerField(default=0, verbose_name="写入条目")),
                ("gone", models.PositiveIntegerField(default=0, verbose_name="删除条目")),
                ("marks_changed", models.PositiveIntegerField(default=0, verbose_name="变更标记")),
                (
                    "after_code",
                    models.CharField(
                        blank=True, default="", max_length=8, verbose_name="已比对到的税则号列"
                    ),
                ),
                (
                    "after_key",
                    models.BinaryField(
                        default=bytes, max_length=32, verbose_name="已比对到的形式指纹"
                    ),
                ),
                ("taken", models.PositiveIntegerField(default=0, verbose_name="领取次数")),
                ("errors", models.PositiveIntegerField(default=0, verbose_name="出错次数")),
                (
                    "worker",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="工作进程"
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束")),
                ("seconds", models.FloatField(default=0, verbose_name="用时（秒）")),
                ("python_seconds", models.FloatField(default=0, verbose_name="其中文本处理（秒）")),
                ("error", models.TextField(blank=True, default="", verbose_name="错误")),
            ],
            options={
                "verbose_name": "比对分片",
                "verbose_name_plural": "比对分片",
            },
        ),
        migrations.AddField(
            model_name="comparisonrun",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="取消人",
            ),
        ),
        migrations.AddField(
            model_name="comparisonrun",
            name="entries",
            field=models.PositiveIntegerField(default=0, verbose_name="比对条目"),
        ),
        migrations.AddField(
            model_name="comparisonrun",
            name="failed_contents",
            field=models.PositiveIntegerField(default=0, verbose_name="失败内容"),
        ),
        migrations.AddField(
            model_name="comparisonrun",
            name="gone",
            field=models.PositiveIntegerField(default=0, verbose_name="删除条目"),
        ),
        migrations.AddField(
            model_name="comparisonrun",
            name="interruptions",
            field=models.PositiveIntegerField(default=0, verbose_name="中断次数"),
        ),
        migrations.AddField(
            model_name="comparisonrun",
            name="started_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="发起人",
            ),
        ),
        migrations.AddField(
            model_name="comparisonrun",
            name="stored",
            field=models.PositiveIntegerField(default=0, verbose_name="写入条目"),
        ),
        migrations.AlterField(
            model_name="comparisonrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "等待"),
                    ("running", "进行中"),
                    ("done", "完成"),
                    ("failed", "失败"),
                    ("cancelled", "已取消"),
                ],
                default="running",
                max_length=16,
                verbose_name="状态",
            ),
        ),
        # What a killed worker left "running" before; several of one chapter would break the rule.
        migrations.RunSQL(
            "UPDATE comparison_comparisonrun SET state = 'failed', ended_at = now(),"
            " error = '工作进程中断，未完成的部分已由之后的比对补上。' WHERE state = 'running'",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="comparisonrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "running"]),
                    models.Q(("scope", "increment"), ("state", "cancelled")),
                    _connector="OR",
                ),
                fields=("scope", "chapter"),
                name="run_once_a_scope",
            ),
        ),
        migrations.AddField(
            model_name="contentconflict",
            name="content",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conflicts",
                to="declarations.content",
                verbose_name="申报内容",
            ),
        ),
        migrations.AddField(
            model_name="failedcontent",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="failures",
                to="comparison.comparisonrun",
                verbose_name="比对运行",
            ),
        ),
        migrations.AddField(
            model_name="runpiece",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pieces",
                to="comparison.comparisonrun",
                verbose_name="比对运行",
            ),
        ),
        migrations.AddIndex(
            model_name="contentconflict",
            index=models.Index(fields=["-enterprises", "-lines", "-id"], name="conflict_widest"),
        ),
        migrations.AddIndex(
            model_name="contentconflict",
            index=models.Index(fields=["-audit_month", "-enterprises"], name="conflict_month"),
        ),
        migrations.AddIndex(
            model_name="contentconflict",
            index=models.Index(
                fields=["hs_code"], name="conflict_hs_prefix", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddConstraint(
            model_name="contentconflict",
            constraint=models.UniqueConstraint(
                fields=("content", "audit_month"), name="conflict_once"
            ),
        ),
        migrations.AddIndex(
            model_name="failedcontent",
            index=models.Index(fields=["-last_failed_at", "-content"], name="failure_newest"),
        ),
        migrations.AddConstraint(
            model_name="runpiece",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="piece_once_a_run"),
        ),
    ]
