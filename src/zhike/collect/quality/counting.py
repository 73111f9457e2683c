"""The step of the refresh that counts, in one pass over the customers, how many fulfil each quality rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ibis.expr.types import Table

from zhike.collect.quality.definitions import RuleDefinition, rules_in_force
from zhike.collect.quality.grouping import Groups
from zhike.collect.quality.tables import DIMENSIONS, QUALITY_COUNTS
from zhike.collect.quality.vocabulary import whole_vocabulary
from zhike.rules.measures import Tables, evaluated
from zhike.rules.needs import needed
from zhike.rules.tree import All, Attribute, Condition, Definition
from zhike.warehouse.attributes import attributes_contract, registry
from zhike.warehouse.contracts import Contract, Kind
from zhike.warehouse.files import filesystem, inner_path
from zhike.warehouse.mapped import ARROW_TYPES
from zhike.warehouse.steps import Inputs, Refreshing, Step

ATTRIBUTES = attributes_contract()
OF_ATTRIBUTE = {"unit_id": "unit_id", "channel": "sales_channel", "source": "source", "agent_id": "agent_id"}
EVERYBODY = ""  # in the place of a rule: the customers themselves
# Texts by number: spelt out they are most of the time that writing takes.
TEXTS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [(column.name, TEXTS if column.kind == Kind.TEXT else ARROW_TYPES[column.kind]) for column in QUALITY_COUNTS]
)


class QualityGathering:
    """One count of all rules in force as the refresh began; a rule that means nothing any more is left out."""

    def __init__(self, refreshing: Refreshing) -> None:
        self._refreshing = refreshing
        self._rules = rules_in_force()

    def beforehand(self, _whole: Inputs) -> Mapping[str, Table]:
        """Nothing: a rule speaks of one customer."""
        return {}

    def compute(self, inputs: Inputs) -> Table:
        """One row per customer: where they belong, of whom each rule is asked, and who fulfil it."""
        facts = {name: inputs[one.contract] for name, one in registry().facts.items()}
        return judged(self._rules, inputs[ATTRIBUTES], facts, as_of=inputs.as_of)

    def write(self, ranges: Iterator[tuple[int, pa.Table]]) -> Mapping[Contract, Sequence[str]]:
        """One file with the counts of all customers."""
        uri = self._refreshing.new_file(QUALITY_COUNTS, "counts")
        has_any = write_counts(uri, (customers for _first, customers in ranges), self._rules)
        return {QUALITY_COUNTS: [uri] if has_any else []}


def judged(rules: Sequence[RuleDefinition], attributes: Table, facts: Mapping[str, Table], *, as_of: date) -> Table:
    """One row per customer: the dimensions, a column for each condition of whom a rule is asked, and one for each rule
    of who is asked and fulfils it; named as `_masks` says."""
    trees: dict[str, Definition] = {name: Attribute(name=attribute) for name, attribute in OF_ATTRIBUTE.items()}
    for rule, (applies, good) in zip(rules, _masks(rules), strict=True):
        trees[good] = rule.good if rule.applies is None else All(of=(rule.applies, rule.good))
        if rule.applies is not None:
            trees[applies] = rule.applies
    vocabulary = whole_vocabulary()
    read = needed(trees, vocabulary=vocabulary)
    tables = Tables(attributes=attributes, facts={name: facts[name] for name in read.facts})
    return evaluated(trees, tables, vocabulary=vocabulary, as_of=as_of)


def _masks(rules: Sequence[RuleDefinition]) -> list[tuple[str, str]]:
    """For each rule the columns of whom it is asked, which rules share, and of who fulfils it."""
    asked: dict[Condition | None, str] = {None: "customer_count"}
    for rule in rules:
        asked.setdefault(rule.applies, f"applies_{len(asked)}")
    return [(asked[rule.applies], f"good_{place}") for place, rule in enumerate(rules)]


def write_counts(uri: str, ranges: Iterator[pa.Table], rules: Sequence[RuleDefinition]) -> bool:
    """Writes the counts of all ranges together, a group of rows for each rule that applies to anybody, in their order.

    False, and no file, where there are no customers. Beside one range at a time, memory holds one row for each org
    unit, channel, source and agent.
    """
    masks = _masks(rules)
    names = dict.fromkeys(name for pair in masks for name in pair if name != "customer_count")
    groups = Groups(DIMENSIONS, tuple(names))
    for customers in ranges:
        groups.add(customers)
    counted = groups.table()
    if not counted.num_rows:
        return False
    everybody = counted["customer_count"]
    with pq.ParquetWriter(
        inner_path(uri), SCHEMA, filesystem=filesystem(), compression="zstd", store_schema=False
    ) as writer:
        writer.write_table(_of_rule(counted, EVERYBODY, 0, everybody, everybody))
        for rule, (applies, good) in sorted(zip(rules, masks, strict=True), key=lambda pair: pair[0].name):
            writer.write_table(_of_rule(counted, rule.name, rule.version, counted[applies], counted[good]))
    return True


def _of_rule(counted: pa.Table, rule: str, version: int, applies: pa.ChunkedArray, good: pa.ChunkedArray) -> pa.Table:
    """The rows of one rule, without those of whom it is asked of nobody."""
    asked = pc.greater(applies, 0)
    applies, good = applies.filter(asked), good.filter(asked)
    columns = {
        "rule": pa.repeat(rule, len(applies)),
        "version": pa.repeat(pa.scalar(version, pa.int64()), len(applies)),
    }
    columns |= {name: counted[name].filter(asked) for name in DIMENSIONS}
    columns |= {"applies_count": applies, "good_count": good}
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


STEPS = (
    Step(
        name="quality_counts",
        reads=(ATTRIBUTES, *dict.fromkeys(one.contract for one in registry().facts.values())),
        writes=(QUALITY_COUNTS,),
        gathers=QualityGathering,
    ),
)
