"""Threads that Python did not start, such as those of the server, come and go without harm to the engine."""

from __future__ import annotations

import subprocess
import sys

ASKING = """
import ctypes

import django

django.setup()
import ibis
import pyarrow as pa
from zhike.warehouse.engines.duckdb import DuckDBEngine

engine = DuckDBEngine()
answers = []


def ask(_nothing):
    numbers = ibis.memtable(pa.table({"n": list(range(1000))}))
    answers.append(engine.connection.execute(numbers.n.sum()))


thread, body = ctypes.c_ulong(), ctypes.CFUNCTYPE(None, ctypes.c_void_p)(ask)
libc = ctypes.CDLL(None)
for _time in range(20):
    assert libc.pthread_create(ctypes.byref(thread), None, body, None) == 0
    assert libc.pthread_join(thread, None) == 0
assert answers == [499_500] * 20, answers
"""


def test_the_connection_of_a_thread_outlives_it(tmp_path: object) -> None:
    environ = {"DJANGO_SETTINGS_MODULE": "zhike.config.settings", "ZHIKE_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", ASKING], capture_output=True, text=True, timeout=100, env=environ)
    assert done.returncode == 0, done.stderr
