"""Plain functions that make what a test needs, by the same functions that the portal uses.

Every name, code and number is invented; codes carry valid check digits. Call `make_...` with the
fields that the test is about and leave the rest.
"""

import random
from functools import lru_cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from stdnum.cn import uscc as uscc_rules

from authorization.models import CustomsCode, Enterprise, Role, User

PASSWORD = "lan-tian-bai-yun-7"

# Starts anywhere: tests that are not rolled back (browser, worker) may meet an earlier run's rows.
_serial = count(random.SystemRandom().randrange(1, 40_000_000))
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def next_serial() -> int:
    """Return a number that no other call of this process gets."""
    return next(_serial)


def valid_uscc(serial: int | None = None) -> str:
    """Return an invented 统一社会信用代码 of Dalian whose two check digits are right.

    Characters 9-16 count up, 17 is GB 11714's check, 18 is GB 32100's.
    """
    body = f"{(next_serial() if serial is None else serial) % 100_000_000:08d}"
    inner = -sum(int(digit) * weight for digit, weight in zip(body, _BODY_WEIGHTS, strict=True))
    number = f"91210200{body}{'0123456789X'[inner % 11]}"
    return number + uscc_rules.calc_check_digit(number)


def customs_code(*, broker: bool = False, serial: int | None = None) -> str:
    """Return an invented 海关注册编码 of Dalian's development zone; a broker's sixth digit is 8."""
    number = (next_serial() if serial is None else serial) % 36**4
    tail = ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        tail = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + tail
    return f"21022{'8' if broker else '6'}{tail}"


def make_enterprise(
    name: str = "",
    *,
    uscc: str | None = "",
    authorized: bool = True,
    codes: int | list[str] = 1,
    broker: bool = False,
) -> Enterprise:
    """Store an enterprise with its 海关注册编码 (`codes`: how many, or which).

    `uscc=None` makes one known by its customs code alone, which can't be authorized.
    """
    number = valid_uscc() if uscc == "" else uscc
    authorized = authorized and number is not None
    enterprise = Enterprise.objects.create(
        name=name or f"大连虚构{next_serial()}贸易有限公司",
        uscc=number,
        is_authorized=authorized,
        authorized_at=timezone.now() if authorized else None,
    )
    wanted = (
        codes if isinstance(codes, list) else [customs_code(broker=broker) for _ in range(codes)]
    )
    CustomsCode.objects.bulk_create(
        CustomsCode(code=code, enterprise=enterprise) for code in wanted
    )
    return enterprise


@lru_cache
def _hashed(password: str) -> str:
    """Hash each password once: a careful hasher is slow by intention."""
    return make_password(password)


def make_user(
    role: Role = Role.OPERATOR,
    enterprise: Enterprise | None = None,
    *,
    username: str = "",
    display_name: str = "",
    password: str = PASSWORD,
    **fields: Any,
) -> User:
    """Store a user; one of an enterprise role gets an authorized enterprise unless one is given."""
    if enterprise is None and role in {Role.OPERATOR, Role.LEGAL_REPRESENTATIVE}:
        enterprise = make_enterprise()
    return User.objects.create(
        username=username or f"user{next_serial()}",
        display_name=display_name or "张小明",
        role=role,
        enterprise=enterprise,
        password=_hashed(password),
        **fields,
    )


def random_address() -> str:
    """Return an address of a private network, so that one test's failures don't lock another."""
    return ".".join(["10", *(str(random.SystemRandom().randrange(1, 255)) for _ in range(3))])


def client_for(user: User | None = None, **options: Any) -> Client:
    """Return a test client with an address of its own, logged in where a user is given."""
    client = Client(REMOTE_ADDR=random_address(), **options)
    if user is not None:
        client.force_login(user)
    return client
