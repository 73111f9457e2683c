"""Tables that other programs write to: deletes that wait to be merged are refused, not overlooked."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, AssertTableUUID, SetSnapshotRefUpdate
from pyiceberg.typedef import Record
from tests.warehouse.small_company import AS_OF

from zhike.collect.sources.services import import_file
from zhike.warehouse import catalog
from zhike.warehouse.catalog import MergeOnReadDeletes
from zhike.warehouse.entities import ORDERS
from zhike.warehouse.files import inner_path
from zhike.warehouse.models import Refresh
from zhike.warehouse.queries import published
from zhike.warehouse.services import run_refresh


class _DeleteManifestWriter(ManifestWriterV2):
    """pyiceberg writes no deletes of its own; the format of their manifests is that of data, said otherwise."""

    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


def _delete_first_row(table: Table) -> None:
    """Commits a position delete of the first row of the first file, as Spark does in merge-on-read mode."""
    victim = next(iter(table.scan().plan_files())).file
    path = f"{table.location()}/data/deletes.parquet"
    fields = [
        pa.field("file_path", pa.string(), nullable=False, metadata={"PARQUET:field_id": "2147483546"}),
        pa.field("pos", pa.int64(), nullable=False, metadata={"PARQUET:field_id": "2147483545"}),
    ]
    pq.write_table(pa.table([[victim.file_path], [0]], schema=pa.schema(fields)), inner_path(path))
    deletes = DataFile.from_args(
        content=DataFileContent.POSITION_DELETES,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=Record(*(victim.partition[place] for place in range(len(table.spec().fields)))),
        record_count=1,
        file_size_in_bytes=Path(inner_path(path)).stat().st_size,
    )
    deletes.spec_id = table.spec().spec_id
    _commit(table, deletes)


def _commit(table: Table, deletes: DataFile) -> None:
    before = table.current_snapshot()
    assert before is not None
    number, sequence = table.metadata.new_snapshot_id(), table.metadata.next_sequence_number()
    output = table.io.new_output(f"{table.location()}/metadata/deletes-m0.avro")
    with _DeleteManifestWriter(table.spec(), table.schema(), output, number, "null") as writer:
        entry = ManifestEntry.from_args(
            status=ManifestEntryStatus.ADDED, snapshot_id=number, sequence_number=None, data_file=deletes
        )
        writer.add_entry(entry)
    manifest = writer.to_manifest_file()
    listing = f"{table.location()}/metadata/snap-{number}.avro"
    with write_manifest_list(
        2, table.io.new_output(listing), number, before.snapshot_id, sequence, "null"
    ) as manifest_list:
        manifest_list.add_manifests([manifest, *before.manifests(table.io)])
    snapshot = Snapshot(
        snapshot_id=number,
        parent_snapshot_id=before.snapshot_id,
        sequence_number=sequence,
        manifest_list=listing,
        summary=Summary(Operation.DELETE),
        schema_id=table.metadata.current_schema_id,
    )
    updates = (
        AddSnapshotUpdate(snapshot=snapshot),
        SetSnapshotRefUpdate(snapshot_id=number, ref_name="main", type="branch"),
    )
    table.catalog.commit_table(table, (AssertTableUUID(uuid=table.metadata.table_uuid),), updates)


def _import_orders(folder: Path) -> None:
    path = folder / "orders.csv"
    path.write_text("order_id,customer_key,ordered_at,amount\na,anna,2026-05-01,10\nb,ben,2026-05-01,20\n")
    import_file(path, entity="orders", source="shop")


def test_deletes_that_wait_to_be_merged_are_refused(home: Path, tmp_path: Path) -> None:
    _import_orders(tmp_path)
    first = run_refresh(as_of=AS_OF)
    _delete_first_row(catalog.table_of(ORDERS))
    # Another program sees one row less: the delete is a real one.
    assert len(catalog.table_of(ORDERS).scan().to_arrow()) == 1
    with pytest.raises(MergeOnReadDeletes, match="merge-on-read deletes") as refused:
        run_refresh(as_of=AS_OF)
    assert refused.value.where == "collected.orders"
    assert "rewrite_data_files" in refused.value.advice
    assert published().refresh_id == first.pk
    assert Refresh.objects.filter(state=Refresh.State.FINISHED).count() == 1


def test_once_rewritten_by_their_program_the_rows_that_are_left_count(home: Path, tmp_path: Path) -> None:
    _import_orders(tmp_path)
    _delete_first_row(catalog.table_of(ORDERS))
    table = catalog.table_of(ORDERS)
    table.overwrite(table.scan().to_arrow())  # what CALL system.rewrite_data_files does
    assert run_refresh(as_of=AS_OF).customer_count == 1
