"""The embedded PostgreSQL and Valkey, started, killed and stopped for real in folders of their own."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from launch import processes
from portal import embedded
from portal.embedded import Services, ServicesError, ensure_services, start_services, stop_services
from portal.postgres_server import memory_bytes, memory_settings

PROJECT = Path(__file__).resolve().parents[2]
NOBODY = 65534
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")


@contextlib.contextmanager
def services_in(var: Path, *, fast_unsafe: bool = True) -> Iterator[Services]:
    try:
        yield start_services(var, fast_unsafe=fast_unsafe)
    finally:
        stop_services(var)


def pid_of(name: str, var: Path) -> int:
    file = {"postgres": "postgres/postmaster.pid", "valkey": "valkey/valkey.pid"}[name]
    return int((var / file).read_text().split()[0])


def processes_of(var: Path) -> list[int]:
    cluster = embedded._build(var, embedded._account(var), var, False).postgres.cluster
    return processes.find(lambda command: str(var) in command or cluster in command)


def command(var: Path, *arguments: str, **environ: str) -> "subprocess.Popen[str]":
    """Start a Python of its own that knows no address, as a first command would be."""
    clean = {key: os.environ[key] for key in os.environ if not key.endswith("_URL")}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**clean, "PORTAL_VAR": str(var), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_hard(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: processes.started(pid) is None, 5)


def test_it_starts_both_and_finds_them_running_afterwards(tmp_path: Path) -> None:
    with services_in(tmp_path) as services:
        pids = pid_of("postgres", tmp_path), pid_of("valkey", tmp_path)
        begin = time.monotonic()
        assert start_services(tmp_path, fast_unsafe=True) == services
        assert time.monotonic() - begin < 0.2
        assert (pid_of("postgres", tmp_path), pid_of("valkey", tmp_path)) == pids
        with psycopg.connect(services.database_url) as connection:
            answer = connection.execute("SELECT current_database(), current_user").fetchone()
        assert answer == ("portal", "portal")
        assert redis.Redis.from_url(services.redis_url).ping()


def test_stopping_leaves_no_process_and_no_socket_folder_but_the_data(tmp_path: Path) -> None:
    with services_in(tmp_path) as services:
        sockets = Path(services.redis_url.removeprefix("unix://")).parent
        with psycopg.connect(services.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        assert len(processes_of(tmp_path)) > 3
    assert processes_of(tmp_path) == []
    assert not sockets.exists()
    with services_in(tmp_path) as services, psycopg.connect(services.database_url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_stopping_what_never_ran_is_no_error(tmp_path: Path) -> None:
    stop_services(tmp_path / "var")
    assert not (tmp_path / "var").exists()


def test_processes_that_start_it_at_once_share_one_server(tmp_path: Path) -> None:
    started = [command(tmp_path, "-m", "portal.embedded", "start") for _ in range(4)]
    try:
        said = [process.communicate(timeout=90) for process in started]
        assert [process.returncode for process in started] == [0] * 4, said
        assert len({out for out, _ in said}) == 1
        postmasters = [
            pid for pid in processes_of(tmp_path) if "-D" in processes.command(pid).split()
        ]
        assert len(postmasters) == 1
    finally:
        stop_services(tmp_path)


def test_a_deep_folder_with_chinese_blanks_and_quotes_works(tmp_path: Path) -> None:
    var = tmp_path / ("很深的文件夹 with 'blanks' and \"quotes\" %s" * 3) / ("d" * 120) / "var"
    with services_in(var) as services:
        assert len(str(var)) > 250
        with psycopg.connect(services.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert redis.Redis.from_url(services.redis_url).ping()
    assert processes_of(var) == []


def test_a_killed_postgresql_is_started_again_with_what_was_committed(tmp_path: Path) -> None:
    with services_in(tmp_path, fast_unsafe=False) as services:
        with psycopg.connect(services.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        first = pid_of("postgres", tmp_path)
        kill_hard(first)
        assert start_services(tmp_path) == services
        assert pid_of("postgres", tmp_path) != first
        with psycopg.connect(services.database_url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_killed_valkey_is_started_again_with_its_queue(tmp_path: Path) -> None:
    try:
        services = start_services(tmp_path, postgres=False)
        redis.Redis.from_url(services.redis_url).lpush("queue", "task")
        kill_hard(pid_of("valkey", tmp_path))
        start_services(tmp_path, postgres=False)
        assert redis.Redis.from_url(services.redis_url).lrange("queue", 0, -1) == [b"task"]
    finally:
        stop_services(tmp_path)


def test_a_pid_file_that_names_a_stranger_is_not_believed(tmp_path: Path) -> None:
    with services_in(tmp_path):
        lines = (tmp_path / "postgres/postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lines[0] = str(stranger.pid)
        (tmp_path / "postgres/postmaster.pid").write_text("\n".join(lines) + "\n")
        (tmp_path / "valkey/valkey.pid").write_text(f"{stranger.pid}\n")
        stop_services(tmp_path)
        assert stranger.poll() is None
        with services_in(tmp_path) as services:
            with psycopg.connect(services.database_url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            assert redis.Redis.from_url(services.redis_url).ping()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_lost_socket_folder_is_made_again(tmp_path: Path) -> None:
    with services_in(tmp_path) as services:
        shutil.rmtree(Path(services.redis_url.removeprefix("unix://")).parent)
        moved = start_services(tmp_path, fast_unsafe=True)
        assert moved != services
        with psycopg.connect(moved.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert redis.Redis.from_url(moved.redis_url).ping()


def test_a_making_that_was_killed_half_way_is_done_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    with services_in(tmp_path) as services, psycopg.connect(services.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not (tmp_path / "postgres.new").exists()


def test_data_of_another_version_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with services_in(tmp_path):
        pass
    (tmp_path / "postgres/PG_VERSION").write_text("14\n")
    with pytest.raises(ServicesError, match="是 PostgreSQL 14 的数据"):
        start_services(tmp_path, fast_unsafe=True)
    stop_services(tmp_path)


def test_a_configuration_that_the_server_refuses_is_named_with_its_log(tmp_path: Path) -> None:
    with services_in(tmp_path):
        pass
    (tmp_path / "postgres/local.conf").write_text("work_mem = 'much'\n")
    with pytest.raises(ServicesError, match=r"内置 PostgreSQL 未能启动（.*详见 .*server\.log"):
        start_services(tmp_path, fast_unsafe=True)
    stop_services(tmp_path)


def test_the_portals_role_is_no_superuser_but_may_make_databases_and_trigrams(
    tmp_path: Path,
) -> None:
    with (
        services_in(tmp_path) as services,
        psycopg.connect(services.database_url, autocommit=True) as connection,
    ):
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'portal'"
        )
        assert row.fetchone() == (False, True)
        connection.execute("CREATE DATABASE another")
        connection.execute("CREATE EXTENSION pg_trgm")
        # A database whose LC_CTYPE is "C" finds no letters in Chinese text at all.
        [trigrams] = connection.execute("SELECT show_trgm('规范申报')").fetchone() or [[]]
        assert len(trigrams) >= 4


@only_root
def test_another_user_of_the_machine_cannot_reach_the_services(tmp_path: Path) -> None:
    with services_in(tmp_path) as services:
        sockets = Path(services.redis_url.removeprefix("unix://")).parent
        assert "Permission denied" in psql_as_nobody(sockets)
        # Even where somebody opens the folder and the socket, the server asks who is calling.
        sockets.chmod(0o755)
        (sockets / ".s.PGSQL.5432").chmod(0o777)
        assert "Peer authentication failed" in psql_as_nobody(sockets)
        sockets.chmod(0o700)


def psql_as_nobody(sockets: Path) -> str:
    from portal.postgres_server import _package

    run = subprocess.run(
        [_package() / "pginstall/bin/psql", "-h", sockets, "-U", "portal", "-c", "SELECT 1"],
        user=NOBODY,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    return run.stderr


@only_root
def test_root_opens_a_closed_folder_for_the_services_alone(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with services_in(closed / "var"):
        assert closed.stat().st_mode & 0o007 == 0
        listing = subprocess.run(
            ["ls", closed], user=NOBODY, extra_groups=[], capture_output=True, check=False
        )
        assert listing.returncode != 0


def test_it_starts_only_what_the_environment_does_not_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/portal")
    monkeypatch.delenv("REDIS_URL")
    try:
        ensure_services()
        assert os.environ["DATABASE_URL"] == "postgresql://elsewhere/portal"
        assert redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
        assert not (tmp_path / "postgres").exists()
    finally:
        stop_services(tmp_path)


def test_commands_beside_a_quickstart_sign_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret_key").write_text("k" * 50 + "\n")
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path))
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        monkeypatch.delenv(name)
    try:
        ensure_services()
        assert os.environ["SECRET_KEY"] == "k" * 50
    finally:
        stop_services(tmp_path)


def test_manage_py_starts_them_and_stop_services_stops_them(tmp_path: Path) -> None:
    asked = command(tmp_path, "manage.py", "check", "--database", "default", DEBUG="true")
    out, err = asked.communicate(timeout=90)
    try:
        assert asked.returncode == 0, err
        assert processes_of(tmp_path)
        stopped = command(tmp_path, "manage.py", "stop_services", DEBUG="true")
        out, err = stopped.communicate(timeout=60)
        assert stopped.returncode == 0, err
        assert "已停止" in out
        assert processes_of(tmp_path) == []
    finally:
        stop_services(tmp_path)


def test_an_unusable_var_folder_ends_a_command_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    asked = command(tmp_path / "file", "manage.py", "check")
    _, err = asked.communicate(timeout=60)
    assert asked.returncode == 1
    assert "Traceback" not in err
    assert str(tmp_path / "file") in err


@pytest.mark.parametrize(
    ("gib", "shared_mib", "cache_mib"),
    [(0.5, 128, 512), (2, 256, 1_024), (24, 3_072, 12_288), (256, 4_096, 131_072)],
)
def test_postgresql_takes_its_share_of_the_machine(gib, shared_mib, cache_mib):
    given = memory_settings(int(gib * 2**30))
    assert given == {"shared_mib": shared_mib, "cache_mib": cache_mib}
    assert 2**28 < memory_bytes() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
