"""Whose customers they are: what those of each agent bring, of the best, and of those who have left."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.warehouse.small_company import AS_OF

from zhike.understand.behaviour.queries import behaviour

FILES = {
    "staff": "staff_id,name,left_on\nann,Ann Day,\nbob,Bob Fox,2026-05-31\ncat,Cat Hill,2026-12-31\n",
    "source_records": "customer_key,name,agent_id,unit_id\na,Ada Berg,ann,north\nb,Eva Lund,bob,north\n"
    "c,Ida Holm,bob,south\nd,Una Falk,cat,south\ne,Mia Strand,zed,\nf,Lea Dahl,,\n",
    "contracts": "contract_id,customer_key,started_on,premium_amount,premium_period,status\n"
    "1,a,2025-01-01,100,monthly,active\n2,b,2025-01-01,50,yearly,active\n3,c,2025-01-01,70,yearly,active\n"
    "4,d,2025-01-01,900,yearly,lapsed\n5,f,2025-01-01,800,yearly,active\n",
}


@pytest.mark.django_db
def test_customers_of_agents_are_counted_with_what_they_bring(home: Path, tmp_path: Path) -> None:
    from zhike.collect.sources.services import import_file
    from zhike.warehouse.services import run_refresh

    for entity, text in FILES.items():
        path = tmp_path / f"{entity}.csv"
        path.write_text(text)
        import_file(path, entity=entity, source="core")
    run_refresh(as_of=AS_OF)
    found = behaviour().agents
    assert found
    assert [
        (one.agent_id, one.name, one.has_left, one.customers, one.contracts, one.yearly_amount) for one in found.most
    ] == [
        ("ann", "Ann Day", False, 1, 1, 1200.0),
        ("bob", "Bob Fox", True, 2, 2, 120.0),
        ("cat", "Cat Hill", False, 1, 0, 0.0),
        ("zed", "", False, 1, 0, 0.0),
    ]
    assert (found.agents, found.customers, found.yearly_amount) == (4, 5, 1320.0)
    assert (found.best, found.best_share) == (1, pytest.approx(1200 / 1320))
    assert (found.left, found.left_customers, found.left_amount) == (1, 2, 120.0)
    north = behaviour(unit="north")
    assert north.agents
    assert [(one.agent_id, one.customers) for one in north.agents.most] == [("ann", 1), ("bob", 1)]
    assert north.repeats[0].every.customers == 2
    assert behaviour(unit="nowhere").wallet is None
