"""An index by which the newest public contents of an eight-digit code are found at once."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Left


class Migration(migrations.Migration):
    atomic = False  # made beside running work

    dependencies = [("comparison", "0005_projection_list_key")]

    operations = [
        AddIndexConcurrently(
            "publiccontent",
            models.Index(
                Left("hs_code", 8),
                models.F("ie_flag"),
                models.F("shown_from").desc(),
                models.F("content").desc(),
                name="public_of_code",
            ),
        ),
    ]
