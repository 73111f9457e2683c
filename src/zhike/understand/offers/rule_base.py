"""The rule base as it is meant: which rules are in force, of whom they hold, which products they offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django.db.models import Q

from zhike.govern.access.actors import acting_as, current_actor
from zhike.govern.access.rights import Right
from zhike.rules.tree import Condition, tree_from_json
from zhike.understand.offers.models import OfferRule
from zhike.understand.tags.circles import is_hidden

MOST_PRODUCTS = 20  # of one rule: who has twenty of them needs no twenty-first
COLUMNS = {OfferRule.By.CATEGORY: "category", OfferRule.By.LINE: "line_of_business"}
Item = Mapping[str, Any]  # a row of BOUGHT_ITEMS


@dataclass(frozen=True)
class Product:
    """A product that a rule offers."""

    item: str
    name: str


def rules_in_force(as_of: date) -> tuple[OfferRule, ...]:
    """The offer rules that are switched on and valid on that day, the first to be heard first."""
    return tuple(
        OfferRule.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=as_of),
            Q(valid_until=None) | Q(valid_until__gte=as_of),
            archived_at=None,
            is_on=True,
        )
    )


def condition_of(rule: OfferRule) -> Condition:
    """To whom it offers something."""
    return cast("Condition", tree_from_json(rule.tree))


def tells_who(tree: Condition) -> bool:
    """Whether a rule reads what identifies, so that an offer would tell it to whoever sees the offer."""
    actor = current_actor()
    with acting_as(replace(actor, rights=frozenset(actor.rights) - {Right.SEE_PERSONAL_DATA})):
        return is_hidden(tree)


def products_of(by: str, values: Sequence[str], items: Iterable[Item]) -> tuple[Product, ...]:
    """The products that are meant, in the order in which they are offered: as they are listed, or the commonest first.

    `items` are all that was ever bought, the commonest first, with the tags of products. A number or a tag may be of a
    product that nobody bought yet.
    """
    all_items = tuple(items)
    products = [item for item in all_items if item["kind"] == "product"]
    if by == OfferRule.By.PRODUCT:
        names = {item["item"]: item["name"] for item in products}
        return tuple(Product(value, names.get(value) or value) for value in values[:MOST_PRODUCTS])
    if by == OfferRule.By.NAME:
        wanted = [value.casefold() for value in values]
        found = [item for item in products if any(word in (item["name"] or "").casefold() for word in wanted)]
    elif by == OfferRule.By.TAG:
        tags = {value.strip().casefold() for value in values}
        found = [item for item in all_items if tags.intersection(item.get("tags", ()))]
    else:
        column = COLUMNS[OfferRule.By(by)]
        found = [item for item in products if item[column] in values]
    return tuple(Product(item["item"], item["name"] or item["item"]) for item in found[:MOST_PRODUCTS])
