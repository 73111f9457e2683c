"""A cluster of Spark's own kind: a master and a worker in processes of their own."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.warehouse.conftest import Program, wait_for

from zhike.errors import UserError
from zhike.installation import read_installation
from zhike.warehouse.engines.spark import SparkEngine, classic_settings, settings_of_java

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a running cluster on 127.0.0.1."""
    import pyspark

    home = Path(pyspark.__path__[0])
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    parts = {
        "master.Master": ["--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"],
        "worker.Worker": ["--host", "127.0.0.1", "--webui-port", "0", "--cores", "2", "--memory", "1g",
                          "--work-dir", str(tmp_path / "work"), address],
    }  # fmt: skip
    environ = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_JAVA_OPTS": QUICK}
    started = []
    try:
        for name, arguments in parts.items():
            with (tmp_path / f"{name}.log").open("w") as log:
                command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
                started.append(subprocess.Popen(command, stdout=log, stderr=log, env=environ))
        registered = "Successfully registered with master"
        wait_for(lambda: registered in (tmp_path / "worker.Worker.log").read_text(), seconds=60, pause=0.1)
        yield address
    finally:
        for process in started:
            process.kill()
            process.wait()


ORDERS_ON_CLUSTER = """
from datetime import date
from pathlib import Path
from tests.spec.tables import read_rows, write_table
from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.operate.setup import set_up
from zhike.understand.value.measures import order_summary
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.warehouse import catalog
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD
from zhike.warehouse.engines import engine_named

set_up()
path = Path({folder!r}) / "orders.parquet"
write_table(CUSTOMER_ORDERS, f'''
    customer_id           | source | order_id | ordered_on | amount
    1                     | shop   | a        | 2026-01-05 | 40
    1                     | shop   | b        | 2026-02-01 | 60.5
    {{CUSTOMERS_PER_SHARD}} | shop   | c        | 2026-02-01 | 99
''', path)
cluster, duckdb = engine_named({address!r}), engine_named("duckdb")
cluster.session.conf.set("spark.sql.shuffle.partitions", "2")
orders = cluster.open(CUSTOMER_ORDERS, [f"file://{{path}}"])
folder = f"{{catalog.table_of(ORDER_SUMMARY).location()}}/data"
summary = order_summary(orders, as_of=date(2026, 6, 1))
written = cluster.write(ORDER_SUMMARY, summary, folder, "test", shards=(0, CUSTOMERS_PER_SHARD))
files = catalog.files_of(ORDER_SUMMARY, catalog.append_files(ORDER_SUMMARY, written, properties={{}}))
read = duckdb.open(ORDER_SUMMARY, [file.path for file in files])
result = {{
    "where": cluster.session.sparkContext.master,
    "shards": [file.shard for file in files],
    "rows": [[row["customer_id"], row["order_count"], row["revenue_amount"]] for row in read_rows(duckdb, read)],
}}
"""


@pytest.mark.spark
def test_workers_of_a_cluster_write_what_duckdb_reads(cluster: str, program: Program, tmp_path: Path) -> None:
    result = program(
        ORDERS_ON_CLUSTER.format(folder=str(tmp_path), address=cluster),
        SPARK_SUBMIT_OPTS=QUICK,
        SPARK_LOCAL_IP="127.0.0.1",
    )
    assert result == {
        "where": cluster,
        "shards": [0, 262_144],
        "rows": [[1, 2, 100.5], [262_144, 1, 99.0]],
    }
    assert list((tmp_path / "work").glob("app-*"))  # the worker worked


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_a_cluster_that_is_not_there_is_said_at_once(scheme: str) -> None:
    address = f"{scheme}://127.0.0.1:{_free_port()}"
    with pytest.raises(UserError, match="nobody answers there") as error:
        SparkEngine(address).connection  # noqa: B018  asking is what connects
    assert error.value.where == address


def test_the_keys_of_an_object_store_reach_hadoop_and_no_command_line(tmp_path: Path) -> None:
    installation = read_installation(
        {
            "ZHIKE_HOME": str(tmp_path),
            "ZHIKE_WAREHOUSE": "s3://lake/zhike",
            "ZHIKE_S3_ENDPOINT": "http://127.0.0.1:9000",
            "ZHIKE_S3_ACCESS_KEY": "key",
            "ZHIKE_S3_SECRET_KEY": "secret",
            "ZHIKE_MEMORY": "4GB",
        }
    )
    chosen = classic_settings("spark://lake.example:7077", installation)
    s3a = "spark.hadoop.fs.s3a."
    assert {name.removeprefix(s3a): value for name, value in chosen.items() if name.startswith(s3a)} == {
        "endpoint": "http://127.0.0.1:9000",
        "access.key": "key",
        "secret.key": "secret",
        "path.style.access": "true",
        "connection.ssl.enabled": "false",
    }
    assert settings_of_java(chosen) == {
        "spark.driver.memory": "3814m",
        "spark.jars": chosen["spark.jars"],  # what a session loads when it has begun, Java itself does not find
    }
    assert Path(chosen["spark.jars"]).is_file()
    assert "spark.driver.host" not in chosen  # workers elsewhere have to find the driver
