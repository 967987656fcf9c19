"""Uploads by hash and attempts; how far a code's outbox row is; each stored list's key."""

from django.db import migrations, models

from catalogue.lists import list_key


def fill_list_keys(apps, schema_editor):
    """Give the codes of editions that an older version stored the key of their lists."""
    Code = apps.get_model("catalogue", "CatalogueCode")
    Element = apps.get_model("catalogue", "Element")
    lists = {pk: [] for pk in Code.objects.filter(list_key="").values_list("pk", flat=True)}
    rows = Element.objects.filter(code__list_key="").order_by("code_id", "number")
    for code, name, category in rows.values_list("code_id", "name", "category").iterator():
        lists[code].append((name, category))
    keyed = [Code(pk=pk, list_key=list_key(elements)) for pk, elements in lists.items()]
    Code.objects.bulk_update(keyed, ["list_key"], batch_size=2_000)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_edition_sources_and_imports")]

    operations = [
        migrations.AddField(
            "catalogueimport",
            "source_hash",
            models.CharField(blank=True, default="", max_length=64, verbose_name="文件 SHA-256"),
        ),
        migrations.AddField(
            "catalogueimport",
            "attempts",
            models.PositiveSmallIntegerField(default=0, verbose_name="读取次数"),
        ),
        migrations.AddField(
            "outbox",
            "after_content",
            models.BigIntegerField(db_default=0, verbose_name="已比对到的内容"),
        ),
        migrations.AlterField(
            "outbox",
            "hs8",
            models.CharField(blank=True, db_default="", max_length=8, verbose_name="税则号列"),
        ),
        migrations.RunPython(fill_list_keys, migrations.RunPython.noop, elidable=True),
    ]
