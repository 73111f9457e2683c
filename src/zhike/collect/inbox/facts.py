"""What a fact must look like to be received, made from the table contract."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, create_model

from zhike.collect.sources.mapping import mappable
from zhike.errors import NotFound, UserError
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entities import FACTS, SOURCE_RECORDS

MOST_FACTS = 1000
FAULTS_SHOWN = 20
LIVE: dict[str, Contract] = {contract.name: contract for contract in (*FACTS, SOURCE_RECORDS)}

TYPES: dict[Kind, Any] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.NUMBER: float,
    Kind.BOOLEAN: bool,
    Kind.DATE: str,
    Kind.INSTANT: AwareDatetime,
    Kind.JSON: dict[str, Any],
}


class Facts(BaseModel):
    """A batch: facts of one source."""

    # Strict: a number in quotes is a mistake of the sender, which a guess would hide.
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    source: str = Field(pattern=r"^[A-Za-z0-9_-]{1,60}$", description="Name of the source the facts come from.")


class FactsRefused(UserError):
    """A batch in which something is not as the table contract says; nothing of it was kept."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        where, message = faults[0]
        super().__init__(message, where=where, advice=_("Nothing of this batch was kept."))
        self.faults = faults


def read_facts(entity: str, body: bytes) -> tuple[str, list[bytes]]:
    """The source and the facts, each one line of JSON, of a batch.

    Raises NotFound for an entity that is not received, and FactsRefused, which names item and field of every fault.
    """
    try:
        batch = batch_model(entity).model_validate_json(body)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_context=False, include_input=False)
        raise FactsRefused(
            [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in listed[:FAULTS_SHOWN]]
        ) from error
    facts: list[BaseModel] = batch.facts  # type: ignore[attr-defined]
    return batch.source, [fact.model_dump_json(exclude_none=True).encode() for fact in facts]


@cache
def batch_model(entity: str) -> type[Facts]:
    """The model of a batch of one entity."""
    if entity not in LIVE:
        raise NotFound(
            _("no facts are called %(entity)s") % {"entity": entity},
            where="entity",
            advice=_("Choose one of %(entities)s.") % {"entities": ", ".join(LIVE)},
        )
    contract = LIVE[entity]
    wanted = [contract[name] for name in mappable(contract)]
    fact = create_model(  # type: ignore[call-overload]
        f"Fact_{entity}",
        __config__=Facts.model_config,
        __doc__=f"One row is {contract.grain}.",
        **{column.name: _field(column) for column in wanted},
    )
    return create_model(
        f"Facts_{entity}",
        __base__=Facts,
        facts=(Annotated[list[fact], Field(min_length=1, max_length=MOST_FACTS)], ...),
    )


def batch_schema(entity: str) -> dict[str, Any]:
    """The JSON Schema of a batch, whole in itself."""
    schema = batch_model(entity).model_json_schema()
    (fact,) = schema.pop("$defs").values()
    schema["properties"]["facts"]["items"] = fact
    return schema


def _field(column: Column) -> tuple[Any, Any]:
    """The type of a column with its checks, and its default."""
    is_required = column.required and column.default is None
    kind: Any = Literal[column.one_of] if column.one_of else TYPES[column.kind]
    checks: dict[str, Any] = {"description": column.doc + (f" [{column.unit}]" if column.unit else "")}
    if column.minimum is not None:
        checks["ge"] = column.minimum
    if column.kind == Kind.DATE:
        checks["pattern"] = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
        checks["json_schema_extra"] = {"format": "date"}
    elif kind is str and is_required:
        checks["pattern"] = r"\S"
    limited = Annotated[kind, Field(**checks)]
    return (limited, ...) if is_required else (limited | None, None)
