"""A portal in earnest must not believe test cards: whoever has the project could make some."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from authorization.cards import configured


def refuse_test_roots() -> None:
    """Raise ImproperlyConfigured where web or worker would believe test cards in earnest."""
    if problem := _problem():
        raise ImproperlyConfigured(problem)


@register(Tags.security, deploy=True)
def check_test_roots(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Say the same in `manage.py check --deploy`."""
    problem = _problem()
    return [Error(problem, id="authorization.E001")] if problem else []


def _problem() -> str:
    if settings.DEBUG or settings.DEMO_MODE or not configured.test_roots():
        return ""
    return (
        f"拒绝启动：{settings.CARD_ROOTS} 中有测试根证书，任何人都能据此伪造法人卡。"
        "请删除其中的测试根证书，或用 CARD_ROOTS 另指只放正式根证书的目录；"
        "演示请用 python3 quickstart.py 启动。"
    )
