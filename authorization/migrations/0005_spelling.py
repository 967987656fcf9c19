"""Enterprises are found by the pinyin of their names: the spelling of every name that is there."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from authorization.spelling import SpellingField, spelled

_BATCH = 5_000
_SPELL = """
UPDATE authorization_enterprise e SET name_spelled = s.spelled
  FROM unnest(%s::bigint[], %s::text[]) AS s(id, spelled) WHERE e.id = s.id
"""


def spell_names(apps, schema_editor):
    """Spell the names that are stored, in batches, so that no lock is held for long."""
    enterprises = apps.get_model("authorization", "Enterprise").objects
    unspelled = enterprises.filter(name_spelled="").exclude(name="").order_by("pk")
    last = 0
    while batch := list(unspelled.filter(pk__gt=last).values_list("pk", "name")[:_BATCH]):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_SPELL, [[pk for pk, _ in batch], [spelled(name) for _, name in batch]])
        last = batch[-1][0]


class Migration(migrations.Migration):
    # Each batch is committed by itself; begun again, it goes on where it ended.
    atomic = False
    dependencies = [("authorization", "0004_changes")]

    operations = [
        TrigramExtension(),
        migrations.AddField(
            "enterprise",
            "name_spelled",
            SpellingField(blank=True, default="", editable=False, verbose_name="名称拼音"),
        ),
        migrations.RunPython(spell_names, migrations.RunPython.noop, elidable=True),
    ]
