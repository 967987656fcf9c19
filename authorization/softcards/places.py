"""Where the settings put test cards, and whether this portal may have any."""

from pathlib import Path

from django.conf import settings

from authorization.softcards.deck import DeckError, Places


def places(var: Path | None = None) -> Places:
    """Give the folders of the settings; keys and cards under `var`, the portal's own unless given."""
    return Places(
        Path(settings.CARD_ROOTS),
        Path(settings.CARD_INTERMEDIATES),
        Path(settings.CARD_CRLS),
        (var or Path(settings.VAR_DIR)) / "cards",
    )


def require_tests_allowed() -> None:
    """Raise DeckError in a portal that works in earnest."""
    if not (settings.DEBUG or settings.DEMO_MODE):
        raise DeckError(
            "测试法人卡只能在 DEBUG=true 或演示环境（python3 quickstart.py）中使用："
            "正式运行的系统不得信任测试根证书。"
        )
