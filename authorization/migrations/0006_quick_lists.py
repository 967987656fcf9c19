"""What administrators look for is found by an index; made beside running work."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("authorization", "0005_spelling")]

    operations = [
        AddIndexConcurrently(
            "enterprise",
            GinIndex(
                fields=["name_spelled"], name="enterprise_spelling", opclasses=["gin_trgm_ops"]
            ),
        ),
        AddIndexConcurrently(
            "enterprise",
            models.Index(
                fields=["authorized_until"],
                name="enterprise_until",
                condition=Q(is_authorized=True),
            ),
        ),
        AddIndexConcurrently(
            "cardattempt",
            models.Index(fields=["-tried_at"], name="attempt_refused", condition=~Q(refusal="")),
        ),
        AddIndexConcurrently(
            "cardsignature", models.Index(fields=["card_serial"], name="signature_serial")
        ),
        AddIndexConcurrently(
            "cardauthorization", models.Index(fields=["end", "-id"], name="authorization_of_end")
        ),
        AddIndexConcurrently("user", models.Index(fields=["role", "-id"], name="user_of_role")),
        AddIndexConcurrently(
            "user", models.Index(fields=["-id"], name="user_disabled", condition=Q(is_active=False))
        ),
        migrations.AddConstraint(
            "enterprise",
            models.CheckConstraint(
                condition=Q(name="", name_spelled="") | ~Q(name="") & ~Q(name_spelled=""),
                name="enterprise_name_is_spelled",
            ),
        ),
    ]
