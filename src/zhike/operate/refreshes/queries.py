"""Reads of refreshes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from zhike.errors import NotFound
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.warehouse.models import CurrentRefresh, Refresh
from zhike.warehouse.queries import refreshes


@dataclass(frozen=True)
class StepRow:
    """One finished step of a refresh."""

    name: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class RefreshRow:
    """One refresh: its state, its times and its finished steps in order."""

    refresh_id: int
    state: str
    in_force: bool
    as_of: date
    engine: str
    customers: int
    seconds: float  # of all finished steps
    started_at: datetime
    finished_at: datetime | None
    steps: tuple[StepRow, ...]

    @property
    def can_be_put_back(self) -> bool:
        """It finished, and another one is in force; it may have been cleaned up all the same."""
        return self.state == Refresh.State.FINISHED and not self.in_force


def list_refreshes(*, last: int = 50) -> list[RefreshRow]:
    """The newest refreshes, newest first. Raises Denied."""
    _may_read()
    current = CurrentRefresh.objects.values_list("refresh_id", flat=True).first()
    return [_row(refresh, current) for refresh in refreshes()[:last]]


def _may_read() -> None:
    if not may(Right.REFRESH):
        require(Right.SEE_CUSTOMERS)


def _row(refresh: Refresh, current: int | None) -> RefreshRow:
    steps = tuple(StepRow(step.name, step.rows, step.seconds) for step in refresh.steps.all())
    return RefreshRow(
        refresh_id=refresh.pk,
        state=refresh.state,
        in_force=refresh.pk == current,
        as_of=refresh.as_of,
        engine=refresh.engine,
        customers=refresh.customer_count,
        seconds=round(sum(step.seconds for step in steps), 3),
        started_at=refresh.started_at,
        finished_at=refresh.finished_at,
        steps=steps,
    )


def refreshes_with_times() -> QuerySet[Refresh]:
    """All refreshes, with the seconds that their finished steps took. Raises Denied."""
    _may_read()
    return Refresh.objects.annotate(seconds=Sum("steps__seconds"))


def refresh_in_force() -> Refresh | None:
    """The refresh whose results are shown; None before the first."""
    current = CurrentRefresh.objects.select_related("refresh").first()
    return current.refresh if current else None


def find_refresh(refresh_id: int) -> tuple[RefreshRow, dict[str, int | None]]:
    """One refresh, and the snapshot of every table it read. Raises Denied, and NotFound if there is none."""
    _may_read()
    found = refreshes().filter(pk=refresh_id).first()
    if found is None:
        raise NotFound(_("there is no refresh %(id)s") % {"id": refresh_id})
    current = refresh_in_force()
    return _row(found, current.pk if current else None), found.inputs
