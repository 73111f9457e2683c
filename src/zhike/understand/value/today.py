"""What the first page says of what customers are worth."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.today import Line, Part
from zhike.understand.value.queries import rfm_segments
from zhike.understand.value.rfm_charts import finding_in_words, tagged_url
from zhike.understand.value.words import SEGMENT_NOTES, SEGMENTS
from zhike.warehouse.queries import NothingPublished


def today() -> Part | None:
    """Who gives most, and who is worth a call because they stopped; nothing where nobody ordered."""
    if not may(Right.SEE_CUSTOMERS):
        return None
    unit = current_actor().unit or None
    try:
        found = rfm_segments(unit=unit)
    except NothingPublished:
        return None
    if not found.customers:
        return None
    url = reverse("rfm")
    lines = [Line(finding_in_words(found.finding), url)] if found.finding else []
    counts = {segment.name: segment.figures.customers for segment in found.segments}
    lines += [
        Line(
            _("%(segment)s: %(count)s customers") % {"segment": SEGMENTS[name], "count": f"{counts[name]:,}"},
            tagged_url(("rfm_segment", name)),
            SEGMENT_NOTES[name],
        )
        for name in ("cannot_lose", "at_risk", "new")
        if counts.get(name)
    ]
    return Part(title=_("What customers give"), lines=tuple(lines), url=url)
