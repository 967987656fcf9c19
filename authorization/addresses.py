"""Where a request comes from and with which browser, in the form that is stored and shown."""

import ipaddress
import re

from django.http import HttpRequest

from authorization.throttle import client_address

_UNKNOWN = "未知浏览器"
# The first that fits: each of these also calls itself Chrome or Safari.
_BROWSERS = (
    (r"(?:Edg|EdgA|Edge)/(\d+)", "Edge"),
    (r"OPR/(\d+)", "Opera"),
    (r"QQBrowser/(\d+)", "QQ浏览器"),
    (r"MicroMessenger/(\d+)", "微信"),
    (r"Firefox/(\d+)", "Firefox"),
    (r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)", "Chrome"),
    (r"Version/(\d+)[\d.]* .*Safari/", "Safari"),
    (r"Trident/.*rv:(\d+)", "IE"),
)
_SYSTEMS = (
    (r"Windows NT 10\.0", "Windows 10/11"),
    (r"Windows NT 6\.[23]", "Windows 8"),
    (r"Windows NT 6\.1", "Windows 7"),
    (r"Windows", "Windows"),
    (r"Android", "Android"),
    (r"iPhone|iPad", "iOS"),
    (r"Mac OS X", "macOS"),
    (r"Linux", "Linux"),
)


def known_address(request: HttpRequest | None) -> str | None:
    """Return the request's IP address, or None where none is known or it is none."""
    if request is None:
        return None
    try:
        return str(ipaddress.ip_address(client_address(request)))
    except ValueError:
        return None


def browser_name(user_agent: str) -> str:
    """Say in a few words which browser and system a User-Agent names; at most 40 characters."""
    browser = _UNKNOWN
    for form, name in _BROWSERS:
        found = re.search(form, user_agent)
        if found:
            browser = f"{name} {found.group(1)[:6]}"
            break
    system = next((name for form, name in _SYSTEMS if re.search(form, user_agent)), "")
    return f"{browser}（{system}）" if system else browser
