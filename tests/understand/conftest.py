"""One small company for all tests of what it is understood as."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.grown import Growth, grown
from tests.warehouse.small_company import AS_OF, import_company, import_contracts_of_life

UNITS = "unit_id,name,parent_id\nhq,Head office,\nnorth,North,hq\nnorth-1,North 1,north\nsouth,South,hq\n"
PEOPLE = "".join(
    f"k{n},Ada{n} Berg,+86 138000{n:05},{('north', 'north-1', 'south', '')[n % 4]},{('上海', '')[n % 2]}\n"
    for n in range(40)
)


@pytest.fixture
def company(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small company with org units and forty people in them, refreshed."""
    with grown(COMPANY, settings, tmp_path_factory):
        yield


def _grow(folder: Path) -> None:
    from zhike.collect.sources.services import import_file
    from zhike.warehouse.services import run_refresh

    import_company(folder / "files")
    for entity, source, text in (
        ("org_units", "crm", UNITS),
        ("source_records", "hr", "customer_key,name,phone,unit_id,city\n" + PEOPLE),
    ):
        path = folder / f"{entity}-more.csv"
        path.write_text(text)
        import_file(path, entity=entity, source=source)
    run_refresh(as_of=AS_OF)


COMPANY = Growth("company", _grow)


def _grow_holders(folder: Path) -> None:
    from zhike.warehouse.services import run_refresh

    import_contracts_of_life(folder, source="hr")
    run_refresh(as_of=AS_OF)


HOLDERS = Growth("holders", _grow_holders, on=COMPANY)


@pytest.fixture
def holders(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small company, whose people hold contracts."""
    with grown(HOLDERS, settings, tmp_path_factory):
        yield
