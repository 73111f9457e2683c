"""Definitions as YAML files, one tag each: read with the line of every key, written so that people can read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from zhike.errors import UserError
from zhike.rules.errors import RuleError

ENDINGS = (".yaml", ".yml")
WIDTH = 110  # of a line, from which on a rule is set in several
LARGEST = 1_000_000  # bytes: a definition is a page, not a book
# Where a line may break, and what has such words in it without that.
BREAKS = re.compile(r' (?=(?:and|or|when|otherwise) )| between |"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|[()]')


class BadDefinition(UserError):
    """A file that does not define a tag, with the line and what is wrong there."""


def _text(value: object) -> object:
    """A number, a day or yes where text is meant is that text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value if isinstance(value, str | dict | list) else str(value)


Text = Annotated[str, BeforeValidator(_text)]


class ValueText(BaseModel):
    """A value of a category and what it is called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Text
    title: Text = ""
    title_zh: Text = ""

    @model_validator(mode="before")
    @classmethod
    def alone(cls, said: Any) -> Any:
        """A value that stands alone has no title."""
        return said if isinstance(said, dict | BaseModel) else {"value": said}


class TagText(BaseModel):
    """What a file says of a tag. What is left out is empty, or as usual."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    kind: Text
    theme: Text
    title: Text
    title_zh: Text = ""
    doc: Text = ""
    doc_zh: Text = ""
    unit: Text = ""
    origin: Text = "rule"
    schedule: Text = "every_refresh"
    rule: Text = ""
    values: tuple[ValueText, ...] = ()
    later_fact: Text = ""
    later_days: int | None = None

    @property
    def words(self) -> dict[str, str]:
        """What says how the tag is called and when it is computed, and nothing of what it means."""
        return {name: getattr(self, name) for name in WORDS}


WORDS = ("theme", "title", "title_zh", "doc", "doc_zh", "unit", "schedule")


@dataclass(frozen=True)
class TagFile:
    """A file with what it says, and on which line each of its keys begins."""

    path: Path
    text: TagText
    lines: Mapping[str, int] = field(default_factory=dict)
    literal: frozenset[str] = frozenset()  # keys whose text begins on the line below and keeps its lines

    def at(self, key: str) -> str:
        """Where a key stands, in words."""
        return f"{self.path}:{self.lines.get(key, 1)}"

    def located(self, error: UserError, key: str) -> BadDefinition:
        """The error with the file and the line at which it lies."""
        line, place = self.lines.get(key, 1), error.where
        if isinstance(error, RuleError) and error.span is not None:
            before = getattr(self.text, key)[: error.span.start]
            if key in self.literal:
                line += 1 + before.count("\n")
                place = _("character %(place)s of the line") % {"place": len(before.rpartition("\n")[2]) + 1}
        where = f"{self.path}:{line} {key}"
        return BadDefinition(
            error.message, where=f"{where} ({place})" if place and place != key else where, advice=error.advice
        )


def read_folder(folder: Path) -> tuple[TagFile, ...]:
    """All definitions in a folder and those below it, by name. Raises BadDefinition for what is none."""
    if folder.is_file():
        return (read_file(folder),)
    if not folder.is_dir():
        raise BadDefinition(_("there is no such folder"), where=str(folder))
    found = [read_file(path) for path in sorted(folder.rglob("*")) if path.suffix in ENDINGS and path.is_file()]
    if not found:
        raise BadDefinition(
            _("holds no definition"),
            where=str(folder),
            advice=_("`zhike tags export FOLDER` writes some to begin with."),
        )
    by_name: dict[str, TagFile] = {}
    for one in found:
        other = by_name.setdefault(one.text.name, one)
        if other is not one:
            raise BadDefinition(
                _("defines “%(name)s”, which %(file)s does too") % {"name": one.text.name, "file": other.path},
                where=one.at("name"),
            )
    return tuple(by_name[name] for name in sorted(by_name))


def read_file(path: Path) -> TagFile:
    """The definition in a file. Raises BadDefinition with the line of what is wrong."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadDefinition(_("is larger than any definition"), where=str(path))
        return read_text(path.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it is not UTF-8")
        raise BadDefinition(_("cannot be read: %(error)s") % {"error": reason}, where=str(path)) from error


def read_text(text: str, path: Path) -> TagFile:
    """The definition that a text is, as if it stood in this file. Raises BadDefinition."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", "") or _("it cannot be understood")
        raise BadDefinition(_("is no YAML: %(problem)s") % {"problem": problem}, where=f"{path}:{line}") from error
    except (ValueError, RecursionError) as error:
        raise BadDefinition(_("is no YAML: %(problem)s") % {"problem": error}, where=str(path)) from error
    if not isinstance(node, yaml.MappingNode):
        raise BadDefinition(
            _("defines no tag"), where=f"{path}:1", advice=_("A definition begins with `name:`, one key a line.")
        )
    lines = _lines(node, path)
    literal = frozenset(key.value for key, value in node.value if getattr(value, "style", None) == "|")
    try:
        return TagFile(path, TagText.model_validate(data), lines, literal)
    except ValidationError as error:
        raise _not_as_meant(error, path, lines) from error


def _lines(node: yaml.MappingNode, path: Path) -> dict[str, int]:
    lines: dict[str, int] = {}
    for key, _value in node.value:
        line = key.start_mark.line + 1
        if key.value in lines:
            raise BadDefinition(_("the key “%(key)s” is there twice") % {"key": key.value}, where=f"{path}:{line}")
        lines[str(key.value)] = line
    return lines


def _not_as_meant(error: ValidationError, path: Path, lines: Mapping[str, int]) -> BadDefinition:
    # What is spelt wrong is missing, too: the first tells what to do.
    fault = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    key = str(fault["loc"][0]) if fault["loc"] else ""
    where = f"{path}:{lines.get(key, 1)} " + ".".join(map(str, fault["loc"]))
    match fault["type"]:
        case "missing":
            return BadDefinition(_("is missing"), where=where)
        case "extra_forbidden":
            known = ", ".join(TagText.model_fields)
            return BadDefinition(
                _("is no key of a definition"), where=where, advice=_("Keys: %(keys)s.") % {"keys": known}
            )
    return BadDefinition(_("is not as it should be: %(problem)s") % {"problem": fault["msg"]}, where=where)


def written(tag: TagText) -> str:
    """The file of a tag, the same for equal tags; long rules are set in several lines."""
    data = {name: value for name, value in tag.model_dump().items() if value not in ("", None, ())}
    for name, usual in (("origin", "rule"), ("schedule", "every_refresh")):
        if data.get(name) == usual:
            del data[name]
    if tag.values:
        data["values"] = [{key: text for key, text in value.items() if text} for value in data["values"]]
    for name in ("rule", "later_fact"):
        if name in data:
            data[name] = laid_out(data[name])
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
    return text


def laid_out(rule: str) -> str:
    """The text of a rule in lines where it is long: its cases, or the conditions that `and` and `or` join."""
    if len(rule) <= WIDTH or "\n" in rule:
        return rule
    words = (" when ", " otherwise ") if rule.startswith("when ") else (" and ", " or ")
    depth, start, lines = 0, 0, []
    is_between = False  # whose `and` joins two values, and no conditions
    for found in BREAKS.finditer(rule):
        if found[0] == " " and not depth and not is_between and rule.startswith(words, found.start()):
            lines.append(rule[start : found.start()])
            start = found.end()
        is_between = found[0] == " between " or (is_between and found[0] != " ")
        depth += {"(": 1, ")": -1}.get(found[0], 0)
    return "\n".join([*lines, rule[start:]]) + "\n"


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as it is, and lists indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _as_block)
