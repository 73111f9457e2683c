"""Rules asked of small text tables, on any engine."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ibis.expr.types import Table
from pyroaring import BitMap
from tests.rules.random_facts import AS_OF, MEMBERS, TAG, attributes_contract
from tests.rules.vocabularies import everything
from tests.spec.tables import MakeTable, ReadRows

from zhike.rules.check import checked
from zhike.rules.measures import Tables, evaluated, holding
from zhike.rules.needs import related_in
from zhike.rules.text import parse
from zhike.rules.tree import Definition


@dataclass(frozen=True)
class Listed:
    """Customers of a condition on a number, looked up among others."""

    customers: BitMap

    def members(self) -> BitMap:
        return self.customers

    def among(self, customers: BitMap) -> BitMap:
        return self.customers & customers


class Company:
    """Customers of a text table, and what else is stated of them."""

    def __init__(self, table: MakeTable, rows: ReadRows, customers: str) -> None:
        self.vocabulary = everything()
        self._table, self._rows = table, rows
        self._tables = Tables(table(attributes_contract(self.vocabulary), customers))
        self._parties: Table | None = None

    def facts(self, name: str, text: str) -> Company:
        """With these facts."""
        opened = self._table(self.vocabulary.facts[name].contract, text)
        self._tables = replace(self._tables, facts={**self._tables.facts, name: opened})
        return self

    def tag(self, name: str, text: str, as_of: date | None = None) -> Company:
        """With a tag as it is stored."""
        self._tables = replace(self._tables, tags={**self._tables.tags, (name, as_of): self._table(TAG, text)})
        return self

    def audience(self, name: str, text: str) -> Company:
        """With a frozen audience."""
        self._tables = replace(self._tables, audiences={**self._tables.audiences, name: self._table(MEMBERS, text)})
        return self

    def parties(self, text: str) -> Company:
        """With roles in contracts, which relations come from."""
        self._parties = self._table(self.vocabulary.relations["insured"].contract, text)
        return self

    def answers(
        self, rules: Mapping[str, str], audiences: Mapping[str, str] | None = None, *, as_of: date = AS_OF
    ) -> list[dict[str, Any]]:
        """One row per customer: what each rule comes to."""
        trees, live = self._read(rules), self._read(audiences or {})
        now = {"vocabulary": self.vocabulary, "as_of": as_of}
        related = {}
        for one in related_in(trees, live):
            edges = self.vocabulary.relations[one.relation].edges(self._parties)
            related[one] = holding(one, everybody=self._tables.attributes, edges=edges, **now)
        return self._rows(evaluated(trees, replace(self._tables, related=related), audiences=live, **now))

    def check_members(self, expected: str, *, as_of: date = AS_OF) -> None:
        """Each line is a rule, a bar, and the customers for whom it holds."""
        rules = [[cell.strip() for cell in line.rsplit("|", 1)] for line in lines_of(expected)]
        assert rules, "no line says what is expected"
        answers = self.answers({f"r{place}": rule for place, (rule, _) in enumerate(rules)}, as_of=as_of)
        for place, (rule, members) in enumerate(rules):
            holds = [row[f"r{place}"] for row in answers]
            assert all(one is True or one is False for one in holds), rule
            found = " ".join(str(row["customer_id"]) for row in answers if row[f"r{place}"])
            assert found == members, f"{rule} | {found}"

    def check_values(self, expected: str, *, as_of: date = AS_OF) -> None:
        """Each line is a value and, after bars, what it is of each customer; nothing where it is missing."""
        rules = [[cell.strip() for cell in line.split("|")] for line in lines_of(expected)]
        answers = self.answers({f"r{place}": rule for place, (rule, *_) in enumerate(rules)}, as_of=as_of)
        for place, (rule, *values) in enumerate(rules):
            found = [_as_text(row[f"r{place}"]) for row in answers]
            assert found == values, " | ".join((rule, *found))

    def _read(self, rules: Mapping[str, str]) -> dict[str, Definition]:
        trees = {name: parse(rule).tree for name, rule in rules.items()}
        for tree in trees.values():
            checked(tree, self.vocabulary)
        return trees


def lines_of(text: str) -> list[str]:
    return textwrap.dedent(text).strip().splitlines()


def _as_text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
