"""The Iceberg catalog: tables by contract, commits of finished files, files of a snapshot."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.io.pyarrow import parquet_files_to_data_files
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.update import TableUpdate
from pyiceberg.transforms import IdentityTransform, TruncateTransform
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    IcebergType,
    LongType,
    NestedField,
    StringType,
    TimestampType,
)

from zhike.errors import UserError
from zhike.installation import Installation
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Contract, Kind

ICEBERG_TYPES: dict[Kind, IcebergType] = {
    Kind.TEXT: StringType(),
    Kind.INTEGER: LongType(),
    Kind.DECIMAL: DecimalType(18, 4),
    Kind.NUMBER: DoubleType(),
    Kind.BOOLEAN: BooleanType(),
    Kind.DATE: DateType(),
    Kind.INSTANT: TimestampType(),
    Kind.JSON: StringType(),
    Kind.BINARY: BinaryType(),
}


class MergeOnReadDeletes(UserError):
    """Another program deleted rows of a table without rewriting its files."""


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a snapshot, with the values of its partition."""

    path: str
    rows: int
    size: int
    partition: Mapping[str, object]

    @property
    def shard(self) -> int | None:
        """The first customer_id of the range whose customers it holds; None where the table is not sharded."""
        shard = self.partition.get("shard")
        return shard if isinstance(shard, int) else None


_opened: list[SqlCatalog] = []


@lru_cache(maxsize=64)
def _open_catalog(installation: Installation, _thread: int) -> SqlCatalog:
    properties = {"uri": installation.catalog_uri, "warehouse": installation.warehouse}
    properties |= {
        f"s3.{ours}": value
        for ours, value in (
            ("endpoint", installation.s3_endpoint),
            ("region", installation.s3_region),
            ("access-key-id", installation.s3_access_key),
            ("secret-access-key", installation.s3_secret_key),
        )
        if value
    }
    opened = SqlCatalog("zhike", **properties)
    _opened.append(opened)
    return opened


def catalog() -> SqlCatalog:
    """The catalog of this installation; one connection pool per thread."""
    return _open_catalog(settings.ZHIKE, threading.get_ident())


def close_catalogs() -> None:
    """Lets go of the catalogs' database connections."""
    for opened in _opened:
        opened.engine.dispose()
    _opened.clear()
    _open_catalog.cache_clear()


def iceberg_schema(contract: Contract) -> Schema:
    # add_files accepts Parquet only into optional fields; the import enforces what is required.
    return Schema(
        *(
            NestedField(number, column.name, ICEBERG_TYPES[column.kind], required=False, doc=column.doc)
            for number, column in enumerate(contract, start=1)
        )
    )


def _partition_spec(contract: Contract, schema: Schema) -> PartitionSpec:
    fields = [
        PartitionField(schema.find_field(name).field_id, 1000 + number, IdentityTransform(), name)
        for number, name in enumerate(contract.partition_by)
    ]
    if contract.by_customer:
        customer = schema.find_field("customer_id").field_id
        fields.append(PartitionField(customer, 1000 + len(fields), TruncateTransform(CUSTOMERS_PER_SHARD), "shard"))
    return PartitionSpec(*fields)


def _properties(contract: Contract) -> dict[str, str]:
    properties = {"comment": contract.grain, "write.parquet.compression-codec": "zstd"}
    # Which bytes are the smallest and the largest says nothing, and is looked for in vain.
    unmeasured = (column.name for column in contract if column.kind == Kind.BINARY)
    return properties | {f"write.metadata.metrics.column.{name}": "none" for name in unmeasured}


def table_of(contract: Contract) -> Table:
    """The Iceberg table of a contract: created when first asked for, widened when the contract grew."""
    try:
        table = catalog().load_table(contract.table)
    except NoSuchTableError:
        schema = iceberg_schema(contract)
        catalog().create_namespace_if_not_exists(contract.namespace)
        return catalog().create_table_if_not_exists(
            contract.table,
            schema=schema,
            partition_spec=_partition_spec(contract, schema),
            properties=_properties(contract),
        )
    missing = [column for column in contract if column.name not in table.schema().column_names]
    if missing:
        with table.update_schema() as update:
            for column in missing:
                update.add_column(column.name, ICEBERG_TYPES[column.kind], doc=column.doc)
    _repartition(contract, table)
    return table


def _repartition(contract: Contract, table: Table) -> None:
    """What is written from now on is cut as the contract says, where an earlier version cut otherwise."""
    wanted = [*contract.partition_by, *(["shard"] if contract.by_customer else [])]
    now = [field.name for field in table.spec().fields]
    if now == wanted:
        return
    with table.transaction() as transaction:
        transaction.set_properties(_properties(contract))
    with table.update_spec() as update:
        for name in now:
            update.remove_field(name)
        for name in contract.partition_by:
            update.add_field(name, IdentityTransform(), name)
        if contract.by_customer:
            update.add_field("customer_id", TruncateTransform(CUSTOMERS_PER_SHARD), "shard")


def append_files(contract: Contract, paths: Sequence[str], *, properties: Mapping[str, str]) -> int | None:
    """Commits finished Parquet files as one append; the id of the new snapshot, None if it has no files."""
    table = table_of(contract)
    if not paths:
        return snapshot_id(contract)
    # Fresh names every time, so the search for the same path in all manifests can be spared.
    table.add_files(list(paths), snapshot_properties=dict(properties), check_duplicate_files=False)
    return snapshot_id(contract)


class _Remembering(Transaction):
    """A transaction that works its metadata out anew only when it changed, not for every look at them."""

    _known: tuple[tuple[TableUpdate, ...], TableMetadata] | None = None

    @property
    def table_metadata(self) -> TableMetadata:
        if self._known is None or self._known[0] is not self._updates:
            self._known = self._updates, super().table_metadata
        return self._known[1]


def replace_files(contract: Contract, paths: Sequence[str], *, properties: Mapping[str, str]) -> int | None:
    """Commits finished Parquet files in place of all there were; the id of the new snapshot."""
    table = table_of(contract)
    old = [task.file for task in table.scan().plan_files()] if files_of(contract, snapshot_id(contract)) else []
    if not old:
        return append_files(contract, paths, properties=properties)
    # In one snapshot: to delete and then to append takes two, and nobody may ever see the first.
    with (
        _Remembering(table) as transaction,
        transaction.update_snapshot(snapshot_properties=dict(properties)).overwrite() as snapshot,
    ):
        for file in old:
            snapshot.delete_data_file(file)
        for file in parquet_files_to_data_files(table.io, table.metadata, iter(paths)):
            snapshot.append_data_file(file)
    return snapshot_id(contract)


def snapshot_id(contract: Contract) -> int | None:
    """The newest snapshot of a table; None where nothing was ever committed."""
    snapshot = table_of(contract).current_snapshot()
    return snapshot.snapshot_id if snapshot else None


def committed_snapshot(contract: Contract, name: str, value: str) -> int | None:
    """The snapshot that was committed with this property; None if there is none.

    Tells after a crash between the commit and its record whether the commit took place.
    """
    for snapshot in reversed(table_of(contract).snapshots()):
        if snapshot.summary is not None and snapshot.summary[name] == value:
            return snapshot.snapshot_id
    return None


@lru_cache(maxsize=256)
def _files(table_name: str, snapshot: int) -> tuple[DataFile, ...]:
    table = catalog().load_table(table_name)
    tasks = table.scan(snapshot_id=snapshot).plan_files()
    files = []
    for task in tasks:
        if task.delete_files:
            raise MergeOnReadDeletes(
                _("the table holds merge-on-read deletes that another program wrote"),
                where=table_name,
                advice=_("Let that program rewrite the data files, in Spark by CALL system.rewrite_data_files."),
            )
        fields = table.specs()[task.file.spec_id].fields
        partition = {field.name: task.file.partition[place] for place, field in enumerate(fields)}
        files.append(DataFile(task.file.file_path, task.file.record_count, task.file.file_size_in_bytes, partition))
    return tuple(sorted(files, key=lambda file: (file.shard or 0, file.path)))


def files_of(contract: Contract, snapshot: int | None) -> tuple[DataFile, ...]:
    """The files of one snapshot, in the order of their shards; remembered, since snapshots never change.

    Raises MergeOnReadDeletes.
    """
    return () if snapshot is None else _files(contract.table, snapshot)
