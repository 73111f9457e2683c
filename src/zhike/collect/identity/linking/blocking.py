"""Which pairs of records are compared at all: those that share a key, never all with all.

A key that too many records share says little and costs much (n records make n²/2 pairs), so such keys are left empty:
the number of pairs, and with it time and memory, grows with the number of records and no faster. Who is missed by a
common name alone is found by the name with a birthday, a street or a postal code.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

import ibis
from ibis.expr.types import IntegerValue, Table
from splink import block_on
from splink.blocking_rule_library import CustomRule
from splink.internals.blocking_rule_creator import BlockingRuleCreator

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.model import IS_NEW, RECORD_ID

MOST_OF_A_KEY = 30  # records that may share a key
PREFIX = "key_"


def usable_keys(kind: Kind, columns: Collection[str]) -> list[str]:
    """The names of the keys that records with values in these columns have."""
    return [name for name, parts in kind.keys.items() if all(part.partition("[")[0] in columns for part in parts)]


def with_keys(records: Table, kind: Kind, names: Collection[str]) -> Table:
    """The records with one column per key, empty where a part is, or where too many records share it.

    A key is a hash of its parts: a tenth of the memory, and two of a million records that share one by chance are
    weighed like any others.
    """
    whole = records.mutate(**{PREFIX + name: _key(records, kind.keys[name]) for name in names})
    keyed = whole
    for name in names:
        # Few keys are crowded, so to look for these is less work than to count beside every record.
        key = PREFIX + name
        sharing = whole.filter(whole[key].notnull()).group_by(key).agg(sharing=ibis._.count())
        crowded = sharing.filter(sharing.sharing > MOST_OF_A_KEY).select(crowded=sharing[key])
        joined = keyed.left_join(crowded, keyed[key] == crowded.crowded)
        keyed = joined.mutate(**{key: joined.crowded.isnull().ifelse(joined[key], None)}).drop("crowded")
    return keyed


def sharing_a_key(keyed: Table, some: Table, names: Collection[str]) -> Table:
    """The records that share a key with some of them, and these."""
    found = some.select(RECORD_ID)
    for name in names:
        key = PREFIX + name
        found = found.union(keyed.semi_join(some.filter(some[key].notnull()), key).select(RECORD_ID))
    return keyed.semi_join(found.distinct(), RECORD_ID)


def blocking_rules(names: Collection[str], *, only_new: bool = False) -> list[BlockingRuleCreator | dict[str, Any]]:
    """The same keys as Splink's blocking rules; for pairs with a record that `is_new` only, where that is asked."""
    if only_new:
        keys = [PREFIX + name for name in names]
        return [CustomRule(f"l.{key} = r.{key} AND (l.{IS_NEW} OR r.{IS_NEW})") for key in keys]
    return [block_on(PREFIX + name) for name in names]


def training_rules(kind: Kind, columns: Collection[str]) -> list[tuple[str, ...]]:
    """The columns of each pass of training, of those that have values."""
    return [rule for rule in kind.training if all(column in columns for column in rule)]


def _key(records: Table, parts: tuple[str, ...]) -> IntegerValue:
    values = []
    for part in parts:
        name, _sep, length = part.partition("[:")
        value = records[name]
        values.append(value.substr(0, int(length[:-1])) if length else value)
    key = functools.reduce(lambda key, value: key + "|" + value, values)  # empty where any part is
    return key.isnull().ifelse(None, key.hash())
