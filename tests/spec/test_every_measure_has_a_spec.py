"""No measure without a spec."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import zhike
from zhike.understand.tags.defining.shipped import library

SOURCE = Path(zhike.__file__).parent
SPECS = Path(__file__).parent


def _public_functions(module: Path) -> list[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def _specified() -> set[str]:
    """Names that a test of this folder calls, and texts that it looks something up by."""
    found = set()
    asked = SPECS.parent / "rules" / "asking.py"  # what the specs of rules ask through
    for spec in (*SPECS.glob("test_*.py"), asked):
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


@pytest.mark.parametrize("name", sorted(library()))
def test_every_tag_of_the_library_has_a_spec(name: str) -> None:
    specs = "".join(path.read_text(encoding="utf-8") for path in SPECS.glob("test_library_*.py"))
    assert re.search(rf"customer_id \|[^\n]* {name}\b", specs), (
        f"write a spec of {name}: customers in, what they have out"
    )
