"""Migration and retention where nobody has bought, and before anything was computed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from zhike.collect.sources.services import add_source, import_file
from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.understand.lifecycle.tables import LIFECYCLE, STAGE_MOVES
from zhike.understand.retention.tables import DEFECTION_REASONS, RETENTION_COHORTS, STAY_COUNTS
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import run_refresh

PAGES = ("/insight/migration/", "/insight/retention/")


@pytest.mark.parametrize("path", PAGES)
def test_before_the_first_refresh_a_page_says_how_to_get_there(home: Path, browser: Client, path: str) -> None:
    assert "Nothing has been computed yet" in browser.get(path).content.decode()


def test_where_nobody_bought_everybody_is_a_prospect(home: Path, browser: Client, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("customer_key,name,phone\na,Ada Berg,+86 13800000001\nb,Bo Chen,+86 13800000002\n")
    for when in (date(2026, 6, 30), date(2026, 7, 15)):  # the end of a month, and the middle of one
        with acting_as(OPERATOR):
            add_source(name=f"crm-{when}", lawful_basis="contract")
            import_file(people, entity="source_records", source=f"crm-{when}")
            run_refresh(as_of=when)
        now = published()
        assert {row["stage"] for row in rows(now.table(LIFECYCLE))} == {"prospect"}
        for contract in (STAGE_MOVES, RETENTION_COHORTS, STAY_COUNTS, DEFECTION_REASONS):
            assert rows(now.table(contract)) == []
        for path in PAGES:
            assert "Nothing can be said yet" in browser.get(path).content.decode()
