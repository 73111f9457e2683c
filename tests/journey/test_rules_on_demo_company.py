"""The whole library of tags finds people in the demo company, and the index counts them as the engine does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.rules.random_rules import Draws, conditions

from zhike.demo.growing import grow_demo
from zhike.progress import Silent
from zhike.rules import bitmaps
from zhike.rules.tree import Compare, Condition, Known, Text, is_condition
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.counting.index import index_of, value_counts
from zhike.understand.tags.definitions import TagDefinition, published_tags
from zhike.understand.tags.vocabularies import whole_vocabulary
from zhike.warehouse.catalog import close_catalogs
from zhike.warehouse.queries import Published, published

TEXTS = ("female", "male", "上海", "杭州", "active", "web", "app", "call", "3", "champions", "person", "login", "a", "")


_grown: dict[str, Any] = {}


@pytest.fixture
def now(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """The demo company in its first refresh: grown once, its rows put back for each test."""
    del db
    folder = _grown.setdefault("folder", tmp_path_factory.mktemp("demo"))
    settings.ZHIKE = replace(
        settings.ZHIKE,
        home=folder,
        warehouse=f"file://{folder}/warehouse",
        catalog_uri=f"sqlite:///{folder}/catalog.db",
    )
    if "rows" in _grown:
        for row in serializers.deserialize("json", _grown["rows"]):
            row.save()
    else:
        grow_demo(customers=1_500, seed=20260101, until="understood", progress=Silent())
        models = apps.get_app_config("warehouse").get_models()
        _grown["rows"] = serializers.serialize("json", [row for model in models for row in model.objects.all()])
    yield published()
    close_catalogs()


def test_every_tag_of_the_library_is_computed_most_find_somebody_and_the_index_agrees_with_the_engine(
    now: Published,
) -> None:
    tags, index = published_tags(), index_of(now)
    assert len(tags) >= 60
    held = {tag.name: value_counts(now, tag.name) for tag in tags if not tag.is_set}
    found = [name for name, counts in held.items() if sum(counts.values())]
    assert len(found) >= 0.8 * len(held), sorted(held.keys() - set(found))
    asked = {
        (tag.name, value): condition for tag in tags if not tag.is_set for value, condition in _conditions(tag).items()
    }
    scanned = dict(zip(asked, index.scan_many(list(asked.values())), strict=True))
    for (name, value), customers in scanned.items():
        assert index.tag(name, (value,) if value else ()) == customers, (name, value)
        assert held[name].get(value or "yes", len(customers)) == len(customers), (name, value)
        assert bitmaps.count(asked[name, value], index) == len(customers), (name, value)


def test_random_audiences_have_the_same_members_by_index_and_by_engine(now: Published) -> None:
    index = index_of(now)
    draws = Draws(
        numbers=st.integers(0, 400).map(lambda number: Decimal(number * number)),
        days=st.dates(date(2022, 1, 1), date(2026, 12, 31)),
        texts=st.sampled_from(TEXTS),
    )

    @hypothesis_settings(
        max_examples=50, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(conditions(whole_vocabulary(), draws=draws))
    def have_the_same(rule: Condition) -> None:
        by_engine = index.scan(rule)
        assert bitmaps.members(rule, index) == by_engine
        assert bitmaps.count(rule, index) == len(by_engine)

    have_the_same()


def _conditions(tag: TagDefinition) -> dict[str, Condition]:
    """For whom the tag should be there, by value; of numbers and days under an empty one."""
    assert tag.tree is not None
    if is_condition(tag.tree):
        return {"yes": tag.tree}
    if tag.kind == TagKind.CATEGORY and tag.values:
        return {value: Compare(operator="=", left=tag.tree, right=Text(value=value)) for value in tag.values}
    return {"": Known(value=tag.tree)}
