"""`python3 quickstart.py`: from a bare clone to a portal that answers, and back to nothing running."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from launch import processes
from launch.children import Child, end_children, end_leftovers
from launch.console import Failure, Steps, complain, require_space, say, table
from launch.install import install, python_of
from launch.programs import Stopped, Stopper, cause, run

HOST = "127.0.0.1"
CONTROL_PORT = 61232
# The demo's enterprise that is not authorized (portal/demo.py): the beginning of its users' names.
DEMO_CARD = "jichuan"
SECONDS_UNTIL_READY = 90
START_MEBIBYTES = 300
ROLES = {
    "operator": "企业操作员",
    "legal_representative": "企业法人",
    "officer": "海关人员",
    "administrator": "管理员",
}


def serve(stopper: Stopper, project: Path, var: Path, port: int, demo: bool) -> int:
    """Set up and run the portal until an end is asked for; returns the exit code.

    Raises Failure with one sentence where it cannot start or cannot go on.
    """
    with _only_one(var, port):
        left = end_leftovers(var)
        if left:
            say(f"已结束上次异常退出时遗留的 {left} 个进程。")
        _require_free_port(port)
        require_space(var, START_MEBIBYTES, "运行")
        portal = Portal(stopper, project, var, port)
        try:
            portal.set_up(demo)
            portal.start(demo)
            portal.greet(demo)
            portal.watch()
        except Stopped:
            say("\n正在停止……")
        finally:
            portal.stop()
        say("已全部停止，数据保留在 var/ 中。")
    return 0


class Portal:
    """The running whole: the embedded services and the processes on top of them."""

    def __init__(self, stopper: Stopper, project: Path, var: Path, port: int) -> None:
        self.stopper = stopper
        self.project = project
        self.var = var
        self.port = port
        self.python = python_of(project)
        self.steps = Steps(7)
        # For the start of the services: names only those that the user runs elsewhere.
        self.given = {
            **os.environ,
            "PORTAL_VAR": str(var),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or _secret_key(var),
            "CARD_SEALING_KEYS": os.environ.get("CARD_SEALING_KEYS") or _sealing_key(var),
            "STATIC_MANIFEST": "true",
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
        }
        # Test cards are believed, and every page says so, only where we show the demo.
        self.given.pop("PORTAL_DEMO", None)
        # For everything else: names all of them.
        self.env = self.given
        self.service_marks: list[tuple[int, str | None]] = []
        self.children: list[Child] = []
        self.control_port = 0
        self.address = f"http://{HOST}:{port}"

    def set_up(self, demo: bool) -> None:
        """Install, start the services, and bring the database and the static files up to date."""
        if demo:
            self.given["PORTAL_DEMO"] = "true"
            self._choose_control()
        self.steps.next("准备 Python 环境与依赖（首次约需一分钟）…")
        install(self.stopper, self.project, self.var, "requirements.txt")
        self.steps.next("启动内置的 PostgreSQL 和 Valkey …")
        self._start_services()
        self.steps.next("更新数据库结构 …")
        self._manage("migrate", "--noinput", "--verbosity", "0")
        self.steps.next(
            "装载规范申报目录与演示数据 …"
            if demo
            else "装载规范申报目录，不装载演示数据（--no-demo）…"
        )
        self._manage("load_demo" if demo else "load_shipped_catalogue")
        self.steps.next("准备页面的静态文件 …")
        self._collect_static()

    def start(self, demo: bool) -> None:
        """Start web, workers, beat, the demo's soft card; returns when all are ready."""
        self.steps.next("启动网站、后台任务与定时任务 …")
        self.children = [self._web(), *self._workers(), self._beat()]
        if demo and self.control_port:
            self.children.append(self._soft_card())
        for child in self.children:
            child.start()
        self.steps.next("等待网站就绪 …")
        self._wait_until_ready()

    def greet(self, demo: bool) -> None:
        """Print where the portal is and who may log in."""
        say(f"\n海关进出口商品规范申报企业专属库已就绪：{self.address}/")
        users = _demo_users(self.var) if demo else []
        if users:
            say("\n演示用户（密码在首次启动时生成，保存在 var/demo_users.json）：")
            rows = [
                [user["username"], user["password"], ROLES.get(user["role"], user["role"]),
                 user.get("enterprise") or "—"]
                for user in users
            ]  # fmt: skip
            for line in table(["用户名", "密码", "角色", "企业"], rows):
                say(f"  {line}")
            if self.control_port:
                self._greet_with_card(users)
        else:
            say("尚无演示用户：可用 .venv/bin/python manage.py createsuperuser 建立系统管理员。")
        say(f"\n日志在 {self.var / 'log'}；按 Ctrl-C 停止全部进程。")

    def _greet_with_card(self, users: list[dict[str, str]]) -> None:
        """Say how to authorize the enterprise that nobody authorized yet, by its soft card."""
        found = next((user for user in users if user["username"] == f"{DEMO_CARD}_fr"), None)
        card = _demo_card(self.var)
        if found is None or card is None:
            return
        say(f"\n体验法人卡授权（{found['enterprise']}起初未授权，它的软法人卡已插入）：")
        say(f"  1. 用 {found['username']} 登录 {self.address}/，点击“前往授权确认”；")
        say(f"  2. 输入卡密码 {card['pin']}，点击“签名并授权”。")
        say(f"  换卡（操作员卡、过期卡、国密卡等）：http://{HOST}:{self.control_port}/")

    def watch(self) -> None:
        """Keep everything running; raises Stopped, or Failure when restarting does not help."""
        while True:
            self.stopper.sleep(1)
            if any(processes.started(pid) != since for pid, since in self.service_marks):
                say("内置数据库或队列意外退出，正在重新启动 …")
                self._start_services()
            for child in self.children:
                if child.ended():
                    child.restart()

    def stop(self) -> None:
        """End every process, then the services; never raises for what is gone already."""
        end_children(self.children, self.var)
        if not self.python.exists():
            return
        code, said = run(
            None, [self.python, "-m", "portal.embedded", "stop"],
            cwd=self.project, env=self.given, log=self.var / "log" / "services.log",
        )  # fmt: skip
        if code != 0:
            complain(cause(said))

    def _start_services(self) -> None:
        code, said = run(
            self.stopper, [self.python, "-m", "portal.embedded", "start"],
            cwd=self.project, env=self.given, log=self.var / "log" / "services.log",
        )  # fmt: skip
        if code != 0:
            raise Failure(cause(said))
        for note in said.strip().splitlines()[:-1]:
            say(f"      {note}")
        report: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
        addresses = {"DATABASE_URL": report["database_url"], "REDIS_URL": report["redis_url"]}
        self.env = {**self.given, **addresses}
        pids = [report[name] for name in ("postgres", "valkey") if report[name]]
        self.service_marks = [(pid, processes.started(pid)) for pid in pids]

    def _manage(self, *arguments: str) -> None:
        log = self.var / "log" / "setup.log"
        code, said = run(
            self.stopper, [self.python, "manage.py", *arguments],
            cwd=self.project, env=self.env, log=log,
        )  # fmt: skip
        if code != 0:
            raise Failure(f"manage.py {arguments[0]} 失败（{cause(said)}），详见 {log}。")

    def _collect_static(self) -> None:
        """Gather and compress the static files, unless nothing changed since the last time."""
        stamp = self.var / "run" / "static.stamp"
        wanted = _static_fingerprint(self.project)
        if stamp.exists() and stamp.read_text() == wanted and (self.var / "staticfiles").is_dir():
            return
        self._manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
        stamp.write_text(wanted)

    def _web(self) -> Child:
        arguments = [
            "gunicorn", "portal.wsgi", "--bind", f"{HOST}:{self.port}", "--workers", "2",
            "--threads", "4", "--graceful-timeout", "3", "--timeout", "120",
            "--no-control-socket", "--access-logfile", "-",
        ]  # fmt: skip
        return self._child("web", "网站进程", arguments, "Listening at")

    def _workers(self) -> list[Child]:
        """One for each queue, so that a long comparison never keeps an export waiting."""
        quiet = [
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel",
            "INFO",
        ]
        at_once = {"interactive": 1, "batch": max(1, min(4, (os.cpu_count() or 1)))}
        workers = []
        for queue, number in at_once.items():
            # This host has the uploaded files, so that its workers take what reads them as well.
            queues = f"{queue},files" if queue == "batch" else queue
            arguments = ["celery", "-A", "portal", "worker", "-Q", queues, "-n", f"{queue}@%h"]
            arguments += ["--concurrency", str(number), *quiet]
            workers.append(
                self._child(f"worker-{queue}", f"后台任务进程（{queue}）", arguments, " ready.")
            )
        return workers

    def _beat(self) -> Child:
        folder = self.var / "beat"
        folder.mkdir(mode=0o700, exist_ok=True)
        arguments = [
            "celery", "-A", "portal", "beat", "--schedule", str(folder / "schedule"),
            "--pidfile", "", "--loglevel", "INFO",
        ]  # fmt: skip
        return self._child("beat", "定时任务进程", arguments, "beat: Starting")

    def _choose_control(self) -> None:
        """Take the control's usual port, or another where that is taken (by a real control, say).

        A control that the user has named himself is left to him.
        """
        if os.environ.get("CARD_CONTROL_WS"):
            return
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((HOST, CONTROL_PORT))
            except OSError:
                trial.bind((HOST, 0))
            self.control_port = trial.getsockname()[1]
        self.given["CARD_CONTROL_WS"] = f"ws://{HOST}:{self.control_port}"

    def _soft_card(self) -> Child:
        arguments = ["manage", "softcard", "--port", str(self.control_port)]
        arguments += ["--card", f"{DEMO_CARD}-rsa"]
        return self._child("softcard", "软法人卡", arguments, "软卡控件已就绪")

    def _child(self, name: str, title: str, arguments: list[str], ready_words: str) -> Child:
        # As a module: a script's first line cannot hold a deep path, nor survive a moved folder.
        command = [str(self.python), "-m", *arguments]
        child = Child(name, title, command, self.project, self.var, self.env)
        child.ready_words = ready_words
        return child

    def _wait_until_ready(self) -> None:
        """Wait until the login page answers and the others have said that they are ready."""
        end = time.monotonic() + SECONDS_UNTIL_READY
        while not (all(child.ready() for child in self.children) and self._login_page_answers()):
            for child in self.children:
                if child.ended():
                    raise Failure(
                        f"{child.title}未能启动（{child.last_words()}），详见 {child.log}。"
                    )
            if time.monotonic() > end:
                slow = next(
                    (child for child in self.children if not child.ready()), self.children[0]
                )
                raise Failure(
                    f"{slow.title}在 {SECONDS_UNTIL_READY} 秒内没有就绪，详见 {slow.log}。"
                )
            self.stopper.sleep(0.1)

    def _login_page_answers(self) -> bool:
        """Ask for the login page; raises Failure where it answers, but with an error."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.address}/login/", timeout=10) as page:
                return bool(page.status == 200)
        except urllib.error.HTTPError as problem:
            log = self.children[0].log
            raise Failure(f"登录页返回错误 {problem.code}，详见 {log}。") from None
        except OSError:
            return False


@contextlib.contextmanager
def _only_one(var: Path, port: int) -> Iterator[None]:
    """Hold the lock of a running quickstart; raises Failure where another one holds it."""
    note = var / "run" / "quickstart.json"
    with (var / "run" / "quickstart.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running: dict[str, Any] = {}
            with contextlib.suppress(OSError, ValueError):
                running = json.loads(note.read_text())
            raise Failure(
                f"quickstart 已在运行（进程 {running.get('pid', '未知')}，"
                f"http://{HOST}:{running.get('port', '?')}/），请直接使用，或先停止它。"
            ) from None
        note.write_text(json.dumps({"pid": os.getpid(), "port": port}))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def _require_free_port(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except PermissionError:
            raise Failure(
                f"当前用户无权使用端口 {port}：请用 --port 换一个 1024 以上的端口。"
            ) from None
        except OSError:
            raise Failure(
                f"端口 {port} 已被其他程序占用：请用 --port 换一个端口，例如 "
                f"python3 quickstart.py --port {port + 1 if port < 65535 else 8001}。"
            ) from None


def _secret_key(var: Path) -> str:
    """Return the key that signs sessions."""
    return _kept_key(var / "secret_key", lambda: secrets.token_urlsafe(50))


def _sealing_key(var: Path) -> str:
    """Return the key that seals the cards' certificates: 32 bytes in URL-safe base64."""
    return _kept_key(
        var / "card_sealing_keys",
        lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    )


def _kept_key(path: Path, make: Callable[[], str]) -> str:
    """Return a key that was made at the first start and is readable by us alone."""
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(make() + "\n")
    key = path.read_text().strip()
    if len(key) < 32:  # a start that was killed, or a full disk, left it empty
        path.unlink()
        return _kept_key(path, make)
    path.chmod(0o600)
    return key


def _demo_card(var: Path) -> dict[str, Any] | None:
    try:
        cards = json.loads((var / "cards" / "cards" / "index.json").read_text())["cards"]
    except (OSError, ValueError, KeyError):
        return None
    return next((card for card in cards if card["name"] == f"{DEMO_CARD}-rsa"), None)


def _demo_users(var: Path) -> list[dict[str, str]]:
    try:
        users: list[dict[str, str]] = json.loads((var / "demo_users.json").read_text())
    except (FileNotFoundError, ValueError):
        return []
    return users


def _static_fingerprint(project: Path) -> str:
    """Hash of names, sizes and times of the static files, and of the packages that bring others."""
    digest = hashlib.sha256((project / "requirements.txt").read_bytes())
    for path in sorted((project / "static").rglob("*")):
        seen = path.stat()
        digest.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()
