"""Memory that benchmarks report."""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.memory import MemoryWatch, held_mib
from benchmarks.provinces import Province


def test_the_peak_of_a_process_is_seen_though_it_frees_it(tmp_path):
    code = "import time; x = bytearray(80 << 20); del x; time.sleep(1)"
    process = subprocess.Popen([sys.executable, "-c", code])
    with MemoryWatch(process.pid, tmp_path) as memory:
        process.wait()
    assert 80 < memory.process_mib < 200 and memory.backend_mib == 0


def test_backends_are_a_postmasters_children(tmp_path):
    folder = Path(tmp_path)
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    child = "import time; x = bytearray(60 << 20); time.sleep(1.5)"
    process = subprocess.Popen([sys.executable, "-c", code, child])
    (folder / "postmaster.pid").write_text(f"{process.pid}\n/data\n")
    with MemoryWatch(None, folder) as memory:
        process.wait()
    assert 60 < memory.backend_mib < 150


def test_an_ended_process_holds_nothing():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    time.sleep(0.01)
    assert held_mib(process.pid, "VmHWM") == 0 < held_mib(os.getpid(), "VmHWM")


def test_a_province_grows_enterprises_with_its_lines():
    assert Province.of(1_000_000, None, 1).enterprises == 2_000
    assert Province.of(20_000_000, None, 1).enterprises == 20_000
    assert Province.of(500, None, 1).enterprises == 20
    assert Province.of(500, 7, 1).compared.startswith("compared_500_7_1_")
