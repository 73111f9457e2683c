"""The decisions that count: of two keys, what was decided last and not undone."""

from __future__ import annotations

import pyarrow as pa

from zhike.collect.identity.models import DecidedPair, Decision
from zhike.collect.identity.tables import IDENTITY_DECISIONS
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import Published

PAIR = ("source_l", "customer_key_l", "source_r", "customer_key_r")


def decided_pairs() -> pa.Table:
    """Two keys, whether they are the same, and the decision that says so; every two once."""
    found: dict[tuple[str, ...], tuple[bool, int]] = {}
    pairs = DecidedPair.objects.filter(decision__undone_at=None).order_by("decision_id")
    for *keys, is_same, decision_id in pairs.values_list(*PAIR, "is_same", "decision_id").iterator(chunk_size=10_000):
        found[tuple(keys)] = (is_same, decision_id)
    columns = [pa.array([keys[place] for keys in found], pa.string()) for place in range(len(PAIR))]
    columns.append(pa.array([is_same for is_same, _id in found.values()], pa.bool_()))
    columns.append(pa.array([decision_id for _same, decision_id in found.values()], pa.int64()))
    return pa.table(columns, names=[*PAIR, "is_same", "decision_id"])


def pending_decisions(now: Published) -> frozenset[int]:
    """The decisions that count, and that the refresh in force does not know yet."""
    known = engine().arrow(now.table(IDENTITY_DECISIONS).select("decision_id").distinct())["decision_id"].to_pylist()
    return frozenset(Decision.objects.filter(undone_at=None).exclude(pk__in=known).values_list("pk", flat=True))


def pairs_of(decision_ids: frozenset[int]) -> pa.Table:
    """The pairs of keys that some decisions speak of."""
    found = DecidedPair.objects.filter(decision_id__in=decision_ids).values_list(*PAIR)
    columns = list(zip(*found, strict=True)) or [()] * len(PAIR)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=list(PAIR))
