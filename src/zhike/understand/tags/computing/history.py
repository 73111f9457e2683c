"""Tags as they stood on a day: as the newest refresh up to it had them, among those whose tags are kept."""

from __future__ import annotations

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
