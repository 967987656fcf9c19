"""The demo: invented enterprises, their users, two years of lines and two audited months.

Everything goes the way that real data goes: rows are written to files and taken by the importers.
Each step looks whether it was done, so that a start that was killed is finished by the next, and
another start changes nothing.
"""

import base64
import csv
import itertools
import json
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from authorization.authorizing import Asking, accept, issue_challenge
from authorization.models import (
    CardAuthorization,
    CardPurpose,
    CustomsCode,
    Enterprise,
    Role,
    User,
)
from authorization.softcards.deck import ALGORITHMS, Holder, make_deck
from authorization.softcards.places import places
from catalogue.loading import load_shipped_edition
from comparison.working import work_outbox
from declarations.auditing import import_audit
from declarations.demo import story
from declarations.demo.parties import Party
from declarations.faults import FaultLog
from declarations.loading import fault_folder, import_declarations
from declarations.models import ImportRun, Release
from portal.demo_uploads import load_uploads, write_uploads

Step = Callable[[str], None]

# What the signed texts name as the site: where quickstart runs it unless told otherwise.
ORIGIN = "http://127.0.0.1:8000"
DECLARATIONS_FILE = "demo_declarations.csv"
# Without letters and digits that are taken for one another when read from a screen.
_PASSWORD_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet
_PASSWORD_GROUPS = 4


class DemoUser(NamedTuple):
    """A user of the demo; `party` for those of an enterprise."""

    username: str
    display_name: str
    role: Role
    party: Party | None = None


# (party, authorized, the beginning of its users' names)
ENTERPRISES = (
    (story.BROKER, True, "lanqiao"),
    (story.AGENT_AND_TRADER, True, "qiling"),
    (story.TRADER, True, "haoyu"),
    (story.WITHOUT_DATA, True, "xiuhe"),
    (story.UNAUTHORIZED, False, "jichuan"),
)
USERS = (
    *(
        user
        for party, _, word in ENTERPRISES
        for user in (
            DemoUser(f"{word}_op", "操作员", Role.OPERATOR, party),
            DemoUser(f"{word}_fr", "法人代表", Role.LEGAL_REPRESENTATIVE, party),
        )
    ),
    DemoUser("demo_officer1", "审核关员甲", Role.OFFICER),
    DemoUser("demo_officer2", "审核关员乙", Role.OFFICER),
    DemoUser("demo_admin", "系统管理员", Role.ADMINISTRATOR),
)


def load_demo(var: Path, today: date, step: Step) -> dict[str, int]:
    """Load whatever of the demo is not there yet; returns how much of each thing that was.

    Files go to `var`/demo, the users' passwords to `var`/demo_users.json, which only its owner may
    read. `step` is called with a Chinese phrase before each step. Not to be called inside a
    transaction: each import is one of its own.
    """
    step("商品目录")
    counts = {"codes": load_shipped_edition()["codes"]}
    step("企业与用户")
    counts |= _load_people(var / "demo_users.json")
    step("测试法人卡与授权")
    counts |= _authorize(var)
    folder = var / "demo"
    # An earlier start may have ended between two imports: its files say what the demo is.
    if not (folder / DECLARATIONS_FILE).exists() and not _is_declared():
        step("演示数据文件")
        _write_files(folder, story.Story(today))
    counts |= _load_declarations(folder, step)
    counts |= _load_audits(folder, step)
    step("待修正与待复核的审核数据")
    counts |= load_uploads(folder, today.replace(day=1), _officer())
    step("比对")
    return counts | {"marks": work_outbox()["changed"]}


def _is_declared() -> bool:
    return ImportRun.objects.filter(file_name=DECLARATIONS_FILE).exists()


# --- people ------------------------------------------------------------------------------------


def _load_people(path: Path) -> dict[str, int]:
    """Make the enterprises and users that are missing; known passwords are kept."""
    passwords = _known_passwords(path)
    kept = bool(passwords)
    for user in USERS:
        passwords.setdefault(user.username, new_password())
    with transaction.atomic():
        made = {party: _enterprise(party) for party, _, _ in ENTERPRISES}
        enterprises = {party: enterprise for party, (enterprise, _) in made.items()}
        users = sum(_user(user, enterprises, passwords[user.username], keep=kept) for user in USERS)
        # Inside the transaction: no user may exist whose password nobody can read.
        _write_passwords(path, passwords)
    return {"enterprises": sum(is_new for _, is_new in made.values()), "users": users}


def new_password() -> str:
    """A random password of sixteen letters and digits in groups of four (about 80 bits)."""
    groups = (
        "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(4))
        for _ in range(_PASSWORD_GROUPS)
    )
    return "-".join(groups)


def _known_passwords(path: Path) -> dict[str, str]:
    try:
        return {user["username"]: user["password"] for user in json.loads(path.read_text())}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}


def _enterprise(party: Party) -> tuple[Enterprise, bool]:
    enterprise, is_new = Enterprise.objects.get_or_create(
        uscc=party.uscc, defaults={"name": party.name}
    )
    CustomsCode.objects.get_or_create(code=party.customs_code, defaults={"enterprise": enterprise})
    return enterprise, is_new


def _user(
    wanted: DemoUser, enterprises: dict[Party, Enterprise], password: str, *, keep: bool
) -> bool:
    """Make a user; of one that exists, set the password only where its file is lost."""
    user = User.objects.filter(username=wanted.username).first()
    if user is None:
        User.objects.create_user(
            wanted.username,
            password,
            display_name=wanted.display_name,
            role=wanted.role,
            enterprise=enterprises[wanted.party] if wanted.party else None,
        )
        return True
    if not keep:
        user.set_password(password)
        user.save(update_fields=["password"])
    return False


def _authorize(var: Path) -> dict[str, int]:
    """Make the demo's cards, and authorize with them whoever was never authorized before.

    Through the portal's own verification, RSA and SM2 cards in turn.
    """
    deck = places(var)
    holders = [Holder(word, party.uscc, party.name) for party, _, word in ENTERPRISES]
    cards = {card.name: card for card in make_deck(deck, holders)[0]}
    signed = 0
    for (_, wanted, word), algorithm in zip(ENTERPRISES, itertools.cycle(ALGORITHMS)):
        user = User.objects.select_related("enterprise").get(username=f"{word}_fr")
        if not wanted or CardAuthorization.objects.filter(enterprise=user.enterprise).exists():
            continue
        card = cards[f"{word}-{algorithm}"].load()
        asking = Asking(user, f"load_demo {word}")
        challenge = issue_challenge(asking, CardPurpose.AUTHORIZE, ORIGIN)
        accept(
            asking,
            CardPurpose.AUTHORIZE,
            nonce=challenge.nonce,
            signature=_base64(card.key.sign(challenge.text.encode(), raw=True)),
            card=_base64(card.certificate.der),
        )
        signed += 1
    return {"authorizations": signed}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _write_passwords(path: Path, passwords: dict[str, str]) -> None:
    rows = [
        {
            "username": user.username,
            "password": passwords[user.username],
            "display_name": user.display_name,
            "role": user.role.value,
            "enterprise": user.party.name if user.party else "",
        }
        for user in USERS
    ]
    text = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.replace(path)


# --- declared and audited data -----------------------------------------------------------------


def _write_files(folder: Path, demo: story.Story) -> None:
    """Write the audited months' files first: where the declarations' file is, all of them are."""
    folder.mkdir(parents=True, exist_ok=True)
    for month in demo.months:
        _write_rows(folder / f"demo_audit_{month:%Y-%m}.csv", demo.audited_rows(month))
    write_uploads(folder, demo)
    _write_rows(folder / DECLARATIONS_FILE, demo.declared_rows())


def _write_rows(path: Path, rows: Iterator[dict[str, str]]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8-sig", newline="") as file:
        first = next(rows)
        writer = csv.DictWriter(file, first.keys())
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)
    part.replace(path)


def _load_declarations(folder: Path, step: Step) -> dict[str, int]:
    if _is_declared():
        return {"lines": 0}
    step("申报数据")
    with FaultLog(fault_folder(), "demo_declarations") as log:
        return {"lines": import_declarations(folder / DECLARATIONS_FILE, log)["new"]}


def _officer() -> User:
    return User.objects.get(username="demo_officer1")


def _load_audits(folder: Path, step: Step) -> dict[str, int]:
    """Import each audited month that has no release of that file yet, oldest first."""
    officer = _officer()
    releases = verdicts = 0
    for path in sorted(folder.glob("demo_audit_*.csv")):
        if Release.objects.filter(file_name=path.name).exists():
            continue
        month = date.fromisoformat(path.stem.removeprefix("demo_audit_") + "-01")
        step(f"{month:%Y-%m} 审核数据")
        with FaultLog(fault_folder(), path.stem) as log:
            verdicts += import_audit(path, month, log, user=officer)["lines"]
        releases += 1
    return {"releases": releases, "verdicts": verdicts}
