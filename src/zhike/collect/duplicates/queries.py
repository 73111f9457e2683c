"""Reads of possible duplicates: the queue, and two customers beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import ibis
import pyarrow as pa
from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.collect.identity.decided import PAIR, pairs_of, pending_decisions
from zhike.collect.identity.linking.model import Model
from zhike.collect.identity.models import Decision
from zhike.collect.identity.queries import Key, NoSuchDecision, check_all_there, decisions
from zhike.collect.identity.tables import IDENTITY_DECISIONS, IDENTITY_MAP, IDENTITY_MODELS, POSSIBLE_DUPLICATES
from zhike.collect.profiles.tables import CUSTOMER_RECORDS, CUSTOMERS
from zhike.errors import NotFound
from zhike.govern.access.masking import masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import Published, published

TWO = ("customer_id", "other_id")
ENDS = ("_l", "_r")
PAIRS_SHOWN = 100


class NotDuplicates(NotFound):
    """These two customers are no possible duplicates."""


@dataclass(frozen=True)
class Duplicate:
    """Two customers who may be one."""

    customer_id: int
    other_id: int
    kind: str
    probability: float
    weight: float  # in bits
    evidence: str  # as linking wrote it: name:level
    name: str = ""
    other_name: str = ""


@dataclass(frozen=True)
class Queue:
    """Some of those that wait, and how many there are."""

    duplicates: tuple[Duplicate, ...]
    total: int


@dataclass(frozen=True)
class Beside:
    """Two customers beside each other; the records of each as whoever acts may see them."""

    duplicate: Duplicate
    records: tuple[list[dict[str, object]], list[dict[str, object]]]
    model: Model | None


def waiting(
    *, kind: str = "", offset: int = 0, limit: int = 50, by: str = "match_weight", falling: bool = True
) -> Queue:
    """The possible duplicates of which nobody decided anything, likeliest first. Raises Denied, NothingPublished."""
    require(Right.RESOLVE_IDENTITY)
    now = published()
    found = _undecided(now)
    if kind:
        found = found.filter(found.kind == kind)
    total = int(engine().arrow(found.count().as_table())[0][0].as_py())
    order = ibis.desc(by) if falling else ibis.asc(by)
    rows = engine().arrow(found.order_by(order, *TWO).limit(limit, offset=offset)).to_pylist()
    names = names_of({row[end] for row in rows for end in TWO}, now)
    return Queue(tuple(_duplicate(row, names) for row in rows), total)


def waiting_count() -> int:
    """How many possible duplicates wait. Raises NothingPublished."""
    return int(engine().arrow(_undecided(published()).count().as_table())[0][0].as_py())


def next_after(customer_id: int, other_id: int) -> tuple[int, int] | None:
    """The two that come after these in the queue; its first where these are not in it; None at its end."""
    require(Right.RESOLVE_IDENTITY)
    now = published()
    found = _undecided(now)
    place = _pair(now, customer_id, other_id)
    if place is not None:
        weight = ibis.literal(place["match_weight"])
        later = (found.match_weight == weight) & (
            (found.customer_id > customer_id) | (found.customer_id == customer_id) & (found.other_id > other_id)
        )
        found = found.filter((found.match_weight < weight) | later)
    rows = engine().arrow(found.order_by(ibis.desc("match_weight"), *TWO).select(*TWO).limit(1)).to_pylist()
    return (rows[0]["customer_id"], rows[0]["other_id"]) if rows else None


def beside(customer_id: int, other_id: int) -> Beside:
    """Two possible duplicates with their records. Raises Denied, NoSuchCustomers, NotDuplicates, NothingPublished."""
    require(Right.RESOLVE_IDENTITY)
    now = published()
    first, second = sorted((customer_id, other_id))
    records = (records_of(first, now), records_of(second, now))
    check_all_there([one for one, found in zip((first, second), records, strict=True) if not found], now)
    row = _pair(now, first, second)
    if row is None:
        raise NotDuplicates(
            _("customers %(one)s and %(other)s are no possible duplicates") % {"one": first, "other": second}
        )
    duplicate = _duplicate(row, names_of({first, second}, now))
    return Beside(duplicate, records, model_of(duplicate.kind))


def model_of(kind: str) -> Model | None:
    """How much each piece of evidence weighs in the refresh in force. Raises NothingPublished."""
    return _models(published()).get(kind)


@lru_cache(maxsize=2)
def _models(now: Published) -> dict[str, Model]:
    return {
        row["kind"]: Model.from_json(row["model"]) for row in engine().arrow(now.table(IDENTITY_MODELS)).to_pylist()
    }


def duplicates_of(customer_id: int) -> tuple[Duplicate, ...]:
    """Who else a customer may be, likeliest first, whether decided by now or not. Raises Denied, NothingPublished."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    rows = now.rows_of(POSSIBLE_DUPLICATES, customer_id)
    names = names_of({int(str(row["other_id"])) for row in rows}, now)
    return tuple(_duplicate(row, names) for row in rows)


def records_of(customer_id: int, now: Published) -> list[dict[str, object]]:
    """The records of a customer, one for each key, as whoever acts may see them."""
    return [masked(CUSTOMER_RECORDS, row) for row in now.rows_of(CUSTOMER_RECORDS, customer_id)]


@dataclass(frozen=True)
class Record:
    """One record of a customer, to be chosen by a token that does not tell its key."""

    token: str
    key: Key
    shown: dict[str, object]


def choosable(customer_id: int) -> tuple[Record, ...]:
    """The records of a customer. Raises Denied, NoSuchCustomers, NothingPublished."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    found = now.rows_of(CUSTOMER_RECORDS, customer_id)
    check_all_there([] if found else [customer_id], now)
    keys = [Key(str(row["source"]), str(row["customer_key"])) for row in found]
    return tuple(
        Record(blake2b(str(key).encode(), digest_size=9).hexdigest(), key, masked(CUSTOMER_RECORDS, row))
        for key, row in zip(keys, found, strict=True)
    )


def decision_of(decision_id: int) -> Decision:
    """One decision. Raises Denied, NoSuchDecision."""
    require(Right.RESOLVE_IDENTITY)
    found = decisions().filter(pk=decision_id).first()
    if found is None:
        raise NoSuchDecision(_("there is no decision %(id)s") % {"id": decision_id})
    return found


def why_of(decision: Decision) -> str:
    """Why it was decided, for who may see personal data: people write down what they know."""
    return decision.why if may(Right.SEE_PERSONAL_DATA) else ""


def shown_pairs(decision: Decision) -> tuple[list[dict[str, object]], int]:
    """The first pairs of keys that a decision speaks of, as whoever acts may see them, and how many there are."""
    pairs = decision.pairs.order_by("pk").values(*PAIR, "is_same")
    return [masked(IDENTITY_DECISIONS, pair) for pair in pairs[:PAIRS_SHOWN]], decision.pairs.count()


def names_of(customer_ids: set[int], now: Published) -> dict[int, str]:
    """What some customers are called, as whoever acts may see it."""
    if not customer_ids:
        return {}
    customers = now.table(CUSTOMERS).select("customer_id", "name")
    found = engine().arrow(customers.filter(customers.customer_id.isin(sorted(customer_ids)))).to_pylist()
    return {row["customer_id"]: str(masked(CUSTOMERS, row)["name"] or "") for row in found}


def _pair(now: Published, customer_id: int, other_id: int) -> dict[str, object] | None:
    rows = now.rows_of(POSSIBLE_DUPLICATES, customer_id)
    return next((row for row in rows if row["other_id"] == other_id), None)


def _duplicate(row: dict[str, object], names: dict[int, str]) -> Duplicate:
    one, other = int(str(row["customer_id"])), int(str(row["other_id"]))
    return Duplicate(
        customer_id=one,
        other_id=other,
        kind=str(row["kind"]),
        probability=float(str(row["match_probability"])),
        weight=float(str(row["match_weight"])),
        evidence=str(row["evidence"] or ""),
        name=names.get(one, ""),
        other_name=names.get(other, ""),
    )


def _undecided(now: Published) -> Table:
    """Each two once, without those of whom something was decided that the refresh in force does not know."""
    found = now.table(POSSIBLE_DUPLICATES)
    found = found.filter(found.customer_id < found.other_id)
    pending = pending_decisions(now)
    return found.anti_join(ibis.memtable(_customers_of(now, pending)), list(TWO)) if pending else found


@lru_cache(maxsize=2)
def _customers_of(now: Published, decision_ids: frozenset[int]) -> pa.Table:
    """The customers of whom some decisions speak, two by two, the smaller id first."""
    found = ibis.memtable(pairs_of(decision_ids))
    keys = now.table(IDENTITY_MAP)
    for end in ENDS:
        ids = keys.select(
            **{f"source{end}": keys.source, f"customer_key{end}": keys.customer_key, f"id{end}": keys.customer_id}
        )
        found = found.join(ids, [f"source{end}", f"customer_key{end}"])
    both = found.select(customer_id=ibis.least(found.id_l, found.id_r), other_id=ibis.greatest(found.id_l, found.id_r))
    return engine().arrow(both.distinct())
