"""Enterprises, their customs codes, and the people who act for them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from authorization import account_models  # noqa: F401 - Django looks for models here


class Enterprise(models.Model):
    """An enterprise that some data or an administrator has named, registered here or not.

    Known by its 统一社会信用代码, or by a customs code alone until a declared row names both
    (design: "Data", Enterprise).
    """

    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True, null=True, blank=True)
    name = models.CharField("企业名称", max_length=70, blank=True, default="")
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
        ]
        indexes = [models.Index(fields=["name"], name="enterprise_name")]

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


class CardPurpose(models.TextChoices):
    """What a legal-person card signs for."""

    AUTHORIZE = "authorize", "授权"
    REVOKE = "revoke", "撤销授权"


class CardChallenge(models.Model):
    """A text for a card to sign: random, short-lived, used once, bound to session, user, purpose.

    `session_hash` is the SHA-256 of the session's key, since the key itself would open a session.
    """

    nonce = models.CharField("随机数", max_length=64, unique=True)
    purpose = models.CharField("用途", max_length=16, choices=CardPurpose.choices)
    text = models.TextField("签名原文")
    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="+", verbose_name="企业"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="用户"
    )
    session_hash = models.CharField("会话", max_length=64)
    issued_at = models.DateTimeField("签发时间")
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "签名请求"
        verbose_name_plural = "签名请求"
        indexes = [models.Index(fields=["expires_at"], name="challenge_expiry")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.issued_at:%Y-%m-%d %H:%M:%S}"


class KeptCertificate(models.Model):
    """A certificate of an authority in some chain, kept once: it names no person."""

    fingerprint = models.CharField("SHA-256 指纹", max_length=64, primary_key=True)
    der = models.BinaryField("证书")
    subject = models.TextField("主题")

    class Meta:
        verbose_name = "证书链证书"
        verbose_name_plural = "证书链证书"

    def __str__(self) -> str:
        return self.subject


class KeptProof(models.Model):
    """The bytes of a CRL or an OCSP response that an authorization rests on, kept once."""

    fingerprint = models.CharField("SHA-256 指纹", max_length=64, primary_key=True)
    content = models.BinaryField("内容")

    class Meta:
        verbose_name = "吊销查询应答"
        verbose_name_plural = "吊销查询应答"

    def __str__(self) -> str:
        return self.fingerprint


class CardSignature(models.Model):
    """The evidence of one accepted card signature: all that is needed to prove it again.

    `sealed_card` is the card's certificate, encrypted, since it carries the holder's identity
    number; `chain` the fingerprints of its issuers up to the root; `proofs` are
    {"place", "source", "fingerprint"} (KeptProof); `policy` the settings in force.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="card_signatures", verbose_name="企业"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="用户"
    )
    purpose = models.CharField("用途", max_length=16, choices=CardPurpose.choices)
    nonce = models.CharField("随机数", max_length=64, unique=True)
    text = models.TextField("签名原文")
    signature = models.BinaryField("签名")
    scheme = models.CharField("签名算法", max_length=32)
    sealed_card = models.BinaryField("加密的卡证书")
    card_fingerprint = models.CharField("卡证书指纹", max_length=64)
    card_serial = models.CharField("证书编号", max_length=64)
    chain = ArrayField(models.CharField(max_length=64), verbose_name="证书链")
    proofs = models.JSONField("吊销查询", default=list)
    policy = models.JSONField("当时的设置", default=dict)
    notes = ArrayField(models.CharField(max_length=32), verbose_name="备注", default=list)
    holder_masked = models.CharField("持卡人", max_length=64)
    identity_masked = models.CharField("身份证件号", max_length=64, blank=True, default="")
    enterprise_name_on_card = models.CharField(
        "卡上企业名称", max_length=255, blank=True, default=""
    )
    name_differs = models.BooleanField("企业名称不一致", default=False)
    verified_at = models.DateTimeField("验证时间")

    class Meta:
        verbose_name = "法人卡签名"
        verbose_name_plural = "法人卡签名"
        indexes = [models.Index(fields=["enterprise", "-verified_at"], name="signature_newest")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.verified_at:%Y-%m-%d %H:%M}"


class CardAuthorization(models.Model):
    """One authorization of an enterprise, from its signature to its end."""

    class End(models.TextChoices):
        """How an authorization ended before its time."""

        RENEWED = "renewed", "重新授权"
        CARD = "card", "法人凭卡撤销"
        ADMINISTRATOR = "administrator", "管理员撤销"

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="authorizations", verbose_name="企业"
    )
    signature = models.OneToOneField(
        CardSignature, models.PROTECT, related_name="authorization", verbose_name="法人卡签名"
    )
    valid_from = models.DateTimeField("生效时间")
    valid_until = models.DateTimeField("有效期至")
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    end = models.CharField("终止方式", max_length=16, choices=End.choices, blank=True, default="")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="终止人",
    )
    end_reason = models.TextField("终止原因", blank=True, default="")
    end_signature = models.OneToOneField(
        CardSignature,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="撤销签名",
    )

    class Meta:
        verbose_name = "授权"
        verbose_name_plural = "授权"
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(ended_at__isnull=True),
                name="authorization_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                name="authorization_end_is_said",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.valid_from:%Y-%m-%d}"


class CardAttempt(models.Model):
    """One try with a card, accepted or refused, for whoever looks into it. Names no person.

    `detail` is for administrators; the page showed only the refusal's sentence.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="card_attempts", verbose_name="企业"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="用户"
    )
    purpose = models.CharField("用途", max_length=16, choices=CardPurpose.choices)
    refusal = models.CharField("拒绝原因", max_length=32, blank=True, default="")
    detail = models.TextField("说明", blank=True, default="")
    card_serial = models.CharField("证书编号", max_length=64, blank=True, default="")
    address = models.GenericIPAddressField("地址", null=True, blank=True)
    tried_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "法人卡验证记录"
        verbose_name_plural = "法人卡验证记录"
        indexes = [models.Index(fields=["enterprise", "-tried_at"], name="attempt_newest")]

    def __str__(self) -> str:
        return f"{self.tried_at:%Y-%m-%d %H:%M:%S} {self.refusal or '通过'}"
