"""Customers for machines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from zhike.collect.profiles.queries import single_view
from zhike.collect.profiles.search import search_customers
from zhike.govern.access.problems import answers
from zhike.understand.customers.queries import list_customers
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


class SingleView(Schema):
    """All that is known of one customer. Personal data is masked without the right to see it."""

    customer_id: int
    refresh_id: int
    customer: dict[str, Any]
    provenance: dict[str, Any]
    keys: list[dict[str, Any]]
    facts: dict[str, Any]


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
