"""What administrators may correct of an enterprise by hand, and what never."""

from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from authorization.change_models import ChangeEvent
from authorization.correcting import CannotCorrect, WouldJoin, add_customs_code, correct
from authorization.events import By, told
from authorization.models import Enterprise, Role
from declarations.locks import lock_declared_data
from declarations.models import DeclaredLine
from tests.cards import revoke
from tests.factories import (
    customs_code,
    make_enterprise,
    make_line,
    make_user,
    valid_uscc,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return By(make_user(Role.ADMINISTRATOR), "10.1.2.3")


def the_event():
    return ChangeEvent.objects.get(of=ChangeEvent.Of.ENTERPRISE)


def test_a_missing_code_is_completed_and_written_down(by):
    enterprise, uscc = make_enterprise("大连虚构甲有限公司", uscc=None), valid_uscc()
    correct(by, enterprise, name=enterprise.name, uscc=f" {uscc.lower()} ")
    assert Enterprise.objects.get(pk=enterprise.pk).uscc == uscc
    event = the_event()
    assert (event.kind, event.actor, event.address) == ("enterprise_changed", by.user, by.address)
    assert told(event) == [f"统一社会信用代码：— → {uscc}"]
    assert (event.enterprise, event.number) == (enterprise, enterprise.pk)


def test_an_enterprise_is_renamed_with_or_without_evidence(by):
    enterprise = make_enterprise()
    was = enterprise.name
    correct(by, enterprise, name="大连更名有限公司", uscc=enterprise.uscc)
    enterprise.refresh_from_db()
    assert enterprise.name == "大连更名有限公司" and "gengming" in enterprise.name_spelled
    assert enterprise.is_authorized
    assert told(the_event()) == [f"企业名称：{was} → 大连更名有限公司"]


def test_what_stays_as_it_was_is_not_written_down(by):
    enterprise = make_enterprise()
    correct(by, enterprise, name=enterprise.name, uscc=enterprise.uscc)
    assert not ChangeEvent.objects.exists()


@pytest.mark.parametrize(
    ("uscc", "sentence"),
    [("91210200", "应为 18 位"), ("9121020012345678", "应为 18 位"), ("", "不能清空")],
)
def test_a_code_of_another_form_is_refused(by, uscc, sentence):
    enterprise = make_enterprise(authorized=False)
    with pytest.raises(CannotCorrect, match=sentence):
        correct(by, enterprise, name=enterprise.name, uscc=uscc)


def test_a_wrong_check_digit_is_refused(by):
    enterprise, uscc = make_enterprise(uscc=None), valid_uscc()
    wrong = uscc[:-1] + ("1" if uscc[-1] != "1" else "2")
    with pytest.raises(CannotCorrect, match="校验位"):
        correct(by, enterprise, name="", uscc=wrong)


def test_a_code_that_no_card_has_signed_for_is_corrected(by):
    enterprise, uscc = make_enterprise(authorized=False), valid_uscc()
    correct(by, enterprise, name=enterprise.name, uscc=uscc)
    enterprise.refresh_from_db()
    assert enterprise.uscc == uscc


@pytest.mark.parametrize("revoked", [False, True])
def test_a_code_that_a_card_has_signed_for_stays(by, revoked):
    enterprise = make_enterprise()
    if revoked:
        revoke(enterprise)
    with pytest.raises(CannotCorrect, match="授权证据失效"):
        correct(by, enterprise, name=enterprise.name, uscc=valid_uscc())
    assert not ChangeEvent.objects.filter(of=ChangeEvent.Of.ENTERPRISE).exists()


def test_the_code_of_another_is_taken_from_nobody(by):
    enterprise, other = make_enterprise(authorized=False), make_enterprise(authorized=False)
    with pytest.raises(CannotCorrect, match=str(other.name)):
        correct(by, enterprise, name=enterprise.name, uscc=other.uscc)


class TestJoining:
    def test_it_asks_first_and_changes_nothing(self, by):
        absorbed, staying = make_enterprise(uscc=None), make_enterprise()
        with pytest.raises(WouldJoin) as asked:
            correct(by, absorbed, name="", uscc=staying.uscc)
        assert (asked.value.absorbed, asked.value.staying) == (absorbed, staying)
        assert Enterprise.objects.filter(pk=absorbed.pk).exists()

    def test_lines_codes_and_users_go_over_and_it_is_written_down(self, by):
        absorbed, staying = make_enterprise(uscc=None), make_enterprise()
        user, line = make_user(enterprise=absorbed), make_line(trader=absorbed)
        codes = {code.code for one in (absorbed, staying) for code in one.customs_codes.all()}
        assert correct(by, absorbed, name="", uscc=staying.uscc, join=True) == staying
        user.refresh_from_db()
        assert user.enterprise == staying
        assert DeclaredLine.objects.get(pk=line.pk).trader == staying
        assert {code.code for code in staying.customs_codes.all()} == codes
        assert not Enterprise.objects.filter(pk=absorbed.pk).exists()
        event = ChangeEvent.objects.get(kind=ChangeEvent.Kind.ENTERPRISE_JOINED)
        assert event.number == staying.pk and set(event.after["customs_codes"]) == codes
        assert absorbed.name in event.after["joined"]

    def test_a_second_click_hears_that_it_was_joined(self, by):
        absorbed, staying = make_enterprise(uscc=None), make_enterprise()
        correct(by, absorbed, name="", uscc=staying.uscc, join=True)
        with pytest.raises(CannotCorrect, match="已并入其他企业"):
            correct(by, absorbed, name="", uscc=staying.uscc, join=True)


class TestCustomsCodes:
    def test_one_that_nobody_holds_is_registered(self, by):
        enterprise, code = make_enterprise(), customs_code()
        add_customs_code(by, enterprise, code.lower())
        assert enterprise.customs_codes.filter(code=code).exists()
        assert code in "".join(told(the_event()))

    def test_one_of_another_form_is_refused(self, by):
        with pytest.raises(CannotCorrect, match="应为 10 位"):
            add_customs_code(by, make_enterprise(), "21022")

    def test_its_own_and_anothers_are_refused(self, by):
        enterprise, other = make_enterprise(), make_enterprise()
        for one, sentence in ((enterprise, "无需重复登记"), (other, other.name)):
            with pytest.raises(CannotCorrect, match=sentence):
                add_customs_code(by, enterprise, one.customs_codes.get().code)

    def test_one_of_an_enterprise_without_a_credit_code_joins_it(self, by):
        enterprise, absorbed = make_enterprise(), make_enterprise(uscc=None)
        code = absorbed.customs_codes.get().code
        with pytest.raises(WouldJoin):
            add_customs_code(by, enterprise, code)
        add_customs_code(by, enterprise, code, join=True)
        assert enterprise.customs_codes.filter(code=code).exists()

    def test_two_without_a_credit_code_stay_two(self, by):
        enterprise, other = make_enterprise(uscc=None), make_enterprise(uscc=None)
        with pytest.raises(CannotCorrect, match="先补全统一社会信用代码"):
            add_customs_code(by, enterprise, other.customs_codes.get().code, join=True)


@contextmanager
def an_import_that_runs():
    """Hold in another connection what every import holds."""
    is_running, is_over = Event(), Event()

    def hold():
        with transaction.atomic():
            lock_declared_data()
            is_running.set()
            is_over.wait(30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    is_running.wait(10)
    yield
    is_over.set()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_while_an_import_runs_it_says_so_instead_of_waiting(by, monkeypatch):
    monkeypatch.setattr("authorization.correcting._WAIT", "200ms")
    enterprise = make_enterprise(uscc=None)
    with an_import_that_runs(), pytest.raises(CannotCorrect, match="正在装入数据"):
        correct(by, enterprise, name="", uscc=valid_uscc())
    correct(by, enterprise, name=enterprise.name, uscc=valid_uscc())
