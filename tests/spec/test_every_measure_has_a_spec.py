"""No measure without a spec."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import zhike
from zhike.understand.tags.shipped import SHIPPED

SOURCE = Path(zhike.__file__).parent
SPECS = Path(__file__).parent


def _public_functions(module: Path) -> list[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def _specified() -> set[str]:
    """Names that a test of this folder calls, and texts that it looks something up by."""
    found = set()
    for spec in SPECS.glob("test_*.py"):
        for node in ast.walk(ast.parse(spec.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found.add(node.func.id)
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                found.add(node.slice.value)
    return found


MEASURES = [
    pytest.param(name, id=f"{module.parent.name}.{name}")
    for module in sorted([*SOURCE.rglob("measures.py"), SOURCE / "warehouse" / "versions.py"])
    for name in _public_functions(module)
]


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_has_a_spec(name: str) -> None:
    assert name in _specified(), f"write a spec of {name} in tests/spec: a small text table in, rows out"


@pytest.mark.parametrize("name", [tag.name for tag in SHIPPED])
def test_every_shipped_tag_has_a_spec(name: str) -> None:
    assert name in _specified(), f"write a spec of the tag {name} in tests/spec"
