"""What this process remembers of indexes: whatever was asked for last, up to so many bytes; all threads share it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar

from django.conf import settings
from pyroaring import BitMap

Found = TypeVar("Found")


class Sized(Protocol):
    """Something that knows about how much memory it takes."""

    @property
    def bytes(self) -> int:
        """In bytes."""


class Memory:
    """The least recently used goes first; what is larger than all there is room for is not kept at all."""

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._begun: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self.bytes = 0

    def sized(self, key: Hashable, load: Callable[[], Sized]) -> Any:
        """What is remembered under a key, else what `load` gives: once, however many threads ask at a time."""
        return self._found(key, load, lambda found: found.bytes)

    def bitmap(self, key: Hashable, load: Callable[[], BitMap]) -> BitMap:
        """The same of a set. Not to be changed: all who ask are given the same one."""
        return self._found(key, load, bytes_of)

    def kept(self, key: Hashable) -> BitMap | None:
        """The set that is remembered under a key."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            found: BitMap = self._kept[key][0]
            return found

    def forget(self) -> None:
        """Empties it."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _found(self, key: Hashable, load: Callable[[], Found], size: Callable[[Found], int]) -> Found:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
            begun = self._begun.setdefault(key, threading.Lock())
        with begun:
            with self._lock:
                if key in self._kept:
                    return self._kept[key][0]
            try:
                found = load()
                self._keep(key, found, size(found))
            finally:
                with self._lock:
                    self._begun.pop(key, None)
        return found

    def _keep(self, key: Hashable, found: object, size: int) -> None:
        limit = self._limit()
        with self._lock:
            if size > limit:
                return
            self._kept[key] = (found, size)
            self.bytes += size
            while self.bytes > limit:
                _key, (_found, freed) = self._kept.popitem(last=False)
                self.bytes -= freed


MEMORY = Memory(lambda: settings.ZHIKE.index_memory)

OVERHEAD = 200  # of an entry, and of a set beside its containers


def bytes_of(bitmap: BitMap) -> int:
    """About how much memory a set takes."""
    held = bitmap.get_statistics()
    sizes = held["n_bytes_array_containers"] + held["n_bytes_run_containers"] + held["n_bytes_bitset_containers"]
    return OVERHEAD + 16 * held["n_containers"] + sizes
