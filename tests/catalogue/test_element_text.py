"""The text of an element cell → numbered names: every kind of slip that the annex prints."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importing.element_text import normal_name, split_elements


def split(*cells: str) -> list[str]:
    categories = ("classification", "price", "other")
    found = split_elements(list(zip(categories, cells, strict=False)))
    return [f"{e.printed_number or e.number}:{e.name}" for e in found]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (("1.用途；2.材质", "3.品牌", "4.CAS号"), ["1:用途", "2:材质", "3:品牌", "4:CAS号"]),
        (("", "1.签约日期", ""), ["1:签约日期"]),
        (("", "", ""), []),
        # widths mixed, spaces of the layout, a semicolon at the end
        (("1．用途 (食用）;2、品 种；",), ["1:用途（食用）", "2:品种"]),
        # brackets hide what looks like numbers; a bracket that nothing closes hides nothing
        (("1.规格（如1.长；2.宽）；2.用途",), ["1:规格（如1.长；2.宽）", "2:用途"]),
        (("1.规格（如长；2.用途",), ["1:规格（如长", "2:用途"]),
        # page 95, 93, 216: names that begin with a number of their own
        (("1.初馏点；2.98%馏出温度",), ["1:初馏点", "2:98%馏出温度"]),
        (("1.馏程（初馏点等）2.200℃以下体积",), ["1:馏程（初馏点等）", "2:200℃以下体积"]),
        (("1.密度2.5以上；2.用途",), ["1:密度2.5以上", "2:用途"]),
        # page 45, 357, 376: the point is missing; page 356: the semicolon
        (("1是否种用", "2.拉丁学名"), ["1:是否种用", "2:拉丁学名"]),
        (("1.材质（铜）；2加工方法", "3.型号"), ["1:材质（铜）", "2:加工方法", "3:型号"]),
        (("1.用途2.材质",), ["1:用途", "2:材质"]),
        # irregular numbers are kept, the position counts
        (("1.用途；3.品牌；3.型号",), ["1:用途", "3:品牌", "3:型号"]),
        (("用途；2.品牌",), ["-:用途", "2:品牌"]),
        # a semicolon inside a name without brackets
        (("1.稀土的重量百分比，以［A］表示；含量；2.CAS号",), ["1:稀土的重量百分比，以［A］表示；含量", "2:CAS号"]),
        (("9.甲；10.乙；11.丙",), ["9:甲", "10:乙", "11:丙"]),
    ],
)  # fmt: skip
def test_a_cell_is_split_as_it_is_meant(cells, wanted):
    assert split(*cells) == wanted


plain = st.text("用途材质品牌是否型号ABCα℃%/、，～-", min_size=1, max_size=8).filter(
    lambda text: text.strip("、，") == text
)
hint = st.text("如粉末块状等1234567890.；、，%", min_size=1, max_size=12)
named = st.builds(lambda a, b: f"{a}（{b}）" if b else a, plain, st.none() | hint)


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), named), max_size=14))
def test_what_is_printed_in_order_is_read_back(pairs):
    pairs.sort(key=lambda pair: pair[0])
    columns: list[list[str]] = [[], [], []]
    for number, (column, name) in enumerate(pairs, 1):
        columns[column].append(f"{number}.{name}")
    categories = ("classification", "price", "other")
    cells = [(category, "；".join(c)) for category, c in zip(categories, columns, strict=True)]
    found = split_elements(cells)
    assert [(e.category, e.name) for e in found] == [(categories[c], name) for c, name in pairs]
    assert [e.number for e in found] == list(range(1, len(pairs) + 1))
    assert not any(e.printed_number for e in found)


@given(st.lists(st.text("用途12.．、；;（）()［[］]，。 \u3000AZ", max_size=30), max_size=3))
def test_no_text_raises_and_no_word_is_lost(cells):
    found = split_elements([("price", cell) for cell in cells])
    kept = "".join(element.name for element in found)
    words = re.sub(r"[^用途AZ（）［］]", "", normal_name("".join(cells)))
    assert re.sub(r"[^用途AZ（）［］]", "", kept) == words
    assert all(element.name and len(element.printed_number) <= 2 for element in found)
