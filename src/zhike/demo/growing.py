"""The demo company brought in through the same services as anybody's data."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings

from zhike.collect.sources.mapping import read_mapping
from zhike.collect.sources.models import Import, Source
from zhike.collect.sources.services import add_source, import_file
from zhike.demo.company import SOURCES, Delivery, write_company
from zhike.demo.offering import save_plan, write_rule_base
from zhike.errors import UserError
from zhike.progress import Progress
from zhike.understand.audiences.queries import count_audience
from zhike.understand.tags.tables import TAG_BITMAPS
from zhike.understand.value.tables import CONTRACT_SUMMARY, ORDER_SUMMARY
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import run_refresh

STAGES = ("collected", "understood")
AS_OF = date(2026, 6, 30)  # the company's history ends here, so that it is the same on every day
KEPT_UP_TO = 200_000  # customers; the files of a larger company are removed once they are imported


@dataclass
class Stage:
    """What one stage of the loop brought, and how long it took."""

    rows: int = 0
    seconds: float = 0.0
    details: dict[str, object] = field(default_factory=dict)


def grow_demo(*, customers: int, seed: int, until: str, progress: Progress) -> dict[str, Stage]:
    """Grows the demo company as far as a stage, and says what each stage found.

    Repeated with the same arguments it adds nothing. Raises UserError in a home that holds
    anybody else's data, or a demo company of another size or seed.
    """
    if until not in STAGES:
        raise UserError(f"the demo cannot go until {until!r} yet", advice=f"Choose one of {', '.join(STAGES)}.")
    if customers < 1:
        raise UserError("a company has at least one customer", where="--customers")
    folder = settings.ZHIKE.home / "demo"
    _check_home(folder, customers, seed)
    stages = {"collected": _collect(folder, customers, seed, progress)}
    if until == "understood":
        stages["understood"] = _understand(progress)
    return stages


def _check_home(folder: Path, customers: int, seed: int) -> None:
    mark, wanted = folder / "company.txt", f"{customers} customers, seed {seed}\n"
    if mark.exists():
        if mark.read_text() != wanted:
            raise UserError(
                f"holds another demo company ({mark.read_text().strip()})",
                where=str(settings.ZHIKE.home),
                advice="Set ZHIKE_HOME to a new folder, or remove this one.",
            )
        return
    if Import.objects.exists():
        raise UserError(
            "holds data already; the demo company would be mixed into them",
            where=str(settings.ZHIKE.home),
            advice="Set ZHIKE_HOME to a new folder.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(wanted)


def _collect(folder: Path, customers: int, seed: int, progress: Progress) -> Stage:
    started = time.perf_counter()
    stage = Stage()
    for source in SOURCES:
        if not Source.objects.filter(name=source.name).exists():
            add_source(
                name=source.name,
                title=f"{source.title} {source.title_zh}",
                lawful_basis=source.lawful_basis or Source.LawfulBasis.UNSTATED,
                owner_unit=source.owner_unit_id,
            )
    entities: dict[str, int] = {}
    rejected = 0
    for delivery in write_company(folder, customers=customers, seed=seed, as_of=AS_OF, progress=progress):
        result = _bring_in(delivery, keep=customers <= KEPT_UP_TO, progress=progress)
        entities[delivery.entity] = entities.get(delivery.entity, 0) + result.accepted
        stage.rows += result.accepted
        rejected += result.rejected
    stage.details = {"entities": entities, "rejected": rejected, "truth": str(folder / "truth")}
    stage.seconds = time.perf_counter() - started
    return stage


def _bring_in(delivery: Delivery, *, keep: bool, progress: Progress):  # type: ignore[no-untyped-def]
    result = import_file(
        delivery.path,
        entity=delivery.entity,
        source=delivery.source,
        mapping=read_mapping(delivery.mapping),
        progress=progress,
    )
    if not keep:
        delivery.path.unlink()
    return result


def _understand(progress: Progress) -> Stage:
    started = time.perf_counter()
    write_rule_base()
    refresh = run_refresh(as_of=AS_OF, progress=progress)
    save_plan()
    stage = Stage(rows=sum(step.rows for step in refresh.steps.all()))
    stage.details = _findings(refresh.customer_count)
    stage.seconds = time.perf_counter() - started
    return stage


def _findings(customers: int) -> dict[str, object]:
    now = published()
    orders, contracts = now.table(ORDER_SUMMARY), now.table(CONTRACT_SUMMARY)
    tags = now.table(TAG_BITMAPS)
    tags = tags.filter(tags.value.notnull())
    by_value = tags.group_by("tag", "value").agg(customers=tags.customer_count.sum()).order_by("tag", "value")
    return {
        "customers": customers,
        "orders": rows(
            orders.agg(
                buyers=orders.count(),
                orders=orders.order_count.sum(),
                revenue=orders.revenue_amount.sum(),
                buyers_who_came_back=(orders.frequency > 0).sum(),
            )
        )[0],
        "contracts": rows(
            contracts.agg(
                holders=contracts.count(),
                contracts=contracts.contract_count.sum(),
                in_force=contracts.active_contract_count.sum(),
                annual_premium=contracts.annual_premium_amount.sum(),
            )
        )[0],
        "tags": rows(by_value),
        "champions": count_audience('has tag "rfm_segment" = "champions"').count,
    }
