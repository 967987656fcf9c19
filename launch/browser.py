"""Where the browser is that the tests drive, and how Debian installs it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

# The first that can be had. Debian's headless shell is the same Chromium without the window that
# nobody sees here: the browser tests take half the processor time, the download less than half.
BROWSER_PACKAGES = ("chromium-headless-shell", "chromium")
# unicode-data: one test reads NormalizationTest.txt, and is skipped where it is not there.
OTHER_PACKAGES = ("fonts-noto-cjk", "unicode-data")


def chromium_path() -> str | None:
    """Return the path of a Chromium or Chrome of this system, or None."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    return None


def has_chinese_font() -> bool:
    """Whether a font with Chinese characters is installed; without one a page is all boxes."""
    if shutil.which("fc-list"):
        run = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False)
        return bool(run.stdout.strip())
    return any(Path("/usr/share/fonts").glob("**/NotoSansCJK*"))
