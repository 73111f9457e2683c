"""Which rows say something already, and what is wrong with or missing in the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zhike.rules.builder.filling import filled
from zhike.rules.builder.rows import Form, Group, Row
from zhike.rules.check import checked
from zhike.rules.errors import RuleError
from zhike.rules.form import FormError, tree_of
from zhike.rules.places import Path, Unfit, places
from zhike.rules.tree import Condition
from zhike.rules.vocabulary import Vocabulary
from zhike.understand.tags.builder.edits import inner, row_at
from zhike.understand.tags.builder.posted import At
from zhike.understand.tags.builder.suggestions import suggested_name


@dataclass(frozen=True)
class Fault:
    """What is wrong at a row, and in which of its fields; `is_missing` while it is only not filled in yet."""

    field: str
    message: str
    advice: str
    is_missing: bool = False

    @property
    def suggestion(self) -> str:
        """What may be put into the field instead."""
        return suggested_name(self.advice) if self.field else ""


@dataclass(frozen=True)
class Complete:
    """The rows that say something already, as a tree; the row that each part of it comes from; the others' faults."""

    tree: Condition | None = None
    rows: Mapping[Path, At] = field(default_factory=dict)
    faults: Mapping[At, list[Fault]] = field(default_factory=dict)


def completed(form: Form, vocabulary: Vocabulary) -> Complete:
    """Takes apart what says something and what is wrong or missing."""
    reading = _Reading(form)
    whole, origins = reading.whole(form, ())
    if whole is None:
        return Complete(faults=reading.faults)
    rows: dict[Path, At] = {}
    try:
        found = places(filled(whole))
        rows = {path: origins.get(place.row, place.row) for path, place in found.items()}
        tree = tree_of(whole)
    except FormError as error:  # it is larger than any rule may be
        reading.fault(origins.get(error.row, error.row), error)
        return Complete(rows=rows, faults=reading.faults)
    try:
        checked(tree, vocabulary)
    except Unfit as error:
        path = next(error.path[:end] for end in range(len(error.path), -1, -1) if error.path[:end] in found)
        reading.fault(rows[path], error, name=found[path].field)
    return Complete(tree, rows, reading.faults)


class _Reading:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.faults: dict[At, list[Fault]] = {}

    def whole(self, group: Group, at: At) -> tuple[Group | None, dict[At, At]]:
        """The group without rows that are not complete, and where each row that is left stood before."""
        left: list[Row] = []
        origins: dict[At, At] = {(): at}
        for place, row in enumerate(group.rows):
            kept, inside = self._kept(row, (*at, place))
            if kept is not None:
                origins |= {(len(left), *path): origin for path, origin in inside.items()}
                left.append(kept)
        return (group.model_copy(update={"rows": tuple(left)}) if left else None), origins

    def _kept(self, row: Row, at: At) -> tuple[Row | None, dict[At, At]]:
        inside: dict[At, At] = {(): at}
        kept: Row | None = row
        group = inner(row)
        if group is not None:
            whole, inside = self.whole(group, at)
            if isinstance(row, Group):
                kept = whole
            elif _count(whole) < _count(group) or whole is None:
                kept = None  # facts and relations would mean something else without a part of their condition
            else:
                kept = row.model_copy(update={"where": whole})
        if kept is None:
            return None, inside
        try:
            filled(Form(rows=(kept,)))
        except FormError as error:
            self.fault(inside.get(error.row[1:], at), error, name=error.field)
            return None, inside
        return kept, inside

    def fault(self, at: At, error: RuleError, *, name: str = "") -> None:
        """Notes what is wrong at a row; once."""
        noted = Fault(name, error.message, error.advice, self._is_blank(at, name))
        if noted not in self.faults.setdefault(at, []):
            self.faults[at].append(noted)

    def _is_blank(self, at: At, name: str) -> bool:
        """Whether nothing was typed into the field yet."""
        typed: object = row_at(self.form, at)
        for step in name.split(".") if name else ():
            if isinstance(typed, tuple):
                typed = typed[int(step)] if step.isdecimal() and int(step) < len(typed) else ""
            else:
                typed = getattr(typed, step, None)
        return bool(name) and (typed == () or (isinstance(typed, str) and not typed.strip()))


def _count(group: Group | None) -> int:
    return sum(1 + _count(inner(row)) for row in group.rows) if group else 0
