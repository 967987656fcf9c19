"""What officers ask of all enterprises is found by an index; made beside running work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("declarations", "0006_withdrawal_asked")]

    operations = [
        AddIndexConcurrently(
            "declaredline",
            models.Index(
                fields=["-declared_on", "-id"],
                name="line_shown",
                include=["content", "trade_mode", "agent", "trader"],
                condition=Q(is_hidden=False),
            ),
        ),
        AddIndexConcurrently(
            "auditverdict",
            models.Index(
                fields=["content", "auditor", "-audit_month", "-id"],
                name="verdict_judged",
                include=["conforming", "counts_in_month"],
            ),
        ),
    ]
