"""Joining an enterprise known by a customs code alone to the one with the 统一社会信用代码.

Each room that stores enterprises re-points its own rows when `enterprises_joined` is sent; the
sender must be inside a transaction, so that a join is whole or not at all.
"""

from collections.abc import Sequence

from django.db import transaction
from django.dispatch import Signal

from authorization.change_models import ChangeEvent
from authorization.ledger_models import LedgerEnterprise
from authorization.models import CardAttempt, CustomsCode, Enterprise, User
from authorization.naming import name_enterprises

# Sent with `enterprises`, the ids of those that will be absorbed, before any of their rows is
# locked or changed: whoever works on what these enterprises hold must be waited for now. A worker
# holds contents while it waits for an enterprise, so that contents always come first.
enterprises_joining = Signal()

# Sent with `pairs`: a list of (absorbed enterprise id, id of the enterprise that stays).
enterprises_joined = Signal()


class CannotJoin(Exception):
    """The enterprises are not one known by code alone and one with a 统一社会信用代码."""


def prepare_to_join(enterprise_ids: Sequence[int]) -> None:
    """Wait for those who work on what these enterprises hold, and keep others from beginning.

    Must run inside the caller's transaction, before it changes or locks any enterprise that is
    absorbed, or that is given its 统一社会信用代码 and absorbs another.
    """
    enterprises_joining.send(sender=Enterprise, enterprises=list(enterprise_ids))


def join_enterprises(pairs: Sequence[tuple[int, int]]) -> None:
    """Join each (absorbed, staying) pair of enterprise ids: codes, users and all rooms' rows.

    Must run inside the caller's transaction. Raises CannotJoin when an absorbed enterprise has a
    统一社会信用代码 of its own, a staying one has none, or an id is unknown; nothing is changed
    then.
    """
    if not pairs:
        return
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("join_enterprises needs a transaction")
    absorbed_ids = [absorbed for absorbed, _ in pairs]
    prepare_to_join(absorbed_ids)
    enterprises = Enterprise.objects.select_for_update().in_bulk(
        sorted({pk for pair in pairs for pk in pair})
    )
    for absorbed_id, staying_id in pairs:
        absorbed, staying = enterprises.get(absorbed_id), enterprises.get(staying_id)
        if absorbed is None or staying is None or absorbed.uscc or not staying.uscc:
            raise CannotJoin(
                "只能把仅有海关编码的企业并入有统一社会信用代码的企业，请核对两家企业的代码。"
            )
    for absorbed_id, staying_id in pairs:
        CustomsCode.objects.filter(enterprise_id=absorbed_id).update(enterprise_id=staying_id)
        User.objects.filter(enterprise_id=absorbed_id).update(enterprise_id=staying_id)
        for kept in (CardAttempt, ChangeEvent, LedgerEnterprise):
            kept.objects.filter(enterprise_id=absorbed_id).update(enterprise_id=staying_id)
        name_enterprises([(staying_id, enterprises[absorbed_id].name)])
    enterprises_joined.send(sender=Enterprise, pairs=list(pairs))
    Enterprise.objects.filter(pk__in=absorbed_ids).delete()
