"""Live facts from machines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from zhike.collect.inbox import queries, services
from zhike.collect.inbox.facts import LIVE, batch_schema
from zhike.govern.access.problems import answers

router = Router(tags=["facts"])


class Acknowledged(Schema):
    """The facts are kept; `/receipts/{receipt}` says what became of them."""

    receipt: UUID
    facts: int


class Imported(Schema):
    """What became of the facts of a receipt, together with others that came at about the same time."""

    import_id: int
    read: int
    accepted: int
    corrections: int
    duplicates: int
    rejected: int


class Receipt(Schema):
    """What is known of facts that were received together."""

    receipt: UUID
    entity: str
    source: str
    facts: int
    state: str
    received_at: datetime
    flushed_at: datetime | None
    error: str
    imported: Imported | None


def _receiving(entity: str) -> Callable[[HttpRequest], Status[Acknowledged]]:
    def receive_facts(request: HttpRequest) -> Status[Acknowledged]:
        batch = services.receive_body(entity=entity, body=request.body)
        return Status(202, Acknowledged(receipt=batch.receipt, facts=batch.fact_count))

    return receive_facts


# One operation for each entity, so that the documentation shows its columns.
for name, contract in LIVE.items():
    content = {"application/json": {"schema": batch_schema(name)}}
    router.post(
        f"/facts/{name}",
        response=answers(202, Acknowledged, 413),
        operation_id=f"receive_{name}",
        url_name=f"receive_{name}",
        summary=f"Receive {name.replace('_', ' ')}",
        description=f"Receives up to 1,000 facts. One is {contract.grain}; the same key again is counted once. They "
        "are kept when this is answered, and in the warehouse within a minute.",
        openapi_extra={"requestBody": {"required": True, "content": content}},
    )(_receiving(name))


@router.get("/receipts/{receipt}", response=answers(200, Receipt, 404))
def find_receipt(request: HttpRequest, receipt: UUID) -> queries.Receipt:
    """What became of facts that were received together."""
    return queries.find_receipt(receipt)
