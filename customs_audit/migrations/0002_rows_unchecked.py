"""The database no longer asks for the upload of each row, and for the row of each fault."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customs_audit", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="uploadrow",
            name="upload",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="customs_audit.auditupload",
                verbose_name="上传",
            ),
        ),
        migrations.AlterField(
            model_name="uploadfault",
            name="row",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="faults",
                to="customs_audit.uploadrow",
                verbose_name="审核数据行",
            ),
        ),
    ]
