#!/usr/bin/env python3
"""From a bare clone to a running portal in one command, or to a full test run.

    python3 quickstart.py [--port N] [--no-demo]
    python3 quickstart.py test [--no-lint] [pytest arguments]

The standard library only, and no syntax that an older Python could not read: the sentence
about its version has to be printed by just that Python. The parts are in launch/.
"""

from __future__ import annotations

import io
import sys

USAGE = """\
用法：
  python3 quickstart.py [--port 端口] [--no-demo]
      安装依赖、启动内置数据库与队列、装载演示数据，并在 http://127.0.0.1:8000/ 运行门户；
      按 Ctrl-C 停止全部进程，数据保留在 var/ 中，再次启动只需数秒。
      --port 端口   网站端口，默认 8000
      --no-demo     不装载演示数据

  python3 quickstart.py test [--no-lint] [pytest 参数]
      安装测试依赖（以 root 运行时还会用 apt 安装 Chromium 与中文字体），然后同时运行全部检查
      （ruff、mypy、djlint、import-linter）和 pytest；其余参数原样交给 pytest，检查照常运行。
      --no-lint     只运行 pytest，不运行检查
      环境变量 CI=true 时，缺少浏览器视为失败。

  python3 quickstart.py --help
"""
OLDEST, NEWEST = (3, 11), (3, 13)


class UsageError(Exception):
    """The command line asks for what does not exist; the text is a Chinese sentence."""


def parse(arguments: list[str]) -> tuple[int, bool]:
    """Read `[--port N] [--no-demo]` into (port, demo); raises UsageError."""
    port, demo = 8000, True
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--no-demo":
            demo = False
        elif word == "--port" or word.startswith("--port="):
            value = word.partition("=")[2] if "=" in word else "".join(rest[:1])
            rest = rest if "=" in word else rest[1:]
            if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
                raise UsageError(f"端口必须是 1 到 65535 的整数，现在是“{value}”。")
            port = int(value)
        else:
            raise UsageError(f"不认识的参数“{word}”。")
    return port, demo


def main(arguments: list[str]) -> int:
    """Run what the command line asks for; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Chinese must not stop us
    version = ".".join(str(number) for number in sys.version_info[:2])
    if sys.version_info[:2] < OLDEST:
        print(
            f"需要 Python 3.11 至 3.13，现在是 {version}：请换用较新的 python3。", file=sys.stderr
        )
        return 1
    if arguments[:1] in (["-h"], ["--help"]) or arguments[:2] == ["test", "--help"]:
        print(USAGE, end="")
        return 0
    if sys.version_info[:2] > NEWEST:
        print(f"提示：在 Python 3.11 至 3.13 上测试过，现在是 {version}，依赖可能装不上。")

    from launch.main import run_serve, run_test

    if arguments[:1] == ["test"]:
        return run_test(arguments[1:])
    try:
        port, demo = parse(arguments)
    except UsageError as problem:
        print(f"{problem}\n{USAGE}", file=sys.stderr, end="")
        return 2
    return run_serve(port, demo)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
