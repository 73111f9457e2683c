"""Quality rules as YAML: a list of rules, read with the place of what is wrong, written so that people can read it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import yaml
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zhike.collect.quality.models import HEAVIEST
from zhike.errors import UserError

ENDINGS = (".yaml", ".yml")
LARGEST = 1_000_000  # bytes
WIDTH = 110


class BadRules(UserError):
    """A file that does not say quality rules, with the rule and the key at fault."""


class RuleText(BaseModel):
    """What a file says of a rule. What is left out is empty, or as usual."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    title_zh: str = ""
    doc: str = ""
    doc_zh: str = ""
    dimension: str
    fields: tuple[str, ...] = ()
    applies: str = ""
    good: str
    weight: Annotated[int, Field(ge=0, le=HEAVIEST)] = 1
    target: Annotated[float, Field(ge=0, le=1)] = 0.9


def read_rules(path: Path) -> tuple[RuleText, ...]:
    """The rules in a file, or in all files of a folder. Raises BadRules for what is none, or stands there twice.

    A file that is called after a dimension need not name it with each rule.
    """
    files = [path]
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix in ENDINGS)
    found = [rule for file in files for rule in _read(file)]
    names = [rule.name for rule in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadRules(_("“%(name)s” is there twice") % {"name": twice[0]}, where=str(path))
    if not found:
        raise BadRules(
            _("holds no quality rule"), where=str(path), advice=_("`zhike quality rules export` writes some.")
        )
    return tuple(found)


def _read(path: Path) -> Iterable[RuleText]:
    try:
        if path.stat().st_size > LARGEST:
            raise BadRules(_("is larger than any list of rules"), where=str(path))
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRules(_("cannot be read: %(error)s") % {"error": error.strerror}, where=str(path)) from error
    except UnicodeDecodeError as error:
        raise BadRules(_("cannot be read: %(error)s") % {"error": _("it is not UTF-8")}, where=str(path)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise BadRules(
            _("is no YAML: %(problem)s") % {"problem": getattr(error, "problem", error)}, where=where
        ) from error
    if not isinstance(data, list):
        raise BadRules(_("is no list of rules"), where=str(path), advice=_("Each rule begins with `- name:`."))
    usual = {"dimension": path.stem}
    return [_rule(one, usual, f"{path}: {place}") for place, one in enumerate(data, start=1)]


def _rule(said: Any, usual: dict[str, str], where: str) -> RuleText:
    if not isinstance(said, dict):
        raise BadRules(_("is no rule"), where=where, advice=_("Each rule begins with `- name:`."))
    try:
        return RuleText.model_validate({**usual, **said})
    except ValidationError as error:
        fault = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        key = ".".join(map(str, fault["loc"]))
        advice = _("Keys: %(keys)s.") % {"keys": ", ".join(RuleText.model_fields)}
        raise BadRules(fault["msg"], where=f"{where} {said.get('name', '')} {key}", advice=advice) from error


def written(rules: Iterable[RuleText]) -> str:
    """The text of a file with these rules, the same for equal rules; what is as usual is left out."""
    usual = {name: field.default for name, field in RuleText.model_fields.items()}
    data = [
        {name: list(value) if isinstance(value, tuple) else value for name, value in rule if value != usual[name]}
        for rule in rules
    ]
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=WIDTH)
    return text
