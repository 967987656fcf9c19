"""Who changed what, when and from where, with before and after: one log for accounts and all else.

Imported by authorization/models.py, where Django looks for models; names other models by text, so
that neither module needs the other first.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ChangeEvent(models.Model):
    """One change: of what, by whom, from where, before and after.

    `of` and `number` name the row that was changed, `subject` says in words what it was called
    then; an account's change names its `user` too. `before` and `after` hold the changed facts by
    name. `enterprise` is the one that the row belonged to at that time.
    """

    class Of(models.TextChoices):
        """What kind of thing was changed."""

        ACCOUNT = "account", "用户"
        ENTERPRISE = "enterprise", "企业"
        EDITION = "edition", "目录版本"
        UPLOAD = "upload", "目录文件"
        RELEASE = "release", "审核数据发布"
        RULE = "rule", "校验规则"

    class Kind(models.TextChoices):
        """What was done."""

        ADDED = "added", "新增用户"
        CHANGED = "changed", "修改资料"
        DISABLED = "disabled", "停用"
        ENABLED = "enabled", "启用"
        UNLOCKED = "unlocked", "解除锁定"
        LINK_MADE = "link_made", "生成设密链接"
        PASSWORD_SET = "password_set", "通过链接设置密码"
        PASSWORD_CHANGED = "password_changed", "修改密码"
        SESSION_ENDED = "session_ended", "结束登录"
        SECOND_FACTOR_ENROLLED = "second_factor_enrolled", "绑定动态口令"
        SECOND_FACTOR_RESET = "second_factor_reset", "重置动态口令"
        RECOVERY_CODE_USED = "recovery_code_used", "使用恢复码"
        RECOVERY_CODES_MADE = "recovery_codes_made", "重新生成恢复码"
        IDENTITY_LINKED = "identity_linked", "关联单一窗口账号"
        AUTHORIZATION_REVOKED = "authorization_revoked", "撤销企业授权"
        ENTERPRISE_CHANGED = "enterprise_changed", "更正企业信息"
        CUSTOMS_CODE_ADDED = "customs_code_added", "登记海关注册编码"
        ENTERPRISE_JOINED = "enterprise_joined", "合并企业"
        EDITION_STORED = "edition_stored", "装入目录版本"
        EDITION_IN_FORCE = "edition_in_force", "启用目录版本"
        EDITION_WITHDRAWN = "edition_withdrawn", "撤回目录版本"
        CATALOGUE_UPLOADED = "catalogue_uploaded", "上传目录文件"
        RELEASED = "released", "发布审核数据"
        RELEASE_WITHDRAWN = "release_withdrawn", "撤回审核数据"
        RULE_LEVEL = "rule_level", "调整规则级别"

    of = models.CharField("对象类别", max_length=16, choices=Of.choices, default=Of.ACCOUNT)
    number = models.BigIntegerField("对象编号", null=True, blank=True)
    subject = models.CharField("对象", max_length=200, blank=True, default="")
    enterprise = models.ForeignKey(
        "authorization.Enterprise",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="企业",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="account_events",
        verbose_name="用户",
    )
    kind = models.CharField("操作", max_length=32, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="操作人",
    )
    address = models.GenericIPAddressField("来源地址", null=True, blank=True)
    before = models.JSONField("变更前", default=dict, blank=True)
    after = models.JSONField("变更后", default=dict, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "变更记录"
        verbose_name_plural = "变更记录"
        indexes = [
            models.Index(fields=["enterprise", "-at", "-id"], name="account_event_newest"),
            models.Index(fields=["user", "-at"], name="account_event_of_user"),
            models.Index(fields=["of", "number", "-id"], name="change_of_row"),
            models.Index(fields=["kind", "-id"], name="change_of_kind"),
            models.Index(fields=["-at"], name="change_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(of="account", user__isnull=False)
                | ~Q(of="account") & Q(user__isnull=True),
                name="change_of_account_names_its_user",
            )
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S} {self.get_kind_display()}"
