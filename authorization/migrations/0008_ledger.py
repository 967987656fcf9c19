"""The ledger of reads and exports; PostgreSQL itself refuses to change, delete or empty it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Of a row only the column that the trigger names may change: an entry's seal, whose key may be
# exchanged, and the enterprise that an absorbed one has become.
_KEPT = """
CREATE FUNCTION authorization_ledger_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: the ledger is only ever added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ledger_entry_kept
    BEFORE UPDATE OR DELETE ON authorization_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION authorization_ledger_kept('seal');
CREATE TRIGGER ledger_entry_not_emptied
    BEFORE TRUNCATE ON authorization_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION authorization_ledger_kept('');
CREATE TRIGGER ledger_enterprise_kept
    BEFORE UPDATE OR DELETE ON authorization_ledgerenterprise
    FOR EACH ROW EXECUTE FUNCTION authorization_ledger_kept('enterprise_id');
CREATE TRIGGER ledger_enterprise_not_emptied
    BEFORE TRUNCATE ON authorization_ledgerenterprise
    FOR EACH STATEMENT EXECUTE FUNCTION authorization_ledger_kept('');
"""
_NOT_KEPT = """
DROP TRIGGER ledger_enterprise_not_emptied ON authorization_ledgerenterprise;
DROP TRIGGER ledger_enterprise_kept ON authorization_ledgerenterprise;
DROP TRIGGER ledger_entry_not_emptied ON authorization_ledgerentry;
DROP TRIGGER ledger_entry_kept ON authorization_ledgerentry;
DROP FUNCTION authorization_ledger_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("authorization", "0007_authenticators"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "number",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="序号"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("read", "查看"), ("export", "导出")],
                        max_length=8,
                        verbose_name="方式",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "who",
                    models.CharField(
                        blank=True, default="", max_length=140, verbose_name="用户（当时）"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True, default="", max_length=24, verbose_name="角色（当时）"
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, default="", max_length=45, verbose_name="来源地址"
                    ),
                ),
                ("what", models.CharField(max_length=200, verbose_name="内容")),
                ("query", models.JSONField(blank=True, default=list, verbose_name="查询条件")),
                (
                    "case",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="查询依据"
                    ),
                ),
                (
                    "enterprises",
                    models.JSONField(blank=True, default=list, verbose_name="涉及企业（当时）"),
                ),
                (
                    "named",
                    models.JSONField(blank=True, default=list, verbose_name="查询指定的企业"),
                ),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="行数")),
                ("facts", models.JSONField(blank=True, default=dict, verbose_name="其他")),
                ("previous", models.BinaryField(max_length=32, verbose_name="上一条的摘要")),
                ("hash", models.BinaryField(max_length=32, verbose_name="摘要")),
                ("seal", models.BinaryField(max_length=32, verbose_name="封印")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="用户",
                    ),
                ),
            ],
            options={
                "verbose_name": "查询导出台账",
                "verbose_name_plural": "查询导出台账",
            },
        ),
        migrations.CreateModel(
            name="LedgerEnterprise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("then", models.BigIntegerField(verbose_name="企业编号（当时）")),
                ("by_customs", models.BooleanField(verbose_name="海关")),
                (
                    "enterprise",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="authorization.enterprise",
                        verbose_name="企业",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="authorization.ledgerentry",
                        verbose_name="台账",
                    ),
                ),
            ],
            options={
                "verbose_name": "台账涉及的企业",
                "verbose_name_plural": "台账涉及的企业",
            },
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["user", "-number"], name="ledger_of_user"),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["kind", "-number"], name="ledger_of_kind"),
        ),
        migrations.AddIndex(
            model_name="ledgerenterprise",
            index=models.Index(
                fields=["enterprise", "-entry"],
                include=("by_customs",),
                name="ledger_of_enterprise",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerenterprise",
            constraint=models.UniqueConstraint(
                fields=("entry", "then"), name="ledger_enterprise_once"
            ),
        ),
        migrations.RunSQL(_KEPT, _NOT_KEPT),
    ]
