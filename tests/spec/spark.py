"""The one Spark session of a test run."""

from __future__ import annotations

import os

import pytest

from zhike.warehouse.computing import Engine
from zhike.warehouse.engines import engine_named

SPARK = "local[2]"
# Its Java lives for a minute or two: quick compilation beats good compilation.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

os.environ.setdefault("SPARK_DRIVER_MEMORY", "2g")  # it remembers every table of every test

SPARK_MARKS = (
    pytest.mark.spark,
    # PySpark leaves the socket over which it collected a result to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
)
ENGINES = ("duckdb", pytest.param(SPARK, id="spark", marks=SPARK_MARKS))


# Tables are small here: to cut them into many pieces, plan anew on the way and write Java for each step takes longer.
SMALL = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def engine_for_tests(name: str) -> Engine:
    """The engine of this name; Spark is told that tables are small."""
    chosen = engine_named(name)
    if name == SPARK:
        for setting, value in SMALL.items():
            chosen.session.conf.set(setting, value)  # type: ignore[attr-defined]
    return chosen
