"""The Celery application: two queues, tasks acknowledged only when they are done."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal.embedded import ensure_services  # the settings read the addresses it sets

ensure_services()

from celery import Celery  # noqa: E402

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
