"""200 rules of seven kinds over the order lines of a shop, as people write them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping

CATEGORIES = ("food", "health", "home", "travel")
LINES = ("shop", "club")
WINDOWS = (
    "in last 30 days",
    "in last 90 days",
    "in last 6 months",
    "in last 12 months",
    "in this calendar year",
    "in last calendar quarter",
    "",
)
FILTERS = (
    *(f'where category = "{category}"' for category in CATEGORIES),
    *(f'where line_of_business = "{line}"' for line in LINES),
    "where amount > 500",
    'where category = "health" and quantity >= 2',
    'where category in ("home", "travel") and line_of_business = "club"',
    "",
)


def rules() -> Mapping[str, Mapping[str, str]]:
    """Kind → tag → rule."""
    written = {
        "sums and ever": list(itertools.islice(_simple(), 80)),
        "orders counted": list(itertools.islice(_counts(), 40)),
        "distinct": list(itertools.islice(_distinct(), 15)),
        "first and last": list(itertools.islice(_first_and_last(), 20)),
        "streaks": list(itertools.islice(_streaks(), 10)),
        "attributes": list(itertools.islice(_attributes(), 15)),
        "mixed": list(itertools.islice(_mixed(), 20)),
    }
    named = {
        kind: {f"{kind.split()[0]}_{number:02}": rule for number, rule in enumerate(texts)}
        for kind, texts in written.items()
    }
    assert sum(map(len, named.values())) == 200
    assert len({rule for texts in named.values() for rule in texts.values()}) == 200
    return named


def _facts() -> list[str]:
    """Filters and windows, each with each, in an order that mixes them."""
    pairs = [" ".join(filter(None, pair)) for pair in itertools.product(FILTERS, WINDOWS)]
    return random.Random(4).sample(pairs, len(pairs))


def _of(text: str, facts: str) -> str:
    return text % (f" {facts}" if facts else "")


def _simple() -> Iterator[str]:
    wanted = (
        "sum(orders.amount%s) > 500",
        "ever(orders%s)",
        "average(orders.amount%s) >= 120",
        "max(orders.amount%s) > 1000",
        "sum(orders.quantity%s) >= 10",
        "min(orders.amount%s) < 20",
    )
    pairs = list(itertools.product(wanted, _facts()))
    for text, facts in random.Random(4).sample(pairs, len(pairs)):
        yield _of(text, facts)


def _counts() -> Iterator[str]:
    for number, facts in enumerate(_facts()):
        yield _of(f"count(orders%s) >= {1 + number % 5}", facts)


def _distinct() -> Iterator[str]:
    for number, facts in enumerate(_facts()):
        column = "category" if number % 3 == 0 else "product_id"
        yield _of(f"distinct(orders.{column}%s) >= {2 if column == 'category' else 4}", facts)


def _first_and_last() -> Iterator[str]:
    for number, facts in enumerate(_facts()):
        match number % 4:
            case 0:
                yield _of("last(orders%s) within 60 days", facts)
            case 1:
                yield _of('first(orders.category%s) = "food"', facts)
            case 2:
                yield _of("last(orders.amount%s) > 200", facts)
            case _:
                yield _of("first(orders%s) >= 2025-01-01", facts)


def _streaks() -> Iterator[str]:
    units = ("by month", "by quarter", "by week")
    filters = ("", *FILTERS[:6])
    for number, (where, unit) in enumerate(itertools.product(filters, units)):
        yield _of(f"streak(orders %s) >= {2 + number % 3}", unit + (f" {where}" if where else "")).replace("  ", " ")


def _attributes() -> Iterator[str]:
    for number in itertools.count(1):
        match number % 5:
            case 0:
                yield f"revenue_amount between {number * 100} and {number * 500}"
            case 1:
                yield f"order_count >= {number} and days_since_last <= {number * 20}"
            case 2:
                yield f'segment in ("champions", "loyal") and monetary_amount > {number * 50}'
            case 3:
                yield f"last_ordered_on within {number * 30} days and recency >= 3"
            case _:
                yield f"revenue_amount / purchase_days > {number * 100} or first_ordered_on is unknown"


def _mixed() -> Iterator[str]:
    for number, facts in enumerate(_facts()):
        line = LINES[number % 2]
        match number % 4:
            case 0:
                yield _of(
                    f"order_count >= 3 and sum(orders.amount%s) > {500 + number}"
                    f' and not ever(orders where category = "travel" in last {20 + number} days)',
                    facts,
                )
            case 1:
                yield _of(
                    f'when count(orders%s) >= 6 then "often"'
                    f' when ever(orders where line_of_business = "{line}" in last 12 months) then "{line}"'
                    f' when order_count > {number} then "before" otherwise "never"',
                    facts,
                )
            case 2:
                yield _of(f"sum(orders.amount%s) / count(orders in last {number + 6} months)", facts)
            case _:
                yield _of(
                    f"last(orders%s) within 90 days and (distinct(orders.category in last {number} months) >= 3"
                    f' or segment = "champions" or streak(orders by quarter where line_of_business = "{line}") >= 2)',
                    facts,
                )
