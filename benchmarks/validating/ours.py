"""Checking an upload of a file, from opening it to its faults stored: prints seconds as JSON.

`python -m benchmarks.validating.ours PATH`
"""

import datetime
import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path

import django

_KIB_PER_MIB = 1024


def main() -> None:
    """Receive the file, and time its check."""
    path = Path(sys.argv[1])
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from customs_audit.checking import check_upload
    from customs_audit.models import AuditUpload, UploadFault
    from customs_audit.upload_queries import fault_counts, row_counts

    upload = AuditUpload(
        audit_month=timezone.localdate().replace(day=1),
        file_name=path.name,
        file_size=path.stat().st_size,
    )
    upload.file.name = f"benchmark/{path.name}"
    stored = Path(upload.file.path)
    stored.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, stored)
    upload.save()
    connection.ensure_connection()
    begun, used = time.perf_counter(), time.process_time()
    ended = check_upload(upload.pk)
    seconds = time.perf_counter() - begun
    own = time.process_time() - used
    upload.refresh_from_db()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    counts = row_counts(upload)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor": {
                    "worker": round(own, 2),
                    "reader": round(children.ru_utime + children.ru_stime, 2),
                    "postgres": _backend_seconds(),
                },
                "reader_mib": round(children.ru_maxrss / _KIB_PER_MIB),
                "ended": ended,
                "state": upload.state,
                "message": upload.message,
                "rows": sum(counts.values()),
                "faulty": counts["faulty"],
                "faults": UploadFault.objects.filter(upload=upload).count(),
                "by_rule": {f"{one.rule} {one.field}": one.rows for one in fault_counts(upload)},
                "at": datetime.datetime.now().isoformat(timespec="seconds"),
            }
        )
    )
    stored.unlink()


def _backend_seconds() -> float:
    """Processor time that this connection's backend has used."""
    from django.db import connection

    number = connection.connection.info.backend_pid
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
