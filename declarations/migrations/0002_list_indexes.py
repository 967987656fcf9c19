"""Indexes that the 企业库 reads alone, and the flag of verdicts that differ from their line."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

FLAG = """
UPDATE declarations_auditverdict v SET differs_from_line = true
  FROM declarations_declaredline l
 WHERE l.id = v.line_id
   AND (v.content_id, v.agent_id, v.trader_id)
       IS DISTINCT FROM (l.content_id, l.agent_id, l.trader_id)
"""


def line_index(name, party, *then, include):
    return models.Index(
        condition=Q(is_hidden=False), fields=[party, *then], include=include, name=name
    )


def verdict_index(name, party):
    return models.Index(
        condition=Q(is_effective=True, differs_from_line=True),
        fields=[party, "-declared_on", "-line"],
        name=name,
    )


class Migration(migrations.Migration):
    atomic = False  # indexes are made beside running work

    dependencies = [("declarations", "0001_initial")]

    operations = [
        migrations.AddField(
            "auditverdict",
            "differs_from_line",
            models.BooleanField(db_default=False, default=False, verbose_name="与现申报不一致"),
        ),
        migrations.RunSQL(FLAG, migrations.RunSQL.noop),
        AddIndexConcurrently("auditverdict", verdict_index("verdict_agent_differs", "agent")),
        AddIndexConcurrently("auditverdict", verdict_index("verdict_trader_differs", "trader")),
        RemoveIndexConcurrently("auditverdict", "verdict_agent_eff"),
        RemoveIndexConcurrently("auditverdict", "verdict_trader_eff"),
        AddIndexConcurrently(
            "declaredline",
            line_index(
                "line_agent_shown",
                "agent",
                "-declared_on",
                "-id",
                include=("content", "trade_mode", "trader"),
            ),
        ),
        AddIndexConcurrently(
            "declaredline",
            line_index(
                "line_trader_shown",
                "trader",
                "-declared_on",
                "-id",
                include=("content", "trade_mode", "agent"),
            ),
        ),
        RemoveIndexConcurrently("declaredline", "line_agent_date"),
        RemoveIndexConcurrently("declaredline", "line_trader_date"),
        RemoveIndexConcurrently("declaredline", "line_agent_content"),
        AddIndexConcurrently(
            "declaredline",
            models.Index(
                fields=["agent", "content", "-declared_on", "-id"],
                include=("trade_mode", "is_hidden"),
                name="line_agent_content",
            ),
        ),
        RemoveIndexConcurrently("declaredline", "line_trader_content"),
        AddIndexConcurrently(
            "declaredline",
            models.Index(
                fields=["trader", "content", "-declared_on", "-id"],
                include=("trade_mode", "agent", "is_hidden"),
                name="line_trader_content",
            ),
        ),
    ]
