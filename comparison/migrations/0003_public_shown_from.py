"""The 公共库 is sorted and queried by what it shows of the audit month, never by the month itself.

The new column is computed by the database and rewrites the table once, so the index is made in the
same transaction.
"""

from django.db import migrations, models

import comparison.models


class Migration(migrations.Migration):
    dependencies = [("comparison", "0002_list_indexes")]

    operations = [
        migrations.RemoveIndex("publiccontent", "public_month"),
        migrations.AddField(
            "publiccontent",
            "shown_from",
            models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        enterprise_count__lt=3,
                        then=comparison.models.FirstOfQuarter("latest_month"),
                    ),
                    default=models.F("latest_month"),
                ),
                output_field=models.DateField(null=True, verbose_name="公开的审核时间"),
            ),
        ),
        migrations.AddIndex(
            "publiccontent",
            models.Index(fields=["-shown_from", "-content"], name="public_shown"),
        ),
    ]
