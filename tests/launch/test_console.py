import io
import subprocess
import sys
from pathlib import Path

import pytest

import quickstart
from launch.console import Failure, require_space, table, width


def test_columns_line_up_when_full_width_characters_take_two() -> None:
    lines = table(["用户名", "角色"], [["anna", "企业操作员"], ["李", "x"]])
    assert lines == ["用户名  角色", "anna    企业操作员", "李      x"]
    assert width("a规b") == 4


def test_too_little_space_is_said_in_one_sentence(tmp_path: Path) -> None:
    require_space(tmp_path, 1, "运行")
    with pytest.raises(Failure, match=r"磁盘空间不足：.*运行至少需要 1099511627776 MiB"):
        require_space(tmp_path, 2**40, "运行")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], (8000, True)),
        (["--port", "9000"], (9000, True)),
        (["--port=1", "--no-demo"], (1, False)),
    ],
)
def test_it_reads_port_and_no_demo(arguments: list[str], expected: tuple[int, bool]) -> None:
    assert quickstart.parse(arguments) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port"],
        ["--port", "0"],
        ["--port", "65536"],
        ["--port", "八千"],
        ["--port=-1"],
        ["tests"],
    ],
)
def test_it_refuses_what_is_no_port_or_no_option(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert quickstart.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.splitlines()[0].endswith("。")
    assert "用法" in said


def test_help_is_chinese_and_names_both_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert quickstart.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "--no-demo" in said
    assert "quickstart.py test" in said


def test_an_old_python_is_told_which_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert quickstart.main([]) == 1
    assert (
        capsys.readouterr().err == "需要 Python 3.11 至 3.13，现在是 3.9：请换用较新的 python3。\n"
    )


def test_a_terminal_without_chinese_does_not_stop_it() -> None:
    project = Path(quickstart.__file__).parent
    run = subprocess.run(
        [sys.executable, "quickstart.py", "--help"],
        cwd=project,
        env={"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert io.BytesIO(run.stdout).readline().strip()
