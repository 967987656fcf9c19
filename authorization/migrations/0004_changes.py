"""The log of accounts' changes becomes the log of all changes."""

from django.db import migrations, models
from django.db.models import Q

# What accounts were called when they were changed was not kept: what they are called now.
_NAME_ACCOUNTS = """
UPDATE authorization_changeevent e
   SET number = u.id, subject = u.display_name || '（' || u.username || '）'
  FROM authorization_user u WHERE u.id = e.user_id
"""
# Going back leaves the log of accounts alone.
_FORGET_OTHERS = "DELETE FROM authorization_changeevent WHERE of <> 'account'"


class Migration(migrations.Migration):
    dependencies = [("authorization", "0003_accounts")]

    operations = [
        migrations.RenameModel("AccountEvent", "ChangeEvent"),
        migrations.AlterModelOptions(
            "changeevent",
            {"verbose_name": "变更记录", "verbose_name_plural": "变更记录"},
        ),
        migrations.AddField(
            "changeevent",
            "of",
            models.CharField(
                choices=[
                    ("account", "用户"),
                    ("enterprise", "企业"),
                    ("edition", "目录版本"),
                    ("upload", "目录文件"),
                    ("release", "审核数据发布"),
                ],
                default="account",
                max_length=16,
                verbose_name="对象类别",
            ),
        ),
        migrations.AddField(
            "changeevent",
            "number",
            models.BigIntegerField(blank=True, null=True, verbose_name="对象编号"),
        ),
        migrations.AddField(
            "changeevent",
            "subject",
            models.CharField(blank=True, default="", max_length=200, verbose_name="对象"),
        ),
        migrations.AlterField(
            "changeevent",
            "user",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=models.PROTECT,
                related_name="account_events",
                to="authorization.user",
                verbose_name="用户",
            ),
        ),
        migrations.AlterField(
            "changeevent",
            "kind",
            models.CharField(
                choices=[
                    ("added", "新增用户"),
                    ("changed", "修改资料"),
                    ("disabled", "停用"),
                    ("enabled", "启用"),
                    ("unlocked", "解除锁定"),
                    ("link_made", "生成设密链接"),
                    ("password_set", "通过链接设置密码"),
                    ("password_changed", "修改密码"),
                    ("session_ended", "结束登录"),
                    ("second_factor_enrolled", "绑定动态口令"),
                    ("second_factor_reset", "重置动态口令"),
                    ("recovery_code_used", "使用恢复码"),
                    ("recovery_codes_made", "重新生成恢复码"),
                    ("identity_linked", "关联单一窗口账号"),
                    ("authorization_revoked", "撤销企业授权"),
                    ("enterprise_changed", "更正企业信息"),
                    ("customs_code_added", "登记海关注册编码"),
                    ("enterprise_joined", "合并企业"),
                    ("edition_stored", "装入目录版本"),
                    ("edition_in_force", "启用目录版本"),
                    ("edition_withdrawn", "撤回目录版本"),
                    ("catalogue_uploaded", "上传目录文件"),
                    ("released", "发布审核数据"),
                    ("release_withdrawn", "撤回审核数据"),
                ],
                max_length=32,
                verbose_name="操作",
            ),
        ),
        migrations.AddIndex(
            "changeevent", models.Index(fields=["of", "number", "-id"], name="change_of_row")
        ),
        migrations.AddIndex(
            "changeevent", models.Index(fields=["kind", "-id"], name="change_of_kind")
        ),
        migrations.AddIndex("changeevent", models.Index(fields=["-at"], name="change_newest")),
        migrations.AddConstraint(
            "changeevent",
            models.CheckConstraint(
                condition=Q(of="account", user__isnull=False)
                | ~Q(of="account") & Q(user__isnull=True),
                name="change_of_account_names_its_user",
            ),
        ),
        migrations.RunSQL(_NAME_ACCOUNTS, _FORGET_OTHERS),
    ]
