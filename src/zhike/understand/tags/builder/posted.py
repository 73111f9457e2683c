"""The rows of the builder as fields of an HTML form: named by where they stand, and read back as they were typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from pydantic import ValidationError

from zhike.errors import UserError
from zhike.rules.builder.choices import OPERATORS, Takes
from zhike.rules.builder.rows import Form, WindowFields

At = tuple[int, ...]  # the places that lead to a row, from 0

PREFIX = "r"
DEEPEST = 50
# How a group is joined, as one choice: match, and whether it is turned round.
JOINED = {"all": ("all", False), "any": ("any", False), "none": ("any", True), "not_all": ("all", True)}
TODAY = "today"


@dataclass
class _Raw:
    fields: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[int, _Raw] = field(default_factory=dict)

    def one(self, name: str, otherwise: str = "") -> str:
        return self.fields.get(name, [otherwise])[-1]


def name_of(at: At, name: str = "") -> str:
    """The name of a field of a row: `r.0.1.operator`."""
    return ".".join([PREFIX, *map(str, at), *([name] if name else [])])


def joined_as(match: str, *, negated: bool) -> str:
    """The one choice that says how a group is joined."""
    return next(name for name, meant in JOINED.items() if meant == (match, negated))


def form_of_fields(data: QueryDict) -> Form:
    """The rows that were sent. Raises UserError for what no page of ours sends."""
    root = _Raw()
    for name, values in data.lists():
        head, *steps = name.split(".")
        if head != PREFIX or len(steps) > DEEPEST:
            continue
        node = root
        while steps and steps[0].isascii() and steps[0].isdecimal():
            node = node.rows.setdefault(int(steps.pop(0)), _Raw())
        node.fields[".".join(steps)] = [str(value) for value in values]
    return _valid(_group(root, ""))


def form_of_state(state: str) -> Form:
    """The rows as a page keeps them between two requests. Raises UserError for what no page of ours sends."""
    try:
        return _valid(json.loads(state or "{}"))
    except (ValueError, RecursionError) as error:
        raise _unknown() from error


def state_of(form: Form) -> str:
    """The rows as a page keeps them; equal rows give equal text."""
    return json.dumps(_short(form.model_dump(mode="json")), ensure_ascii=False, separators=(",", ":"))


def _short(value: Any) -> Any:
    """The same without what is empty, which is what a row has anyway."""
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items() if one or (name == "where" and one is not None)}
    return [_short(one) for one in value] if isinstance(value, list) else value


def _valid(form: Any) -> Form:
    try:
        return Form.model_validate(form)
    except (ValidationError, RecursionError) as error:
        raise _unknown() from error


def _unknown() -> UserError:
    return UserError(_("these rows cannot be read"), advice=_("Load the page again."))


def _group(raw: _Raw, prefix: str) -> dict[str, Any]:
    match, negated = JOINED.get(raw.one(f"{prefix}joined"), JOINED["all"])
    return {"kind": "group", "match": match, "negated": negated, "rows": _rows(raw)}


def _rows(raw: _Raw) -> list[dict[str, Any]]:
    return [_row(raw.rows[place]) for place in sorted(raw.rows) if "kind" in raw.rows[place].fields]


def _row(raw: _Raw) -> dict[str, Any]:
    kind = raw.one("kind")
    if kind == "group":
        return _group(raw, "")
    row: dict[str, Any] = {"kind": kind, "negated": bool(raw.one("negated"))}
    match kind:
        case "attribute":
            return row | _compared(raw) | _texts(raw, "name")
        case "tag":
            return row | _compared(raw) | _texts(raw, "tag", "as_of")
        case "audience":
            return row | _texts(raw, "audience")
        case "facts":
            window = {name: raw.one(f"window.{name}") for name in WindowFields.model_fields}
            where = _group(raw, "where.") if raw.rows else None
            return (
                row
                | _compared(raw)
                | _texts(raw, "function", "table", "column", "by")
                | {"window": window, "where": where}
            )
        case "related":
            return row | _texts(raw, "quantifier", "relation") | {"where": _group(raw, "where.")}
    return row | _texts(raw, "text")


def _texts(raw: _Raw, *names: str) -> dict[str, str]:
    return {name: raw.one(name) for name in names}


def _compared(raw: _Raw) -> dict[str, Any]:
    operator = raw.one("operator", "=")
    return {
        "operator": operator,
        "values": _values(raw, operator),
        "unit": raw.one("unit"),
        "value_kind": raw.one("value_kind", "text"),
    }


def _values(raw: _Raw, operator: str) -> Sequence[str]:
    """What was typed; of a list only what is filled in, and once."""
    typed = [TODAY if raw.one(f"today.{place}") else value for place, value in enumerate(raw.fields.get("values", []))]
    known = OPERATORS.get(operator)
    if known is None or known.takes == Takes.SEVERAL:
        return list(dict.fromkeys(value.strip() for value in typed if value.strip()))
    return typed
