"""The two things that quickstart.py does, each with its failures turned into one sentence."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from launch.checks import check
from launch.console import Failure, complain
from launch.programs import Stopped, Stopper
from launch.serve import serve

PROJECT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130


def run_serve(port: int, demo: bool) -> int:
    """Install, set up and run the portal; returns the exit code."""
    return _in_one_sentence(lambda stopper, var: serve(stopper, PROJECT, var, port, demo))


def run_test(arguments: list[str]) -> int:
    """Install the tests' parts too and run every check; returns the exit code."""
    return _in_one_sentence(lambda stopper, var: check(stopper, PROJECT, var, arguments))


def _in_one_sentence(action: Callable[[Stopper, Path], int]) -> int:
    stopper = Stopper()
    stopper.listen()
    try:
        return action(stopper, _var())
    except Stopped:
        complain("已中断。")
        return INTERRUPTED
    except Failure as problem:
        complain(f"错误：{problem}")
    except PermissionError as problem:
        complain(
            f"错误：当前用户无权读写 {problem.filename}：请用当初启动的那个用户运行，或另放一份项目再试。"
        )
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        complain(f"错误：磁盘空间不足（{problem.filename or PROJECT}），请清理后再试。")
    return 1


def _var() -> Path:
    """The folder for what is made at run time, closed to other users."""
    var = Path(os.environ.get("PORTAL_VAR") or PROJECT / "var").resolve()
    for folder in (var, var / "run", var / "log"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Readable and writable are tried by the first lock; say it here, before any work.
    if not os.access(var / "run", os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(var))
    return var
