"""Verbs of sources: add and change one, import a file or a query, export what was rejected."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _

from zhike.collect.sources.delivery import Delivery, stamp_of
from zhike.collect.sources.detection import propose_mapping
from zhike.collect.sources.importing import (
    ImportResult,
    carry_out,
    fail_import,
    find_record,
    finish_import,
    nothing_new,
    result_of,
    try_out,
)
from zhike.collect.sources.mapping import Format, Mapping, mapping_from_data
from zhike.collect.sources.models import Source
from zhike.collect.sources.readers import Limits, inspect, open_file, open_query
from zhike.collect.sources.rejects import is_reject_file
from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.progress import Progress, Silent
from zhike.warehouse.entities import ENTITIES
from zhike.warehouse.entity_parts import UNITS
from zhike.warehouse.files import disk_room
from zhike.warehouse.locks import exclusive

MOST = 32_767  # the largest priority
logger = logging.getLogger("zhike.import")


def add_source(
    *,
    name: str,
    title: str = "",
    lawful_basis: str = Source.LawfulBasis.UNSTATED,
    owner_unit: str = "",
    priority: int = 100,
) -> Source:
    """A new source. Raises Denied, and UserError for a name that is taken or cannot be one."""
    require(Right.MANAGE_SOURCES)
    check_source(name, lawful_basis)
    if Source.objects.filter(name=name).exists():
        raise UserError(
            _("there is a source %(name)s already") % {"name": repr(name)}, advice=_("`zhike sources set` changes it.")
        )
    return Source.objects.create(
        name=name, title=title, lawful_basis=lawful_basis, owner_unit=owner_unit, priority=priority
    )


def change_source(*, name: str, **changes: Any) -> Source:
    """The source with the given fields changed. Raises Denied, and NotFound if there is none."""
    require(Right.MANAGE_SOURCES)
    source = Source.objects.filter(name=name).first()
    if source is None:
        raise NotFound(
            _("there is no source %(name)s") % {"name": repr(name)}, advice=_("`zhike sources list` lists them.")
        )
    if "lawful_basis" in changes:
        check_source(name, changes["lawful_basis"])
    _check_priorities(changes.get("field_priorities", {}))
    for field, value in changes.items():
        setattr(source, field, value)
    source.save()
    return source


def state_lawful_basis(*, name: str, lawful_basis: str) -> Source:
    """The source of this name, added if there is none, with its lawful basis. Raises Denied."""
    require(Right.MANAGE_SOURCES)
    check_source(name, lawful_basis)
    return Source.objects.update_or_create(name=name, defaults={"lawful_basis": lawful_basis})[0]


def import_file(
    path: Path,
    *,
    entity: str,
    source: str,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    is_routine: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Brings in all good rows of a file, or none; bad ones go to the rejects.

    The same file again adds nothing. A killed import leaves nothing behind and is
    continued by importing the same file again. A routine one is not announced, nor is its
    mapping remembered. Raises Denied, BadFile, MappingError, AlreadyRunning, DiskFull.
    """
    require(Right.IMPORT)
    check_entity(entity)
    limits = Limits(file=settings.ZHIKE.import_limit, line=settings.ZHIKE.line_limit)
    chosen = mapping or _remembered(source, entity)
    origin = "given" if mapping else "remembered" if chosen else "proposed"
    file_format = Format() if chosen is None or is_reject_file(path) else chosen.format
    stamp = stamp_of(path)
    inspection = inspect(path, limits, file_format.encoding)
    reader = open_file(path, inspection, file_format, limits)
    if chosen is None:
        chosen = propose_mapping(entity, reader, where=path.name)
    delivery = Delivery(path.name, inspection.fingerprint, reader, chosen, path, stamp, is_routine)
    return replace(_bring_in(delivery, entity, source, dry_run, progress or Silent()), mapping_origin=origin)


def import_query(
    url: str,
    query: str,
    *,
    entity: str,
    source: str,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Brings in the rows of an SQL query on another database, as `import_file` does those of a file."""
    require(Right.IMPORT)
    check_entity(entity)
    reader, fingerprint = open_query(url, query)
    chosen = mapping or _remembered(source, entity)
    origin = "given" if mapping else "remembered" if chosen else "proposed"
    chosen = chosen or propose_mapping(entity, reader, where="the query")
    name = "query " + hashlib.sha256(query.encode()).hexdigest()[:12]
    delivery = Delivery(name, fingerprint, reader, chosen)
    return replace(_bring_in(delivery, entity, source, dry_run, progress or Silent()), mapping_origin=origin)


def _bring_in(delivery: Delivery, entity: str, source_name: str, dry_run: bool, progress: Progress) -> ImportResult:
    started = time.perf_counter()
    mapping = delivery.mapping
    check_source(source_name, mapping.lawful_basis or Source.LawfulBasis.UNSTATED)
    delivery.check(entity, source_name)
    lock = f"import-{entity}-{source_name}-{delivery.fingerprint[:20]}"
    with (
        exclusive(lock, what=_("an import of %(name)s") % {"name": delivery.name}),
        disk_room(_("importing %(name)s") % {"name": delivery.name}),
    ):
        if dry_run:
            return try_out(delivery, source_name, progress, started)
        source = _source(source_name, mapping)
        record, earlier = find_record(delivery, entity, source)
        if earlier is not None:
            return nothing_new(record, earlier, delivery, source, started)
        try:
            carry_out(record, delivery, progress)
        except Exception as error:
            fail_import(record, error, delivery)
            raise
        record.seconds = time.perf_counter() - started
        finish_import(record, source, delivery)
    return result_of(record, mapping, source)


def _source(name: str, mapping: Mapping) -> Source:
    basis = mapping.lawful_basis or Source.LawfulBasis.UNSTATED
    source, is_new = Source.objects.get_or_create(name=name, defaults={"lawful_basis": basis})
    if not is_new and mapping.lawful_basis and source.is_quarantined:
        source.lawful_basis = mapping.lawful_basis
        source.save(update_fields=["lawful_basis"])
    return source


def _remembered(source: str, entity: str) -> Mapping | None:
    """The mapping this source's last import of the entity used."""
    known = Source.objects.filter(name=source).first()
    data = known.mappings.get(entity) if known else None
    return mapping_from_data(data, where=f"mapping of {source}") if data else None


def _check_priorities(priorities: dict[str, int]) -> None:
    for field, priority in priorities.items():
        if field not in UNITS:
            raise UserError(
                _("no priority can be stated for %(field)s") % {"field": repr(field)},
                advice=_("Choose one of %(fields)s.") % {"fields": ", ".join(UNITS)},
            )
        if not 0 <= priority <= MOST:
            raise UserError(_("a priority is a number from 0 to %(most)s") % {"most": MOST}, where=field)


def check_entity(entity: str) -> None:
    """Raises UserError if no entity is called this."""
    if entity not in ENTITIES:
        raise UserError(
            _("no entity is called %(entity)s") % {"entity": repr(entity)},
            where="--as",
            advice=_("Choose one of %(entities)s.") % {"entities": ", ".join(ENTITIES)},
        )


def check_source(name: str, lawful_basis: str) -> None:
    """Raises UserError for what cannot be the name, or the lawful basis, of a source."""
    if not name or slugify(name) != name.lower() or len(name) > 60:
        raise UserError(
            _("%(name)s cannot be the name of a source") % {"name": repr(name)},
            advice=_("Use letters, digits, - and _ such as `web-shop`; its title may be anything."),
        )
    if lawful_basis not in Source.LawfulBasis.values:
        raise UserError(
            _("%(lawful_basis)s is no lawful basis") % {"lawful_basis": repr(lawful_basis)},
            advice=_("Choose one of %(values)s.") % {"values": ", ".join(Source.LawfulBasis.values)},
        )
