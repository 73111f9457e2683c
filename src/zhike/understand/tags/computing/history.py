"""Tags as they stood on a day: as the newest refresh up to it had them, among those whose tags are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.ui.templatetags.formats import day as in_words
from zhike.understand.tags.computing.states import TagState, tag_state
from zhike.understand.tags.tables import TAG_BITMAPS
from zhike.warehouse import catalog
from zhike.warehouse.models import Refresh


class NotKnownThen(UserError):
    """Nothing is kept of how a tag stood on a day."""


def state_as_of(tag: str, day: date) -> TagState:
    """How a tag stood at the end of a day. Raises NotKnownThen, which says from when on it is known."""
    table = catalog.table_of(TAG_BITMAPS)
    kept = {snapshot.snapshot_id for snapshot in table.snapshots()}
    finished = Refresh.objects.filter(state=Refresh.State.FINISHED).order_by("-as_of", "-pk")
    first: date | None = None
    for refresh in finished.only("as_of", "outputs"):
        if refresh.outputs.get(TAG_BITMAPS.table) in kept and (state := tag_state(refresh.outputs, tag)):
            if refresh.as_of <= day:
                return state
            first = refresh.as_of
    if first is None:
        raise NotKnownThen(
            _("nothing is kept of how the tag “%(tag)s” stood on %(day)s") % {"tag": tag, "day": in_words(day)},
            advice=_("A refresh from now on will."),
        )
    raise NotKnownThen(
        _("how the tag “%(tag)s” stood is known from %(first)s on, not as of %(day)s")
        % {"tag": tag, "first": in_words(first), "day": in_words(day)},
        advice=_("Of every month the first refresh is kept for two years."),
    )


@dataclass(frozen=True)
class KeptMonth:
    """How a tag stood in the first refresh of a month that has it."""

    month: int  # 12 times the year, and the month from 0 to 11
    next_customer_id: int  # above all who were customers when it was computed
    state: TagState


def kept_months(tag: str) -> tuple[KeptMonth, ...]:
    """How a tag stood month by month, as far as that is kept, the oldest first."""
    kept = {snapshot.snapshot_id for snapshot in catalog.table_of(TAG_BITMAPS).snapshots()}
    finished = Refresh.objects.filter(state=Refresh.State.FINISHED, only="").order_by("as_of", "pk")
    listed = list(finished.only("as_of", "outputs", "next_customer_id"))
    found: dict[int, KeptMonth] = {}
    for refresh in listed:
        month = refresh.as_of.year * 12 + refresh.as_of.month - 1
        is_kept = refresh.outputs.get(TAG_BITMAPS.table) in kept
        if month not in found and is_kept and (state := tag_state(refresh.outputs, tag)):
            # A tag that was not due is as it was computed before, of those who were customers then.
            then = [one.next_customer_id for one in listed if one.as_of <= state.as_of]
            found[month] = KeptMonth(month, then[-1] if then else refresh.next_customer_id, state)
    return tuple(found.values())
