"""Reads of identity: the keys of customers, their history, and what people decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import ibis
import pyarrow as pa
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from zhike.collect.identity.models import DecidedPair, Decision
from zhike.collect.identity.redirects import redirects
from zhike.collect.identity.tables import CUSTOMER_MOVES, IDENTITY_MAP
from zhike.errors import NotFound
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import Published

NAMED = 5  # of the unknown, in a message


class NoSuchCustomers(NotFound):
    """Some of the customers that were named are not there; nothing was done."""


class NoSuchDecision(NotFound):
    """There is no decision with this number."""


@dataclass(frozen=True, order=True)
class Key:
    """What a source calls a customer."""

    source: str
    customer_key: str

    def __str__(self) -> str:
        return f"{self.source} {self.customer_key}"


@dataclass(frozen=True)
class Move:
    """A key that came to a customer from another, or went from them to another."""

    key: Key
    from_id: int
    to_id: int
    kind: str
    moved_on: date


def keys_of(customer_ids: Collection[int], now: Published) -> dict[int, list[Key]]:
    """The keys of each of these customers. Raises NoSuchCustomers if one of them is not there."""
    # Whoever asks may name any number, even one that no column holds.
    given = sorted(one for one in customer_ids if 0 <= one < now.next_customer_id)
    wanted = ibis.memtable(pa.table({"customer_id": pa.array(given, pa.int64())}))
    found = engine().arrow(now.table(IDENTITY_MAP).semi_join(wanted, "customer_id").order_by("customer_id"))
    keys: dict[int, list[Key]] = {}
    for row in found.to_pylist():
        keys.setdefault(row["customer_id"], []).append(Key(row["source"], row["customer_key"]))
    check_all_there(sorted(set(customer_ids) - keys.keys()), now)
    return keys


def check_all_there(missing: Collection[int], now: Published) -> None:
    """Raises NoSuchCustomers if any are missing, and says where they went if they were merged."""
    if not missing:
        return
    some = list(missing)[:NAMED]
    known = redirects(now)
    went = {one: known.leads_to(one) for one in some if 0 <= one < now.next_customer_id}
    merged = [f"{one} → {to}" for one, to in went.items() if to is not None and to != one]
    raise NoSuchCustomers(
        _("there is no customer %(customer_id)s") % {"customer_id": ", ".join(map(str, some))},
        advice=_("Merged with another: %(merged)s.") % {"merged": ", ".join(merged)} if merged else "",
    )


def moves_of(customer_id: int, now: Published) -> tuple[Move, ...]:
    """The merges and splits that a customer was part of, newest first."""
    moves = now.table(CUSTOMER_MOVES)
    of_customer = moves.filter((moves.from_id == customer_id) | (moves.to_id == customer_id))
    ordered = of_customer.order_by(ibis.desc("moved_on"), "source", "customer_key")
    return tuple(
        Move(Key(row["source"], row["customer_key"]), row["from_id"], row["to_id"], row["kind"], row["moved_on"])
        for row in engine().arrow(ordered).to_pylist()
    )


def decisions() -> QuerySet[Decision]:
    """All decisions, newest first."""
    return Decision.objects.select_related("made_by", "undone_by").order_by("-pk")


def decisions_on(keys: Collection[Key]) -> QuerySet[Decision]:
    """The decisions that speak of one of these keys, newest first."""
    of_keys = Q()
    for key in keys:
        of_keys |= Q(source_l=key.source, customer_key_l=key.customer_key)
        of_keys |= Q(source_r=key.source, customer_key_r=key.customer_key)
    if not of_keys:
        return Decision.objects.none()
    return decisions().filter(pk__in=DecidedPair.objects.filter(of_keys).values("decision_id"))
