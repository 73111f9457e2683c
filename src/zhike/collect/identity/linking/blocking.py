"""Which pairs of records are compared at all: those that share a key, never all with all.

A key that too many records share says little and costs much (n records make n²/2 pairs), so such keys are left empty:
the number of pairs, and with it time and memory, grows with the number of records and no faster. Who is missed by a
common name alone is found by the name with a birthday, a street or a postal code.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ibis
from ibis.expr.types import StringValue, Table
from splink import block_on
from splink.internals.blocking_rule_creator import BlockingRuleCreator

from zhike.collect.identity.linking.kinds import Kind

MOST_OF_A_KEY = 60  # records that may share a key
PREFIX = "key_"


def usable_keys(kind: Kind, columns: Collection[str]) -> list[str]:
    """The names of the keys that records with values in these columns have."""
    return [name for name, parts in kind.keys.items() if all(part.partition("[")[0] in columns for part in parts)]


def with_keys(records: Table, kind: Kind, names: Collection[str]) -> Table:
    """The records with one column per key, empty where a part is, or where too many records share it."""
    keyed = records.mutate(**{PREFIX + name: _key(records, kind.keys[name]) for name in names})
    shared = {
        PREFIX + name: (keyed.count().over(group_by=PREFIX + name) <= MOST_OF_A_KEY).ifelse(
            keyed[PREFIX + name], ibis.null("string")
        )
        for name in names
    }
    return keyed.mutate(**shared)


def blocking_rules(names: Collection[str]) -> list[BlockingRuleCreator | dict[str, Any]]:
    """The same keys as Splink's blocking rules."""
    return [block_on(PREFIX + name) for name in names]


def training_rules(kind: Kind, columns: Collection[str]) -> list[tuple[str, ...]]:
    """The columns of each pass of training, of those that have values."""
    return [rule for rule in kind.training if all(column in columns for column in rule)]


def _key(records: Table, parts: tuple[str, ...]) -> StringValue:
    values = []
    for part in parts:
        name, _sep, length = part.partition("[:")
        value = records[name]
        values.append(value.substr(0, int(length[:-1])) if length else value)
    key = values[0]
    for value in values[1:]:
        key = key + "|" + value  # empty where any part is
    return key
