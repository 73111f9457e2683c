"""Reads: the refresh in force, and its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

import pyarrow as pa
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.errors import NotFound, UserError
from zhike.warehouse import lookup
from zhike.warehouse.catalog import DataFile, files_of, snapshot_id
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Contract
from zhike.warehouse.engines import engine
from zhike.warehouse.models import CurrentRefresh, Refresh

IN_FORCE = "SELECT r.id, r.finished_at FROM warehouse_refresh r JOIN warehouse_currentrefresh c ON c.refresh_id = r.id"


class NothingPublished(UserError):
    """No refresh has been published yet."""

    status = 503


@dataclass(frozen=True)
class Published:
    """The refresh in force: every read that names it sees the same moment."""

    refresh_id: int
    as_of: date
    finished_at: datetime
    customer_count: int
    next_customer_id: int  # above all customers; some numbers below it lead to another customer
    # Told by the rest, and not hashable: what was computed of a refresh may be remembered by the refresh.
    snapshots: Mapping[str, int | None] = field(compare=False)

    def files(self, contract: Contract, customer_id: int | None = None) -> tuple[DataFile, ...]:
        """The files of a table; with `customer_id`, those that may hold that customer."""
        files = files_of(contract, self.snapshots.get(contract.table))
        if customer_id is None:
            return files
        shard = customer_id // CUSTOMERS_PER_SHARD * CUSTOMERS_PER_SHARD
        return tuple(file for file in files if file.shard in (shard, None))

    def table(self, contract: Contract) -> Table:
        """All rows of a computed table."""
        return engine().open(contract, [file.path for file in self.files(contract)])

    def rows_of(self, contract: Contract, customer_id: int, *, limit: int = 1000) -> list[dict[str, object]]:
        """The rows of one customer in a table that is sorted by customer, newest first."""
        return lookup.rows_of(contract, self.files(contract, customer_id), customer_id, limit=limit)


def published() -> Published:
    """The refresh in force. Raises NothingPublished before the first."""
    # By hand: every request asks for it, and to put the question together takes Django four times as long.
    with connection.cursor() as cursor:
        cursor.execute(IN_FORCE)
        current = cursor.fetchone()
    if current is None:
        raise _nothing_published()
    return _finished(*current)


def refresh_in_force() -> Refresh:
    """The record of the refresh in force. Raises NothingPublished before the first."""
    current = CurrentRefresh.objects.select_related("refresh").first()
    if current is None:
        raise _nothing_published()
    return current.refresh


def _nothing_published() -> NothingPublished:
    return NothingPublished(_("nothing has been computed yet"), advice=_("Import data, then run `zhike refresh`."))


def published_refresh(refresh_id: int) -> Published:
    """A finished refresh, whether it is in force or not. Of an old one only what is kept longer may be left.

    Raises NotFound where there is none.
    """
    refresh = Refresh.objects.filter(pk=refresh_id, state=Refresh.State.FINISHED).first()
    if refresh is None:
        raise NotFound(_("there is no refresh %(refresh_id)s") % {"refresh_id": refresh_id})
    return _published(refresh)


@lru_cache(maxsize=4)
def _finished(refresh_id: int, _finished_at: object) -> Published:
    """A finished refresh, which nothing changes any more."""
    return _published(Refresh.objects.get(pk=refresh_id))


def _published(refresh: Refresh) -> Published:
    assert refresh.finished_at is not None
    return Published(
        refresh_id=refresh.pk,
        as_of=refresh.as_of,
        finished_at=refresh.finished_at,
        customer_count=refresh.customer_count,
        next_customer_id=refresh.next_customer_id,
        snapshots={**refresh.inputs, **refresh.outputs},
    )


def refreshes() -> QuerySet[Refresh]:
    """All refreshes, newest first, with their steps."""
    return Refresh.objects.prefetch_related("steps").order_by("-pk")


def newest(contract: Contract) -> Table:
    """The newest rows of a collected table, whatever was refreshed."""
    return engine().open(contract, [file.path for file in files_of(contract, snapshot_id(contract))])


def rows(table: Table) -> list[dict[str, object]]:
    """The rows of a small result."""
    result: pa.Table = engine().arrow(table)
    listed: list[dict[str, object]] = result.to_pylist()
    return listed
