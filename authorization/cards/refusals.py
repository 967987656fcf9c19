"""Why a card or its signature is refused: a code for the record, one Chinese sentence for the page.

The sentence says what to do; it never says which other check would have passed.
"""

from enum import Enum


class Refusal(Enum):
    """A reason of refusing; the value is its code in records and tests."""

    MALFORMED = "malformed"
    CHALLENGE_UNKNOWN = "challenge_unknown"
    CHALLENGE_EXPIRED = "challenge_expired"
    CHALLENGE_USED = "challenge_used"
    FOREIGN_CHALLENGE = "foreign_challenge"
    SIGNATURE_WRONG = "signature_wrong"
    ALGORITHM_NOT_ALLOWED = "algorithm_not_allowed"
    KEY_TOO_WEAK = "key_too_weak"
    NO_CHAIN = "no_chain"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    NOT_A_CARD = "not_a_card"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation_unknown"
    NOT_LEGAL_PERSON = "not_legal_person"
    OTHER_ENTERPRISE = "other_enterprise"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    NO_CREDIT_CODE = "no_credit_code"
    NOTHING_TO_REVOKE = "nothing_to_revoke"

    @property
    def sentence(self) -> str:
        """What the page says."""
        return _SENTENCES[self]


_SENTENCES = {
    Refusal.MALFORMED: "没有读到完整的签名或证书，请拔出法人卡重新插入后再试。",
    Refusal.CHALLENGE_UNKNOWN: "本次签名请求无效，请刷新页面后重新签名。",
    Refusal.CHALLENGE_EXPIRED: "签名用时超过了 5 分钟，请重新点击签名并尽快完成。",
    Refusal.CHALLENGE_USED: "这次签名请求已经用过，请重新点击签名。",
    Refusal.FOREIGN_CHALLENGE: "签名请求不属于当前登录的用户或当前操作，请刷新页面后重新签名。",
    Refusal.SIGNATURE_WRONG: "签名与法人卡证书不符，请确认插入的是本企业法人卡后重新签名。",
    Refusal.ALGORITHM_NOT_ALLOWED: "法人卡使用的签名算法不被接受，请到电子口岸制卡中心更换新卡。",
    Refusal.KEY_TOO_WEAK: "法人卡证书的密钥强度不足，请到电子口岸制卡中心更换新卡。",
    Refusal.NO_CHAIN: "法人卡证书不是由本系统信任的电子口岸证书管理中心签发的，请换用电子口岸法人卡。",
    Refusal.CERTIFICATE_EXPIRED: "法人卡证书已过有效期，请到电子口岸制卡中心办理更新后再试。",
    Refusal.CERTIFICATE_NOT_YET_VALID: "法人卡证书尚未生效，请在证书生效之后再试。",
    Refusal.NOT_A_CARD: "所插的卡不能用于签名授权，请换用本企业的法人卡。",
    Refusal.REVOKED: "法人卡证书已被吊销，请到电子口岸制卡中心办理新卡。",
    Refusal.REVOCATION_UNKNOWN: "暂时无法查询法人卡证书是否已被吊销，请稍后再试。",
    Refusal.NOT_LEGAL_PERSON: "所插的不是企业法人卡，请换用法人卡（操作员卡不能授权）。",
    Refusal.OTHER_ENTERPRISE: "所插的法人卡不属于本企业，请换用本企业的法人卡。",
    Refusal.TOO_MANY_ATTEMPTS: "尝试次数过多，请在 10 分钟后再试。",
    Refusal.NO_CREDIT_CODE: "企业信息中没有统一社会信用代码，不能用法人卡授权，请联系管理员补全。",
    Refusal.NOTHING_TO_REVOKE: "本企业现在没有授权，无需撤销。",
}


class Refused(Exception):
    """A card or signature is refused; str() is the sentence, `detail` is for the record only."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal
        self.detail = detail
