"""Audiences that were saved before rules had a grammar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from zhike.rules.text import parse_rule, text_of
from zhike.rules.tree import tree_from_json, tree_to_json

OLD = {
    "one": 'has tag "rfm_segment" = "champions"',
    "several": 'has tag "rfm_segment" = "champions" and not has tag "contract_holder" = "active" and has tag "x y"',
    "negated": 'not has tag "recently_active"',
    "strange": "whatever this was",
}


@pytest.fixture
def old(tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """A database as it was then, beside that of the tests."""
    connections.databases["old"] = {**connections["default"].settings_dict, "NAME": str(tmp_path / "old.db")}
    with django_db_blocker.unblock():
        yield "old"
        connections["old"].close()
    del connections["old"]
    del connections.databases["old"]


def test_rules_become_trees_that_say_the_same(old: str) -> None:
    executor = MigrationExecutor(connections[old])
    executor.migrate([("audiences", "0001_initial")])
    then = executor.loader.project_state([("audiences", "0001_initial")]).apps.get_model("audiences", "Audience")
    for name, rule in OLD.items():
        then.objects.using(old).create(name=name, rule=rule, note="kept")
    target = [("audiences", "0002_trees_and_frozen_lists")]
    executor = MigrationExecutor(connections[old])
    executor.migrate(target)
    now = executor.loader.project_state(target).apps.get_model("audiences", "Audience")
    found = {audience.name: audience for audience in now.objects.using(old)}
    for name in ("one", "several", "negated"):
        tree = tree_from_json(found[name].tree)
        assert tree == parse_rule(OLD[name])
        assert text_of(tree) == OLD[name]
        assert found[name].tree == tree_to_json(tree)
        assert (found[name].kind, found[name].note, found[name].archived_at) == ("live", "kept", None)
    assert "whatever this was" in found["strange"].note
    assert found["strange"].archived_at is not None
    assert text_of(tree_from_json(found["strange"].tree)) == 'has tag "unreadable"'
