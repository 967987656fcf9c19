"""An index of the public contents alone: every read of the 公共库 asks whether a content is one."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made beside running work

    dependencies = [("declarations", "0002_list_indexes")]

    operations = [
        AddIndexConcurrently(
            "content",
            models.Index(
                fields=["id"],
                name="content_public",
                condition=models.Q(is_public=True),
            ),
        ),
    ]
