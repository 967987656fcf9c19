"""What changed between two element lists, and between two editions."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.changes import (
    ChangeKind,
    CodeChangeKind,
    count_changes,
    edition_changes,
    list_changes,
)
from catalogue.elements import ElementName
from catalogue.lists import list_key
from catalogue.models import CatalogueCode, Edition, Element, ElementCategory
from catalogue.renaming import rename_cost

KEPT, ADDED, REMOVED = ChangeKind.KEPT, ChangeKind.ADDED, ChangeKind.REMOVED
RENAMED, MOVED = ChangeKind.RENAMED, ChangeKind.MOVED


def names(*printed: str, category: str = "归类要素") -> tuple[ElementName, ...]:
    return tuple(ElementName(number, name, category) for number, name in enumerate(printed, 1))


def told(old: tuple[ElementName, ...], new: tuple[ElementName, ...]) -> list[tuple[str, str, str]]:
    return [
        (
            change.kind.value,
            change.old.name if change.old else "",
            change.new.name if change.new else "",
        )
        for change in list_changes(old, new)
    ]


# --- one list ------------------------------------------------------------------------------------


def test_a_list_beside_itself_has_every_element_kept():
    listed = names("用途", "功能", "品牌（中文或外文名称）", "型号")
    assert [change.kind for change in list_changes(listed, listed)] == [KEPT] * 4


def test_integrated_circuits_from_the_old_list_to_the_new():
    old = names("用途", "功能", "封装", "品牌", "型号", "批号", "量产")
    new = names(
        "应用场景",
        "功能",
        "是否封装",
        "是否切割",
        "品牌（中文或外文名称）",
        "型号",
        "是否量产（量产或非量产）",
    )
    assert told(old, new) == [
        ("renamed", "用途", "应用场景"),
        ("kept", "功能", "功能"),
        ("renamed", "封装", "是否封装"),
        ("added", "", "是否切割"),
        ("renamed", "品牌", "品牌（中文或外文名称）"),
        ("kept", "型号", "型号"),
        ("removed", "批号", ""),
        ("renamed", "量产", "是否量产（量产或非量产）"),
    ]


def test_an_element_put_in_before_others_does_not_move_them():
    old, new = names("用途", "品牌", "型号"), names("原理", "用途", "品牌", "型号")
    assert [change.kind for change in list_changes(old, new)] == [ADDED, KEPT, KEPT, KEPT]


def test_an_element_in_another_order_is_moved():
    old, new = names("用途", "品牌", "型号"), names("型号", "用途", "品牌")
    assert told(old, new) == [
        ("moved", "型号", "型号"),
        ("kept", "用途", "用途"),
        ("kept", "品牌", "品牌"),
    ]


def test_a_pair_that_is_not_alike_stays_removed_and_added():
    old, new = names("功能", "批号", "型号"), names("功能", "是否切割", "型号")
    assert told(old, new) == [
        ("kept", "功能", "功能"),
        ("removed", "批号", ""),
        ("added", "", "是否切割"),
        ("kept", "型号", "型号"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("品牌", "品牌（中文或外文名称）"),
        ("是否封装", "封装"),
        ("用途", "应用场景"),
        ("用途", "用途（适用于××品牌××机或通用于××机等）"),
        ("粒度", "粒度请注明"),
        ("成分", "成分含量"),
        ("材质", "材料（铁、非合金钢）"),
        ("个体重量［如1000～2000克/条（块）等］", "个体重量"),
        ("CAS号", "ＣＡＳ号"),
        ("制作或保存方法（冻）", "制作或保存方法（鲜、冷）"),
    ],
)
def test_names_that_mean_the_same_thing_at_the_same_place(one: str, other: str):
    assert told(names("功能", one, "型号"), names("功能", other, "型号"))[1] == (
        "renamed",
        one,
        other,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("型号", "批号"),
        ("额定电压", "额定电流"),
        ("含油率", "含水率"),
        ("内径", "外径"),
        ("最大功率", "最小功率"),
        ("品牌", "品名"),
        ("签约日期", "计价日期"),
        ("是否封装", "是否切割"),
        ("原产国", "生产厂商"),
        ("座位数", "排气量"),
    ],
)
def test_names_that_only_look_alike_are_other_elements(one: str, other: str):
    assert rename_cost(one, other, same_place=True) >= 100
    assert {kind for kind, _, _ in told(names(one), names(other))} == {"removed", "added"}


def test_a_reworded_name_elsewhere_in_the_list_counts_only_when_its_hint_alone_differs():
    moved_hint = told(
        names("品牌", "功能", "型号"), names("功能", "型号", "品牌（中文或外文名称）")
    )
    assert ("renamed", "品牌", "品牌（中文或外文名称）") in moved_hint
    moved_word = told(names("用途", "功能", "型号"), names("功能", "型号", "应用场景"))
    assert ("removed", "用途", "") in moved_word
    assert ("added", "", "应用场景") in moved_word


def test_the_best_partner_is_taken_for_the_list_as_a_whole():
    old = names("规格", "规格尺寸（长×宽）")
    new = names("规格尺寸", "规格（成卷的宽度）")
    assert told(old, new) == [
        ("renamed", "规格尺寸（长×宽）", "规格尺寸"),
        ("renamed", "规格", "规格（成卷的宽度）"),
    ]


def test_another_column_alone_is_told_beside_the_kept_element():
    old, new = names("用途"), names("用途", category="价格要素")
    (change,) = list_changes(old, new)
    assert change.kind is KEPT
    assert change.category_changed
    assert change.is_change
    assert change.sentence == "不变：用途（归类要素 → 价格要素）"


def test_changes_are_said_in_words():
    old = names("批号", "用途", "型号", "功能", "品牌")
    new = names("品牌", "应用场景", "型号", "功能", "是否切割")
    assert {change.sentence for change in list_changes(old, new) if change.is_change} == {
        "新增：是否切割",
        "删除：批号",
        "更名：用途 → 应用场景",
        "移位：品牌（第 5 项 → 第 1 项）",
    }


# --- properties ----------------------------------------------------------------------------------

_WORDS = st.sampled_from(
    [
        "用途", "应用场景", "用途（适用机型）", "品牌", "品牌（中文或外文名称）", "型号", "批号",
        "是否封装", "封装", "成分", "成分含量", "规格", "规格尺寸", "尺寸", "材质", "材料", "种类",
        "额定电压", "额定电流", "", "（只有提示）", "（", "是否", "请注明",
    ]
)  # fmt: skip
_LISTS = st.lists(
    st.tuples(_WORDS | st.text(max_size=6), st.sampled_from(["归类要素", "价格要素"])), max_size=9
).map(
    lambda rows: tuple(
        ElementName(number, name, category) for number, (name, category) in enumerate(rows, 1)
    )
)


@given(_LISTS, _LISTS)
def test_applying_the_changes_gives_the_new_list(old, new):
    changes = list_changes(old, new)
    assert tuple(change.new for change in changes if change.new is not None) == new
    assert Counter(change.old for change in changes if change.old is not None) == Counter(old)
    for change in changes:
        assert (change.old is None) == (change.kind is ADDED)
        assert (change.new is None) == (change.kind is REMOVED)


@given(_LISTS, _LISTS)
def test_the_way_back_has_the_same_counts(old, new):
    there, back = count_changes(list_changes(old, new)), count_changes(list_changes(new, old))
    assert there[ADDED] == back[REMOVED]
    assert there[REMOVED] == back[ADDED]
    assert all(there[kind] == back[kind] for kind in (KEPT, MOVED, RENAMED))


@given(_LISTS)
def test_any_list_beside_itself_is_kept(listed):
    assert all(not change.is_change for change in list_changes(listed, listed))


@given(_LISTS, _LISTS)
def test_the_same_name_is_never_told_as_removed_and_added(old, new):
    changes = list_changes(old, new)
    gone = {change.old.name for change in changes if change.kind is REMOVED}
    come = {change.new.name for change in changes if change.kind is ADDED}
    assert not gone & come


@given(_LISTS, _LISTS)
def test_kept_elements_keep_their_order(old, new):
    kept = [change.old.number for change in list_changes(old, new) if change.kind is KEPT]
    assert kept == sorted(kept)


@given(_LISTS, _LISTS)
def test_removed_elements_stand_behind_what_they_stood_behind(old, new):
    reached = 0
    for change in list_changes(old, new):
        if change.kind is KEPT:
            reached = change.old.number
        elif change.kind is REMOVED:
            assert change.old.number > reached


# --- editions ------------------------------------------------------------------------------------


def _edition(year: int, lists: dict[str, list[str]], *, with_keys: bool) -> Edition:
    edition = Edition.objects.create(
        year=year, effective_from=date(year, 1, 1), source_hash="0" * 64, in_force=True
    )
    for hs8, printed in lists.items():
        rows = [(name, ElementCategory.CLASSIFICATION.value) for name in printed]
        code = CatalogueCode.objects.create(
            edition=edition,
            hs8=hs8,
            heading=f"{hs8[:2]}.{hs8[2:4]}",
            name=f"{year} 年的 {hs8}",
            list_key=list_key(rows) if with_keys else "",
        )
        Element.objects.bulk_create(
            Element(code=code, number=number, name=name, category=category)
            for number, (name, category) in enumerate(rows, 1)
        )
    return edition


@pytest.mark.django_db
@pytest.mark.parametrize("with_keys", [True, False])
def test_editions_are_compared_code_by_code(with_keys, django_assert_max_num_queries):
    old = _edition(
        2031,
        {"01012100": ["用途", "品牌"], "01012900": ["用途"], "02011000": ["用途", "型号"]},
        with_keys=with_keys,
    )
    new = _edition(
        2032,
        {"01012100": ["用途", "品牌"], "02011000": ["应用场景", "型号"], "03011100": ["种类"]},
        with_keys=with_keys,
    )
    with django_assert_max_num_queries(6 if with_keys else 8):
        changes = edition_changes(old, new)
    assert [(change.hs8, change.kind, change.name) for change in changes] == [
        ("01012900", CodeChangeKind.GONE, "2031 年的 01012900"),
        ("02011000", CodeChangeKind.CHANGED, "2032 年的 02011000"),
        ("03011100", CodeChangeKind.NEW, "2032 年的 03011100"),
    ]
    assert [change.kind for change in changes[0].changes] == [REMOVED]
    assert [change.kind for change in changes[1].changes] == [RENAMED, KEPT]
    assert [change.kind for change in changes[2].changes] == [ADDED]


@pytest.mark.django_db
def test_an_edition_beside_itself_has_no_changes():
    edition = _edition(2033, {"01012100": ["用途"]}, with_keys=True)
    assert edition_changes(edition, edition) == []
