"""Functions that every engine has and Ibis has no word for."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

import ibis


@ibis.udf.scalar.builtin
def get_json_object(document: str, path: str) -> str:
    """What a JSON document has at a path as `$.name`, of a text what it says; empty where there is nothing."""
