"""Enterprises, their customs codes, and the people who act for them."""

from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

# Django looks for models here.
from authorization import account_models, authenticators, change_models, ledger_models  # noqa: F401
from authorization.card_models import (
    CardAttempt,
    CardAuthorization,
    CardChallenge,
    CardPurpose,
    CardSignature,
    KeptCertificate,
    KeptProof,
)
from authorization.spelling import SpellingField

__all__ = [
    "ENTERPRISE_ROLES",
    "CardAttempt",
    "CardAuthorization",
    "CardChallenge",
    "CardPurpose",
    "CardSignature",
    "CustomsCode",
    "Enterprise",
    "KeptCertificate",
    "KeptProof",
    "Role",
    "User",
    "UserManager",
]


class Enterprise(models.Model):
    """An enterprise that some data or an administrator has named, registered here or not.

    Known by its 统一社会信用代码, or by a customs code alone until a declared row names both
    (design: "Data", Enterprise).
    """

    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True, null=True, blank=True)
    name = models.CharField("企业名称", max_length=70, blank=True, default="")
    name_spelled = SpellingField("名称拼音", blank=True, default="", editable=False)
    # What stands when the gate asks; CardAuthorization is the whole history.
    is_authorized = models.BooleanField("已授权", default=False)
    authorized_at = models.DateTimeField("授权时间", null=True, blank=True)
    authorized_until = models.DateTimeField("授权有效期至", null=True, blank=True)
    authorization = models.OneToOneField(
        "CardAuthorization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="现行授权",
    )
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "企业"
        verbose_name_plural = "企业"
        constraints = [
            models.CheckConstraint(
                condition=Q(uscc__isnull=True) | Q(uscc__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"),
                name="enterprise_uscc_form",
                violation_error_message="统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）。",
            ),
            models.CheckConstraint(
                condition=Q(is_authorized=False) | Q(uscc__isnull=False),
                name="enterprise_authorized_has_uscc",
                violation_error_message="没有统一社会信用代码的企业不能授权，请先补全代码。",
            ),
            # No authorization without the evidence of a card.
            models.CheckConstraint(
                condition=Q(
                    is_authorized=False, authorization__isnull=True, authorized_until__isnull=True
                )
                | Q(
                    is_authorized=True,
                    authorization__isnull=False,
                    authorized_at__isnull=False,
                    authorized_until__isnull=False,
                ),
                name="enterprise_authorized_by_card",
                violation_error_message="企业只能由法人卡授权，不能直接登记。",
            ),
            # Whoever stores a name in a way of his own must spell it, else it would not be found.
            models.CheckConstraint(
                condition=Q(name="", name_spelled="") | ~Q(name="") & ~Q(name_spelled=""),
                name="enterprise_name_is_spelled",
            ),
        ]
        indexes = [
            models.Index(fields=["name"], name="enterprise_name"),
            GinIndex(
                fields=["name_spelled"], name="enterprise_spelling", opclasses=["gin_trgm_ops"]
            ),
            models.Index(
                fields=["authorized_until"],
                name="enterprise_until",
                condition=Q(is_authorized=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.uscc or f"企业 {self.pk}"

    def may_be_entered(self, at: datetime | None = None) -> bool:
        """Whether its users may work: authorized by card, not revoked, not expired."""
        until = self.authorized_until
        return self.is_authorized and until is not None and (at or timezone.now()) < until


class CustomsCode(models.Model):
    """A ten-character 海关注册编码; an enterprise may hold several, each belongs to one."""

    code = models.CharField("海关注册编码", max_length=10, unique=True)
    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="customs_codes", verbose_name="企业"
    )

    class Meta:
        verbose_name = "海关注册编码"
        verbose_name_plural = "海关注册编码"
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{4}[0-9A-Z][0-9][0-9A-Z]{4}$"),
                name="customs_code_form",
                violation_error_message="海关注册编码应为 10 位：4 位数字、1 位数字或字母、1 位数字、4 位数字或字母。",
            )
        ]

    def __str__(self) -> str:
        return self.code


class Role(models.TextChoices):
    """Who a user is; what each may do is stated by every view (authorization/gate.py)."""

    OPERATOR = "operator", "企业操作员"
    LEGAL_REPRESENTATIVE = "legal_representative", "企业法人"
    OFFICER = "officer", "海关人员"
    ADMINISTRATOR = "administrator", "管理员"


ENTERPRISE_ROLES = frozenset({Role.OPERATOR, Role.LEGAL_REPRESENTATIVE})


class UserManager(BaseUserManager["User"]):
    """Makes users; a password is always hashed, never stored."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Store a new user; without a password the account can't log in until one is set."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Store an administrator (the createsuperuser command calls this)."""
        fields.setdefault("display_name", username)
        return self.create_user(username, password, role=Role.ADMINISTRATOR, **fields)


class User(AbstractBaseUser):
    """A person who logs in: one role, and one enterprise exactly where the role has one."""

    username = models.CharField("用户名", max_length=64, unique=True)
    display_name = models.CharField("姓名", max_length=64)
    role = models.CharField("角色", max_length=24, choices=Role.choices)
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name="企业",
    )
    is_active = models.BooleanField("启用", default=True)
    # Since the last login that succeeded (authorization/receivers.py).
    failures = models.PositiveIntegerField("登录失败次数", default=0, editable=False)
    last_failure_at = models.DateTimeField("最近失败时间", null=True, editable=False)
    last_failure_from = models.GenericIPAddressField("最近失败地址", null=True, editable=False)
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(role__in=sorted(ENTERPRISE_ROLES), enterprise__isnull=False)
                    | Q(role__in=[Role.OFFICER, Role.ADMINISTRATOR], enterprise__isnull=True)
                ),
                name="user_enterprise_by_role",
                violation_error_message="企业操作员和企业法人必须属于一家企业，海关人员和管理员不属于任何企业。",
            )
        ]
        indexes = [
            models.Index(fields=["role", "-id"], name="user_of_role"),
            models.Index(fields=["-id"], name="user_disabled", condition=Q(is_active=False)),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def is_enterprise_user(self) -> bool:
        """Whether this user acts for an enterprise."""
        return self.role in ENTERPRISE_ROLES

    @property
    def is_staff(self) -> bool:
        """Django admin's question: only administrators enter it."""
        return self.is_active and self.role == Role.ADMINISTRATOR

    @property
    def is_superuser(self) -> bool:
        """Django admin's question: an administrator sees every table."""
        return self.is_staff

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        """Administrators see all of the admin; what may be changed, each ModelAdmin says."""
        return self.is_staff

    def has_perms(self, perm_list: list[str], obj: object | None = None) -> bool:
        """Same answer for many permissions."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Same answer for a whole app."""
        return self.is_staff
