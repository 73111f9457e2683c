"""Verbs of the inbox: receive facts, flush what waits."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.inbox.facts import LIVE, read_facts
from zhike.collect.inbox.models import InboxBatch, InboxFlush
from zhike.collect.sources.mapping import Mapping as ColumnMapping
from zhike.collect.sources.mapping import mappable, mapping_from_data
from zhike.collect.sources.models import Source
from zhike.collect.sources.services import import_file
from zhike.errors import AlreadyRunning, UserError
from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.locks import exclusive

logger = logging.getLogger("zhike.inbox")
MOST_BATCHES = 2000  # of one flush: bounds its file, not what may wait
LONGEST_PAUSE = timedelta(minutes=10)
KEPT = timedelta(days=30)  # receipts of facts that are in the warehouse


class NoSuchSource(UserError):
    """Facts name a source that nobody has added."""


def receive_facts(*, entity: str, source: str, facts: Sequence[Mapping[str, Any]]) -> InboxBatch:
    """The receipt of facts, which are kept from now on. As `receive_body`."""
    return receive_body(
        entity=entity, body=json.dumps({"source": source, "facts": facts}, cls=DjangoJSONEncoder).encode()
    )


def receive_body(*, entity: str, body: bytes) -> InboxBatch:
    """The receipt of a JSON document with `source` and `facts`, which are kept from now on.

    Raises Denied, FactsRefused, NoSuchSource, and NotFound for an entity that is not received.
    """
    require(Right.SEND_FACTS)
    source, facts = read_facts(entity, body)
    # A machine cannot invent sources: somebody has to say why the firm may hold their data.
    if not Source.objects.filter(name=source).exists():
        raise NoSuchSource(
            _("there is no source %(source)s") % {"source": source},
            where="source",
            advice=_("Add it first: `zhike sources add`."),
        )
    payload = zlib.compress(b"".join(fact + b"\n" for fact in facts), level=1)
    return InboxBatch.objects.create(entity=entity, source=source, fact_count=len(facts), payload=payload)


def flush_inbox() -> int:
    """How many facts were brought from the inbox to the warehouse; nothing is done while another process does it."""
    try:
        with acting_as(OPERATOR), exclusive("inbox", what=_("a flush of the inbox")):
            return _flush_waiting()
    except AlreadyRunning:
        return 0


def _flush_waiting() -> int:
    _forget_old()
    done = sum(
        _carry_out(flush) for flush in InboxFlush.objects.filter(is_finished=False, retry_at__lte=timezone.now())
    )
    while True:
        claimed = _claim()
        if not claimed:
            return done
        done += sum(_carry_out(flush) for flush in claimed)


def _claim() -> list[InboxFlush]:
    """A new flush for every entity and source that has waiting facts and no unfinished flush."""
    waiting = InboxBatch.objects.filter(flush=None)
    busy = set(InboxFlush.objects.filter(is_finished=False).values_list("entity", "source"))
    pairs = waiting.values_list("entity", "source").annotate(first=Min("pk")).order_by("first")
    claimed = []
    for entity, source, _first in pairs:
        if (entity, source) in busy:
            continue
        with transaction.atomic():
            chosen = waiting.filter(entity=entity, source=source).order_by("pk").values_list("pk", flat=True)
            flush = InboxFlush.objects.create(entity=entity, source=source)
            InboxBatch.objects.filter(pk__in=list(chosen[:MOST_BATCHES])).update(flush=flush)
        claimed.append(flush)
    return claimed


def _carry_out(flush: InboxFlush) -> int:
    """Imports what the flush holds; on failure it is tried again later, with the same facts."""
    path = _write(flush)
    try:
        result = import_file(
            path, entity=flush.entity, source=flush.source, mapping=_mapping(flush.entity), is_routine=True
        )
    except Exception as error:
        flush.attempt_count += 1
        flush.retry_at = timezone.now() + min(timedelta(seconds=2**flush.attempt_count), LONGEST_PAUSE)
        flush.error = str(error) if isinstance(error, UserError) else type(error).__name__
        flush.save()
        logger.exception("flush failed", extra={"flush_id": flush.pk, "entity": flush.entity, "source": flush.source})
        return 0
    flush.is_finished, flush.finished_at, flush.error = True, timezone.now(), ""
    # Repeated after a kill, the import finds that an earlier one brought the very same file.
    flush.import_id = result.same_as or result.import_id
    with transaction.atomic():
        flush.save()
        flush.batches.update(payload=None)
    path.unlink()
    return result.read


def _write(flush: InboxFlush) -> Path:
    """The file of a flush: the same bytes under the same name however often it is written."""
    folder: Path = settings.ZHIKE.home / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{flush.entity}-{flush.source}-{flush.pk:08}.jsonl"
    with path.open("wb") as file:
        for payload in flush.batches.order_by("pk").values_list("payload", flat=True).iterator(chunk_size=100):
            assert payload is not None
            file.write(zlib.decompress(payload))
    return path


def _mapping(entity: str) -> ColumnMapping:
    """Every column from the member of its own name."""
    columns = {name: name for name in mappable(LIVE[entity])}
    return mapping_from_data({"entity": entity, "columns": columns, "keep": "none"}, where="inbox")


def _forget_old() -> None:
    """Removes receipts that nobody asks for any more."""
    old = InboxFlush.objects.filter(is_finished=True, finished_at__lt=timezone.now() - KEPT)
    InboxBatch.objects.filter(flush__in=old).delete()
    old.delete()
