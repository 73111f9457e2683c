"""Where the parts of a tree stand: in the text, or in the rows of the builder, that it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _

from zhike.rules.errors import RuleError, Span
from zhike.rules.tree import Node

# Names of fields and indices, from the root: ("of", 1, "left").
Path = tuple[str | int, ...]
Place = TypeVar("Place")


class Unfit(RuleError):
    """A tree that is no rule; `path` leads to the part that is wrong."""

    def __init__(self, message: str, *, path: Path, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.path = path


@dataclass(frozen=True)
class Part(Generic[Place]):
    """A part of a tree that was read, its place, and the parts in it by the steps that lead to them."""

    node: Any
    place: Place
    inside: Mapping[Path, Part[Place]] = field(default_factory=dict)


def places(root: Part[Place]) -> dict[Path, Place]:
    """The place of every part, by its path from the root."""
    found: dict[Path, Place] = {}
    waiting: list[tuple[Path, Part[Place]]] = [((), root)]
    while waiting:
        path, part = waiting.pop()
        found[path] = part.place
        waiting += [((*path, *step), inner) for step, inner in part.inside.items()]
    return found


def place_of(root: Part[Place], path: Path) -> Place:
    """The place of the part at a path, or of the smallest part around it that has one."""
    step = next((step for step in root.inside if path[: len(step)] == step), None)
    return root.place if step is None else place_of(root.inside[step], path[len(step) :])


def nearest(found: Mapping[Path, Place], path: Path) -> Place | None:
    """The place of the part at a path, or of the smallest part around it that has one."""
    return next((found[path[:end]] for end in range(len(path), -1, -1) if path[:end] in found), None)


def in_words(span: Span) -> str:
    """A place in a text as people count: “character 1” is the first."""
    return _("character %(place)s") % {"place": span.start + 1}


def parts_of(node: Node) -> Iterator[tuple[Path, Node]]:
    """The parts directly in a part of a tree, each with the step that leads to it."""
    for name in type(node).model_fields:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield (name,), value
        elif isinstance(value, tuple):
            yield from (((name, place), one) for place, one in enumerate(value) if isinstance(one, Node))
