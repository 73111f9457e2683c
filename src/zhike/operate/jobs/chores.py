"""Chores: small pieces of work that come round again, beside the jobs and not behind them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from zhike.govern.access.actors import OPERATOR, acting_as

logger = logging.getLogger("zhike.worker")


def start_chores() -> Callable[[], None]:
    """What ends the chores, which come round until then, each in a thread of its own: none waits for a long job."""
    for name in settings.CHORES:
        import_string(name)  # one after the other: threads that import the same packages at once lock each other out
    stopped = threading.Event()
    threads = [
        threading.Thread(target=_repeat, args=(name, pause, stopped), name=f"zhike-{name}", daemon=True)
        for name, pause in settings.CHORES.items()
    ]
    for thread in threads:
        thread.start()

    def stop() -> None:
        stopped.set()
        for thread in threads:
            thread.join()

    return stop


def do_chores() -> None:
    """Every chore is done once."""
    for name in settings.CHORES:
        _do(name)


def _repeat(name: str, pause: float, stopped: threading.Event) -> None:
    while not stopped.is_set():
        _do(name)
        connection.close()  # a server may be restarted between two rounds
        stopped.wait(pause)


def _do(name: str) -> None:
    """A chore that fails comes round again; the others are not its concern."""
    try:
        with acting_as(OPERATOR):
            import_string(name)()
    except Exception:
        logger.exception("chore failed", extra={"chore": name})
