"""The engine of a cluster: Apache Spark, classic or by Connect, over the same Parquet files."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.utils.translation import gettext as _
from ibis.backends.pyspark import Backend
from ibis.expr.types import Table
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import DataFrame, SparkSession, types
from pyspark.sql import functions as f
from splink.internals.spark.jar_location import similarity_jar_location

from zhike.errors import UserError
from zhike.installation import Installation, parse_size
from zhike.warehouse.computing import ByRange
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Column, Contract, Kind
from zhike.warehouse.engines import kind_of
from zhike.warehouse.engines.spark_texts import write_white_space
from zhike.warehouse.files import delete_files, filesystem, inner_path, list_files, remove_folder

if TYPE_CHECKING:
    from splink.internals.database_api import DatabaseAPI

SHARD = "shard"
MASTER_PORT, CONNECT_PORT = 7077, 15002
SECONDS_TO_ANSWER = 10
FOR_JAVA = ("spark.driver.memory", "spark.jars")  # what Java itself must be started with

SPARK_TYPES: dict[Kind, types.DataType] = {
    Kind.TEXT: types.StringType(),
    Kind.INTEGER: types.LongType(),
    Kind.DECIMAL: types.DecimalType(18, 4),
    Kind.NUMBER: types.DoubleType(),
    Kind.BOOLEAN: types.BooleanType(),
    Kind.DATE: types.DateType(),
    Kind.INSTANT: types.TimestampNTZType(),
    Kind.JSON: types.StringType(),
    Kind.BINARY: types.BinaryType(),
}

# What a session must agree on with DuckDB and Iceberg, wherever it runs.
SESSION_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.writeLegacyFormat": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


class SparkEngine:
    """Spark, one session per process: `local[2]` in it, `spark://host:port` a cluster, `sc://host:port` Connect."""

    shard_by_shard = False

    def __init__(self, address: str) -> None:
        self.name = address
        self._backend: Backend | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    @property
    def connection(self) -> Backend:
        """Ibis's connection to the session. Raises UserError where Spark cannot be reached."""
        with self._lock:
            if self._backend is None:
                write_white_space()
                self._backend = ibis.pyspark.connect(_session(self.name, settings.ZHIKE))
        return self._backend

    @property
    def session(self) -> SparkSession:
        """Spark's own session."""
        session: SparkSession = self.connection._session  # Ibis has no public name for it
        return session

    def open(self, contract: Contract, paths: Sequence[str]) -> Table:
        # The schema is stated, so that a column which an old file lacks is empty and nothing has to be inferred.
        if paths:
            schema = types.StructType([types.StructField(column.name, SPARK_TYPES[column.kind]) for column in contract])
            return self._view(self.session.read.schema(schema).parquet(*(_for_hadoop(path) for path in paths)))
        # Said so that the optimiser sees that it is empty, and leaves out all that hangs on it.
        empty = (f.lit(None).cast(SPARK_TYPES[column.kind]).alias(column.name) for column in contract)
        return self._view(self.session.range(0).select(*empty).filter(f.lit(False)))

    @contextlib.contextmanager
    def inputs(self, files: Mapping[Contract, Sequence[str]]) -> Iterator[dict[str, Table]]:
        yield {contract.table: self.open(contract, paths) for contract, paths in files.items()}

    def write(
        self, contract: Contract, table: Table, folder: str, prefix: str, *, shards: Sequence[int] = (0,)
    ) -> list[str]:
        target = f"{folder}/{prefix}"
        frame = self._conforming(contract, table)
        if contract.by_customer:
            writer = _by_shard(frame, contract, len(shards)).write.partitionBy(SHARD)
        else:
            writer = (frame.orderBy(*contract.sorted_by) if contract.sorted_by else frame).write
        # The files of a killed refresh have other prefixes, so there is never anything to replace.
        writer.mode("error").parquet(_for_hadoop(target))
        return self._written(target)

    @contextlib.contextmanager
    def sharing(self, *tables: Table) -> Iterator[tuple[Table, ...]]:
        # Written down and not persisted: Spark would go through how a table came about for every query on it again.
        folder = f"{settings.ZHIKE.warehouse}/scratch/shared-{uuid.uuid4().hex}"
        try:
            yield tuple(self._kept(self._frame(table), f"{folder}/{place}") for place, table in enumerate(tables))
        finally:
            remove_folder(folder)

    def ranges(self, wanted: ByRange) -> Iterator[tuple[int, pa.Table]]:
        """The cluster writes all ranges to scratch, each into files of its own, which are read here in their order."""
        tables = {contract.table: self.open(contract, paths(None)) for contract, paths in wanted.tables.items()}
        table = wanted.compute(tables, wanted.whole, lambda table: table)
        if table is None:
            return
        columns = tuple(Column(name, kind_of(kind), "") for name, kind in table.schema().items())
        wide = Contract("scratch", wanted.name, "one customer", ("customer_id",), columns, (), ("customer_id",), True)
        files = self.write(wide, table, wanted.scratch, wanted.name, shards=wanted.shards)
        for shard in wanted.shards:
            parts = [uri for uri in files if f"/{SHARD}={shard}/" in uri]
            if parts:
                opened = [pq.ParquetFile(inner_path(uri), filesystem=filesystem()) for uri in parts]
                read = pa.concat_tables([file.read() for file in opened])
                yield shard, read if len(parts) == 1 else read.sort_by("customer_id")

    def arrow(self, table: Table) -> pa.Table:
        return self._frame(table).toArrow()

    def splink(self) -> DatabaseAPI[DataFrame]:
        """Splink on a classic session. Raises UserError on Spark Connect, where it cannot work."""
        if self.name.startswith("sc://"):
            raise UserError(
                _("records cannot be linked over Spark Connect"),
                where=self.name,
                advice=_("Give the address of the cluster itself: ZHIKE_ENGINE=spark://host:7077."),
            )
        from splink import SparkAPI

        # What is found round by round is written down, where every worker of the cluster reaches it.
        self.session.sparkContext.setCheckpointDir(_for_hadoop(f"{settings.ZHIKE.warehouse}/scratch/splink"))
        return SparkAPI(spark_session=self.session, break_lineage_method="parquet")

    def _frame(self, table: Table) -> DataFrame:
        self.connection._run_pre_execute_hooks(table)  # tables in memory; Ibis does it for what it executes itself
        return self.session.sql(self.connection.compile(table))

    def _kept(self, frame: DataFrame, folder: str) -> Table:
        frame.write.parquet(_for_hadoop(folder))
        return self._view(self.session.read.schema(frame.schema).parquet(_for_hadoop(folder)))

    def _view(self, frame: DataFrame) -> Table:
        name = f"zhike_{next(self._numbers)}"
        frame.createOrReplaceTempView(name)
        return self.connection.table(name)

    def _conforming(self, contract: Contract, table: Table) -> DataFrame:
        """The rows with the contract's columns in its order and types; a column the table lacks is empty."""
        frame = self._frame(table)
        return frame.select(
            *(
                (frame[column.name] if column.name in table.columns else f.lit(None))
                .cast(SPARK_TYPES[column.kind])
                .alias(column.name)
                for column in contract
            )
        )

    def _written(self, target: str) -> list[str]:
        """URIs of the part files below a folder that hold rows; what else Spark left there goes."""
        found = list_files(target)
        parts = [uri for uri in sorted(found) if uri.rsplit("/", 1)[1].startswith("part-") and uri.endswith(".parquet")]
        filled = [uri for uri in parts if _has_rows(uri)]
        delete_files([uri for uri in found if uri not in filled])
        return filled


def _by_shard(frame: DataFrame, contract: Contract, shard_count: int) -> DataFrame:
    """The rows with their shard, each shard in one partition and sorted, so that it becomes one file."""
    first = (frame.customer_id - f.pmod(frame.customer_id, f.lit(CUSTOMERS_PER_SHARD))).alias(SHARD)
    dealt = frame.select("*", first).repartition(shard_count, SHARD)
    return dealt.sortWithinPartitions(SHARD, *contract.sorted_by)


def _has_rows(uri: str) -> bool:
    return pq.read_metadata(inner_path(uri), filesystem=filesystem()).num_rows > 0


def _for_hadoop(uri: str) -> str:
    """Hadoop knows S3 as s3a."""
    return uri.replace("s3://", "s3a://", 1) if uri.startswith("s3://") else uri


def _session(address: str, installation: Installation) -> SparkSession:
    if not address.startswith("local"):
        _check_reachable(address)
    try:
        session = _connect_session(address) if address.startswith("sc://") else _classic_session(address, installation)
        for name, value in SESSION_SETTINGS.items():
            session.conf.set(name, value)
    except Exception as error:
        raise UserError(
            _("Spark cannot be started: %(type)s") % {"type": type(error).__name__},
            where=address,
            advice=_("Is Java 17 or later installed? `logs/spark.log` in the home may say more."),
        ) from error
    return session


def _check_reachable(address: str) -> None:
    """Raises UserError where nobody listens, which Spark itself would take ten minutes to find out."""
    for master in urlsplit(address).netloc.split(","):
        place = urlsplit(f"//{master}")
        with contextlib.suppress(OSError):
            port = place.port or (CONNECT_PORT if address.startswith("sc://") else MASTER_PORT)
            socket.create_connection((place.hostname, port), timeout=SECONDS_TO_ANSWER).close()
            return
    raise UserError(
        _("nobody answers there"), where=address, advice=_("Is Spark running, and ZHIKE_ENGINE its address?")
    )


def _connect_session(address: str) -> SparkSession:
    session: SparkSession = SparkSession.builder.remote(address).getOrCreate()
    return session


def _classic_session(address: str, installation: Installation) -> SparkSession:
    """A session whose Java process says what it has to say in `logs/spark.log`, not on the console."""
    chosen = {"spark.master": address, "spark.app.name": "zhike", **classic_settings(address, installation)}
    conf = SparkConf().setAll(list(chosen.items()))
    for_java = SparkConf().setAll(list(settings_of_java(chosen).items()))
    log = installation.home / "logs" / "spark.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        gateway = launch_gateway(for_java, {"stdout": file, "stderr": file})
    context = SparkContext(conf=conf, gateway=gateway)
    context.setLogLevel("WARN")
    return SparkSession(context)


def settings_of_java(chosen: dict[str, str]) -> dict[str, str]:
    """What goes on Java's command line, which every user of the machine may read: only what has to."""
    return {name: value for name, value in chosen.items() if name in FOR_JAVA}


def classic_settings(address: str, installation: Installation) -> dict[str, str]:
    """What a classic session is started with; the firm's own spark-defaults.conf says the rest."""
    scratch = installation.scratch / "spark"
    chosen = {
        **SESSION_SETTINGS,
        "spark.ui.showConsoleProgress": "false",
        "spark.jars": similarity_jar_location(),  # how alike two texts are, as Splink asks Spark
        "spark.sql.warehouse.dir": f"file://{scratch}/warehouse",
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    }
    host = urlsplit(address).hostname
    if host in (None, "127.0.0.1", "localhost"):
        chosen |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
        }
    if address.startswith("local"):
        # As many partitions as a machine can use; a cluster's own settings know better.
        chosen |= {"spark.local.dir": f"{scratch}/local", "spark.sql.shuffle.partitions": "8"}
    if installation.memory:
        chosen["spark.driver.memory"] = f"{parse_size('memory', installation.memory) // 2**20}m"
    return chosen | _s3_settings(installation)


def _s3_settings(installation: Installation) -> dict[str, str]:
    """The object store as Hadoop's s3a wants it; the cluster brings the hadoop-aws JAR."""
    if installation.is_local:
        return {}
    stated = {
        "endpoint": installation.s3_endpoint,
        "endpoint.region": installation.s3_region,
        "access.key": installation.s3_access_key,
        "secret.key": installation.s3_secret_key,
    }
    chosen = {f"spark.hadoop.fs.s3a.{name}": value for name, value in stated.items() if value}
    if installation.s3_endpoint:  # stores other than AWS have no host for each bucket
        chosen["spark.hadoop.fs.s3a.path.style.access"] = "true"
        chosen["spark.hadoop.fs.s3a.connection.ssl.enabled"] = str(installation.s3_endpoint.startswith("https")).lower()
    return chosen
