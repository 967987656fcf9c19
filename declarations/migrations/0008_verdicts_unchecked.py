"""The database no longer asks for a verdict's line, goods and content: a release is made by joins."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("declarations", "0007_officers_queries")]

    operations = [
        migrations.AlterField(
            model_name="auditverdict",
            name="line",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verdicts",
                to="declarations.declaredline",
                verbose_name="申报商品项",
            ),
        ),
        migrations.AlterField(
            model_name="auditverdict",
            name="goods",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="declarations.goods",
                verbose_name="审核时商品",
            ),
        ),
        migrations.AlterField(
            model_name="auditverdict",
            name="content",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="declarations.content",
                verbose_name="审核时内容",
            ),
        ),
    ]
