"""Customers of a rule, as the refresh in force has them, where each belongs, and a random sample of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from zhike.collect.quality.counting import ATTRIBUTES, OF_ATTRIBUTE
from zhike.collect.quality.vocabulary import whole_vocabulary
from zhike.rules.measures import Tables, evaluated
from zhike.rules.needs import needed
from zhike.rules.tree import Attribute, Condition, Definition
from zhike.warehouse.attributes import registry
from zhike.warehouse.queries import Published, rows

BELONGS = tuple(OF_ATTRIBUTE)


@dataclass(frozen=True)
class Drawn:
    """A customer who was drawn, and where they belong."""

    customer_id: int
    stratum: str
    unit_id: str
    channel: str
    source: str
    agent_id: str
    is_agent_gone: bool


def customers_of(now: Published, condition: Condition | None) -> Table:
    """One row per customer for whom the condition holds: customer_id, where they belong, and `is_agent_gone`."""
    trees: dict[str, Definition] = {name: Attribute(name=attribute) for name, attribute in OF_ATTRIBUTE.items()}
    trees["agent_left_on"] = Attribute(name="agent_left_on")
    if condition is not None:
        trees["holds"] = condition
    vocabulary = whole_vocabulary()
    facts = {name: now.table(registry().facts[name].contract) for name in needed(trees, vocabulary=vocabulary).facts}
    tables = Tables(attributes=now.table(ATTRIBUTES), facts=facts)
    found = evaluated(trees, tables, vocabulary=vocabulary, as_of=now.as_of)
    if condition is not None:
        found = found.filter(found.holds)
    known = {name: found[name].fill_null("") for name in BELONGS}
    return found.select("customer_id", **known, is_agent_gone=found.agent_left_on.notnull())


def count_of(now: Published, condition: Condition | None) -> int:
    """How many customers the condition holds for."""
    return int(str(rows(customers_of(now, condition).count().as_table())[0].popitem()[1]))


def strata_of(customers: Table, by: str) -> dict[str, int]:
    """How many customers each stratum has; one without a name where they are not stratified."""
    stratum = customers[by] if by else ibis.literal("")
    counted = customers.group_by(stratum=stratum).agg(customer_count=customers.count())
    return {str(row["stratum"]): int(str(row["customer_count"])) for row in rows(counted)}


def drawn_of(customers: Table, by: str, sizes: dict[str, int], *, seed: int) -> Iterator[Drawn]:
    """So many customers of each stratum, drawn at random; the same seed draws the same people on every engine.

    Each customer has a number that the seed and their own make, and those with the smallest are drawn.
    """
    chance = (ibis.literal(f"{seed}:") + customers.customer_id.cast("string")).hexdigest("md5")
    mixed = customers.mutate(stratum=customers[by] if by else ibis.literal(""), chance=chance)
    in_order = ibis.window(group_by="stratum", order_by=["chance", "customer_id"])
    placed = mixed.mutate(place=ibis.row_number().over(in_order))
    limits = ibis.cases(*((placed.stratum == name, size) for name, size in sizes.items()), else_=0)
    return drawn_rows(placed.filter(placed["place"] < limits).order_by("chance", "customer_id"))


def drawn_rows(customers: Table) -> Iterator[Drawn]:
    """The rows as they are kept; those whose agent has left come first."""
    if "stratum" not in customers.columns:
        customers = customers.mutate(stratum=ibis.literal(""))
    names: Sequence[str] = tuple(Drawn.__dataclass_fields__)
    found = [Drawn(**{name: row[name] for name in names}) for row in rows(customers)]  # type: ignore[arg-type]
    return iter(sorted(found, key=lambda one: not one.is_agent_gone))
