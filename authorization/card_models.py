"""What is kept about legal-person cards: texts to sign, evidence, authorizations, and each try.

Imported by authorization/models.py, where Django looks for models; names other models by text, so
that neither module needs the other first.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone


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
        "authorization.Enterprise", models.CASCADE, related_name="+", verbose_name="企业"
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
        return (
            f"{self.get_purpose_display()} {timezone.localtime(self.issued_at):%Y-%m-%d %H:%M:%S}"
        )


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
        "authorization.Enterprise",
        models.PROTECT,
        related_name="card_signatures",
        verbose_name="企业",
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
        indexes = [
            models.Index(fields=["enterprise", "-verified_at"], name="signature_newest"),
            models.Index(fields=["card_serial"], name="signature_serial"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {timezone.localtime(self.verified_at):%Y-%m-%d %H:%M}"


class CardAuthorization(models.Model):
    """One authorization of an enterprise, from its signature to its end."""

    class End(models.TextChoices):
        """How an authorization ended before its time."""

        RENEWED = "renewed", "重新授权"
        CARD = "card", "法人凭卡撤销"
        ADMINISTRATOR = "administrator", "管理员撤销"

    enterprise = models.ForeignKey(
        "authorization.Enterprise",
        models.PROTECT,
        related_name="authorizations",
        verbose_name="企业",
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
        indexes = [models.Index(fields=["end", "-id"], name="authorization_of_end")]

    def __str__(self) -> str:
        return f"{self.enterprise} {timezone.localtime(self.valid_from):%Y-%m-%d}"

    @property
    def state_words(self) -> str:
        """Whether it is in force, over, or how it was ended."""
        if self.ended_at is not None:
            return self.get_end_display()
        return "有效" if timezone.now() < self.valid_until else "已到期"


class CardAttempt(models.Model):
    """One try with a card, accepted or refused, for whoever looks into it. Names no person.

    `detail` is for administrators; the page showed only the refusal's sentence.
    """

    enterprise = models.ForeignKey(
        "authorization.Enterprise",
        models.PROTECT,
        related_name="card_attempts",
        verbose_name="企业",
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
        indexes = [
            models.Index(fields=["enterprise", "-tried_at"], name="attempt_newest"),
            models.Index(fields=["-tried_at"], name="attempt_refused", condition=~Q(refusal="")),
        ]

    def __str__(self) -> str:
        result = "被拒" if self.refusal else "通过"
        return f"{timezone.localtime(self.tried_at):%Y-%m-%d %H:%M:%S} {result}"
