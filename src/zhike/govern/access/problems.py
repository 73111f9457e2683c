"""What every operation of the API may answer besides what it was asked for."""

from __future__ import annotations

from typing import Any

from ninja import Field, Schema

OF_EVERY_OPERATION = (400, 401, 403, 422, 429)


class Fault(Schema):
    """One place of a request that is not as documented."""

    where: str = Field(description="Place in the request, such as `body.facts.3.occurred_at`.")
    message: str


class Problem(Schema):
    """Why a request was not carried out, and what to do."""

    message: str
    where: str = ""
    advice: str = ""
    faults: list[Fault] = Field(default_factory=list)


def answers(status: int, schema: Any, *problems: int) -> dict[int, Any]:
    """The answers of an operation: the one that was asked for, and the problems it may meet."""
    return {status: schema, **dict.fromkeys(sorted({*OF_EVERY_OPERATION, *problems}), Problem)}
