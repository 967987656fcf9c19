"""`python3 quickstart.py test`: pytest with the linters beside it; one summary, one exit code."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from launch.browser import BROWSER_PACKAGES, OTHER_PACKAGES, chromium_path, has_chinese_font
from launch.console import Failure, Steps, complain, say, table
from launch.install import apt_install, install, python_of
from launch.programs import Stopper, run

# Only looked at, never connected to: mypy's Django plugin reads the settings.
SETTINGS_FOR_LINTERS = {
    "DATABASE_URL": "postgresql://nobody@/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "only-for-linters-" + "0" * 40,
    "CARD_SEALING_KEYS": "0" * 43 + "=",
}
LINES_SHOWN = 100
LINTERS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy", "."],
    "djlint": ["-m", "djlint", "--lint", "templates"],
    # Its own script's first line could not hold the path of a deep folder.
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as go; go()"],
}


class Part(NamedTuple):
    """One part of the run: what it was, whether it passed, and its seconds."""

    name: str
    passed: bool
    seconds: float


def check(stopper: Stopper, project: Path, var: Path, arguments: list[str]) -> int:
    """Install what the tests need, run every part whatever the others say; returns the exit code.

    `arguments` go to pytest, except --no-lint. Raises Failure where something to install
    cannot be had.
    """
    lint = "--no-lint" not in arguments
    pytest_arguments = [word for word in arguments if word != "--no-lint"]
    steps = Steps(3)
    steps.next("准备 Python 环境与测试依赖 …")
    install(stopper, project, var, "requirements-dev.txt")
    steps.next("检查浏览器与中文字体 …")
    _ensure_browser(stopper, var)
    steps.next("运行测试，同时运行检查 …" if lint else "运行测试 …")
    # Side by side: pytest's two workers wait now and then, and the linters take a minute.
    with ThreadPoolExecutor(1) as beside:
        linting = beside.submit(_lint_all, stopper, project, var) if lint else None
        tested = _pytest(stopper, project, var, pytest_arguments)
        linted = linting.result() if linting else []
    for part, said in linted:
        _tell(part, said, var / "log" / "lint.log")
    return _summary([*(part for part, _ in linted), tested])


def _ensure_browser(stopper: Stopper, var: Path) -> None:
    """Install Chromium and a Chinese font where we may; without them CI fails, a person is told."""
    if chromium_path() and has_chinese_font():
        return
    try:
        _install_browser(stopper, var)
    except Failure as problem:
        if os.environ.get("CI") == "true":
            raise
        complain(f"注意：{problem}这次将跳过没有浏览器就不能做的测试。")


def _install_browser(stopper: Stopper, var: Path) -> None:
    """Install the first browser that there is, with fonts; raises Failure where there is none."""
    browsers = [[]] if chromium_path() else [[name] for name in BROWSER_PACKAGES]
    for browser in browsers:
        packages = [*browser, *OTHER_PACKAGES]
        try:
            apt_install(stopper, var, packages, "浏览器测试缺少 Chromium 或中文字体")
            break
        except Failure:
            # An older system has no headless shell.
            if browser == browsers[-1]:
                raise
    if not (chromium_path() and has_chinese_font()):
        raise Failure(f"装完 {' '.join(packages)} 后仍找不到 Chromium 或中文字体。")


def _lint_all(stopper: Stopper, project: Path, var: Path) -> list[tuple[Part, str]]:
    """Run every linter, one after the other; each with what it said. Prints nothing."""
    return [_lint(stopper, project, var, name) for name in LINTERS]


def _lint(stopper: Stopper, project: Path, var: Path, name: str) -> tuple[Part, str]:
    begin = time.monotonic()
    env = {**os.environ, **SETTINGS_FOR_LINTERS}
    log = var / "log" / "lint.log"
    code, said = run(stopper, [python_of(project), *LINTERS[name]], cwd=project, log=log, env=env)
    return Part(name, code == 0, time.monotonic() - begin), said


def _tell(part: Part, said: str, log: Path) -> None:
    """Say how a linter's run ended, with the first of what it found."""
    say(f"      {part.name}：{'通过' if part.passed else '未通过'}")
    if not part.passed:
        lines = said.rstrip().splitlines()
        say("\n".join(lines[:LINES_SHOWN]))
        if len(lines) > LINES_SHOWN:
            say(f"…… 其余 {len(lines) - LINES_SHOWN} 行见 {log}")


def _pytest(stopper: Stopper, project: Path, var: Path, arguments: list[str]) -> Part:
    """Run pytest with two workers unless told otherwise; it prints straight to our output.

    A run that tests nothing (exit code 5) has not passed.
    """
    begin = time.monotonic()
    told = any(word.startswith(("-n", "--numprocesses", "--dist", "--pdb")) for word in arguments)
    # A file's tests go to one worker, which makes what they share once; in the files' own order, for
    # those with the fewest tests are not the quickest.
    usual = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    workers = [] if told else usual
    command: list[str | Path] = [python_of(project), "-m", "pytest", *workers, *arguments]
    env = {**os.environ, "PYTHONUTF8": "1"}
    # Where it is set, each of the run's dozens of processes would compile the portal anew.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    # The embedded services are the tests' own: pytest's plugin starts and deletes them.
    code, _ = run(stopper, command, cwd=project, env=env)
    return Part("pytest", code == 0, time.monotonic() - begin)


def _summary(parts: list[Part]) -> int:
    rows = [
        [part.name, "通过" if part.passed else "未通过", f"{part.seconds:.1f} 秒"] for part in parts
    ]
    say()
    for line in table(["部分", "结果", "用时"], rows):
        say(f"  {line}")
    failed = [part.name for part in parts if not part.passed]
    say(f"未通过：{'、'.join(failed)}。" if failed else "全部通过。")
    return 1 if failed else 0
