"""What the commands about tags promise: JSON alone on stdout with its keys, exit codes, mistakes in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Run

ORDERS = "order_id,customer_key,ordered_at,amount\n1,a,2026-01-01,10\n2,b,2026-05-02,50\n3,c,2026-05-30,9\n"
BUYER = "name: buyer\nkind: yes_no\ntheme: ours\ntitle: Buyer\nrule: order_count >= 1\n"
TIER = "name: tier\nkind: category\norigin: person\ntheme: ours\ntitle: Tier\nvalues: [gold, silver]\n"

# Command → the keys of its document, in an order in which each finds what it needs.
PROMISED = {
    ("tags", "list"): {"tags"},
    ("tags", "show", "gender"): {"name", "tag", "rule", "values", "versions", "lineage", "used_by"},
    ("tags", "why", "recently_active", "1"): {"name", "customer_id", "verdict", "lines"},
    ("tags", "export", "{folder}/out", "--theme", "three"): {"folder", "files"},
    ("tags", "diff", "{folder}/tags"): {"tags"},
    ("tags", "apply", "{folder}/tags"): {"created", "drafted", "described", "published", "unchanged"},
    ("tags", "approve", "buyer"): {"name", "version", "state"},
    ("tags", "publish", "buyer", "--version", "1"): {"name", "version", "state"},
    ("tags", "apply", "{folder}/tags", "--publish"): {"published"},
    ("tags", "rebuild", "buyer"): {"name", "refresh_id", "as_of"},
    ("tags", "set", "tier", "gold", "--customer", "0", "--key", "shop:b", "--rule", "order_count = 1"): {
        *("change_id", "name", "value", "customers"),
    },
    ("tags", "unset", "tier", "gold", "--customer", "0"): {"change_id", "customers"},
    ("tags", "undo", "1"): {"change_id", "name", "undoes"},
    ("tags", "import", "tier", "{folder}/tiers.csv", "--source", "shop", "--rejects", "{folder}/rejects.csv"): {
        *("name", "dry_run", "read", "accepted", "rejected", "customers", "values", "reasons", "change_id"),
    },
    ("tags", "sample", "buyer", "--size", "2", "-o", "{folder}/sample.csv"): {"name", "drawn"},
    ("tags", "review", "buyer", "{folder}/sample.csv"): {"name", "reviewed"},
    ("tags", "accuracy", "lifecycle_stage"): {"name", "reviewed", "later"},
    ("tags", "retire", "buyer"): {"name"},
    ("tags", "restore", "buyer"): {"name"},
    ("audience", "count", 'has tag "buyer"'): {"count"},
}

MISTAKES = [
    (["tags", "show", "nobody"], 1, "no tag is called “nobody”"),
    (["tags", "apply", "{folder}/wrong.yaml"], 1, "wrong.yaml:5 rule (character 1)"),
    (["tags", "retire", "rfm_monetary"], 1, "is used by high_value"),
    (["tags", "set", "gender", "male", "--key", "shop:a"], 1, "is computed: nobody can set it"),
    (["tags", "set", "gender", "male", "--key", "a"], 1, "is no source and key"),
    (["tags", "review", "gender", "{folder}/tiers.csv"], 1, "has no columns customer_id and verdict"),
    (["tags", "rebuild", "nobody"], 1, "no tag “nobody” is in force"),
    (["tags", "dance"], 2, "No such command"),
    (["tags", "list", "--state", "bogus"], 2, "'published', 'approved', 'draft', 'withdrawn', 'retired'"),
    (["tags", "list", "--theme", "busines"], 1, "theme: there is no theme “busines”"),
    (["tags", "export", "{folder}/none", "--theme", "busines"], 1, "theme: there is no theme “busines”"),
    (["tags", "approve", "gender", "--version", "0"], 2, "--version"),
    (["tags", "sample", "gender", "--seed", "-1"], 1, "seed: a seed is a whole number"),
    (["tags", "sample", "gender", "--size", "-1"], 1, "size: a sample has 1 to"),
    (["tags", "diff", "{folder}/late.yaml"], 1, "late.yaml:7 later_days: a later fact holds at most 36500 days"),
    (["tags", "apply", "{folder}/late.yaml"], 1, "late.yaml:7 later_days: a later fact holds at most 36500 days"),
    (["tags", "diff", "{folder}/hex.yaml"], 1, "hex.yaml:1 name: small letters"),
]


@pytest.fixture
def folder(tmp_path: Path, zhike: Run) -> Path:
    """Definitions and values in files, beside an installation with three customers."""
    (tmp_path / "tags").mkdir()
    for name, text in (
        ("orders.csv", ORDERS),
        ("tags/buyer.yaml", BUYER),
        ("tags/tier.yaml", TIER),
        ("wrong.yaml", BUYER.replace("order_count", "order_cont")),
        ("late.yaml", BUYER + f"later_fact: ever(orders)\nlater_days: {10**23}\n"),
        ("hex.yaml", BUYER.replace("name: buyer", "name: 0x1F")),
        ("tiers.csv", "customer_key,value\na,gold\nb,bronze\n"),
    ):
        (tmp_path / name).write_text(text)
    assert zhike("import", tmp_path / "orders.csv", "--as", "orders", "--source", "shop").returncode == 0
    assert zhike("refresh", "--as-of", "2026-06-01").returncode == 0
    return tmp_path


def test_every_command_prints_one_document_with_its_keys(folder: Path, zhike: Run) -> None:
    documents = {}
    for command, keys in PROMISED.items():
        if command[1] == "review":
            sample = folder / "sample.csv"
            sample.write_text(sample.read_text(encoding="utf-8-sig").replace(",,", ",right,"))
        done = zhike(*(word.format(folder=folder) for word in command), "--json")
        assert done.returncode == 0, (command, done.stderr)
        documents[command[:2]] = json.loads(done.stdout)
        assert keys <= set(documents[command[:2]]), command
    assert documents["tags", "set"]["customers"] == 3
    assert (documents["tags", "import"]["accepted"], documents["tags", "import"]["rejected"]) == (1, 1)
    assert documents["tags", "review"]["reviewed"] == 2
    assert documents["audience", "count"]["count"] == 3
    (movement,) = [one["movement"] for one in documents["tags", "diff"]["tags"] if one["name"] == "buyer"]
    assert (movement["before"], movement["joined"]) == (0, 3)


def test_a_mistake_is_told_on_stderr(folder: Path, zhike: Run) -> None:
    for command, code, says in MISTAKES:
        done = zhike(*(word.format(folder=folder) for word in command))
        assert (done.returncode, done.stdout) == (code, ""), (command, done.stdout, done.stderr)
        assert says in done.stderr, (command, done.stderr)
        assert "Traceback" not in done.stderr


def test_of_two_who_approve_at_once_one_is_told_that_the_other_was_faster(folder: Path, zhike: Run) -> None:
    assert zhike("tags", "apply", folder / "tags").returncode == 0
    command = [sys.executable, "-m", "zhike", "tags", "approve", "buyer", "--version", "1"]
    environ = {**os.environ, "ZHIKE_HOME": str(folder / "home")}
    both = [subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = {process.wait(timeout=120): process.communicate()[1] for process in both}
    assert set(told) == {0, 1}
    assert "version 1 of “buyer” is approved, and cannot be approved" in told[1]
