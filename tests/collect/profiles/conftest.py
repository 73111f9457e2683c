"""Companies that are grown once for all tests of profiles; each test finds its own as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from tests.collect.profiles.merged import merged_company, number_of, searched_company

from zhike.govern.access.actors import OPERATOR, acting_as

APPS = ("sources", "warehouse", "identity")
_grown: dict[str, tuple[Path, str]] = {}  # name → its folder, and its rows of the operational database


@pytest.fixture
def james(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The number of James Evans, whom two sources know."""
    with _company("merged", merged_company, settings, tmp_path_factory):
        yield number_of("core", "c1")


@pytest.fixture
def company(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three customers who can be found in many ways, one with many orders."""
    with _company("searched", searched_company, settings, tmp_path_factory):
        yield


@contextmanager
def _company(
    name: str, grow: Callable[[Path], object], settings: Any, folders: pytest.TempPathFactory
) -> Iterator[None]:
    from zhike.warehouse.catalog import close_catalogs

    folder, rows = _grown.get(name) or (folders.mktemp(name), "")
    settings.ZHIKE = replace(
        settings.ZHIKE,
        home=folder,
        warehouse=f"file://{folder}/warehouse",
        catalog_uri=f"sqlite:///{folder}/catalog.db",
        linking=False,  # only what people decide puts records together: quick, and certain
    )
    kept = folder.with_name(f"{folder.name}-as-grown")
    if rows:
        for row in serializers.deserialize("json", rows):
            row.save()
    else:
        with acting_as(OPERATOR):  # whoever the test is
            grow(folder)
        models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
        rows = serializers.serialize("json", [row for model in models for row in model.objects.all()])
        shutil.copytree(folder, kept)
        _grown[name] = (folder, rows)
    written = (folder / "catalog.db").stat().st_mtime_ns
    yield
    close_catalogs()
    if (folder / "catalog.db").stat().st_mtime_ns != written:  # a test refreshed
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
