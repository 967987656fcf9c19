"""Acting beside a test, in a thread with a database connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def in_thread(act: Callable[[], object], errors: list[BaseException]) -> threading.Thread:
    """Start `act` in a thread; what it raises goes to `errors`."""

    def run() -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
