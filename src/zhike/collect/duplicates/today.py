"""What identity has for the first page: customers who may be the same."""

from __future__ import annotations

import contextlib

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.collect.duplicates.queries import waiting_count
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.templatetags.formats import number
from zhike.ui.today import Line, Part
from zhike.warehouse.queries import NothingPublished


def today() -> Part | None:
    """How many possible duplicates wait, for who may decide."""
    count = 0
    if may(Right.RESOLVE_IDENTITY):
        with contextlib.suppress(NothingPublished):
            count = waiting_count()
    if not count:
        return None
    words = ngettext("%(count)s possible duplicate waits", "%(count)s possible duplicates wait", count)
    line = Line(words % {"count": number(count)}, reverse("first_two"), _("Are they one customer, or two?"))
    return Part(title=_("Identity"), lines=(line,), url=reverse("duplicates"))
