"""A projection is told to be fresh by its element list, not by the edition.

One without a key is made anew when the comparison next looks at its content.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comparison", "0004_projection_edition")]

    operations = [
        migrations.AddField(
            "publiccontent",
            "list_key",
            models.CharField(db_default="", max_length=32, verbose_name="要素表标识"),
        ),
        migrations.RemoveField("publiccontent", "edition"),
    ]
