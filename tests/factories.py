"""Plain functions that make what a test needs, by the same functions that the portal uses.

Every name, code and number is invented; codes carry valid check digits. Call `make_...` with the
fields that the test is about and leave the rest.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.cached_db import SessionStore
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP
from stdnum.cn import uscc as uscc_rules

from authorization.authenticators import Authenticator
from authorization.models import CustomsCode, Enterprise, Role, User
from catalogue.lists import list_key
from catalogue.models import (
    CatalogueCode,
    CatalogueHeading,
    Edition,
    Element,
    ElementCategory,
    Outbox,
)
from declarations.goods_store import goods_key
from declarations.models import AuditVerdict, Content, DeclaredLine, Goods, Release
from declarations.normalise import fold_goods
from declarations.releases import release_verdicts
from tests.cards import authorize_new

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

    `uscc=None` makes one known by its customs code alone, which can't be authorized; an authorized
    one was authorized by a card (tests/cards.py).
    """
    number = valid_uscc() if uscc == "" else uscc
    authorized = authorized and number is not None
    enterprise = Enterprise.objects.create(
        name=name or f"大连虚构{next_serial()}贸易有限公司",
        uscc=number,
    )
    wanted = (
        codes if isinstance(codes, list) else [customs_code(broker=broker) for _ in range(codes)]
    )
    CustomsCode.objects.bulk_create(
        CustomsCode(code=code, enterprise=enterprise) for code in wanted
    )
    if authorized:
        authorize_new(enterprise)
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


def make_authenticator(user: User) -> Authenticator:
    """Return the authenticator that an administrator has enrolled."""
    known = Authenticator.objects.filter(user=user, confirmed=True).first()
    device = known or Authenticator.offer(user.pk, "authenticator")
    if known is None:
        device.confirmed = True
        device.save(update_fields=["confirmed"])
    return device


def code_of(device: Authenticator, at: float | None = None) -> str:
    """Return what an authenticator shows now, or at a time in seconds since 1970."""
    clock = TOTP(device.bin_key, device.step, device.t0, device.digits)
    clock.time = time.time() if at is None else at
    return f"{clock.token():0{device.digits}d}"


def client_for(user: User | None = None, *, second_factor: bool = True, **options: Any) -> Client:
    """Return a test client with an address of its own, logged in where a user is given.

    An administrator has given his second factor, unless told otherwise.
    """
    client = Client(REMOTE_ADDR=random_address(), **options)
    if user is None:
        return client
    # As Client.force_login, which stores a session, stores it anew and deletes the first.
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    if user.role == Role.ADMINISTRATOR and second_factor:
        request.session[DEVICE_ID_SESSION_KEY] = make_authenticator(user).persistent_id
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client


# --- editions of the catalogue -----------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A code as an edition lists it; an element is a name (归类要素) or a name with its category."""

    name: str
    elements: Sequence[str | tuple[str, str]] = ()
    path: Sequence[str] = ()
    inherited_from: str = ""
    page: int = 0
    note: str = ""


def make_edition(
    year: int = 2025,
    codes: Mapping[str, Listed] | None = None,
    *,
    headings: Mapping[str, str] | None = None,
    in_force: bool = True,
    revision: int = 1,
    **fields: Any,
) -> Edition:
    """Store an edition of these codes (by hs8), as an import does.

    `headings`: a section as "16" under "#16", a chapter as "85", a heading as "85.42"; a chapter's
    section is given as "85<16". Its dates are the year's unless given.
    """
    edition = Edition.objects.create(
        **{
            "year": year,
            "revision": revision,
            "effective_from": date(year, 1, 1),
            "effective_to": date(year, 12, 31),
            "source_hash": f"{next_serial():064x}",
            "in_force": in_force,
            "in_force_since": timezone.now() if in_force else None,
            **fields,
        }
    )
    CatalogueHeading.objects.bulk_create(
        _heading(edition, code, name) for code, name in (headings or {}).items()
    )
    rows, elements = [], []
    for hs8, listed in (codes or {}).items():
        row = CatalogueCode(
            edition=edition,
            hs8=hs8,
            heading=f"{hs8[:2]}.{hs8[2:4]}",
            name=listed.name,
            path="\n".join(listed.path),
            inherited_from=listed.inherited_from,
            page=listed.page,
            note=listed.note,
        )
        named = [
            (one, ElementCategory.CLASSIFICATION.value) if isinstance(one, str) else one
            for one in listed.elements
        ]
        row.list_key = list_key(named)
        rows.append(row)
        elements += [
            Element(code=row, number=number, name=name, category=category)
            for number, (name, category) in enumerate(named, 1)
        ]
    CatalogueCode.objects.bulk_create(rows)
    Element.objects.bulk_create(elements)
    return edition


def _heading(edition: Edition, code: str, name: str) -> CatalogueHeading:
    level, parent = CatalogueHeading.Level.HEADING, code[:2]
    if code.startswith("#"):
        level, code, parent = CatalogueHeading.Level.SECTION, code[1:], ""
    elif "." not in code:
        level = CatalogueHeading.Level.CHAPTER
        code, _, parent = code.partition("<")
    return CatalogueHeading(edition=edition, level=level, code=code, parent=parent, name=name)


# --- declared and audited data -----------------------------------------------------------------

HS_CODE = "8482102000"
NAME = "深沟球轴承"
G_MODEL = "4|3|深沟球轴承|传动用|滚珠|星海牌|6204"


def make_goods(
    name: str = NAME, g_model: str = G_MODEL, hs_code: str = HS_CODE, ie_flag: str = "I"
) -> Goods:
    """Return the goods of an exact text and, behind them, its content: stored once, as imports do."""
    folded = fold_goods(hs_code, ie_flag, name, g_model)
    content, _ = Content.objects.get_or_create(
        content_key=folded.content_key,
        defaults={
            "hs_code": hs_code,
            "ie_flag": ie_flag,
            "name": folded.name,
            "g_model": folded.g_model,
            "search_text": folded.search_text,
            "search_grams": folded.search_grams,
        },
    )
    goods, _ = Goods.objects.get_or_create(
        goods_key=goods_key(hs_code, ie_flag, name, g_model),
        defaults={
            "hs_code": hs_code,
            "ie_flag": ie_flag,
            "name": name,
            "g_model": g_model,
            "content": content,
        },
    )
    return goods


def make_entry_id(ie_flag: str = "I", year: int = 2026) -> str:
    """Return an invented 报关单号 of a Dalian customs office."""
    return f"0908{year}{1 if ie_flag == 'I' else 0}{next_serial() % 10**9:09d}"


def make_line(
    agent: Enterprise | None = None,
    trader: Enterprise | None = None,
    *,
    goods: Goods | None = None,
    name: str = NAME,
    g_model: str = G_MODEL,
    hs_code: str = HS_CODE,
    ie_flag: str = "I",
    declared: bool = True,
    **fields: Any,
) -> DeclaredLine:
    """Store one declared line and its outbox row; a party not given declares for itself.

    `declared=False` is a line that only an audit knows: give it a verdict by make_audit.
    """
    agent = agent or trader or make_enterprise()
    goods = goods or make_goods(name, g_model, hs_code, ie_flag)
    declared_on = fields.pop("declared_on", date(2026, 3, 2))
    line = DeclaredLine.objects.create(
        **{
            "entry_id": make_entry_id(goods.ie_flag, declared_on.year),
            "g_no": 1,
            "trade_mode": "0110",
            "custom_master": "0908",
            **fields,
        },
        goods=goods,
        content=goods.content,
        agent=agent,
        trader=trader or agent,
        declared_on=declared_on,
        declared_at=timezone.now() if declared else None,
    )
    Outbox.objects.create(
        chapter=goods.hs_code[:2], content_id=goods.content_id, cause=Outbox.Cause.IMPORT
    )
    return line


def make_audit(
    *lines: DeclaredLine,
    conforming: bool | Sequence[bool] = True,
    month: date = date(2026, 4, 1),
    goods: Goods | None = None,
    released: bool = True,
    user: User | None = None,
    **fields: Any,
) -> Release:
    """Store a release with one verdict for each line, and make it effective as customs does.

    `goods`: the audited text, where it is not the lines' own. Other fields of the verdicts
    (agent, trader, reason_codes, ...) come from the line unless given.
    """
    release = Release.objects.create(audit_month=month, file_name="审核数据.xlsx")
    said = [conforming] * len(lines) if isinstance(conforming, bool) else conforming
    for number, (line, is_conforming) in enumerate(zip(lines, said, strict=True), 2):
        audited = goods or line.goods
        AuditVerdict.objects.create(
            **{
                "agent": line.agent,
                "trader": line.trader,
                "trade_mode": line.trade_mode,
                "declared_on": line.declared_on,
                "reason_codes": [] if is_conforming else ["R06"],
                "reason_text": "" if is_conforming else "成分含量填报不全",
                "auditor": "关员甲",
                **fields,
            },
            release=release,
            line=line,
            goods=audited,
            content=audited.content,
            audit_month=month,
            row_number=number,
            conforming=is_conforming,
        )
    if released:
        release_verdicts(release, user)
    return release
