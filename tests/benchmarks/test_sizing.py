"""The model of sizes finds a law that is there, and says how far it misses one that is not."""

import json
import subprocess
import sys

import pytest

from benchmarks.sizing import at, fit, measured


def test_a_straight_line_is_found_again():
    law = fit([1_000, 5_000, 20_000], [3 + 0.9 * n for n in (1_000, 5_000, 20_000)])
    assert law == (pytest.approx(3), pytest.approx(0.9))
    assert at(law, 100_000) == pytest.approx(90_003)


def test_one_size_makes_no_law():
    with pytest.raises(ValueError):
        fit([1_000], [1.0])


def test_a_figure_that_a_run_lacks_is_left_out():
    assert measured([{"size": 1, "seconds": 2}, {"size": 3}], "seconds") == {1: 2.0}


def test_the_error_is_that_at_the_size_left_out(tmp_path):
    file = tmp_path / "runs.jsonl"
    sizes = [(1_000, 1.0), (10_000, 10.0), (100_000, 125.0)]
    file.write_text("\n".join(json.dumps({"size": n, "seconds": s}) for n, s in sizes))
    command = [sys.executable, "-m", "benchmarks.sizing", str(file), "--no-databases"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["left_out"] == 100_000
    assert said["figures"]["seconds"]["fitted"] == pytest.approx(100, abs=0.1)
    assert said["figures"]["seconds"]["error"] == pytest.approx(-0.2, abs=0.001)
