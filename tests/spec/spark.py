"""The one Spark session of a test run."""

from __future__ import annotations

import os

import pytest

from zhike.warehouse.computing import Engine
from zhike.warehouse.engines import engine_named

SPARK = "local[2]"
# Its Java lives for a minute or two: quick compilation beats good compilation.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

SPARK_MARKS = (
    pytest.mark.spark,
    # PySpark leaves the socket over which it collected a result to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
)
ENGINES = ("duckdb", pytest.param(SPARK, id="spark", marks=SPARK_MARKS))


def engine_for_tests(name: str) -> Engine:
    """The engine of this name; Spark cuts small tables into few pieces."""
    chosen = engine_named(name)
    if name == SPARK:
        chosen.session.conf.set("spark.sql.shuffle.partitions", "2")  # type: ignore[attr-defined]
    return chosen
