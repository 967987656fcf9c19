import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from launch.console import Failure
from launch.install import apt_install, install, python_of
from launch.programs import Stopper

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of requirements files alone, whose .venv is broken as after a Python upgrade."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "var" / "run").mkdir(parents=True)
    (folder / "requirements.txt").write_text("# nothing yet\n")
    (folder / "requirements-dev.txt").write_text("-r requirements.txt\n")
    (folder / ".venv" / "bin").mkdir(parents=True)
    python_of(folder).symlink_to("/nowhere/python3")
    return folder


def install_into(project: Path) -> bool:
    return install(Stopper(), project, project / "var", "requirements.txt")


def test_it_mends_the_environment_and_installs_only_when_the_file_changes(project: Path) -> None:
    (project / "requirements.txt").write_text("# nothing\n")
    assert install_into(project) is True
    assert install_into(project) is False
    (project / "requirements.txt").write_text("# still nothing, but changed\n")
    assert install_into(project) is True
    run = subprocess.run([python_of(project), "-c", "import pip"], check=False)
    assert run.returncode == 0


def test_a_registry_out_of_reach_is_named_and_nothing_counts_as_installed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "requirements.txt").write_text("a-package-that-nobody-has==1.0\n")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    with pytest.raises(Failure, match="连接不到 Python 软件包仓库"):
        install_into(project)
    (project / "requirements.txt").write_text("# nothing again\n")
    assert install_into(project) is True


@pytest.mark.skipif(not shutil.which("apt-get"), reason="needs Debian's apt-get")
def test_an_ordinary_user_is_told_the_one_command_to_run(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from launch.install import apt_install;"
        "from launch.programs import Stopper;"
        "apt_install(Stopper(), Path('.'), ['python3.11-venv'], '缺少 venv')"
    )
    run = subprocess.run(
        [shutil.which("python3", path="/usr/bin") or sys.executable, "-c", code],
        env={
            "PYTHONPATH": str(PROJECT),
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        **({"user": 65534, "extra_groups": []} if os.geteuid() == 0 else {}),
    )
    assert (
        "Failure: 缺少 venv：请先执行 sudo apt-get install python3.11-venv，然后再试。"
        in run.stderr
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs")
def test_a_package_that_apt_does_not_know_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"缺少样例：apt-get install no-such-package-here 失败"):
        apt_install(Stopper(), tmp_path, ["no-such-package-here"], "缺少样例")
