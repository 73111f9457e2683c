"""One small company for all tests of what it is understood as."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from tests.warehouse.small_company import AS_OF, import_company

UNITS = "unit_id,name,parent_id\nhq,Head office,\nnorth,North,hq\nnorth-1,North 1,north\nsouth,South,hq\n"
PEOPLE = "".join(
    f"k{n},Ada{n} Berg,+86 138000{n:05},{('north', 'north-1', 'south', '')[n % 4]},{('上海', '')[n % 2]}\n"
    for n in range(40)
)


_grown: dict[str, Any] = {}


@pytest.fixture
def company(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small company with org units and forty people in them, refreshed: grown once, its rows put back each time."""
    from zhike.warehouse.catalog import close_catalogs

    folder = _grown.setdefault("folder", tmp_path_factory.mktemp("company"))
    settings.ZHIKE = replace(
        settings.ZHIKE,
        home=folder,
        warehouse=f"file://{folder}/warehouse",
        catalog_uri=f"sqlite:///{folder}/catalog.db",
        linking=False,
    )
    if "rows" in _grown:
        for row in serializers.deserialize("json", _grown["rows"]):
            row.save()
    else:
        _grow(folder)
        models = [model for app in ("sources", "warehouse") for model in apps.get_app_config(app).get_models()]
        _grown["rows"] = serializers.serialize("json", [row for model in models for row in model.objects.all()])
        shutil.copytree(folder, _copy_of(folder))
        _grown["stamps"] = _stamps(folder)
    yield
    close_catalogs()
    if _stamps(folder) != _grown["stamps"]:  # a test refreshed it: the next one finds it as it was
        shutil.rmtree(folder)
        shutil.copytree(_copy_of(folder), folder)
        _grown["stamps"] = _stamps(folder)


def _copy_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-as-grown")


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    found = [path for kept in ("warehouse", "catalog.db") for path in (folder / kept, *(folder / kept).rglob("*"))]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found if path.is_file()}


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
