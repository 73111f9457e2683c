"""Random data for rules: customers of whom little is known, facts on the borders of windows, ties, orders of lines."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table
from tests.rules.oracle import Row, World
from tests.spec.tables import PARSE

from zhike.collect.profiles.attributes import FAMILY, OF_A_RELATION
from zhike.collect.profiles.relations.tables import CUSTOMER_RELATIONS
from zhike.collect.profiles.tables import CONTRACT_PARTIES
from zhike.rules.measures import Tables, evaluated, holding
from zhike.rules.needs import related_in
from zhike.rules.tree import Definition
from zhike.rules.vocabulary import TagKind, Vocabulary
from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entity_parts import RELATIONS

AS_OF = date(2026, 3, 31)  # the last of a month and of a quarter, a Tuesday
BORDERS = (0, 1, 2, 6, 7, 8, 13, 14, 27, 28, 29, 30, 31, 58, 59, 60, 61, 89, 90, 91, 92, 364, 365, 366, 730, 2000)
DAYS = (
    *(AS_OF - timedelta(days=days) for days in BORDERS),
    *(AS_OF + timedelta(days=days) for days in (1, 7, 30, 31, 400)),
    *(date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 30)),
)
NUMBERS = tuple(Decimal(text) for text in ("0", "1", "2", "3", "-1", "0.5", "2.25", "10", "30", "100", "0.1", "0.2"))
DOUBLES = (*(float(number) for number in NUMBERS[:10]), math.nan, math.inf, -math.inf)
TEXTS = (
    "a",
    "A",
    "b",
    "",
    " ",
    "100%",
    "a_b",
    'say "yes"',
    "it’s",
    "\\",
    "女",
    "上海",
    "\n",
    "É",
    "é",
    "ab",
    "'",
    "a\0b",
    "ΟΔΟΣ",
    "ος",
    "Σ",
    "σ ς",
    "İSTANBUL",
    "istanbul",
    "i",
    "I\u0307",
    "ı",
    "ẞ",
    "ß",
    "ǅ",
    "ǆ",
    "\u212a",
)
TAG = Contract(
    "tests", "tag", "one customer", ("customer_id",),
    (
        Column("customer_id", Kind.INTEGER, ""),
        Column("value", Kind.TEXT, ""),
        Column("number", Kind.NUMBER, ""),
        Column("day", Kind.DATE, ""),
    ),
)  # fmt: skip
MEMBERS = Contract("tests", "members", "one customer", ("customer_id",), TAG.columns[:1])


def attributes_contract(vocabulary: Vocabulary) -> Contract:
    """The table of attributes as rules read it."""
    columns = (attribute.column for attribute in vocabulary.attributes.values())
    return Contract("tests", "attributes", "one customer", ("customer_id",), (TAG.columns[0], *columns))


SNAPSHOTS = (date(2026, 1, 31),)


@dataclass(frozen=True)
class Company:
    """A few customers and all that is known of them; `parties` and `relations` are the rows that edges come from."""

    world: World
    parties: list[Row]
    relations: list[Row]


def random_company(vocabulary: Vocabulary, seed: int, *, customers: int = 12, facts: int = 60) -> Company:
    """A company of a few customers. Some facts are of nobody who is still known; seed 0 has no facts at all."""
    drawn = random.Random(seed)
    rows = 0 if seed == 0 else facts
    numbers = range(1, customers + 1)
    parties = [_party(vocabulary, drawn, customers) for _ in range(0 if seed == 0 else 2 * customers)]
    relations = [_relation(vocabulary, drawn, customers) for _ in range(0 if seed == 0 else 4 * customers)]
    world = World(
        vocabulary,
        AS_OF,
        customers=[_row(attributes_contract(vocabulary), drawn, customer_id=number) for number in numbers],
        facts={name: [_fact(vocabulary, name, drawn, customers) for _ in range(rows)] for name in vocabulary.facts},
        tags={
            (tag, as_of): [_tag(vocabulary, tag, drawn, number) for number in numbers if drawn.random() < 0.5]
            for tag in vocabulary.tags
            for as_of in (None, *SNAPSHOTS)
        },
        audiences={
            name: {number for number in range(1, customers + 3) if drawn.random() < 0.4}
            for name in sorted(vocabulary.audiences)
        },
        edges={name: _edges(name, parties, relations) for name in vocabulary.relations},
    )
    return Company(world, parties, relations)


def _row(contract: Contract, drawn: random.Random, **stated: object) -> dict[str, Any]:
    return {column.name: _value(column, drawn) for column in contract} | stated


def _value(column: Column, drawn: random.Random) -> Any:
    if not column.required and drawn.random() < 0.25:
        return None
    match column.kind:
        case Kind.TEXT | Kind.JSON:
            return drawn.choice(column.one_of or TEXTS)
        case Kind.INTEGER:
            return drawn.choice((0, 1, 2, 3, 7, 30, 100))
        case Kind.DECIMAL:
            return drawn.choice(NUMBERS)
        case Kind.NUMBER:
            return drawn.choice(DOUBLES)
        case Kind.BOOLEAN:
            return drawn.random() < 0.5
        case Kind.DATE:
            return drawn.choice(DAYS)
    return datetime.combine(drawn.choice(DAYS), time(drawn.choice((0, 12, 23))))


def _fact(vocabulary: Vocabulary, name: str, drawn: random.Random, customers: int) -> dict[str, Any]:
    about = vocabulary.facts[name]
    row = _row(about.contract, drawn, customer_id=drawn.randint(1, customers + 2))
    if about.at != about.day and row[about.at] is not None:
        row[about.day] = row[about.at].date()
    if drawn.random() < 0.05 and not about.contract[about.day].required:
        row[about.day] = None
    if about.counted_by:
        row |= {"source": drawn.choice(("shop", "web")), "order_id": drawn.choice(("1", "2", "3"))}
    return row


def _tag(vocabulary: Vocabulary, name: str, drawn: random.Random, number: int) -> dict[str, Any]:
    tag = vocabulary.tags[name]
    row: dict[str, Any] = {"customer_id": number, "value": None, "number": None, "day": None}
    match tag.kind:
        case TagKind.YES_NO:
            row["value"] = "yes"
        case TagKind.CATEGORY:
            row["value"] = drawn.choice(tag.values or TEXTS)
        case TagKind.NUMBER:
            row["number"] = float(drawn.choice(NUMBERS))
        case TagKind.DATE:
            row["day"] = drawn.choice(DAYS)
    return row


def _party(vocabulary: Vocabulary, drawn: random.Random, customers: int) -> dict[str, Any]:
    row = _row(vocabulary.relations["insured"].contract, drawn, customer_id=drawn.randint(1, customers))
    return row | {"party_id": drawn.randint(1, customers), "role": drawn.choice(("insured", "payer", "user"))}


def _relation(vocabulary: Vocabulary, drawn: random.Random, customers: int) -> dict[str, Any]:
    row = _row(vocabulary.relations["family"].contract, drawn, customer_id=drawn.randint(1, customers))
    return row | {"related_id": drawn.randint(1, customers), "kind": drawn.choice((*RELATIONS, "holder"))}


def _edges(relation: str, parties: list[dict[str, Any]], relations: list[dict[str, Any]]) -> list[Row]:
    """Who stands in a relation to whom. Nobody does to themselves in a contract."""
    if relation in RELATIONS or relation == "family":
        kinds = FAMILY if relation == "family" else (relation,)
        named = ("customer_id", "related_id", *OF_A_RELATION)
        told = {tuple(row[name] for name in named) for row in relations if row["kind"] in kinds}
        return [dict(zip(named, one, strict=True)) for one in told]
    others = [row for row in parties if row["party_id"] != row["customer_id"]]
    own = ("relation_to_holder", "since_on", "share")
    if relation == "holder":
        return [
            {"customer_id": row["party_id"], "related_id": row["customer_id"], **{name: row[name] for name in own}}
            for row in others
        ]
    return [
        {"customer_id": row["customer_id"], "related_id": row["party_id"], **{name: row[name] for name in own}}
        for row in others
        if row["role"] == relation
    ]


class Opened:
    """A company in Parquet files, opened by an engine."""

    def __init__(self, company: Company, engine: Engine, folder: Path) -> None:
        self.world = company.world
        self._engine = engine
        self._folder = folder
        self._rows = {CONTRACT_PARTIES: company.parties, CUSTOMER_RELATIONS: company.relations}
        folder.mkdir(parents=True, exist_ok=True)

    @cached_property
    def tables(self) -> Tables:
        """All tables but those of relations, which depend on what is asked of them."""
        world, vocabulary = self.world, self.world.vocabulary
        return Tables(
            attributes=self._open(attributes_contract(vocabulary), world.customers),
            facts={name: self._open(vocabulary.facts[name].contract, rows) for name, rows in world.facts.items()},
            tags={key: self._open(TAG, rows) for key, rows in world.tags.items()},
            audiences={
                name: self._open(MEMBERS, [{"customer_id": number} for number in sorted(members)])
                for name, members in world.audiences.items()
            },
        )

    @cached_property
    def _edges(self) -> dict[str, Table]:
        relations = self.world.vocabulary.relations
        opened = {contract.table: self._open(contract, rows) for contract, rows in self._rows.items()}
        return {name: relation.edges(opened[relation.contract.table]) for name, relation in relations.items()}

    def answers(
        self, definitions: Mapping[str, Definition], audiences: Mapping[str, Definition] | None = None
    ) -> list[Row]:
        """What `evaluated` gives, by customer_id."""
        audiences, now = audiences or {}, {"vocabulary": self.world.vocabulary, "as_of": self.world.as_of}
        related = {
            one: holding(one, everybody=self.tables.attributes, edges=self._edges[one.relation], **now)
            for one in related_in(definitions, audiences)
        }
        found = evaluated(definitions, replace(self.tables, related=related), audiences=audiences, **now)
        return sorted(self._engine.arrow(found).to_pylist(), key=itemgetter("customer_id"))

    def _open(self, contract: Contract, rows: Sequence[Row]) -> Table:
        path = self._folder / f"{contract.name}-{len(list(self._folder.iterdir()))}.parquet"
        columns = {
            column.name: pa.array([row[column.name] for row in rows], PARSE[column.kind][0]) for column in contract
        }
        pq.write_table(pa.table(columns), path)
        return self._engine.open(contract, [f"file://{path}"])
