import pytest
from django.apps import apps
from stdnum.cn import uscc

from authorization.cards import configured
from authorization.evidence import prove_again
from authorization.models import CardSignature, Enterprise, Role
from tests import cards, factories


def test_invented_codes_have_right_check_digits():
    for serial in range(200):
        assert uscc.is_valid(factories.valid_uscc(serial))


def test_codes_of_one_run_never_repeat():
    assert len({factories.valid_uscc() for _ in range(500)}) == 500
    assert len({factories.customs_code() for _ in range(500)}) == 500


@pytest.mark.django_db
def test_enterprises_and_users_of_every_role_can_be_stored():
    code_only = factories.make_enterprise(uscc=None, broker=True)
    assert (code_only.is_authorized, code_only.customs_codes.get().code[5]) == (False, "8")
    for role in Role:
        user = factories.make_user(role)
        assert user.check_password(factories.PASSWORD)
        assert user.is_enterprise_user == (user.enterprise is not None)


@pytest.mark.django_db
def test_a_client_of_a_user_carries_its_login():
    user = factories.make_user(Role.OFFICER)
    assert factories.client_for(user).session["_auth_user_id"] == str(user.pk)


def rows_of(enterprise: Enterprise) -> dict[str, list[dict]]:
    """List, by table, what of any table names an enterprise."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is Enterprise:
                rows = model._default_manager.filter(**{field.name: enterprise}).order_by("pk")
                found[f"{model._meta.label}.{field.name}"] = list(rows.values())
    own = Enterprise.objects.filter(pk=enterprise.pk).values()
    return {label: rows for label, rows in found.items() if rows} | {"own": list(own)}


@pytest.mark.django_db
def test_an_enterprise_made_authorized_is_as_one_that_its_card_authorized():
    quick = factories.make_enterprise("大连虚构贸易有限公司")
    slow = factories.make_enterprise("大连虚构贸易有限公司", authorized=False)
    cards.authorize(slow)
    ours, theirs = rows_of(quick), rows_of(slow)
    assert {label: len(rows) for label, rows in ours.items()} == {
        label: len(rows) for label, rows in theirs.items()
    }
    differing = set()
    for label, rows in ours.items():
        for row, other in zip(rows, theirs[label], strict=True):
            assert row.keys() == other.keys()
            differing |= {name for name, value in row.items() if value != other[name]}
            assert {n: type(v) for n, v in row.items()} == {n: type(v) for n, v in other.items()}
    # What no two have in common: numbers, moments, and what a card signs and seals.
    assert differing <= {
        "id", "uscc", "code", "enterprise_id", "user_id", "signature_id", "authorization_id",
        "username", "created_at", "date_joined", "nonce", "text", "session_hash", "issued_at",
        "expires_at", "used_at", "signature", "card_fingerprint", "card_serial", "sealed_card",
        "verified_at", "valid_from", "valid_until", "authorized_at", "authorized_until", "tried_at",
    }  # fmt: skip


@pytest.mark.django_db
def test_the_authorization_of_an_enterprise_made_authorized_proves_again():
    enterprise = factories.make_enterprise()
    signature = CardSignature.objects.get(enterprise=enterprise)
    prove_again(signature, configured.roots(), configured.sealing_keys())
