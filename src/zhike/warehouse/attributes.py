"""What rules may select on: attributes of customers, fact tables and relations, as every capability declares them.

They are named in settings, because whoever declares them stands above this room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string
from ibis.expr.types import Table

from zhike.warehouse.contracts import Column, Contract, Kind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from zhike.warehouse.steps import Inputs


@dataclass(frozen=True)
class Attribute:
    """One value of a customer that rules select on; its name, kind, unit and values are those of its column."""

    column: Column
    title: str | _StrPromise
    group: str  # under which heading it is offered: who, orders, contracts, activity, value
    # To find customers by it is to find out who they are, so that it takes the right to see personal data.
    identifies: bool = False
    missing: int | None = None  # what it is for a customer of whom its set knows nothing

    @property
    def name(self) -> str:
        return self.column.name


@dataclass(frozen=True)
class AttributeSet:
    """Attributes that one measure gives: one row per customer of whom it knows something."""

    reads: tuple[Contract, ...]
    attributes: tuple[Attribute, ...]
    compute: Callable[[Inputs], Table]  # customer_id and the attributes' columns


@dataclass(frozen=True)
class FactTable:
    """Facts of customers that rules count, add up and look for."""

    name: str
    title: str | _StrPromise
    contract: Contract
    day: str  # column of the day on which a fact stands
    at: str  # column that orders the facts of a customer: the day, or an instant of it
    columns: tuple[str, ...]  # that rules may name
    counted_by: tuple[str, ...] = ()  # what `count` counts once, where a row is only a part of it


@dataclass(frozen=True)
class Relation:
    """Other customers who stand in a relation to one."""

    name: str
    title: str | _StrPromise
    contract: Contract
    edges: Callable[[Table], Table]  # customer_id, related_id and `columns` of its table
    columns: tuple[str, ...] = ()  # of the relation itself, that rules may name


@dataclass(frozen=True)
class Registry:
    """Everything that rules may select on, by name."""

    attribute_sets: tuple[AttributeSet, ...]
    attributes: Mapping[str, Attribute]
    facts: Mapping[str, FactTable]
    relations: Mapping[str, Relation]


@lru_cache(maxsize=1)
def registry() -> Registry:
    """What all capabilities declare. Two attributes of one name are a bug."""
    sets: tuple[AttributeSet, ...] = import_string(settings.ATTRIBUTE_SETS)
    attributes = [attribute for one in sets for attribute in one.attributes]
    by_name = {attribute.name: attribute for attribute in attributes}
    assert len(by_name) == len(attributes), "two attributes have one name"
    return Registry(
        attribute_sets=sets,
        attributes=by_name,
        facts={facts.name: facts for facts in import_string(settings.FACT_TABLES)},
        relations={relation.name: relation for relation in import_string(settings.RELATIONS)},
    )


@lru_cache(maxsize=1)
def attributes_contract() -> Contract:
    """The table that has all attributes of a customer in one row."""
    return Contract(
        namespace="computed",
        name="attributes",
        grain="one customer",
        key=("customer_id",),
        columns=(
            Column("customer_id", Kind.INTEGER, "The customer.", required=True),
            *(attribute.column for attribute in registry().attributes.values()),
        ),
        sorted_by=("customer_id",),
        by_customer=True,
    )
