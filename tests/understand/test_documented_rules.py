"""Every example of docs/reference/rules.md is executed: on the index, and by the engine over the same customers."""

from __future__ import annotations

from datetime import date
from typing import cast

import pytest
from tests.rules.documented import examples
from tests.warehouse.small_company import AS_OF

from zhike.rules.bitmaps import members
from zhike.rules.check import kind_of
from zhike.rules.text import parse
from zhike.rules.tree import Choice, Condition, Known, is_condition
from zhike.understand.audiences.services import save_audience
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.defining.preview import previewed
from zhike.understand.tags.vocabularies import vocabulary
from zhike.warehouse.queries import published
from zhike.warehouse.services import run_refresh


@pytest.fixture
def past(company: None) -> None:
    """The company as it stood in January and as it stands; one of the examples asks how a tag stood then."""
    for day in (date(2026, 1, 31), AS_OF):
        run_refresh(as_of=day)
    save_audience(name="our friends", rule='city = "上海" or order_count > 1')


def test_every_example_says_the_same_of_the_index_and_of_the_tables(past: None) -> None:
    index, known, found = index_of(published()), vocabulary(), []
    for example in examples():
        tree = parse(example).tree
        condition = cast("Condition", tree if is_condition(tree) else Known(value=tree))
        counted = members(condition, index)
        assert counted == index.scan(condition), example
        preview = previewed(example)
        assert (preview.kind, preview.count) == (kind_of(tree, known), len(counted)), example
        if isinstance(tree, Choice):
            assert sum(count for _value, count in preview.values) == len(counted), example
        found += [example] if counted else []
    assert len(found) > len(examples()) / 3  # the company has somebody for many of them
