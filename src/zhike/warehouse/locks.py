"""Exclusive pieces of work: held by one process at a time, released by its death."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import re
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from zhike.errors import AlreadyRunning

REFRESH = "refresh"  # whoever computes, publishes or removes what was computed


def landing(entity: str) -> str:
    """The lock of whoever adds rows to an entity's table."""
    return f"land-{entity}"


@contextlib.contextmanager
def exclusive(name: str, *, what: str, wait: bool = False) -> Iterator[None]:
    """Holds the lock `name` while the block runs.

    The operating system, or PostgreSQL, lets go when the process dies, so a killed
    holder never blocks anybody and no clock is involved. Raises AlreadyRunning if
    another process holds it and `wait` is false; `what` says it in words.
    """
    hold = _advisory_lock if connection.vendor == "postgresql" else _file_lock
    with hold(name, what, wait):
        yield


def is_free(name: str) -> bool:
    """Nobody holds the lock at this moment."""
    try:
        with exclusive(name, what=name):
            return True
    except AlreadyRunning:
        return False


@contextlib.contextmanager
def _file_lock(name: str, what: str, wait: bool) -> Iterator[None]:
    folder = settings.ZHIKE.home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / (re.sub(r"[^\w.-]", "_", name) + ".lock")).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise _already_running(what) from error
        yield


@contextlib.contextmanager
def _advisory_lock(name: str, what: str, wait: bool) -> Iterator[None]:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    # A connection of its own: the work may close or break the thread's connection.
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            if wait:
                cursor.execute("SELECT pg_advisory_lock(%s)", [number])
            else:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
                if not cursor.fetchone()[0]:
                    raise _already_running(what)
        yield
    finally:
        holder.close()


def _already_running(what: str) -> AlreadyRunning:
    return AlreadyRunning(
        _("%(what)s is already running") % {"what": what}, advice=_("Wait until it has ended, then try again.")
    )
