"""The secrets of administrators' authenticators are sealed."""

from binascii import unhexlify

from django.db import migrations

from authorization.authenticators import opened, sealed


def seal(apps, schema_editor):
    """Seal every secret that stands there as it is."""
    for device in apps.get_model("otp_totp", "TOTPDevice").objects.all():
        device.key = sealed(unhexlify(device.key), device.user_id)
        device.save(update_fields=["key"])


def unseal(apps, schema_editor):
    """Write every secret as django-otp reads it."""
    for device in apps.get_model("otp_totp", "TOTPDevice").objects.all():
        device.key = opened(device.key, device.user_id).hex()
        device.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [
        ("authorization", "0006_quick_lists"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authenticator",
            fields=[],
            options={
                "verbose_name": "动态口令",
                "verbose_name_plural": "动态口令",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("otp_totp.totpdevice",),
        ),
        migrations.RunPython(seal, unseal),
    ]
