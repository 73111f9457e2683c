"""Reading scenarios: YAML of plain keys and values, and every mistake with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from pydantic import ValidationError

from zhike.errors import UserError
from zhike.understand.what_if.scenario import Scenario
from zhike.understand.what_if.values import FORMS

LARGEST = 1_000_000  # bytes
DEEPEST = 20  # places within each other; scenarios have four
NULL = "tag:yaml.org,2002:null"
PLAIN = frozenset({NULL, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))})

Place = tuple[str, ...]


class BadScenario(UserError):
    """A file that says no scenario, with the line and the key at fault; `places` says each by its keys."""

    places: Sequence[tuple[Place, str]] = ()

    @property
    def faults(self) -> tuple[tuple[str, str], ...]:
        """Where, and what is wrong there."""
        return tuple((".".join(place), message) for place, message in self.places)


class _Composer(yaml.SafeLoader):
    """Takes every plain value for text, except null: what is a number, and which, is ours to say."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag == NULL]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            # They can stand for themselves, or for a billion of others.
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, _("references with * are not read here"), mark)
        if self.depth > DEEPEST:
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, _("it is nested too deeply"), mark)
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_scenario(path: Path) -> Scenario:
    """The scenario in a YAML file. Raises BadScenario with the line of what is wrong."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadScenario(_("is larger than any scenario"), where=str(path))
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise BadScenario(
            _("there is no such file"),
            where=str(path),
            advice=_("`zhike ltv --examples` lists scenarios to begin with."),
        ) from error
    except OSError as error:
        raise BadScenario(_("cannot be read: %(error)s") % {"error": error.strerror}, where=str(path)) from error
    except UnicodeDecodeError as error:
        raise BadScenario(_("cannot be read: %(error)s") % {"error": _("it is not UTF-8")}, where=str(path)) from error
    return scenario_of_text(text, where=str(path))


def scenario_of_text(text: str, *, where: str) -> Scenario:
    """The scenario that a YAML text says. Raises BadScenario with the line of what is wrong."""
    lines: dict[Place, int] = {}
    try:
        node = _Composer(text).get_single_node()
        data = None if node is None else _plain(node, (), lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadScenario(_("is no YAML: %(problem)s") % {"problem": error.problem}, where=f"{where}:{line}") from error
    except yaml.YAMLError as error:
        problem = getattr(error, "reason", error)
        raise BadScenario(_("is no YAML: %(problem)s") % {"problem": problem}, where=where) from error
    return scenario_from_data(data, where=where, lines=lines)


def scenario_from_data(data: object, *, where: str, lines: Mapping[Place, int] | None = None) -> Scenario:
    """A scenario from plain data. Raises BadScenario that names every place at fault."""
    if not data:
        raise BadScenario(
            _("holds no scenario"), where=where, advice=_("`zhike ltv --examples` lists scenarios to begin with.")
        )
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        bad = BadScenario(
            "\n".join(_explained(problem, lines or {}) for problem in error.errors()),
            where=where,
            advice=_("All keys are explained in docs/how-to/work-out-lifetime-value.md."),
        )
        bad.places = [(tuple(map(str, _keys(problem))), _said(problem)) for problem in error.errors()]
        raise bad from error


def _plain(node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    """The keys, lists and texts of a node, and the lines they stand in."""
    lines.setdefault(place, node.start_mark.line + 1)
    if node.tag not in PLAIN:
        raise yaml.MarkedYAMLError(problem=_("tags with ! are not read here"), problem_mark=node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, (*place, str(number)), lines) for number, one in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem=_("a key is no plain text"), problem_mark=key.start_mark)
            if key.value in found:
                problem = _("the key %(key)s is there twice") % {"key": key.value}
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            lines[(*place, key.value)] = key.start_mark.line + 1
            found[key.value] = _plain(value, (*place, key.value), lines)
        return found
    return None if node.tag == NULL else node.value


def _explained(problem: Any, lines: Mapping[Place, int]) -> str:
    """What is wrong, after the line and the keys that lead there."""
    keys = _keys(problem)
    place = tuple(map(str, keys))
    line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), None)
    path = ".".join(str(key + 1) if isinstance(key, int) else key for key in keys)
    where = ", ".join([*([_("line %(line)s") % {"line": line}] if line else []), *([path] if path else [])])
    return f"{where}: {_said(problem)}" if where else _said(problem)


def _keys(problem: Any) -> list[str | int]:
    """The keys that lead to a problem, and numbers of places in lists."""
    # Pydantic also names the form that it took a value for, and a key that it looked at.
    parts = (*problem["loc"], *problem.get("ctx", {}).get("place", ()))
    return [part for part in parts if part not in ("[key]", *FORMS)]


def _said(problem: Any) -> str:
    """What is wrong, in the reader's language where it may come from a page."""
    said: dict[str, str] = {
        "missing": _("is missing"),
        "finite_number": _("must be a finite number"),
        "greater_than": _("must be above %(gt)s"),
        "greater_than_equal": _("must not be below %(ge)s"),
        "less_than_equal": _("must not be above %(le)s"),
        "too_long": _("there are more than %(max_length)s"),
        "int_parsing_size": _("these numbers are too large to compute with"),
        "int_from_float": _("must be a whole number"),
    }
    words = said.get(problem["type"])
    return problem["msg"] if words is None else words % problem.get("ctx", {}) if "%(" in words else words
