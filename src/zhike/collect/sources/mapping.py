"""Mappings: which column of a file becomes which column of an entity, as YAML."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from django.utils.translation import gettext as _
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from zhike.errors import UserError
from zhike.warehouse.contracts import Contract
from zhike.warehouse.entities import ENTITIES
from zhike.warehouse.entity_parts import PROVENANCE_NAMES


class MappingError(UserError):
    """A mapping that cannot be used, with the place in its file."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _text(value: object) -> object:
    """A number where a mapping means text is that text."""
    return value if value is None or isinstance(value, (str, dict, list)) else str(value)


Text = Annotated[str, BeforeValidator(_text)]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class FromColumn(_Part):
    """A column of the file, if need be with a date format, a table of values or a time span."""

    column: Text
    format: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()  # strptime formats, `epoch` or `epoch_ms`
    values: dict[Text, Text | None] | None = None
    otherwise: Text | None = None  # what a value that is not in `values` becomes
    months_before: date | None = None  # the column counts months back from this day


class Constant(_Part):
    """The same text in every row."""

    constant: Text


class Join(_Part):
    """Several columns set together; empty ones are left out."""

    join: tuple[Text, ...] = Field(min_length=2)
    glue: str = Field(default=" ", alias="with")


class Multiply(_Part):
    """The product of number columns."""

    multiply: tuple[Text, ...] = Field(min_length=2)


class OccurrenceOf(_Part):
    """The columns set together and numbered: the second row with the same ones gets 2, and so on."""

    occurrence_of: tuple[Text, ...] = Field(min_length=1)


FORMS = ("column", "constant", "join", "multiply", "occurrence_of")


def _as_column(value: object) -> object:
    return {"column": value} if isinstance(value, (str, int, float)) else value


def _form(value: object) -> str | None:
    """Which of the forms an expression takes: the one whose name it has as a key."""
    given = value if isinstance(value, dict) else getattr(type(value), "model_fields", {})
    return next((form for form in FORMS if form in given), None)


Expression = Annotated[
    Annotated[FromColumn, Tag("column")]
    | Annotated[Constant, Tag("constant")]
    | Annotated[Join, Tag("join")]
    | Annotated[Multiply, Tag("multiply")]
    | Annotated[OccurrenceOf, Tag("occurrence_of")],
    Discriminator(
        _form,
        custom_error_type="form",
        custom_error_message=f"give the name of a column, or an object with one of {', '.join(FORMS)}",
    ),
    BeforeValidator(_as_column),
]


class Test(_Part):
    """What a column of the file must be for a rejecting rule to apply; exactly one test."""

    __test__ = False  # not a pytest class

    column: Text
    is_empty: bool | None = None
    equals: Text | None = None
    one_of: tuple[Text, ...] | None = None
    starts_with: Text | None = None
    matches: str | None = None
    at_most: float | None = None
    at_least: float | None = None
    less_than: float | None = None
    more_than: float | None = None

    @property
    def kind(self) -> str:
        return next(name for name in self.model_fields_set if name != "column")

    @property
    def value(self) -> Any:
        return getattr(self, self.kind)

    @model_validator(mode="after")
    def _has_one_test(self) -> Test:
        if len(self.model_fields_set - {"column"}) != 1:
            names = ", ".join(name for name in type(self).model_fields if name != "column")
            raise ValueError(f"give exactly one test besides the column: {names}")
        return self


class RejectRule(_Part):
    """Rows that the firm does not want, with the reason to report."""

    reason: str
    when: Test


ASCII = tuple(chr(code) for code in range(1, 128) if chr(code) not in '"\r\n')


class Format(_Part):
    """How the file is written; what is not given is detected."""

    encoding: str | None = None
    delimiter: str | None = None  # one character, or `whitespace`
    header: bool = True
    names: tuple[Text, ...] = ()  # names of the columns where there is no header
    sheet: Text | None = None

    @model_validator(mode="after")
    def _names_without_header(self) -> Format:
        if not self.header and not self.names:
            raise ValueError("a file without header needs `names`, a list of its columns")
        if self.delimiter and self.delimiter not in ("whitespace", "tab", *ASCII):
            raise ValueError("the delimiter is one ASCII character, `tab` or `whitespace`")
        return self

    @field_validator("encoding")
    @classmethod
    def _encoding_exists(cls, name: str | None) -> str | None:
        try:
            b"x".decode(name or "utf-8", errors="ignore")
        except LookupError as error:
            raise ValueError(f"no encoding is called {name!r}") from error
        return name


class Mapping(_Part):
    """Where each column of an entity comes from."""

    entity: str
    source: str | None = None
    lawful_basis: str | None = None
    time_zone: str | None = None  # of instants without offset; the installation's unless given
    format: Format = Format()
    empty: tuple[Text, ...] = ("",)  # texts that mean that there is no value
    columns: dict[str, Expression]
    reject: tuple[RejectRule, ...] = ()
    keep: Literal["all", "none"] | tuple[str, ...] = "all"  # which other columns go to `extra`

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise ValueError(f"no time zone is called {name!r}") from error
        return name

    @model_validator(mode="after")
    def _fits_the_entity(self) -> Mapping:
        if self.entity not in ENTITIES:
            raise ValueError(f"no entity is called {self.entity!r}; {_nearest(self.entity, ENTITIES)}")
        contract = ENTITIES[self.entity]
        allowed = mappable(contract)
        for name in self.columns:
            if name not in allowed:
                raise ValueError(f"{self.entity} have no column {name!r}; {_nearest(name, allowed)}")
        for name, expression in self.columns.items():
            if isinstance(expression, OccurrenceOf) and name not in contract.key:
                raise ValueError(f"occurrence_of is for columns of the key, which {name!r} is not")
        for column in contract:
            if (
                column.required
                and column.name in allowed
                and column.default is None
                and column.name not in self.columns
            ):
                raise ValueError(f"the required column {column.name!r} is not mapped")
        return self

    @property
    def contract(self) -> Contract:
        return ENTITIES[self.entity]

    @property
    def file_columns(self) -> tuple[str, ...]:
        """Every column of the file that the mapping names, once, in the order of naming."""
        names: list[str] = []
        for expression in self.columns.values():
            match expression:
                case FromColumn():
                    names.append(expression.column)
                case Join():
                    names += expression.join
                case Multiply():
                    names += expression.multiply
                case OccurrenceOf():
                    names += expression.occurrence_of
        names += [rule.when.column for rule in self.reject]
        return tuple(dict.fromkeys(names))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the mapping says; two files that say the same have the same."""
        return hashlib.sha256(json.dumps(self.as_data(), sort_keys=True).encode()).hexdigest()

    def as_data(self) -> dict[str, Any]:
        """The mapping as plain data, without what is at its default."""
        data: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        data["columns"] = {name: _short(expression) for name, expression in data["columns"].items()}
        return data

    def as_yaml(self) -> str:
        """The mapping as its file would say it."""
        return yaml.safe_dump(self.as_data(), allow_unicode=True, sort_keys=False)


def mappable(contract: Contract) -> tuple[str, ...]:
    """Columns of an entity that a mapping may fill; the rest the import fills itself."""
    return tuple(c.name for c in contract if c.name not in ("source", *PROVENANCE_NAMES) and not c.day_of)


def mapping_from_data(data: object, *, where: str) -> Mapping:
    """A mapping from plain data. Raises MappingError that names the place."""
    if not isinstance(data, dict):
        raise MappingError(_("a mapping is a YAML object with `entity` and `columns`"), where=where)
    try:
        return Mapping.model_validate(data)
    except ValidationError as error:
        raise MappingError(
            "\n".join(_explain(problem) for problem in error.errors()),
            where=where,
            advice=_("The forms a mapping may take are in docs/reference/mappings.md."),
        ) from error


class _TextLoader(yaml.SafeLoader):
    """Reads every plain value as text, except null: `no`, 01 and 2024-01-01 are names and codes of a file."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_mapping(path: Path) -> Mapping:
    """The mapping in a YAML file. Raises MappingError with the line of a syntax error."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_TextLoader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError as error:
        raise MappingError(_("there is no such mapping file"), where=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(_("cannot be read: %(error)s") % {"error": error}, where=str(path)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise MappingError(
            _("not YAML%(line)s: %(problem)s") % {"line": line, "problem": getattr(error, "problem", error)},
            where=str(path),
        ) from error
    return mapping_from_data(data, where=str(path))


def _explain(problem: Any) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {message}" if place else message


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"


def _short(expression: dict[str, Any]) -> Any:
    return expression["column"] if set(expression) == {"column"} else expression
