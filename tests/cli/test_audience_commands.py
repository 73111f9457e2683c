"""Audiences from the command line: each command prints its document, and people are told the same."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Run

RECORDS = "customer_key,name,city\n" + "".join(f"k{n},Ada{n} Berg,{('Leeds', 'York')[n % 2]}\n" for n in range(12))
ORDERS = "order_id,customer_key,ordered_at,amount\n" + "".join(
    f"o{n},k{n % 9},2026-01-0{n % 9 + 1},{n}\n" for n in range(20)
)
YORK = 'city = "York"'
AT_ONCE = """
import threading
from zhike.cli.output import start
start()
from django.db import connections
from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.understand.audiences.services import change_audience, save_audience
from zhike.understand.tags.defining.services import Overtaken
audience = save_audience(name="Best", rule="age > 20")
begin, outcomes = threading.Barrier(16), []
def change(number):
    with acting_as(OPERATOR):
        begin.wait(60)
        try:
            change_audience(audience_id=audience.pk, rule=f"age > {number}", seen=audience.revision)
            outcomes.append("done")
        except Overtaken:
            outcomes.append("told")
        finally:
            connections.close_all()
threads = [threading.Thread(target=change, args=(number,)) for number in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*sorted(outcomes))
"""


@pytest.fixture
def ask(zhike: Run, tmp_path: Path) -> Any:
    """Runs a command of audiences and reads its document."""
    for entity, text in (("source_records", RECORDS), ("orders", ORDERS)):
        path = tmp_path / f"{entity}.csv"
        path.write_text(text)
        done = zhike("import", path, "--as", entity, "--source", "shop")
        assert done.returncode == 0, done.stderr
    assert zhike("refresh", "--as-of", "2026-06-01").returncode == 0

    def asked(*words: object, code: int = 0) -> Any:
        done = zhike("audience", *words, "--json")
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return json.loads(done.stdout) if code == 0 else done.stderr

    return asked


@pytest.mark.timeout(600)
def test_every_command_of_audiences_prints_its_document(ask: Any, tmp_path: Path) -> None:
    """All in one, since the data is computed once."""
    counted = ask("count", YORK)
    assert (counted["count"], counted["customers"]) == (6, 12)
    assert counted["milliseconds"] > 0
    explained = ask("explain", f"{YORK} and order_count >= 1")
    assert [step["so_far"] for step in explained["steps"]] == [6, 4]
    assert "character 1" in ask("count", "citi = 1", code=1)

    assert ask("save", YORK, "--name", "York", "--note", "n")["count"] == 6
    assert ask("save", f"{YORK} and order_count > 0", "--name", "York", "--replace")["count"] == 4
    assert ask("rename", "York", "Buyers of York")["name"] == "Buyers of York"
    assert ask("archive", "Buyers of York")["is_archived"]
    assert [one["name"] for one in ask("list", "--archived")["audiences"]] == ["Buyers of York"]
    assert not ask("restore", "Buyers of York")["is_archived"]
    assert ask("show", "Buyers of York")["rule"] == f"{YORK} and order_count > 0"
    assert [one["size"] for one in ask("history", "Buyers of York")["figures"]] == [4]

    assert ask("freeze", 'in audience "Buyers of York"', "--name", "Then")["lists"][0]["count"] == 4
    assert ask("compare", "Then")["stayed"] == 4
    parts = ask("split", YORK, "--name", "S", "--share", "a=50", "--share", "b=50", "--salt", "x")["lists"]
    assert sum(part["count"] for part in parts) == 6
    by_city = ask("split", "order_count >= 0", "--name", "C", "--by", "attribute:city")["lists"]
    assert [(part["name"], part["count"]) for part in by_city] == [("C: Leeds", 6), ("C: York", 6)]
    assert len(ask("sample", YORK, "--size", "2")["rows"]) == 2
    assert "size: a sample has at least one" in ask("sample", YORK, "--size", "-5", code=1)
    assert "seed: a seed is a whole number" in ask("sample", YORK, "--size", "5", "--seed", "-1", code=1)
    assert "size: " in ask("lookalikes", YORK, "--size", "-5", code=1)
    assert [part["count"] for part in ask("overlap", "C: York", "Buyers of York")["parts"]] == [4, 2]
    assert ask("profile", YORK, "--all")["findings"][0]["name"] == "city"
    alike = ask("lookalikes", YORK, "--size", "3", "--name", "Like York")
    assert (alike["count"], alike["separation"], alike["name"]) == (3, None, "Like York")
    moved = ask("changes", YORK, "--earlier", "1")
    assert (moved["before"], moved["joined"], moved["left"]) == (6, 0, 0)
    _files(ask, tmp_path)


def _files(ask: Any, folder: Path) -> None:
    file = folder / "york.csv"
    assert ask("export", YORK, "-o", file, "--columns", "name,city")["rows"] == 6
    with file.open(encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    assert rows[0] == {"customer_id": rows[0]["customer_id"], "name": "Ada1 Berg", "city": "York"}
    assert "csv, xlsx, parquet" in ask("export", YORK, "-o", folder / "york.doc", code=1)
    assert "cannot be written" in ask("export", YORK, "-o", folder / "none" / "york.csv", code=1)
    assert sorted(path.name for path in folder.glob("*york*")) == ["york.csv"]


def test_of_many_who_change_an_audience_at_once_one_does_and_the_others_are_told(zhike: Run, tmp_path: Path) -> None:
    assert zhike("audience", "list").returncode == 0
    environ = {**os.environ, "ZHIKE_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
    done = subprocess.run([sys.executable, "-c", AT_ONCE], env=environ, capture_output=True, text=True, timeout=240)
    assert done.stdout.split() == ["done"] + ["told"] * 15, done.stderr
