"""Where an id leads that was given once: customers who were found to be one have the oldest id of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from zhike.collect.identity.tables import CUSTOMER_REDIRECTS
from zhike.warehouse.catalog import files_of
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import NothingPublished, Published, published
from zhike.warehouse.steps import Snapshots

GONE = -1  # in the place of a customer, where none is left
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Redirects:
    """The ids that are no customer any more, ascending, and the customers they lead to."""

    snapshot: int | None  # tells one state of them from another
    old: Ids
    current: Ids

    def leads_to(self, customer_id: int) -> int | None:
        """The customer whom an id leads to: itself for one who is a customer; None where nobody is left."""
        place = int(self.old.searchsorted(customer_id))
        if place == len(self.old) or self.old[place] != customer_id:
            return customer_id
        current = int(self.current[place])
        return None if current == GONE else current

    def moved(self, ids: npt.NDArray[np.integer]) -> Ids:
        """The customers whom these ids lead to, in the order of the ids; GONE where nobody is left."""
        found = ids.astype(np.int64)
        if len(self.old):
            places = np.minimum(self.old.searchsorted(found), len(self.old) - 1)
            found = np.where(self.old[places] == found, self.current[places], found)
        return found

    def ids_of(self, customer_id: int) -> tuple[int, ...]:
        """A customer's id and all that lead to it: what was written down of the customer has one of them."""
        return (customer_id, *map(int, self.old[self.current == customer_id]))

    @property
    def gone(self) -> BitMap:
        """The ids that are no customer any more."""
        return BitMap(self.old)

    def current_of(self, customers: BitMap) -> BitMap:
        """The customers whom a set of ids leads to."""
        gone = customers & self.gone
        if not gone:
            return customers
        moved = self.moved(np.frombuffer(gone.to_array(), np.uint32))
        return (customers - gone) | BitMap(moved[moved != GONE])


def is_customer(customer_id: int, now: Published) -> bool:
    """Whether there is a customer of this number: one that was given, and that leads to nobody else."""
    return 0 <= customer_id < now.next_customer_id and redirects(now).leads_to(customer_id) == customer_id


def redirects(now: Published) -> Redirects:
    """All redirects of a refresh."""
    return redirects_at(now.snapshots)


def redirects_in_force() -> Redirects:
    """All redirects of the refresh in force; none before the first."""
    try:
        return redirects(published())
    except NothingPublished:
        return _loaded(None)


def redirects_at(snapshots: Snapshots) -> Redirects:
    """All redirects, as some snapshots of the tables have them."""
    return _loaded(snapshots.get(CUSTOMER_REDIRECTS.table))


@lru_cache(maxsize=4)
def _loaded(snapshot: int | None) -> Redirects:
    paths = [file.path for file in files_of(CUSTOMER_REDIRECTS, snapshot)]
    rows = engine().arrow(engine().open(CUSTOMER_REDIRECTS, paths).order_by("customer_id"))
    current = rows["current_id"].fill_null(GONE)
    return Redirects(snapshot, rows["customer_id"].to_numpy(), current.to_numpy())
