"""The function menu on the left of every page: which entries each role has."""

from dataclasses import dataclass

from django.urls import reverse

from authorization.gate import must_wait
from authorization.models import Role, User


@dataclass(frozen=True)
class Entry:
    """One entry: a URL name, its words, an icon, and the paths below which it is the present one."""

    url_name: str
    label: str
    icon: str


@dataclass(frozen=True)
class Item:
    """An entry as drawn for one request."""

    url: str
    label: str
    icon: str
    is_current: bool


HOME = Entry("home", "首页", "home")
HELP = Entry("help", "帮助", "help")
CATALOGUE = Entry("catalogue:index", "目录查询", "catalogue")
ENTERPRISE = (
    HOME,
    Entry("enterprise_lib:list", "企业库", "library"),
    Entry("public_lib:list", "公共库", "public"),
    CATALOGUE,
    Entry("enterprise_lib:check", "申报前自检", "check"),
    Entry("enterprise_lib:drafts", "草稿", "draft"),
    Entry("enterprise_lib:impact", "新目录影响", "flag"),
    Entry("messages_app:list", "企业消息", "bell"),
    Entry("enterprise_lib:customs_reads", "海关查询记录", "audit"),
    HELP,
)
CARD = Entry("authorization:card", "法人授权", "lock")
# The legal representative looks after the enterprise's users as well.
LEGAL_REPRESENTATIVE = (*ENTERPRISE[:-1], CARD, Entry("account:users", "用户管理", "people"), HELP)
OFFICER = (
    HOME,
    Entry("customs_audit:uploads", "审核数据上传", "upload"),
    Entry("customs_audit:releases", "审核数据发布", "audit"),
    Entry("customs_audit:verdicts", "审核数据查询", "search"),
    Entry("customs_audit:declared", "申报数据查询", "library"),
    Entry("customs_audit:conflicts", "结论冲突", "mark-conflict"),
    Entry("customs_audit:agreement", "审核一致性", "people"),
    Entry("customs_audit:runs", "比对运行", "reset"),
    CATALOGUE,
    HELP,
)
# Until the enterprise is authorized the gate opens nothing else (authorization/gate.py).
UNAUTHORIZED = {
    Role.OPERATOR: (Entry("unauthorized", "授权确认", "lock"), HELP),
    Role.LEGAL_REPRESENTATIVE: (Entry("authorization:card", "授权确认", "lock"), HELP),
}
ADMINISTRATOR = (Entry("admin:index", "系统管理", "settings"), CATALOGUE, HELP)

BY_ROLE = {
    Role.OPERATOR: ENTERPRISE,
    Role.LEGAL_REPRESENTATIVE: LEGAL_REPRESENTATIVE,
    Role.OFFICER: OFFICER,
    Role.ADMINISTRATOR: ADMINISTRATOR,
}


def menu_for(user: User, path: str) -> list[Item]:
    """Return the entries of a user's role, each with its URL.

    The entry with the longest URL that the path begins with is the present one.
    """
    items = [(reverse(entry.url_name), entry) for entry in _entries(user)]
    below = [url for url, _ in items if path == url or (url != "/" and path.startswith(url))]
    current = max(below, key=len, default="")
    return [Item(url, entry.label, entry.icon, url == current) for url, entry in items]


def _entries(user: User) -> tuple[Entry, ...]:
    entries = UNAUTHORIZED if must_wait(user) else BY_ROLE
    return entries[Role(user.role)]
