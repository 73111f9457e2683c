"""Customers with attributes and 200 tags, made up range by range, as wide tables of Arrow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import NormalDist

import numpy as np
import pyarrow as pa

from benchmarks.homes import AS_OF

SEED = 4
YES_NO, CATEGORY, NUMBER = 160, 28, 12  # tags of each kind
CITIES = 40
GENDERS = ("female", "male")
SEGMENTS = ("champions", "loyal", "promising", "needs_attention", "at_risk", "lost")
# What questions draw their ranges from; nothing that only some may select by.
NUMBERS = ("age", "message_count", "order_count", "revenue_amount", "days_since_last", "event_count")


@dataclass(frozen=True)
class MadeUpTag:
    """A tag with the share of customers who have it, and how that share grows from the oldest to the newest."""

    name: str
    kind: str  # yes_no, category, number
    density: float
    slope: float = 0.0
    values: tuple[str, ...] = ()


def made_up_tags() -> tuple[MadeUpTag, ...]:
    """200 tags held by 0.1 % to 60 % of the customers, some 14 to a customer; a third are commoner among newer ones."""
    tags = []
    for number in range(YES_NO):
        density = 0.001 * 600 ** ((number / (YES_NO - 1)) ** 1.7)
        tags.append(MadeUpTag(f"tag_{number:03}", "yes_no", density, 0.4 if number % 3 == 0 else 0.0))
    for number in range(CATEGORY):
        values = tuple(f"value_{place}" for place in range(3 + number % 6))
        density = 0.01 * 50 ** (number / (CATEGORY - 1))
        tags.append(MadeUpTag(f"category_{number:02}", "category", density, 0.0, values))
    for number in range(NUMBER):
        tags.append(MadeUpTag(f"number_{number:02}", "number", 0.01 * 30 ** (number / (NUMBER - 1))))
    return tuple(tags)


def customers_of(start: int, stop: int, total: int) -> pa.Table:
    """The attributes of one range of customers, one row each."""
    draw = np.random.default_rng([SEED, start])
    size = stop - start
    buys = draw.random(size) < 0.7
    orders = np.where(buys, draw.geometric(0.22, size), 0)
    since = np.minimum(draw.exponential(260, size).astype(np.int64), 2000)
    revenue = np.where(buys, np.round(orders * draw.lognormal(4.6, 0.9, size), 2), 0.0)
    age = np.clip(draw.normal(43, 15, size).astype(np.int64), 16, 99)
    scores = draw.integers(1, 6, (3, size))
    days = pa.array(np.datetime64(AS_OF) - since, mask=~buys)
    columns: dict[str, object] = {
        "customer_id": np.arange(start, stop),
        "kind": pa.DictionaryArray.from_arrays((draw.random(size) < 0.03).astype(np.int8), ["person", "organisation"]),
        "gender": _chosen(draw, GENDERS, size, missing=0.15),
        "city": _chosen(draw, tuple(f"city_{number}" for number in range(CITIES)), size, missing=0.05),
        "age": pa.array(age, mask=draw.random(size) < 0.12),
        "income_amount": pa.array(np.round(draw.lognormal(11.3, 0.6, size), 2), mask=draw.random(size) < 0.45),
        "order_count": orders,
        "purchase_days": orders,
        "revenue_amount": revenue,
        "days_since_last": pa.array(since, mask=~buys),
        "last_ordered_on": days,
        "event_count": draw.geometric(0.05, size) - 1,
        "message_count": draw.geometric(0.1, size) - 1,
        "recency": pa.array(scores[0], mask=~buys),
        "frequency": pa.array(scores[1], mask=~buys),
        "monetary": pa.array(scores[2], mask=~buys),
        "segment": _chosen(draw, SEGMENTS, size, missing=0.3),
        "first_seen_on": np.datetime64(AS_OF - timedelta(days=3000)) + np.arange(start, stop) * 3000 // total,
    }
    return pa.table(columns)


def tags_of(start: int, stop: int, total: int) -> pa.Table:
    """The tags of one range of customers, a column each: yes or no, a text or nothing, a number or nothing."""
    draw = np.random.default_rng([SEED, 1, start])
    size = stop - start
    age = np.arange(start, stop) / total - 0.5  # from the oldest to the newest customer
    columns: dict[str, object] = {"customer_id": np.arange(start, stop)}
    for tag in made_up_tags():
        has = draw.random(size, dtype=np.float32) < tag.density * (1 + tag.slope * age)
        match tag.kind:
            case "yes_no":
                columns[tag.name] = pa.array(has)
            case "category":
                place = np.minimum(draw.geometric(0.4, size) - 1, len(tag.values) - 1)
                columns[tag.name] = pa.DictionaryArray.from_arrays(
                    pa.array(place.astype(np.int8), mask=~has), list(tag.values)
                ).cast(pa.string())
            case _:
                columns[tag.name] = pa.array(np.round(draw.lognormal(3, 1, size), 2), mask=~has)
    return pa.table(columns)


def ranges(total: int, length: int) -> Iterator[tuple[int, int]]:
    """The first customer of each range, and the first after it."""
    for start in range(0, total, length):
        yield start, min(start + length, total)


def _chosen(draw: np.random.Generator, values: tuple[str, ...], size: int, *, missing: float) -> pa.Array:
    """Values of which the first ones are the most frequent."""
    place = (draw.random(size) ** 1.7 * len(values)).astype(np.int8)
    chosen = pa.DictionaryArray.from_arrays(pa.array(place, mask=draw.random(size) < missing), list(values))
    return chosen.cast(pa.string())


def quantile(name: str, share: float) -> float:
    """About the value below which this share of the customers with a value lies, for the borders of questions."""
    normal = NormalDist().inv_cdf(min(max(share, 0.001), 0.999))
    match name:
        case "age":
            return round(43 + 15 * normal)
        case "message_count":
            return round(math.log1p(-share * 0.999) / math.log1p(-0.1))
        case "order_count":
            return round(math.log1p(-share * 0.999) / math.log1p(-0.22))
        case "revenue_amount":
            return round(math.exp(5.8 + 1.3 * normal), 2)
        case "days_since_last":
            return round(-260 * math.log1p(-share * 0.999))
        case "event_count":
            return round(math.log1p(-share * 0.999) / math.log1p(-0.05))
        case _:
            return round(math.exp(3 + normal), 2)


assert len(made_up_tags()) == 200
