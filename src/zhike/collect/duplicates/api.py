"""Possible duplicates and decisions about who is who, for machines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema, Status

from zhike.collect.duplicates import queries
from zhike.collect.duplicates.evidence import pieces
from zhike.collect.identity import services
from zhike.collect.identity.models import Decision as Decided
from zhike.collect.identity.queries import Key, decisions
from zhike.govern.access.problems import answers
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require

router = Router(tags=["identity"])
CustomerId = Annotated[int, Path(ge=0, lt=2**32)]
DecisionId = Annotated[int, Path(ge=1, lt=2**63)]
MOST_ROWS = 200
MOST_GROUPS = 10_000


class Duplicate(Schema):
    """Two customers who may be one. Names are masked without the right to see personal data."""

    customer_id: int
    other_id: int
    kind: str
    probability: float = Field(description="How likely they are one customer, 0 to 1.")
    weight: float = Field(description="Binary logarithm of the odds that they are.")
    name: str
    other_name: str


class Duplicates(Schema):
    """Some of the possible duplicates that wait, likeliest first."""

    duplicates: list[Duplicate]
    total: int


class Evidence(Schema):
    """One comparison of two customers."""

    compared: str
    found: str
    bits: float | None = Field(description="Above 0 it speaks for one customer; empty where one has no value.")


class TwoCustomers(Schema):
    """Two possible duplicates with the evidence and the records of each."""

    duplicate: Duplicate
    evidence: list[Evidence]
    records: list[list[dict[str, Any]]]


class Listed(Schema):
    """Which possible duplicates are listed."""

    kind: Literal["", "person", "organisation"] = ""
    offset: int = Field(0, ge=0, lt=2**31)
    limit: int = Field(50, ge=1, le=MOST_ROWS)


class WantedDecision(Schema):
    """What is decided of groups of customers."""

    kind: Literal["merge", "never_same"]
    groups: list[list[Annotated[int, Field(ge=0, lt=2**32)]]] = Field(min_length=1, max_length=MOST_GROUPS)
    why: str = Field("", max_length=services.LONGEST_WHY)


class NamedKey(Schema):
    """What a source calls a customer."""

    source: str = Field(max_length=60)
    customer_key: str = Field(max_length=1000)


class WantedCustomerSplit(Schema):
    """Which keys of a customer are another's."""

    keys: list[NamedKey] = Field(min_length=1, max_length=services.MOST_KEYS)
    why: str = Field("", max_length=services.LONGEST_WHY)


class Decision(Schema):
    """Somebody's word on who is who; it takes effect with the next refresh."""

    decision_id: int
    kind: str
    groups: int
    why: str
    made_by: str
    made_at: datetime
    undone_at: datetime | None


@router.get("/duplicates", response=answers(200, Duplicates, 503))
def list_duplicates(request: HttpRequest, wanted: Query[Listed]) -> dict[str, Any]:
    """Customers who may be the same and of whom nobody decided, likeliest first."""
    found = queries.waiting(kind=wanted.kind, offset=wanted.offset, limit=wanted.limit)
    return {"duplicates": [asdict(one) for one in found.duplicates], "total": found.total}


@router.get("/duplicates/{customer_id}/{other_id}", response=answers(200, TwoCustomers, 404, 503))
def find_duplicate(request: HttpRequest, customer_id: CustomerId, other_id: CustomerId) -> dict[str, Any]:
    """Two possible duplicates beside each other."""
    found = queries.beside(customer_id, other_id)
    evidence = [
        {"compared": str(piece.title), "found": str(piece.said), "bits": piece.bits}
        for piece in pieces(found.duplicate.evidence, found.model)
    ]
    return {"duplicate": asdict(found.duplicate), "evidence": evidence, "records": found.records}


@router.get("/decisions", response=answers(200, list[Decision]))
def list_decisions(request: HttpRequest, last: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50) -> list[dict[str, Any]]:
    """What people decided about who is who, newest first."""
    require(Right.RESOLVE_IDENTITY)
    return [_shown(one) for one in decisions()[:last]]


@router.post("/decisions", response=answers(201, Decision, 404, 503))
def decide(request: HttpRequest, wanted: WantedDecision) -> Status[dict[str, Any]]:
    """Declares the customers of each group to be one, or never to be."""
    verb = services.merge_customers if wanted.kind == "merge" else services.never_same
    return Status(201, _shown(verb(wanted.groups, why=wanted.why)))


@router.post("/customers/{customer_id}/split", response=answers(201, Decision, 404, 503))
def split_customer(
    request: HttpRequest, customer_id: CustomerId, wanted: WantedCustomerSplit
) -> Status[dict[str, Any]]:
    """Declares some keys of a customer to be another's."""
    keys = [Key(one.source, one.customer_key) for one in wanted.keys]
    return Status(201, _shown(services.split_customer(customer_id, keys, why=wanted.why)))


@router.post("/decisions/{decision_id}/undo", response=answers(200, Decision, 404))
def undo_decision(request: HttpRequest, decision_id: DecisionId) -> dict[str, Any]:
    """Takes a decision back, from the next refresh on."""
    return _shown(services.undo_decision(decision_id))


@router.post("/decisions/{decision_id}/redo", response=answers(200, Decision, 404))
def redo_decision(request: HttpRequest, decision_id: DecisionId) -> dict[str, Any]:
    """Lets a decision that was undone count again."""
    return _shown(services.redo_decision(decision_id))


def _shown(one: Decided) -> dict[str, Any]:
    return {
        "decision_id": one.pk,
        "kind": one.kind,
        "groups": one.group_count,
        "why": queries.why_of(one),
        "made_by": str(one.made_by or ""),
        "made_at": one.made_at,
        "undone_at": one.undone_at,
    }
