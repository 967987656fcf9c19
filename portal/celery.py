"""The Celery application: two queues, tasks acknowledged only when they are done."""

import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal.embedded import ensure_services  # the settings read the addresses it sets

ensure_services()

from celery import Celery, signals  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_init.connect
@signals.beat_init.connect
def _refuse_test_roots(**kwargs: Any) -> None:
    """End a worker or beat that would serve a portal which believes test cards."""
    from authorization.checks import refuse_test_roots

    try:
        refuse_test_roots()
    except ImproperlyConfigured as problem:  # Celery only logs what is no SystemExit
        sys.exit(str(problem))
