"""Customers for machines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema, Status

from zhike.collect.profiles.golden.corrections import CorrectionShown, corrections_of, masked_corrections, shown
from zhike.collect.profiles.models import Correction
from zhike.collect.profiles.queries import single_view
from zhike.collect.profiles.relations.services import relate, unrelate
from zhike.collect.profiles.search import search_customers
from zhike.collect.profiles.services import correct, undo_correction
from zhike.govern.access.problems import answers
from zhike.understand.customers.queries import list_customers
from zhike.warehouse.entity_parts import FUNCTIONS, LAYERS, RELATIONS
from zhike.warehouse.queries import published

router = Router(tags=["customers"])
MOST_ROWS = 200
CustomerId = Annotated[int, Path(ge=0, lt=2**32)]


class CustomerPage(Schema):
    """Some customers of a selection, and where it goes on."""

    customers: list[dict[str, Any]]
    total: int = Field(description="Customers of the whole selection; of a search, those that are shown.")
    next: str | None = Field(description="To be given as `after` for the next page; empty on the last.")
    refresh_id: int
    as_of: date


class RelationOut(Schema):
    """What another customer is to this one."""

    related_id: int
    name: str
    is_organisation: bool
    kind: str = Field(description="What the other is to the customer.")
    role: str
    department: str
    layer: str
    function: str
    since_on: date | None
    until_on: date | None
    origin: str = Field(description="What tells it: import, staff, contract, employer, referral or home.")
    source: str
    contract_count: int
    relation_id: int | None = Field(description="Of one that staff entered, which can be taken back.")


class RelationIn(Schema):
    """What another customer is to this one."""

    related_id: int = Field(ge=0, lt=2**32)
    kind: str = Field(json_schema_extra={"enum": list(RELATIONS)}, description="What the other is to the customer.")
    role: str = Field("", max_length=100)
    department: str = Field("", max_length=100)
    layer: str = Field("", json_schema_extra={"enum": ["", *LAYERS]})
    function: str = Field("", json_schema_extra={"enum": ["", *FUNCTIONS]})
    since_on: date | None = None
    until_on: date | None = None


class Kept(Schema):
    """A relation that was entered or taken back."""

    relation_id: int


class SingleView(Schema):
    """All that is known of one customer. Personal data is masked without the right to see it."""

    customer_id: int
    refresh_id: int
    customer: dict[str, Any]
    provenance: dict[str, Any] = Field(description="Of the record that gave the name.")
    fields: dict[str, Any] = Field(
        description="Field → what decided its value, and what each record says of it, the one that was taken first."
    )
    keys: list[dict[str, Any]]
    relations: list[RelationOut]
    facts: dict[str, Any]


class CorrectionOut(Schema):
    """A correction. Personal data is masked without the right to see it."""

    correction_id: int
    field: str
    before: str
    after: str
    why: str
    who: str
    made_at: datetime
    undone_at: datetime | None
    undone_by: str
    is_in_force: bool = Field(description="The newest of its field that is not undone.")


class CorrectionIn(Schema):
    """What a field is."""

    field: str = Field(max_length=30, description="The field, such as `phone`.")
    value: str = Field(max_length=500, description="What it is; empty for none.")
    why: str = Field("", max_length=500, description="Why, or who said so.")
    last_seen: int | None = Field(
        None, description="The newest correction of the field that was seen, 0 for none: refused if there is another."
    )


class Listing(Schema):
    """Which customers are listed, in which order, from where on."""

    q: str = Field("", max_length=200, description="What to look for: name, phone, e-mail, ID or contract number, key.")
    rule: str = Field("", max_length=2000, description='An audience, such as `has tag "rfm_segment" = "champions"`.')
    sort: str = Field("customer_id", max_length=60, description="A column of the list.")
    descending: bool = False
    after: str | None = Field(None, max_length=20, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_ROWS)


@router.get("/customers", response=answers(200, CustomerPage, 503))
def list_or_search_customers(request: HttpRequest, wanted: Query[Listing]) -> dict[str, Any]:
    """Customers by page; with `q`, those that are found, the best first and without further pages."""
    if wanted.q:
        return _searched(wanted)
    page = list_customers(
        sort=wanted.sort,
        descending=wanted.descending,
        rule=wanted.rule or None,
        after=wanted.after,
        limit=wanted.limit,
    )
    return {
        "customers": list(page.rows),
        "total": page.total,
        "next": page.next,
        "refresh_id": page.refresh_id,
        "as_of": page.as_of,
    }


@router.get("/customers/{customer_id}", response=answers(200, SingleView, 404, 503))
def view_customer(request: HttpRequest, customer_id: CustomerId) -> dict[str, Any]:
    """The single view of a customer."""
    return asdict(single_view(customer_id))


@router.get("/customers/{customer_id}/corrections", response=answers(200, list[CorrectionOut], 503))
def list_corrections(request: HttpRequest, customer_id: CustomerId) -> Any:
    """All corrections of a customer, those that were undone too, newest first."""
    return list(corrections_of(customer_id))


@router.post("/customers/{customer_id}/corrections", response=answers(201, CorrectionOut, 404, 409, 503))
def correct_customer(request: HttpRequest, customer_id: CustomerId, wanted: CorrectionIn) -> Any:
    """A new correction: in force at once for this customer, in lists and counts with the next refresh."""
    made = correct(customer_id=customer_id, **wanted.dict())
    return Status(201, _shown(made, is_in_force=True))


@router.post("/corrections/{correction_id}/undo", response=answers(200, CorrectionOut, 404, 503))
def undo_a_correction(request: HttpRequest, correction_id: Annotated[int, Path(ge=0, lt=2**63)]) -> Any:
    """The correction, which is not in force any more."""
    return _shown(undo_correction(correction_id=correction_id), is_in_force=False)


@router.post("/customers/{customer_id}/relations", response=answers(201, Kept, 404, 503))
def relate_customers(request: HttpRequest, customer_id: CustomerId, wanted: RelationIn) -> Any:
    """A new relation: with the customer at once, in lists and counts with the next refresh."""
    return Status(201, {"relation_id": relate(customer_id=customer_id, **wanted.dict()).pk})


@router.post("/relations/{relation_id}/remove", response=answers(200, Kept, 404, 503))
def remove_a_relation(request: HttpRequest, relation_id: Annotated[int, Path(ge=0, lt=2**63)]) -> Any:
    """The relation, which nobody sees from now on."""
    return {"relation_id": unrelate(relation_id=relation_id).pk}


def _shown(made: Correction, *, is_in_force: bool) -> CorrectionShown:
    return masked_corrections([shown(made, is_in_force=is_in_force)])[0]


def _searched(wanted: Listing) -> dict[str, Any]:
    now = published()
    found = search_customers(wanted.q, limit=wanted.limit)
    return {
        "customers": [hit.customer | {"matched": hit.matched, "how": hit.how} for hit in found],
        "total": len(found),
        "next": None,
        "refresh_id": now.refresh_id,
        "as_of": now.as_of,
    }
