"""Questions of six conditions, drawn at random, each as a rule of Zhike and as SQL for a wide and for a long table."""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchmarks.audiences_data import NUMBERS, made_up_tags, quantile

ASKED_FROM = 0.02  # share of customers from which on a tag is asked for; rarer ones leave nobody
TAG_IDS = {tag.name: number for number, tag in enumerate(made_up_tags())}  # of the long table
RANGES = (*NUMBERS, *(tag.name for tag in made_up_tags() if tag.kind == "number" and tag.density > 0.1))


@dataclass(frozen=True)
class Condition:
    """One condition in three spellings: of a rule, of the wide table, of attributes beside a long table of tags."""

    rule: str
    wide: str
    long: str


@dataclass(frozen=True)
class Question:
    """Five conditions that all must hold, one of them being an `or` of two."""

    rule: str
    wide: str
    long: str


def questions(count: int, seed: int = 7) -> list[Question]:
    """Different ones, the same for every contender."""
    draw = random.Random(seed)
    return [_question(draw) for _ in range(count)]


def _question(draw: random.Random) -> Question:
    """Two tags, a value of a category, two ranges with borders of their own, and a tag that one must not have.

    One of the two tags is joined by `or` with any of the other conditions that are not negated.
    """
    tags = [tag for tag in made_up_tags() if tag.kind == "yes_no"]
    common = [tag for tag in tags if tag.density > ASKED_FROM]
    first, second, absent = (tag.name for tag in draw.sample(common, 3))
    category = draw.choice([tag for tag in made_up_tags() if tag.kind == "category"])
    value = draw.choice(category.values[:3])
    first_range, second_range = (_range(draw, name) for name in draw.sample(RANGES, 2))
    either = _has(first)
    others = [_has(second), _has_value(category.name, value), first_range, second_range]
    draw.shuffle(others)
    joined = others.pop()
    parts = [_or(either, joined), *others, _not(absent)]
    draw.shuffle(parts)
    return Question(
        rule=" and ".join(part.rule for part in parts),
        wide="SELECT count(*) FROM wide c WHERE " + " AND ".join(part.wide for part in parts),
        long="SELECT count(*) FROM customers c WHERE " + " AND ".join(part.long for part in parts),
    )


def _has(tag: str) -> Condition:
    return Condition(
        rule=f'has tag "{tag}"',
        wide=tag,
        long=f"c.customer_id IN (SELECT t.customer_id FROM tags t WHERE t.tag = {TAG_IDS[tag]})",
    )


def _has_value(tag: str, value: str) -> Condition:
    held = f"t.tag = {TAG_IDS[tag]} AND t.value = '{value}'"
    return Condition(
        rule=f'has tag "{tag}" = "{value}"',
        wide=f"{tag} = '{value}'",
        long=f"c.customer_id IN (SELECT t.customer_id FROM tags t WHERE {held})",
    )


def _not(tag: str) -> Condition:
    held = f"t.tag = {TAG_IDS[tag]} AND t.value = '' AND t.customer_id = c.customer_id"
    return Condition(
        rule=f'not has tag "{tag}"',
        wide=f"NOT {tag}",
        long=f"NOT EXISTS (SELECT 1 FROM tags t WHERE {held})",
    )


def _range(draw: random.Random, name: str) -> Condition:
    """Between two borders that no index can know beforehand, with a tenth to most of the customers between them."""
    width = draw.uniform(0.1, 0.8)
    start = draw.uniform(0, 1 - width)
    low, high = quantile(name, start), quantile(name, start + width)
    if isinstance(low, float):  # never the same border twice
        low, high = round(low + draw.random(), 2), round(high + draw.random(), 2)
    between = f"BETWEEN {low} AND {high}"
    if name in TAG_IDS:
        held = f"t.tag = {TAG_IDS[name]} AND t.number {between}"
        return Condition(
            rule=f'tag "{name}" between {low} and {high}',
            wide=f"c.{name} {between}",
            long=f"c.customer_id IN (SELECT t.customer_id FROM tags t WHERE {held})",
        )
    return Condition(f"{name} between {low} and {high}", f"c.{name} {between}", f"c.{name} {between}")


def _or(one: Condition, other: Condition) -> Condition:
    return Condition(
        rule=f"({one.rule} or {other.rule})",
        wide=f"({one.wide} OR {other.wide})",
        long=f"({one.long} OR {other.long})",
    )
