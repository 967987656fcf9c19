"""What a new password may not be: short, common, like the user's name, of known words, guessable.

No rule on the kinds of characters, none on changing it from time to time (OWASP ASVS 5.0, 6.2).
"""

import unicodedata
from collections.abc import Iterable

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from authorization.models import CustomsCode, User

RULE = "至少 10 个字符，不能是常见或容易猜中的密码，不能以用户名、企业或本系统的名称为主。"
# Of the portal, its owners and its field; docs/security.md lists the same.
CONTEXT_WORDS = (
    "规范申报",
    "专属库",
    "企业库",
    "公共库",
    "海关",
    "报关",
    "单一窗口",
    "电子口岸",
    "guifanshenbao",
    "guifan",
    "shenbao",
    "zhuanshuku",
    "qiyeku",
    "haiguan",
    "baoguan",
    "danyichuangkou",
    "dianzikouan",
    "singlewindow",
    "customs",
    "eport",
    "portal",
    "chinaport",
    "admin",
    "administrator",
    "operator",
    "password",
    "mima",
)
# Parts of passwords that are common here and stand in no list of English leaks, the commonest first.
_COMMON_HERE = (
    *("woaini", "5201314", "1314520", "1314", "520", "wang", "zhang", "zhao", "chen", "yang"),
    *("huang", "zhou", "zhongguo", "zhonghua", "beijing", "shanghai", "dalian", "liaoning"),
    *("aini", "baobao", "laopo", "laogong", "nihao", "taobao", "weixin", "qazwsx", "zhangsan"),
)
LEAST_LENGTH = 10
# What must be left of a password once the words are taken out of it.
LEAST_LEFT = 8
# Fewer guesses than these can be tried at a stolen hash within hours.
LEAST_GUESSES = 10**8
# Estimating takes time by the square of the length; what begins unguessably stays so.
_ESTIMATED = 40
_SHORTEST_WORD = 3


def words_about(user: User | None) -> list[str]:
    """Return the words that a password of this user may not be made of, folded, longest first."""
    words = {*CONTEXT_WORDS}
    if user is not None:
        words |= {user.username, *user.username.replace("@", ".").split("."), user.display_name}
        enterprise = user.enterprise
        if enterprise is not None:
            uscc = enterprise.uscc or ""
            words |= {enterprise.name, uscc, uscc[8:17], uscc[8:16]}
            codes = CustomsCode.objects.filter(enterprise=enterprise)
            words |= {*codes.values_list("code", flat=True)[:50]}
    folded = {_folded(word) for word in words}
    return sorted((word for word in folded if _is_word(word)), key=len, reverse=True)


class PasswordRules:
    """All rules of a new password (AUTH_PASSWORD_VALIDATORS); says the first that is broken."""

    def __init__(self) -> None:
        self._djangos = (
            CommonPasswordValidator(),
            UserAttributeSimilarityValidator(("username", "display_name")),
        )

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError with one sentence."""
        if len(password) < LEAST_LENGTH:  # Django's own sentence is not translated
            raise ValidationError(
                f"密码太短，至少要有 {LEAST_LENGTH} 个字符。", code="password_too_short"
            )
        for validator in self._djangos:
            validator.validate(password, user)
        words = words_about(user)
        refuse_context_words(password, words)
        refuse_guessable(password, words)

    def get_help_text(self) -> str:
        """Say the rules."""
        return RULE


def refuse_context_words(password: str, words: Iterable[str]) -> None:
    """Raise ValidationError where too little is left of a password without these words."""
    folded = _folded(password)
    left = folded
    for word in words:
        left = left.replace(word, "")
    if left != folded and len(left) < LEAST_LEFT:
        raise ValidationError(
            f"密码以用户名、企业或本系统的名称为主，除这些词外至少还要有 {LEAST_LEFT} 个字符。",
            code="password_of_context_words",
        )


def refuse_guessable(password: str, words: Iterable[str]) -> None:
    """Raise ValidationError for what zxcvbn guesses early.

    It joins its lists of 30,000 leaked passwords, names and words with years, rows of keys, repeats
    and figures in place of letters, as people do.
    """
    if zxcvbn(password[:_ESTIMATED], [*_COMMON_HERE, *words])["guesses"] < LEAST_GUESSES:
        raise ValidationError(
            "密码容易被猜中（常见密码、姓名、日期、键盘顺序或重复），"
            "请换一个，例如几个互不相关的词。",
            code="password_guessable",
        )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _is_word(word: str) -> bool:
    """Whether a word is long enough to be taken out; two Chinese characters are."""
    return len(word) >= _SHORTEST_WORD or (len(word) == 2 and not word.isascii())
