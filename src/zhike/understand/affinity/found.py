"""Reads: the association rules that the refresh in force found, and whom they lead to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.text import text_of
from zhike.rules.tree import All, Attribute, Compare, Condition, Ever, Facts, Not, Text
from zhike.rules.tree import Any as AnyOf
from zhike.understand.affinity.together.measures import BASKETS, KINDS
from zhike.understand.affinity.together.tables import AFFINITY_RULES, BOUGHT_ITEMS
from zhike.warehouse.queries import Published, published, rows


@dataclass(frozen=True)
class AffinityRule:
    """Who bought the one also bought the other.

    `customers` is the rule for those who have only the one so far; `with_both`, `with_one` and `with_other` are those
    for who ever bought both, the one, the other.
    """

    item: str
    name: str
    other_item: str
    other_name: str
    count: int
    item_count: int
    other_count: int
    support: float
    confidence: float
    confidence_low: float
    confidence_high: float
    lift: float
    lift_low: float
    lift_high: float | None
    beyond: float
    amount: float
    customers: str
    with_both: str
    with_one: str
    with_other: str


@dataclass(frozen=True)
class Choice:
    """A kind of basket, a kind of item and a scope of which there are rules."""

    basket: str
    kind: str
    scope: str
    rules: int


@dataclass(frozen=True)
class FoundRules:
    """The rules of one choice, those with the most baskets beyond chance first."""

    choice: Choice
    choices: tuple[Choice, ...]
    rules: tuple[AffinityRule, ...]
    baskets: int
    every: int  # baskets are counted of every so-manieth customer
    interval_level: float

    @property
    def bundles(self) -> tuple[AffinityRule, ...]:
        """Each pair once, by its surer direction, where even the low end of its lift is above chance."""
        best: dict[frozenset[str], AffinityRule] = {}
        for rule in self.rules:
            key = frozenset((rule.item, rule.other_item))
            if rule.lift_low > 1 and (key not in best or rule.confidence > best[key].confidence):
                best[key] = rule
        return tuple(best.values())


def affinity_rules(*, basket: str | None = None, kind: str | None = None, scope: str = "") -> FoundRules | None:
    """The rules of a kind of basket and of items; where none is asked for, of what there are most rules.

    None where nothing is bought together often enough. Raises UserError for a choice that there is not, Denied,
    NothingPublished.
    """
    require(Right.SEE_CUSTOMERS)
    for given, known, where in ((basket, BASKETS, "basket"), (kind, KINDS, "kind")):
        if given is not None and given not in known:
            raise UserError(
                _("there is no %(given)s to count by") % {"given": repr(given)},
                where=where,
                advice=_("There are %(names)s.") % {"names": ", ".join(known)},
            )
    now = published()
    choices = _choices(now)
    fitting = [one for one in choices if basket in (None, one.basket) and kind in (None, one.kind)]
    chosen = next((one for one in fitting if one.scope == scope), None) or (fitting[0] if fitting else None)
    return _found(now, chosen, choices) if chosen else None


def items_bought(now: Published) -> tuple[dict[str, Any], ...]:
    """All that was ever bought, of each kind the commonest first."""
    return _items(now)


def bought(now: Published, kind: str, item: str) -> Condition:
    """The condition of who bought it, in an order or by a contract."""
    return _bought(kind, _by_key(now)[kind, item])


@lru_cache(maxsize=4)
def _choices(now: Published) -> tuple[Choice, ...]:
    """Orders before customers, products before groups, all baskets before those of a line."""
    table = now.table(AFFINITY_RULES)
    found = rows(table.group_by("basket", "kind", "scope").agg(rules=table.count()))
    places = {name: place for place, name in enumerate((*BASKETS, *KINDS))}
    listed = sorted(found, key=lambda row: (places[row["basket"]], places[row["kind"]], row["scope"]))  # type: ignore[index]
    return tuple(Choice(**row) for row in listed)  # type: ignore[arg-type]


@lru_cache(maxsize=16)
def _found(now: Published, chosen: Choice, choices: tuple[Choice, ...]) -> FoundRules:
    table = now.table(AFFINITY_RULES)
    some = table.filter(table.basket == chosen.basket, table.kind == chosen.kind, table.scope == chosen.scope)
    listed: list[dict[str, Any]] = rows(some)
    listed.sort(key=lambda row: (-row["beyond"], row["item"], row["other_item"]))
    items = _by_key(now)
    return FoundRules(
        choice=chosen,
        choices=choices,
        rules=tuple(_rule(row, chosen.kind, items) for row in listed),
        baskets=listed[0]["baskets"],
        every=max((one["every"] for one in items.values()), default=1),
        interval_level=listed[0]["interval_level"],
    )


def _rule(row: dict[str, Any], kind: str, items: dict[tuple[str, str], dict[str, Any]]) -> AffinityRule:
    one, other = (_bought(kind, items[kind, row[name]]) for name in ("item", "other_item"))
    shown = {name: row[name] for name in AffinityRule.__dataclass_fields__ if name in row}
    leads = {
        "customers": All(of=(one, Not(of=other))),
        "with_both": All(of=(one, other)),
        "with_one": one,
        "with_other": other,
    }
    told = {name: text_of(condition) for name, condition in leads.items()}
    return AffinityRule(**shown | {"amount": float(row["amount"] or 0), **told})


def _bought(kind: str, item: dict[str, Any]) -> Condition:
    where = Compare(operator="=", left=Attribute(name=KINDS[kind]), right=Text(value=item["item"]))
    tables = [table for table, count in (("orders", "order_lines"), ("contracts", "contracts")) if item[count]]
    of = tuple(Ever(facts=Facts(table=table, where=where)) for table in tables)
    return of[0] if len(of) == 1 else AnyOf(of=of)


@lru_cache(maxsize=2)
def _items(now: Published) -> tuple[dict[str, Any], ...]:
    return tuple(rows(now.table(BOUGHT_ITEMS).order_by("kind", "place")))


@lru_cache(maxsize=2)
def _by_key(now: Published) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["kind"], one["item"]): one for one in _items(now)}


def kinds_of(choices: Iterable[Choice], basket: str) -> tuple[str, ...]:
    """Of what there are rules among these baskets."""
    return tuple(dict.fromkeys(one.kind for one in choices if one.basket == basket))
