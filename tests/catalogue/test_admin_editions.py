"""目录版本 in the administrators' site: 启用, 撤回, 比较, the report."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authorization.change_models import ChangeEvent
from authorization.models import Role
from catalogue.models import Edition, Outbox
from tests.catalogue.lists import store_lists
from tests.factories import client_for, make_user

OLD = {"84821030": ("用途", "品牌"), "94016190": ("用途",), "39241000": ("用途",)}
NEW = {"84821030": ("用途", "型号", "品牌"), "94016190": ("用途",), "01012100": ("品种",)}

IN_FORCE = ChangeEvent.Kind.EDITION_IN_FORCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return make_user(Role.ADMINISTRATOR, display_name="李管理")


@pytest.fixture
def client(administrator):
    return client_for(administrator)


@pytest.fixture
def editions() -> tuple[Edition, Edition]:
    old = store_lists(2025, OLD, in_force=True)
    new = store_lists(2026, NEW)
    Outbox.objects.all().delete()
    return old, new


def url(page: str, edition: Edition) -> str:
    return reverse(f"admin:catalogue_edition_{page}", args=[edition.pk])


def text(response) -> str:
    return response.content.decode()


def test_the_question_says_how_many_codes_change_and_changes_nothing(client, editions):
    page = text(client.get(url("put_in_force", editions[1])))
    assert "共有 <strong>3</strong> 个税则号列的申报要素会因此变化" in page
    assert not Edition.objects.get(pk=editions[1].pk).in_force
    assert not Outbox.objects.exists()


def test_it_is_put_in_force_and_kept_who_did_it(client, administrator, editions):
    response = client.post(url("put_in_force", editions[1]), follow=True)
    assert "已启用 2026 年版；3 个税则号列的申报要素有变化" in text(response)
    assert Edition.objects.get(pk=editions[1].pk).in_force
    assert sorted(Outbox.objects.values_list("hs8", flat=True)) == [
        "01012100",
        "39241000",
        "84821030",
    ]
    event = ChangeEvent.objects.get(kind=IN_FORCE, number=editions[1].pk)
    assert (event.actor, event.number) == (administrator, editions[1].pk)
    assert event.address == client.defaults["REMOTE_ADDR"]
    assert (event.before, event.after) == (
        {"in_force": False},
        {"in_force": True, "changed_codes": 3},
    )
    assert "启用状态：否 → 是" in text(client.get(url("history", editions[1]), follow=True))


def test_a_second_click_says_that_it_was_so_already(client, editions):
    client.post(url("put_in_force", editions[1]))
    response = client.post(url("put_in_force", editions[1]), follow=True)
    assert "原来就已启用，没有改变任何数据" in text(response)
    events = ChangeEvent.objects.filter(kind=IN_FORCE, number=editions[1].pk)
    assert events.count() == 1 and Outbox.objects.count() == 3
    assert "原来就已启用" in text(client.get(url("put_in_force", editions[1]), follow=True))


def test_the_revision_that_it_replaces_is_named(client, editions):
    Edition.objects.filter(pk=editions[1].pk).update(year=2025, revision=2)
    page = text(client.get(url("put_in_force", editions[1])))
    assert "代替现在启用的 2025 年版" in page
    client.post(url("put_in_force", editions[1]))
    assert list(Edition.objects.order_by("pk").values_list("in_force", flat=True)) == [False, True]


def test_withdrawing_the_only_one_is_warned_of_and_done(client, editions):
    page = text(client.get(url("withdraw", editions[0])))
    assert "这是唯一启用的目录版本" in page
    response = client.post(url("withdraw", editions[0]), follow=True)
    assert "已撤回 2025 年版" in text(response)
    assert not Edition.objects.filter(in_force=True).exists()


def test_an_edition_shows_its_state_report_and_ways_on(client, editions):
    Edition.objects.update(
        report={
            "lines": [{"page": 12, "text": "编号不连续：84821030"}, {"page": 0, "text": "已参照"}],
            "figures": {"codes": 8961, "irregular": 55},
        }
    )
    page = text(client.get(url("change", editions[0])))
    for words in (
        "已启用",
        "第 12 页",
        "编号不连续：84821030",
        "整个文件",
        "8,961",
        "要素编号不连续的税则号列",
    ):
        assert words in page
    assert f"?edition__id__exact={editions[0].pk}" in page
    assert url("withdraw", editions[0]) in page and url("put_in_force", editions[0]) not in page
    assert url("put_in_force", editions[1]) in text(client.get(url("change", editions[1])))


def test_a_report_of_thousands_of_lines_is_cut_and_says_so(client, editions):
    lines = [{"page": n, "text": f"第 {n} 处"} for n in range(1, 702)]
    Edition.objects.update(report={"lines": lines, "figures": {}})
    assert "另有 201 条未显示" in text(client.get(url("change", editions[0])))


def test_two_editions_are_compared_code_by_code(client, editions):
    response = client.get(url("compare", editions[1]), follow=True)
    assert response.redirect_chain[0][0].endswith(f"?with={editions[0].pk}")
    page = text(response)
    assert "<strong>3</strong> 个税则号列不同" in page
    for words in ("新增编码", "取消编码", "要素变化", "新增：型号"):
        assert words in page
    assert "94016190" not in page


def test_revisions_of_one_year_are_compared_too(client, editions):
    third = store_lists(2026, {**NEW, "94016190": ("面料",)})
    page = text(client.get(url("compare", third), {"with": editions[1].pk}))
    assert "<strong>1</strong> 个税则号列不同" in page and "94016190" in page


def test_a_long_comparison_has_pages_and_few_queries(client):
    old = store_lists(2025, {f"8482{n:04d}": ("用途",) for n in range(120)})
    new = store_lists(2026, {f"8482{n:04d}": ("型号",) for n in range(120)})
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get(url("compare", new), {"with": old.pk, "p": 3}))
    assert "第 3 / 3 页" in page and "84820119" in page and "84820000" not in page
    assert len(queries) <= 14


@pytest.mark.parametrize("other", ["999999", "x", "9" * 400])
def test_an_edition_that_is_not_there_is_no_error(client, editions, other):
    assert client.get(url("compare", editions[1]), {"with": other}).status_code in {302, 404}


def test_with_nothing_to_compare_it_says_so(client):
    only = store_lists(2025, OLD)
    assert "没有其他目录版本可以比较" in text(client.get(url("compare", only)))


def test_a_link_or_another_site_switches_nothing(editions, administrator):
    client = client_for(administrator, enforce_csrf_checks=True)
    assert client.post(url("put_in_force", editions[1])).status_code == 403
    assert not Edition.objects.get(pk=editions[1].pk).in_force
