"""The administrators' second factor: a six-digit code of an authenticator (TOTP, RFC 6238).

The authenticator, its throttle (each wrong code doubles the wait) and the refusal of a code used
before are django-otp's; recovery codes are ours, since they must be stored as hashes only.
"""

import base64
import hashlib
import math
import secrets
import unicodedata
from typing import Any

import django_otp
import segno
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from authorization import accounts, throttle
from authorization.account_models import RecoveryCode
from authorization.authenticators import Authenticator
from authorization.cards.sealing import CannotOpen
from authorization.change_models import ChangeEvent
from authorization.events import By, note
from authorization.models import Role, User

RECOVERY_CODES = 8
# 32 letters that are not taken for one another: 28 of them are 140 bits, too many to guess, so
# that a plain hash is enough.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GROUPS, _GROUP = 7, 4
_DEVICE_NAME = "authenticator"
_WRONG_RECOVERY_CODES = 10

Kind = ChangeEvent.Kind


class WrongCode(Exception):
    """A code was not accepted; str() says why and what to do."""


def is_required(user: User) -> bool:
    """Whether an account needs a second factor in this installation."""
    return bool(settings.ADMIN_SECOND_FACTOR) and user.role == Role.ADMINISTRATOR


def is_given(request: HttpRequest) -> bool:
    """Whether this session has shown the user's present authenticator or a recovery code."""
    return getattr(request.user, "otp_device", None) is not None


def is_missing(request: HttpRequest, user: User) -> bool:
    """Whether the gate must ask for the second factor now."""
    return is_required(user) and not is_given(request)


def authenticator_of(user: User) -> Authenticator | None:
    """Return the user's enrolled authenticator."""
    return Authenticator.objects.filter(user_id=user.pk, confirmed=True).first()


def authenticator_to_enrol(user: User) -> Authenticator:
    """Return the secret that is offered until a code proves that it was taken over."""
    offered = Authenticator.objects.filter(user_id=user.pk, confirmed=False).first()
    if offered is not None and not offered.can_be_opened():
        offered.delete()
        offered = None
    return offered or Authenticator.offer(user.pk, _DEVICE_NAME)


def qr_code(device: Authenticator) -> str:
    """Draw the secret for the authenticator's camera: an SVG as a data URI."""
    uri: str = segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=4)
    return uri


def typed_key(device: Authenticator) -> str:
    """Return the secret as it is typed by hand: base32 in groups of four."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def enrol(request: HttpRequest, user: User, entered: str) -> list[str]:
    """Enrol the offered authenticator by its first code; returns the recovery codes.

    Raises WrongCode; also where the account has one already, which another administrator resets.
    """
    if authenticator_of(user) is not None:
        raise WrongCode("该账号已绑定动态口令，请输入动态口令。")
    device = _proved(user, authenticator_to_enrol(user), entered)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if authenticator_of(user) is not None:
            raise WrongCode("该账号已绑定动态口令，请输入动态口令。")
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        codes = _new_codes(user)
        note(Kind.SECOND_FACTOR_ENROLLED, user, By.of(request), after={"codes": len(codes)})
    _let_in(request, device)
    return codes


def verify(request: HttpRequest, user: User, entered: str) -> int | None:
    """Let the session in by a code of the authenticator, or by a recovery code.

    Returns how many recovery codes are left where one was used. Raises WrongCode.
    """
    device = authenticator_of(user)
    if device is None:
        raise WrongCode("该账号还没有绑定动态口令，请刷新页面后按提示绑定。")
    word = _plain(entered)
    if len(word) == _GROUPS * _GROUP:
        left = _use_recovery_code(request, user, word)
        _let_in(request, device)
        return left
    _let_in(request, _proved(user, device, entered))
    return None


def new_recovery_codes(by: By, user: User, entered: str) -> list[str]:
    """Replace the recovery codes, proved by a fresh code of the authenticator; the old ones end.

    An open session is not enough, since whoever has the codes gets in without the authenticator.
    Raises WrongCode.
    """
    device = authenticator_of(user)
    if device is None:
        raise WrongCode("该账号还没有绑定动态口令，请刷新页面后按提示绑定。")
    _proved(user, device, entered)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        left = codes_left(user)
        codes = _new_codes(user)
        note(Kind.RECOVERY_CODES_MADE, user, by, {"codes": left}, {"codes": len(codes)})
    return codes


def codes_left(user: User) -> int:
    """Count the recovery codes that are not used yet."""
    return RecoveryCode.objects.filter(user_id=user.pk, used_at__isnull=True).count()


def reset(by: By, user: User) -> bool:
    """Forget a lost authenticator, for another administrator; False where there was none.

    The user enrols anew at his next login; what was open ends.
    """
    if by.user is not None and by.user.role != Role.ADMINISTRATOR:
        raise accounts.AccountRefusal("动态口令只能由管理员重置。")
    if by.user is not None and by.user.pk == user.pk:
        raise accounts.AccountRefusal("不能重置自己的动态口令，请由其他管理员操作。")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        had = Authenticator.objects.filter(user_id=user.pk, confirmed=True).exists()
        Authenticator.objects.filter(user_id=user.pk).delete()
        RecoveryCode.objects.filter(user_id=user.pk).delete()
        if had:
            accounts.end_all(user)
            note(Kind.SECOND_FACTOR_RESET, user, by)
    return had


def _proved(user: User, device: Authenticator, entered: str) -> Authenticator:
    """Return the device whose code this is; the row is locked meanwhile, so codes work once."""
    device.refresh_from_db()
    allowed, why = device.verify_is_allowed()
    if not allowed:
        raise WrongCode(_wait(why))
    word = _plain(entered)
    proved = None
    if len(word) == device.digits and word.isascii() and word.isdecimal():
        try:
            proved = django_otp.verify_token(user, device.persistent_id, word)
        except CannotOpen as why:
            raise WrongCode(str(why)) from None
    if proved is None:
        raise WrongCode("动态口令不正确或已使用过，请核对手机时间，输入最新的 6 位数字。")
    return proved


def _wait(why: dict[str, Any] | None) -> str:
    until = (why or {}).get("locked_until")
    seconds = max(1, math.ceil((until - timezone.now()).total_seconds())) if until else 1
    return f"动态口令错误次数过多，请在 {throttle.in_words(seconds)}后再试。"


def _use_recovery_code(request: HttpRequest, user: User, word: str) -> int:
    counter = throttle.Counter(f"recovery:{user.pk}", _WRONG_RECOVERY_CODES)
    try:
        counter.take()
    except throttle.TooManyFailures as error:
        sentence = f"恢复码错误次数过多，请在 {throttle.in_words(error.wait_seconds)}后再试。"
        raise WrongCode(sentence) from None
    with transaction.atomic():
        unused = RecoveryCode.objects.filter(
            user_id=user.pk, code_hash=_hash(word), used_at__isnull=True
        )
        if not unused.update(used_at=timezone.now()):
            raise WrongCode("恢复码不正确或已使用过，请换一个恢复码。")
        left = codes_left(user)
        note(Kind.RECOVERY_CODE_USED, user, By.of(request), {"codes": left + 1}, {"codes": left})
    counter.forget()
    return left


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user_id=user.pk).delete()
    plain = [
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP))
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user.pk, code_hash=_hash(code)) for code in plain
    )
    return [
        "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in plain
    ]


def _let_in(request: HttpRequest, device: Authenticator) -> None:
    """Mark the session; its key changes, since it may do more from now on."""
    request.session.cycle_key()
    django_otp.login(request, device)


def _plain(entered: str) -> str:
    """Take off what people type between the letters of a code."""
    folded = unicodedata.normalize("NFKC", entered).upper()
    return "".join(letter for letter in folded if letter.isalnum())


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
