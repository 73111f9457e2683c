"""How many threads linear algebra takes."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """A context in which linear algebra takes one thread.

    A fit does thousands of operations on vectors so short that threads spend more time on meeting each other than on
    the work: with other work on the machine, ten times more.
    """
    return _controller().limit(limits=1, user_api="blas")


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all libraries that are loaded: once will do
