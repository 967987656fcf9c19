"""Writing the outbox, and waking the worker that works it off."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

COMPARISON_TASK = "comparison.work_outbox"


def wake_comparison() -> None:
    """Ask a worker to work the outbox off once the present transaction is committed.

    A queue that can't be reached loses nothing: beat asks again within a minute.
    """
    transaction.on_commit(_send)


def _send() -> None:
    try:
        current_app.send_task(COMPARISON_TASK, queue="batch", retry=False)
    except OperationalError as error:
        logger.warning("队列暂时连不上，比对将由定时任务补上：%s", error)
