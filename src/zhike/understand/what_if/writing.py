"""Scenarios as they are kept and given out: plain data, and the YAML that `reading.py` reads."""

from __future__ import annotations

from typing import Any

import yaml

from zhike.understand.what_if.scenario import Scenario

EXACT = 2**53  # whole numbers up to here are themselves as floats


def document_of(scenario: Scenario) -> dict[str, Any]:
    """A scenario as plain data: what was said of it, and no more."""
    document: dict[str, Any] = _tidy(scenario.model_dump(mode="json", by_alias=True, exclude_unset=True))
    return document


def yaml_of(scenario: Scenario) -> str:
    """A scenario as a file says it."""
    text: str = yaml.safe_dump(document_of(scenario), allow_unicode=True, sort_keys=False, width=100)
    return text


def _tidy(part: Any) -> Any:
    """Whole numbers without a point."""
    if isinstance(part, dict):
        return {key: _tidy(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_tidy(value) for value in part]
    return int(part) if isinstance(part, float) and part.is_integer() and abs(part) < EXACT else part
