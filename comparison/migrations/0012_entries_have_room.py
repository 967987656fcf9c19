"""Entries leave room in their pages: a reason told anew is stored beside the old one.

What a reason names changes more often than a mark, and is in no index; with room in its page it
costs no index either (heap-only tuples).
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comparison", "0011_entries_unchecked")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE comparison_libraryentry SET (fillfactor = 75)",
            "ALTER TABLE comparison_libraryentry RESET (fillfactor)",
        )
    ]
