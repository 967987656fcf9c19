"""Indexes of entries that the 企业库's totals and its condition 标记类型 read alone."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # indexes are made beside running work

    dependencies = [("comparison", "0001_initial")]

    operations = [
        RemoveIndexConcurrently("libraryentry", "entry_mark"),
        AddIndexConcurrently(
            "libraryentry",
            models.Index(
                fields=["enterprise", "mark", "content"],
                include=("row_count",),
                name="entry_mark",
            ),
        ),
        RemoveIndexConcurrently("libraryentry", "entry_hs"),
        AddIndexConcurrently(
            "libraryentry",
            models.Index(
                fields=["enterprise", "hs_code", "content"],
                include=("row_count", "mark", "ie_flag"),
                name="entry_hs",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            ),
        ),
        migrations.RemoveConstraint("libraryentry", "entry_once"),
        migrations.AddConstraint(
            "libraryentry",
            models.UniqueConstraint(
                fields=("enterprise", "content"), include=("mark",), name="entry_once"
            ),
        ),
    ]
