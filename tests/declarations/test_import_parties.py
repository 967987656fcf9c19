"""Whose line it is: which enterprise a declared row's codes lead to."""

import pytest

from authorization.models import Enterprise
from declarations.faults import ImportRefused
from declarations.models import DeclaredLine
from tests.declarations import files
from tests.declarations.files import declared_row
from tests.factories import make_enterprise

pytestmark = pytest.mark.django_db


def only_line():
    return DeclaredLine.objects.get()


def by_code(code, name=""):
    return Enterprise.objects.get(customs_codes__code=code, **({"name": name} if name else {}))


def test_a_party_is_known_by_its_uscc_before_its_customs_code(load):
    agent = make_enterprise(
        uscc=files.AGENT_USCC, codes=[files.AGENT_CODE], name="大连虚构报关有限公司"
    )
    counts = load(
        [declared_row(trader_uscc=files.AGENT_USCC, trader_code="", trader_name=agent.name)]
    )
    line = only_line()
    assert line.agent == line.trader == agent
    assert counts["enterprises"] == 0


def test_an_unknown_code_beside_a_uscc_is_attached_to_that_enterprise(load):
    agent = make_enterprise(uscc=files.AGENT_USCC, codes=["2102980001"])
    counts = load([declared_row()])
    assert {code.code for code in agent.customs_codes.all()} == {"2102980001", files.AGENT_CODE}
    assert counts["customs_codes"] == 2


def test_a_code_alone_names_the_enterprise_that_holds_it(load):
    trader = make_enterprise(codes=[files.TRADER_CODE], name="大连虚构贸易有限公司")
    load([declared_row(trader_uscc="")])
    assert only_line().trader == trader


def test_a_code_that_nobody_holds_makes_an_enterprise_known_by_it_alone(load):
    load([declared_row(trader_uscc="")])
    trader = by_code(files.TRADER_CODE)
    assert trader == only_line().trader
    assert (trader.uscc, trader.name) == (None, "大连虚构贸易有限公司")


def test_a_row_that_names_both_gives_a_code_only_enterprise_its_new_uscc(load):
    load([declared_row(1, trader_uscc="")])
    trader = only_line().trader
    counts = load([declared_row(2)])
    trader.refresh_from_db()
    assert trader.uscc == files.TRADER_USCC
    assert {line.trader for line in DeclaredLine.objects.all()} == {trader}
    assert (counts["joined"], counts["enterprises"]) == (1, 0)


def test_a_customs_code_that_turns_out_to_belong_to_a_known_enterprise_joins_the_two(load):
    known = make_enterprise(uscc=files.TRADER_USCC, codes=[])
    load([declared_row(1, trader_uscc=""), declared_row(2, trader_code="")])
    code_only = by_code(files.TRADER_CODE)
    assert code_only != known
    counts = load([declared_row(3)])
    assert counts["joined"] == 1
    assert by_code(files.TRADER_CODE) == known
    assert not Enterprise.objects.filter(pk=code_only.pk).exists()
    assert {line.trader for line in DeclaredLine.objects.all()} == {known}


def test_the_rows_of_one_file_complete_each_other_in_any_order(load):
    load([declared_row(1, trader_uscc=""), declared_row(2), declared_row(3, trader_code="")])
    assert Enterprise.objects.filter(uscc=files.TRADER_USCC).count() == 1
    assert {line.trader.uscc for line in DeclaredLine.objects.all()} == {files.TRADER_USCC}


def test_two_codes_known_alone_join_the_same_new_uscc(load):
    second = "2102260002"
    load([declared_row(1, trader_uscc=""), declared_row(2, trader_uscc="", trader_code=second)])
    load([declared_row(3), declared_row(4, trader_code=second)])
    trader = Enterprise.objects.get(uscc=files.TRADER_USCC)
    assert {code.code for code in trader.customs_codes.all()} == {files.TRADER_CODE, second}
    assert DeclaredLine.objects.filter(trader=trader).count() == 4


def test_a_code_that_another_uscc_holds_is_an_error_on_every_row_that_says_otherwise(load, refused):
    make_enterprise(uscc=files.OTHER_USCC, codes=[files.TRADER_CODE])
    rows = [declared_row(1), declared_row(2, trader_code=""), declared_row(3)]
    assert refused(rows) == [(2, "party.code_held"), (4, "party.code_held")]
    with pytest.raises(ImportRefused) as caught:
        load(rows)
    assert files.OTHER_USCC in caught.value.log.first[0].text
    assert caught.value.log.first[0].column == "境内收发货人海关注册编码"


def test_a_code_that_one_file_gives_to_two_usccs_is_an_error_on_the_later_row(refused):
    rows = [declared_row(1), declared_row(2, trader_uscc=files.OTHER_USCC)]
    assert refused(rows) == [(3, "party.code_held")]


def test_another_name_than_the_registered_one_is_a_warning_and_changes_nothing(load):
    trader = make_enterprise(
        uscc=files.TRADER_USCC, codes=[files.TRADER_CODE], name="大连旧名有限公司"
    )
    load([declared_row()])
    trader.refresh_from_db()
    assert trader.name == "大连旧名有限公司"
    assert load.log.by_rule == {"party_name.differs": 1}


def test_a_name_fills_in_where_none_was_known(load):
    load([declared_row(1, trader_name="")])
    load([declared_row(2)])
    assert only_name(files.TRADER_USCC) == "大连虚构贸易有限公司"


def only_name(uscc):
    return Enterprise.objects.get(uscc=uscc).name
