"""Tables that take seconds to make and are the same everywhere.

`make install` makes them once, and the wheel carries them. The name of their folder tells by which code they were made:
after a change they are made in memory, until `zhike.collect.identity.build` is run again.
"""

from __future__ import annotations

import functools
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
BUILT = HERE.parent / "built"
_tables: dict[str, Callable[[], pa.Table]] = {}


def built(make: Callable[[], pa.Table]) -> Callable[[], pa.Table]:
    """The table that a function makes, read from the folder of built tables if it is there."""
    _tables[make.__name__] = make

    @functools.cache
    @functools.wraps(make)
    def table() -> pa.Table:
        path = BUILT / _fingerprint() / f"{make.__name__}.parquet"
        return pq.read_table(path) if path.exists() else make()

    return table


def build() -> None:
    """Makes all tables anew."""
    folder = BUILT / _fingerprint()
    waiting = folder.with_suffix(".part")
    shutil.rmtree(BUILT, ignore_errors=True)
    waiting.mkdir(parents=True)
    for name, make in _tables.items():
        pq.write_table(make(), waiting / f"{name}.parquet")
    waiting.rename(folder)


@functools.cache
def _fingerprint() -> str:
    found = hashlib.blake2b(digest_size=8)
    for path in sorted(HERE.glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()
