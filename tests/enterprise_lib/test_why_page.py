"""为何如此标记: for every row one sentence, what it rests on, and what was before."""

from dataclasses import replace

from comparison.choices import set_publication
from comparison.models import LibraryEntry, Publication
from comparison.working import work_outbox
from declarations.releases import withdraw
from tests.enterprise_lib.library import words_on
from tests.factories import client_for, make_enterprise, make_user
from tests.world import SOFA, Party, Row, Text, audit, content, declare


def why(library, key: str) -> str:
    return words_on(library.client.get(f"/library/{key}/why/"))


def test_every_row_has_a_page_that_says_why(library):
    for name in library.rows:
        if name != "foreign":
            assert library.client.get(f"/library/{library.key(name)}/why/").status_code == 200
    for name, parts in {
        "conforming": ["2026-09 审核为规范", library.rows["conforming"].entry_id, "共 2 条"],
        "conforming again": ["2026-09 审核为规范", library.rows["conforming"].entry_id],
        "nonconforming": ["2026-09 海关审核为不规范", "R06", "成分含量填报不全"],
        "matched": ["仅填报形式不同", "本企业规范数据", "逐项比对", "仅填报形式不同"],
        "selected": ["由本企业设为自选", "设置时间"],
        "unmarked": ["海关尚未审核这一申报内容", "84821020"],
    }.items():
        words = why(library, library.key(name))
        for part in parts:
            assert part in words, (name, part)


def test_an_unmarked_row_is_shown_beside_the_nearest_conforming_one(library):
    words = why(library, library.key("corrected"))
    assert "最接近的规范数据" in words
    assert "不同" in words


def test_what_differs_is_marked_in_text_and_numbers_stand_in_one_unit(library):
    audited = Text("9403200000", "铁架", "0|3|展示用|铁|无品牌|规格：5厘米")
    own = replace(audited, g_model="0|3|展示用|铜|无品牌|规格：60毫米")
    parties = Party.of(library.broker), Party.of(library.trader)
    conforming = Row(72, *parties, audited)
    declare(conforming, Row(73, *parties, own))
    audit("2026-10", conforming)
    work_outbox()
    key = library.client.get("/library/?keyword=铜").context["page"].rows[0].key
    page = library.client.get(f"/library/{key}/why/").content.decode()
    assert '<mark class="differing">〔<span>铜</span>〕</mark>' in page
    words = why(library, key)
    assert "本条：铜；参考：铁" in words
    assert "50 毫米 与 60 毫米" in words or "60 毫米 与 50 毫米" in words
    assert "〔〕中是两边不同的文字" in words


def test_an_audited_row_says_that_it_is_the_audited_text(library):
    words = why(library, library.audited_key)
    assert "规范" in words
    assert "审核时文本（2026-09）" in words
    assert "木凳" in words


def test_a_row_that_was_not_compared_yet_says_so(db):
    broker, trader = make_enterprise(), make_enterprise()
    row = Row(1, Party.of(broker), Party.of(trader))
    declare(row)
    client = client_for(make_user(enterprise=broker))
    key = client.get("/library/").context["page"].rows[0].key
    words = words_on(client.get(f"/library/{key}/why/"))
    assert "还没有比对" in words
    assert "待比对" in words
    assert client.get(f"/library/{key}/elements/").status_code == 200


def test_the_history_tells_who_changed_what_from_what_to_what(library):
    set_publication(library.broker, [content(SOFA).pk], Publication.PRIVATE, library.user)
    words = why(library, library.key("conforming"))
    assert "公开状态 公开 不公开 企业设置 李操作" in words
    assert "标记 无 规范 审核数据发布 系统" in words
    words = why(library, library.key("selected"))
    assert "企业自选 未自选 已自选 企业设置 李操作" in words


def test_the_history_shows_no_other_enterprises_changes(library):
    user = make_user(enterprise=library.trader, display_name="赵家居")
    set_publication(library.trader, [content(SOFA).pk], Publication.PRIVATE, user)
    words = why(library, library.key("conforming"))
    assert "赵家居" not in words
    assert "不公开" not in words


def test_a_withdrawn_release_leaves_its_trace_in_the_history(library):
    third = make_enterprise()
    text = Text("9403700000", "塑料凳", "0|3|户外用|塑料|无品牌|无型号")
    row = Row(80, Party.of(library.broker), Party.of(third), text)
    declare(row)
    release = audit("2026-10", row)
    work_outbox()
    withdraw(release, "上传有误")
    work_outbox()
    entry = LibraryEntry.objects.get(enterprise=library.broker, content=content(text))
    assert entry.mark == "unmarked"
    key = library.client.get("/library/?keyword=户外用").context["page"].rows[0].key
    assert "标记 规范 未标记 审核数据撤回（原因：上传有误） 系统" in why(library, key)


def test_a_match_that_another_made_private_names_nothing_of_it(library):
    public = Text("0306329000", "冻帝王蟹", "0|3|冻|整只|无品牌|10千克/箱")
    own = replace(public, g_model="0|3|冻|整只|无牌|10千克/箱")
    third = make_enterprise("大连虚构水产有限公司")
    theirs = Row(70, Party.of(third), Party.of(third), public)
    declare(theirs, Row(71, Party.of(library.broker), Party.of(library.trader), own))
    audit("2026-10", theirs)
    work_outbox()
    key = library.client.get("/library/?keyword=帝王蟹").context["page"].rows[0].key
    words = why(library, key)
    assert "公共库" in words
    assert "水产" not in words
    assert theirs.entry_id not in words
    set_publication(third, [content(public).pk], Publication.PRIVATE, make_user(enterprise=third))
    words = why(library, key)
    assert "该参考数据已不公开" in words
    assert "无品牌" not in words
