"""200 rules over the order lines and events of a shop, as people write them, by what they ask of the facts."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Mapping

WINDOWS = (
    "in last 30 days",
    "in last 90 days",
    "in last 6 months",
    "in last 12 months",
    "in this calendar year",
    "in last calendar quarter",
)
WHERES = (
    *(f'where category = "{category}"' for category in ("food", "health", "home", "travel")),
    *(f'where line_of_business = "{line}"' for line in ("shop", "club")),
    "where amount > 500",
    'where category = "health" and quantity >= 2',
    'where category in ("home", "travel") and line_of_business = "club"',
)
EVENT_WHERES = (*(f'where kind = "{kind}"' for kind in ("login", "page_view", "claim")), 'where channel = "app"', "")
# Whatever is asked of orders: some of it of all of them, some in a window, some under a condition, some both.
FACTS = tuple(
    random.Random(4).sample(
        [" ".join(filter(None, pair)) for pair in itertools.product(("", *WHERES), ("", *WINDOWS))], 70
    )
)


def rules() -> Mapping[str, Mapping[str, str]]:
    """Kind → tag → rule."""
    kinds = {
        "count": (15, _counts()),
        "sum": (15, _of_all("sum", (">", 500), ("<", 90_000))),
        "windows and conditions": (30, _with("sum(orders.%s {}) > 500", "amount", "quantity")),
        "average, min, max": (25, _with("%s(orders.amount {}) > 300", "average", "min", "max")),
        "ever": (15, _with("%s(orders {})", "ever")),
        "orders of lines": (25, _with("count(orders {}) >= %s", "2", "3", "5")),
        "distinct": (15, _with("distinct(orders.%s {}) >= 2", "product_id", "category")),
        "first and last day": (10, _with("%s(orders {}) >= 2025-09-01", "first", "last")),
        "first and last value": (10, _with("%s {})", '"food" = first(orders.category', "200 < last(orders.amount")),
        "streak": (10, _streaks()),
        "attributes": (15, _attributes()),
        "mixed": (15, _mixed()),
    }
    named = {
        kind: {
            f"{re.sub('[^a-z]+', '_', kind)}_{place:02}": rule for place, rule in enumerate(itertools.islice(all_, n))
        }
        for kind, (n, all_) in kinds.items()
    }
    written = [rule for texts in named.values() for rule in texts.values()]
    assert len(set(written)) == len(written) == 200
    return named


def _with(text: str, *wanted: str) -> Iterator[str]:
    """Each of what is wanted in turn, of other facts each time."""
    for place, facts in enumerate(FACTS):
        yield (text % wanted[place % len(wanted)]).replace(" {}", f" {facts}" if facts else "")


def _counts() -> Iterator[str]:
    """Of events, each of which counts."""
    for (where, window), least in zip(itertools.product(EVENT_WHERES, ("", *WINDOWS)), itertools.cycle((1, 2, 5))):
        yield f"count({' '.join(filter(None, ('events', where, window)))}) >= {least}"


def _of_all(function: str, *comparisons: tuple[str, int]) -> Iterator[str]:
    """Of all facts; what differs is what the number is compared with."""
    for place in itertools.count():
        for column, (operator, number) in itertools.product(("amount", "quantity"), comparisons):
            yield f"{function}(orders.{column}) {operator} {number + place}"


def _streaks() -> Iterator[str]:
    for place, (where, unit) in enumerate(itertools.product(("", *WHERES), ("month", "quarter", "week"))):
        yield f"streak({' '.join(filter(None, (f'orders by {unit}', where)))}) >= {2 + place % 3}"


def _attributes() -> Iterator[str]:
    for number in itertools.count(1):
        yield from (
            f"revenue_amount between {number * 100} and {number * 500}",
            f"order_count >= {number} and days_since_last <= {number * 20}",
            f'segment in ("champions", "loyal") and monetary_amount > {number * 50}',
            f"last_ordered_on within {number * 30} days and recency >= 3",
            f"revenue_amount / purchase_days > {number * 100} or first_ordered_on is unknown",
        )


def _mixed() -> Iterator[str]:
    """Several of these things in one rule."""
    for number, facts in enumerate(filter(None, FACTS), start=1):
        yield (
            f"order_count >= 3 and sum(orders.amount {facts}) > {500 + number}"
            f' and not ever(orders where category = "travel" in last {20 + number} days)',
            f'when count(orders {facts}) >= 6 then "often"'
            f' when count(events where kind = "claim" in last {number} months) >= 1 then "asks"'
            f' when order_count > {number} then "before" otherwise "never"',
            f"sum(orders.amount {facts}) / count(orders in last {number + 6} months)",
            f"last(orders {facts}) within 90 days and (distinct(orders.category in last {number} months) >= 3"
            f' or segment = "champions" or streak(orders by quarter where line_of_business = "shop") >= 2)',
        )[number % 4]
