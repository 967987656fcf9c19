"""Reading a workbook with python-calamine and nothing else: prints seconds as JSON.

`python -m benchmarks.validating.calamine PATH ROUNDS` (the best of so many)
"""

import json
import sys
import time

from python_calamine import CalamineWorkbook


def read(path: str) -> tuple[float, float, int]:
    """Read every row once; wall and processor seconds, and how many rows."""
    begun, used = time.perf_counter(), time.process_time()
    rows = sum(1 for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())
    return time.perf_counter() - begun, time.process_time() - used, rows


def main() -> None:
    """Time it."""
    seconds, processor, rows = min(read(sys.argv[1]) for _ in range(int(sys.argv[2])))
    print(json.dumps({"seconds": seconds, "processor": round(processor, 2), "rows": rows}))


if __name__ == "__main__":
    main()
