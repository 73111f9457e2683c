"""The demo company goes through the real services, and what is known of it comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tests.conftest import Run


def test_the_company_is_collected_understood_and_rejects_exactly_what_was_planted(tmp_path: Path, zhike: Run) -> None:
    grown = zhike("demo", "--customers", 3000, "--no-serve", "--json", ZHIKE_LINKING="yes")
    assert grown.returncode == 0, grown.stderr
    stages: dict[str, Any] = json.loads(grown.stdout)
    assert set(stages) == {"collected", "understood", "login"}
    truth = tmp_path / "home" / "demo" / "truth"
    planted = pc.sum(pq.read_table(truth / "planted_rejects.parquet")["count"]).as_py()
    assert stages["collected"]["rejected"] == planted
    known = pq.read_table(truth / "identity.parquet")
    # The records of all sources are linked: nearly as many customers as there are people and firms.
    leads = pc.is_in(known["source"], value_set=pa.array(["cards", "list"]))
    people = len(pc.unique(known.filter(pc.invert(leads))["person_id"]))
    assert 0.95 < stages["understood"]["customers"] / people < 1.10
    found = stages["understood"]
    assert found["orders"]["orders"] > 1000
    assert 0.3 < found["orders"]["buyers_who_came_back"] / found["orders"]["buyers"] < 0.7
    assert found["champions"] > 0
    gone = zhike("audience", "count", 'satisfaction >= 4 and loyalty_level = "gone"', "--json")
    assert json.loads(gone.stdout)["count"] > 0
    rules = json.loads(zhike("offers", "list", "--json").stdout)["offer_rules"]
    assert len(rules) == 6
    assert all(rule["customers"] > 0 and rule["products"] for rule in rules)
    again = zhike("demo", "--customers", 3000, "--until", "collected", "--json")
    assert json.loads(again.stdout)["collected"]["rows"] == 0
    other = zhike("demo", "--customers", 100, "--json")
    assert other.returncode == 1
    assert "holds another demo company" in other.stderr
