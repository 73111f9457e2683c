"""Where linking works: an engine, with Splink on it, and tables that are gone when the work is done."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from ibis.expr.types import Table
from splink.clustering import cluster_pairwise_predictions_at_threshold
from splink.internals.splink_dataframe import SplinkDataFrame

from zhike.collect.identity.linking.model import GROUP, LEFT, RECORD_ID, RIGHT
from zhike.warehouse.computing import Engine


class Workbench:
    """Tables in between, each computed once, on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.splink = engine.splink()
        self._kept = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.splink.delete_tables_created_by_splink_from_db()
        self._kept.close()

    def keep(self, table: Table) -> Table:
        """The same rows, computed now and once."""
        [kept] = self._kept.enter_context(self.engine.sharing(table))
        return kept

    def count(self, table: Table) -> int:
        """How many rows there are."""
        return int(self.engine.arrow(table.count().as_table())[0][0].as_py())

    def for_splink(self, kept: Table) -> SplinkDataFrame:
        """A table that is kept, as Splink takes it."""
        return self.splink.register(kept.get_name().rpartition(".")[2])

    def from_splink(self, frame: SplinkDataFrame) -> Table:
        """What Splink computed, as a table."""
        return self.engine.connection.table(frame.physical_name)

    def components(self, nodes: Table, edges: Table) -> Table:
        """`record_id` and `cluster_id`, the smallest record that is linked with it, of every node."""
        found = cluster_pairwise_predictions_at_threshold(
            self.for_splink(self.keep(nodes)),
            self.for_splink(self.keep(edges)),
            self.splink,
            node_id_column_name=RECORD_ID,
            edge_id_column_name_left=LEFT,
            edge_id_column_name_right=RIGHT,
        )
        return self.from_splink(found).select(RECORD_ID, GROUP)
