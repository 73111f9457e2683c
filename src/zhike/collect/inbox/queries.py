"""Reads of the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min, Sum
from django.utils.translation import gettext as _

from zhike.collect.inbox.models import InboxBatch
from zhike.collect.sources.models import Import
from zhike.errors import NotFound
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require


@dataclass(frozen=True)
class Imported:
    """What became of a receipt's facts, together with the others of the same flush."""

    import_id: int
    read: int
    accepted: int
    corrections: int
    duplicates: int
    rejected: int


@dataclass(frozen=True)
class Receipt:
    """What is known of facts that were received together."""

    receipt: UUID
    entity: str
    source: str
    facts: int
    state: str  # received, delayed (see `error`; it is tried again) or flushed
    received_at: datetime
    flushed_at: datetime | None
    error: str
    imported: Imported | None


@dataclass(frozen=True)
class Waiting:
    """What has been acknowledged and is not in the warehouse yet."""

    facts: int
    since: datetime | None


def find_receipt(receipt: UUID) -> Receipt:
    """A receipt. Raises Denied, and NotFound for an unknown one or one that was flushed long ago."""
    require(Right.SEND_FACTS)
    batch = InboxBatch.objects.select_related("flush").filter(receipt=receipt).first()
    if batch is None:
        raise NotFound(_("there is no receipt %(receipt)s") % {"receipt": receipt})
    return receipt_of(batch)


def receipt_of(batch: InboxBatch) -> Receipt:
    """What is known of a batch."""
    flush = batch.flush
    state = "received"
    if flush is not None:
        state = "flushed" if flush.is_finished else "delayed" if flush.error else "received"
    return Receipt(
        receipt=batch.receipt,
        entity=batch.entity,
        source=batch.source,
        facts=batch.fact_count,
        state=state,
        received_at=batch.received_at,
        flushed_at=flush.finished_at if flush else None,
        error=flush.error if flush else "",
        imported=_imported(flush.import_id) if flush and flush.import_id else None,
    )


def waiting() -> Waiting:
    """How many facts wait to be flushed, and since when."""
    found: dict[str, Any] = InboxBatch.objects.filter(payload__isnull=False).aggregate(
        facts=Sum("fact_count"), since=Min("received_at")
    )
    return Waiting(facts=found["facts"] or 0, since=found["since"])


def _imported(import_id: int) -> Imported | None:
    found = Import.objects.filter(pk=import_id).first()
    if found is None:
        return None
    return Imported(
        import_id=found.pk,
        read=found.read_count,
        accepted=found.accepted_count,
        corrections=found.correction_count,
        duplicates=found.duplicate_count,
        rejected=found.rejected_count,
    )
