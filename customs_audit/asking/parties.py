"""How officers' pages name enterprises: by name and by a code."""

from collections.abc import Iterable

from django.db.models import Min
from django.db.models.functions import Coalesce

from authorization.models import Enterprise


def codes_of(enterprises: Iterable[int]) -> dict[int, str]:
    """Return each enterprise's 统一社会信用代码, or a 海关注册编码 where it has none: one query."""
    rows = Enterprise.objects.filter(pk__in=set(enterprises)).annotate(
        code=Coalesce("uscc", Min("customs_codes__code"))
    )
    return {pk: code or "" for pk, code in rows.values_list("pk", "code")}


def name_of(enterprise: Enterprise, code: str) -> str:
    """Return what an enterprise is called, or its code where no name is known."""
    return enterprise.name or code or f"企业 {enterprise.pk}"
