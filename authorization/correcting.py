"""What an administrator may add to or correct of an enterprise by hand, each with its log entry.

The name (an enterprise may be renamed), a 统一社会信用代码 that is missing, one that no card has signed
for yet, and customs codes that nobody holds. A missing code that another enterprise bears joins the
two, as a declared row that names both would (authorization/joining.py). What a card has signed for
stays: another code would make the evidence worthless (docs/decisions/cards.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from authorization.change_models import ChangeEvent
from authorization.codes import is_customs_code, uscc_problem
from authorization.events import By, note_of
from authorization.joining import join_enterprises, prepare_to_join
from authorization.models import CardSignature, CustomsCode, Enterprise

Kind = ChangeEvent.Kind
_OF = ChangeEvent.Of.ENTERPRISE
# An import holds its lock for minutes; nobody waits that long for a page.
_WAIT = "5s"
_BUSY = "系统正在装入数据，暂时不能修改企业信息，请几分钟后再试。"


class CannotCorrect(Exception):
    """It may not be done; str() is the sentence for the page."""


class WouldJoin(Exception):
    """It can be done only by joining two enterprises, `staying` being the one that remains."""

    def __init__(self, absorbed: Enterprise, staying: Enterprise) -> None:
        self.absorbed, self.staying = absorbed, staying
        super().__init__(f"{absorbed} → {staying}")


def correct(
    by: By, enterprise: Enterprise, *, name: str, uscc: str, join: bool = False
) -> Enterprise:
    """Set an enterprise's name and 统一社会信用代码; returns it, or the one that it has joined.

    `uscc` may be "" where there is none. Raises CannotCorrect; WouldJoin unless `join` says that
    this is wanted.
    """
    name, uscc = name.strip(), uscc.strip().upper()
    if uscc and (problem := uscc_problem(uscc)):
        raise CannotCorrect(_USCC_PROBLEMS[problem])
    with _alone(enterprise) as held:
        if uscc != (held.uscc or ""):
            other = _bearer(held, uscc)
            if other is not None:
                return _join(by, held, other, join=join)
        before = {"name": held.name, "uscc": held.uscc or ""}
        after = {"name": name, "uscc": uscc}
        changed = [field for field in after if before[field] != after[field]]
        if held.name and not name:
            raise CannotCorrect("企业名称不能为空，请填写企业名称。")
        if changed:
            held.name, held.uscc = name, uscc or None
            held.save(update_fields=["name", "name_spelled", "uscc"])
            old, new = ({field: side[field] for field in changed} for side in (before, after))
            note_of(Kind.ENTERPRISE_CHANGED, _OF, held, by, old, new)
    return held


def add_customs_code(by: By, enterprise: Enterprise, code: str, *, join: bool = False) -> None:
    """Give an enterprise a customs code that nobody holds, or an enterprise without any other name.

    Raises CannotCorrect; WouldJoin unless `join` says that this is wanted.
    """
    code = code.strip().upper()
    if not is_customs_code(code):
        raise CannotCorrect(
            "海关注册编码应为 10 位：4 位数字、1 位数字或字母、1 位数字、4 位数字或字母，请核对。"
        )
    # Whoever may be absorbed is waited for before anything is locked.
    holders = Enterprise.objects.filter(customs_codes__code=code)
    with _alone(enterprise, *holders) as held:
        holder = holders.first()
        if holder is not None and holder.pk == held.pk:
            raise CannotCorrect(f"本企业已登记海关注册编码 {code}，无需重复登记。")
        if holder is not None and holder.uscc:
            raise CannotCorrect(
                f"海关注册编码 {code} 属于 {holder}（{holder.uscc}），一个编码只能属于一家企业，请核对。"
            )
        if holder is not None and not held.uscc:
            raise CannotCorrect(
                f"海关注册编码 {code} 属于 {holder}；两家企业都没有统一社会信用代码，"
                "请先补全统一社会信用代码。"
            )
        if holder is not None:
            _join(by, holder, held, join=join)
            return
        before = _codes(held)
        CustomsCode.objects.create(code=code, enterprise=held)
        after = {"customs_codes": _codes(held)}
        note_of(Kind.CUSTOMS_CODE_ADDED, _OF, held, by, {"customs_codes": before}, after)


_USCC_PROBLEMS = {
    "uscc.form": "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z），请核对。",
    "uscc.check_digit": "统一社会信用代码的校验位不对，请逐位核对。",
}


@contextmanager
def _alone(*enterprises: Enterprise) -> Iterator[Enterprise]:
    """Lock the first, with nobody importing, nor comparing any of them; raises CannotCorrect."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_WAIT])
            prepare_to_join([enterprise.pk for enterprise in enterprises])
            held = Enterprise.objects.select_for_update().filter(pk=enterprises[0].pk).first()
            if held is None:
                raise CannotCorrect("该企业已并入其他企业，请重新查找。")
            yield held
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
            raise CannotCorrect(_BUSY) from None
        raise


def _bearer(held: Enterprise, uscc: str) -> Enterprise | None:
    """Return who bears the code that an enterprise shall get; raises CannotCorrect if it may not."""
    if not uscc:
        raise CannotCorrect("统一社会信用代码登记后不能清空，请填写正确的代码。")
    if held.uscc and CardSignature.objects.filter(enterprise=held).exists():
        raise CannotCorrect(
            "本企业已有法人卡签名，签名是对原代码作出的；更改代码会使授权证据失效，因此不能更改。"
        )
    other = Enterprise.objects.filter(uscc=uscc).first()
    if other is not None and held.uscc:
        raise CannotCorrect(f"统一社会信用代码 {uscc} 属于 {other}，请核对。")
    return other


def _join(by: By, absorbed: Enterprise, staying: Enterprise, *, join: bool) -> Enterprise:
    if not join:
        raise WouldJoin(absorbed, staying)
    before, words = _codes(staying), f"{absorbed}（{'、'.join(_codes(absorbed))}）"
    join_enterprises([(absorbed.pk, staying.pk)])
    staying.refresh_from_db()
    note_of(
        Kind.ENTERPRISE_JOINED,
        _OF,
        staying,
        by,
        {"customs_codes": before},
        {"customs_codes": _codes(staying), "joined": words},
    )
    return staying


def _codes(enterprise: Enterprise) -> list[str]:
    codes = CustomsCode.objects.filter(enterprise=enterprise)
    return list(codes.order_by("code").values_list("code", flat=True))
