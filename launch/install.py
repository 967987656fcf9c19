"""Making .venv and installing into it, only when something changed since the last time."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launch.console import Failure, require_space, say
from launch.programs import Stopper, cause, is_disk_full, run

# What an installation needs for a while: downloads, wheels unpacked, compiled files. Twice
# what it takes in the end.
INSTALL_MEBIBYTES = {"requirements.txt": 450, "requirements-dev.txt": 1000}


def python_of(project: Path) -> Path:
    """Path of the Python inside .venv."""
    return project / ".venv" / "bin" / "python"


def install(stopper: Stopper, project: Path, var: Path, requirements: str) -> bool:
    """Make sure that .venv exists and holds what the file `requirements` names.

    Returns whether anything had to be installed. Raises Failure with one sentence where the
    disk is full, the registry cannot be reached, or Debian's parts for venv are missing.
    """
    with _lock(stopper, var):
        _ensure_venv(stopper, project, var)
        # The tests' requirements include the portal's own.
        for held in {requirements, "requirements-dev.txt"}:
            stamp = _stamp(project, held)
            if stamp.exists() and stamp.read_text() == _fingerprint(project, held):
                return False
        require_space(project, INSTALL_MEBIBYTES[requirements], "安装依赖")
        _pip_install(stopper, project, var, requirements)
        _stamp(project, requirements).write_text(_fingerprint(project, requirements))
    return True


def apt_install(stopper: Stopper, var: Path, packages: list[str], purpose: str) -> None:
    """Install Debian packages as root; raises Failure naming the command where we cannot."""
    command = f"apt-get install {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise Failure(f"{purpose}：请用本机的软件包工具安装 {'、'.join(packages)} 后再试。")
    if os.geteuid() != 0:
        raise Failure(f"{purpose}：请先执行 sudo {command}，然后再试。")
    say(f"      用 apt 安装 {' '.join(packages)} …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wait = ["-o", "DPkg::Lock::Timeout=300"]
    log = var / "log" / "apt.log"
    run(stopper, ["apt-get", *wait, "update"], cwd=var, log=log, env=env)
    install_command: list[str | Path] = [
        "apt-get", *wait, "install", "-y", "--no-install-recommends", *packages,
    ]  # fmt: skip
    code, said = run(stopper, install_command, cwd=var, log=log, env=env)
    if code != 0:
        if is_disk_full(said):
            require_space(var, 2**40, "安装")
        raise Failure(
            f"{purpose}：{command} 失败（{cause(said)}），请检查网络与软件源，详见 {log}。"
        )


def _ensure_venv(stopper: Stopper, project: Path, var: Path) -> None:
    python = python_of(project)
    if _works(python):
        return
    if not (_has("venv") and _has("ensurepip")):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        apt_install(stopper, var, [f"python{version}-venv"], "这个 Python 缺少 venv 或 pip")
    folder = project / ".venv"
    if folder.is_symlink():
        folder.unlink()
    require_space(project, INSTALL_MEBIBYTES["requirements.txt"], "安装依赖")
    log = var / "log" / "install.log"
    code, said = run(
        stopper, [sys.executable, "-m", "venv", "--clear", folder], cwd=project, log=log
    )
    if code != 0 or not _works(python):
        raise Failure(f"无法在 {folder} 建立 Python 环境（{cause(said)}），详见 {log}。")


def _pip_install(stopper: Stopper, project: Path, var: Path, requirements: str) -> None:
    log = var / "log" / "install.log"
    code, said = run(
        stopper,
        [
            python_of(project), "-m", "pip", "install", "--disable-pip-version-check",
            "--no-input", "--quiet", "--progress-bar", "off", "--prefer-binary", "-r", project / requirements,
        ],
        cwd=project,
        log=log,
    )  # fmt: skip
    if code == 0:
        return
    if is_disk_full(said):
        raise Failure(f"磁盘空间不足：依赖没有装完（{project / '.venv'}），请清理后再试。")
    unreachable = ("NewConnectionError", "ConnectTimeout", "name resolution", "Max retries exceeded",
                   "ReadTimeout", "ProxyError", "Connection refused", "Network is unreachable")  # fmt: skip
    if any(words in said for words in unreachable):
        raise Failure(
            "安装依赖失败：连接不到 Python 软件包仓库，请检查网络（或 pip 的镜像、代理设置）后再试，"
            f"详见 {log}。"
        )
    raise Failure(f"安装依赖失败（{cause(said)}），详见 {log}。")


def _works(python: Path) -> bool:
    """Whether .venv's Python runs, is one of ours, and has pip: a moved or upgraded one fails."""
    if not python.exists():
        return False
    asked = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", asked], capture_output=True, check=False).returncode == 0


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _stamp(project: Path, requirements: str) -> Path:
    """The file that is written when `requirements` have been installed whole."""
    return project / ".venv" / f".installed-{requirements}"


def _fingerprint(project: Path, requirements: str) -> str:
    """Hash of the requirements, of the files they include, and of the Python they are for."""
    digest = hashlib.sha256(os.path.realpath(python_of(project)).encode())
    digest.update((project / "requirements.txt").read_bytes())
    digest.update((project / requirements).read_bytes())
    return digest.hexdigest()


@contextmanager
def _lock(stopper: Stopper, var: Path) -> Iterator[None]:
    """Let one quickstart at a time install: `test` may be typed beside a running one."""
    with (var / "run" / "install.lock").open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stopper.check()
                time.sleep(0.2)
        yield
