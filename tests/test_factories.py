import pytest
from stdnum.cn import uscc

from authorization.models import Role
from tests import factories


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
