"""What holds for the tree as a whole: layers of foreign keys, no strange addresses, a README in every room."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model

ROOT = Path(__file__).parents[2]
ROOMS = ("understand", "collect", "operate", "govern")
# A capability is a package below a room; modules that stand alone there are none.
CAPABILITIES = sorted(
    folder
    for room in ROOMS
    for folder in (ROOT / "src" / "zhike" / room).iterdir()
    if (folder / "__init__.py").exists()
)
REGISTRY = re.compile(rb"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|conda|maven)[\w.-]*/?[^\s)]*", re.IGNORECASE)
SELF = "tests/consistency/test_tree.py"


def _layers() -> dict[str, int]:
    """Room → height, as import-linter enforces it for imports."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {room.strip(): height for height, layer in enumerate(reversed(layers)) for room in re.split(r"[:|]", layer)}


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: no list of the files that belong to the project")
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
    )
    if listed.returncode:
        pytest.skip(f"git cannot list the files: {listed.stderr.decode().strip()}")
    names = [name.decode() for name in listed.stdout.split(b"\0") if name]
    return [path for path in (ROOT / name for name in names if name != SELF) if path.is_file()]


def test_foreign_keys_point_to_the_same_app_or_down() -> None:
    heights = _layers()
    upwards = []
    models = [model for model in apps.get_models() if model.__module__.startswith("zhike.")]
    assert models
    for model in models:
        for field in model._meta.get_fields():
            target = field.related_model if field.is_relation and not field.auto_created else None
            if target is None or target._meta.app_label == model._meta.app_label:
                continue
            if not target.__module__.startswith("zhike.") or target is get_user_model():
                continue  # named in the settings, as Django's own apps name it; any room may own what a user keeps
            own, other = (m.__module__.split(".")[1] for m in (model, target))
            if heights[other] >= heights[own]:
                upwards.append(f"{model.__name__}.{field.name}")
    assert upwards == []


def test_no_file_names_a_package_registry() -> None:
    found = {path.relative_to(ROOT).as_posix(): REGISTRY.findall(path.read_bytes()) for path in _tracked()}
    assert {name: urls for name, urls in found.items() if urls} == {}


def test_no_file_names_a_place_of_one_machine() -> None:
    places = "|".join(map(re.escape, {f"{ROOT}/", f"{Path.home()}/", "/home/", "/Users/"}))
    place = re.compile(rf"(?<![\w.$}}-])(?:{places})".encode())
    found = {path.relative_to(ROOT).as_posix(): place.findall(path.read_bytes()) for path in _tracked()}
    assert {name: where for name, where in found.items() if where} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_requirements_are_exact_with_hashes_and_without_addresses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", text.replace("\\\n", " "))
    wanted = [entry for entry in entries if entry.strip() and not entry.lstrip().startswith("#")]
    assert wanted
    assert [entry.split()[0] for entry in wanted if "==" not in entry.split()[0] or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("folder", CAPABILITIES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_capability_says_in_five_lines_what_it_is(folder: Path) -> None:
    title, *rest = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert title.startswith("# ")
    assert 1 <= len([line for line in rest if line.strip()]) <= 5


def test_every_room_stands_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = [path for path in (ROOT / "src" / "zhike").iterdir() if (path / "__init__.py").exists()]
    assert [path.name for path in (*rooms, *CAPABILITIES) if f"{path.name}/ " not in text and path.name != "jobs"] == []


def test_the_architecture_fits_on_a_page() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 80


def test_a_decision_has_about_ten_lines_and_what_was_rejected() -> None:
    for path in (ROOT / "docs" / "adr").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 12, path.name
        assert "**Decision.**" in text, path.name
        assert "**Rejected.**" in text, path.name
