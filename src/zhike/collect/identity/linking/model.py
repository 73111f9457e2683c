"""What was learnt of a body of records: how much each piece of evidence weighs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import ibis
from ibis.expr.types import IntegerValue, Table

RECORD_ID = "record_id"  # the number of a record in one run, from 0
LEFT, RIGHT = f"{RECORD_ID}_l", f"{RECORD_ID}_r"  # the two of a pair, the smaller number first
GROUP = "cluster_id"  # the smallest record of a group
OWN_MAILBOX = "own_mailbox"  # whether a mailbox says who somebody is
IS_NEW = "is_new"  # whether a record was not there, or another, when records were linked before
LEVEL = "gamma_"  # what Splink puts before the name of a comparison, for the level on which a pair stands
# Among a handful of records two of one name would seem to be one, whatever else they say, and every name to be common:
# they are taken for a few of the customers of a small firm.
FEWEST_CUSTOMERS = 1_000
INCOMPARABLE = -1  # that level where one of the two has no value


def level_of(pairs: Table, comparison: str) -> IntegerValue:
    """The level on which scored pairs stand; incomparable where the records had no such values at all."""
    return pairs[LEVEL + comparison] if LEVEL + comparison in pairs.columns else ibis.literal(INCOMPARABLE)


@dataclass(frozen=True)
class Weights:
    """One level of a comparison: how often two records of one customer (`m`), and two strangers (`u`), stand on it."""

    m: float
    u: float


@dataclass(frozen=True)
class Model:
    """The weights of all levels by comparison, strongest first, and how rare it is that two records belong together."""

    kind: str
    columns: tuple[str, ...]  # those that had values when it was learnt
    match_probability: float
    weights: Mapping[str, tuple[Weights, ...]]

    def to_json(self) -> str:
        """To be kept with the refresh that used it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Model:
        """The model that `to_json` wrote."""
        data: dict[str, Any] = json.loads(text)
        weights = {name: tuple(Weights(**level) for level in levels) for name, levels in data["weights"].items()}
        return cls(data["kind"], tuple(data["columns"]), data["match_probability"], weights)
