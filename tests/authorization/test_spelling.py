"""Names in pinyin: what is stored beside each name."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from authorization.joining import join_enterprises
from authorization.models import Enterprise
from authorization.naming import name_enterprises
from authorization.spelling import letters_of, spelled
from tests.factories import make_enterprise, valid_uscc

NAME = "大连虚构贸易有限公司"
SPELLED = "|dalianxugoumaoyiyouxiangongsi|dlxgmyyxgs|"
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=12)


def test_a_name_is_spelled_in_full_and_by_initials():
    assert spelled(NAME) == SPELLED


@pytest.mark.parametrize(
    "letters",
    ["chongqing", "zhongqing", "changan", "zhangan", "yueqi", "leqi", "cqcayq", "zqzalq"],
)
def test_a_character_of_two_readings_is_found_by_both(letters):
    assert letters in spelled("重庆长安乐器有限公司")


def test_letters_and_digits_stand_as_they_are_and_signs_are_left_out():
    assert spelled("ＡＢＣ（大连）No.3") == "|abcdalianno3|abcdlno3|"


def test_no_name_has_no_spelling_and_a_name_of_signs_has_an_empty_one():
    assert (spelled(""), spelled("——")) == ("", "||")


@pytest.mark.parametrize(
    ("typed", "letters"), [("LÜ", "lv"), ("lyuLiang", "lvliang"), ("吕", "lv")]
)
def test_the_letter_that_keyboards_lack_is_typed_as_v(typed, letters):
    assert letters_of(typed) == letters


@given(CHINESE, CHINESE, CHINESE)
def test_any_part_of_a_name_is_spelled_as_a_part_of_its_spelling(before, part, after):
    assert letters_of(part) in spelled(before + part + after)


@given(st.text(max_size=70))
def test_every_name_can_be_spelled_and_stored(name):
    text = spelled(name)
    assert text == "" if not name else text.startswith("|") and text.endswith("|")
    assert "\0" not in text


@pytest.mark.django_db
class TestWhereverANameIsStored:
    def test_one_that_is_saved(self):
        enterprise = make_enterprise(NAME, authorized=False)
        assert Enterprise.objects.get(pk=enterprise.pk).name_spelled == SPELLED
        enterprise.name = "大连改名有限公司"
        enterprise.save()
        assert "gaiming" in Enterprise.objects.get(pk=enterprise.pk).name_spelled

    def test_many_that_are_made_at_once(self):
        made = Enterprise.objects.bulk_create([Enterprise(uscc=valid_uscc(), name=NAME)])
        assert Enterprise.objects.get(pk=made[0].pk).name_spelled == SPELLED

    def test_many_that_get_their_names_later_and_nobody_who_has_one(self):
        nameless = Enterprise.objects.create(uscc=valid_uscc())
        named = make_enterprise("大连旧名有限公司", authorized=False)
        name_enterprises([(nameless.pk, NAME), (named.pk, NAME), (nameless.pk + 10**6, NAME)])
        nameless.refresh_from_db()
        named.refresh_from_db()
        assert (nameless.name, nameless.name_spelled) == (NAME, SPELLED)
        assert named.name == "大连旧名有限公司"

    @pytest.mark.django_db(transaction=True)
    def test_one_that_takes_the_name_of_whom_it_absorbs(self):
        absorbed = make_enterprise(NAME, uscc=None)
        staying = Enterprise.objects.create(uscc=valid_uscc())
        with transaction.atomic():
            join_enterprises([(absorbed.pk, staying.pk)])
        staying.refresh_from_db()
        assert (staying.name, staying.name_spelled) == (NAME, SPELLED)

    def test_the_database_takes_no_name_without_its_spelling(self):
        enterprise = Enterprise.objects.create(uscc=valid_uscc())
        with pytest.raises(IntegrityError), transaction.atomic():
            Enterprise.objects.filter(pk=enterprise.pk).update(name=NAME)
